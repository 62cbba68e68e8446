/**
 * A fault at every single request of both loops, one run of the whole scenario each. Split in two, so that two workers share it.
 * Each request meets one of the faults, another one with another seed; all of them with TANDEM_CONFORMANCE=all.
 */

import { describe, expect, inject, test } from 'vitest';
import { FAULT_KINDS } from '../../src/sim/faults.ts';
import { cleanRun, complaints, runWithFault, usesByKind } from '../support/fault-runs.ts';

export async function describeEveryRequest(half: 0 | 1): Promise<void> {
  const clean = await cleanRun();
  const all = process.env['TANDEM_CONFORMANCE'] === 'all';
  const turn = inject('seed') % FAULT_KINDS.length;
  describe(`every request of both loops, half ${half}`, () => {
    for (const uses of usesByKind(clean.points)) {
      const mine = uses.filter(({ sequence }) => sequence % 2 === half);
      const { controller, request } = uses[0] ?? { controller: '', request: '' };
      if (mine.length === 0) continue;
      const rows = FAULT_KINDS.map((fault, kind) => ({
        fault,
        points: mine.filter(({ sequence }) => all || (sequence + turn) % FAULT_KINDS.length === kind),
      })).filter(({ points }) => points.length > 0);
      test.each(rows)(`${controller}, ${request}: $fault, $points.length times`, async ({ fault, points }) => {
        const found: string[] = [];
        for (const point of points) {
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
