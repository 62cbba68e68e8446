/** A fault at every single request of both loops, one run of the whole scenario each. Split in two, so that two workers share it. */

import { describe, expect, test } from 'vitest';
import { FAULT_KINDS } from '../../src/sim/faults.ts';
import { cleanRun, complaints, runWithFault, usesByKind } from '../support/fault-runs.ts';

export async function describeEveryRequest(half: 0 | 1): Promise<void> {
  const clean = await cleanRun();
  describe(`every request of both loops, half ${half}`, () => {
    for (const uses of usesByKind(clean.points)) {
      const mine = uses.filter(({ sequence }) => sequence % 2 === half);
      const { controller, request } = uses[0] ?? { controller: '', request: '' };
      if (mine.length === 0) continue;
      test.each(FAULT_KINDS)(`${controller}, ${request}, ${mine.length} times: %s`, async (fault) => {
        const found: string[] = [];
        for (const point of mine) {
          const faulted = await runWithFault(point, fault);
          for (const complaint of complaints(clean, faulted, point))
            found.push(`number ${point.sequence}: ${complaint}`);
        }
        expect(found).toEqual([]);
      });
    }
    test('enough requests were tried', () => {
      expect(clean.points.length).toBeGreaterThan(300);
    });
  });
}
