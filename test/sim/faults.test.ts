/**
 * One fault at one request of either loop costs at most two rounds (and the request's deadline), and comes out the same. Here each
 * kind of request at its first use, while scaling and in the steady state; at every single request in the conformance run.
 */

import { describe, expect, test } from 'vitest';
import { FAULT_KINDS } from '../../src/sim/faults.ts';
import { play } from '../support/scenario.ts';
import { cleanRun, complaints, runWithFault, samples } from '../support/fault-runs.ts';

const clean = await cleanRun();
const points = samples(clean.points, clean.run);

describe('requests of both loops', () => {
  test('all kinds were seen', () => {
    const kinds = [...new Set(points.map(({ controller, request }) => `${controller}: ${request}`))].toSorted();
    expect(kinds).toMatchSnapshot();
    expect(clean.run.warnings).toEqual([]);
    expect(Object.values(clean.milestones).every(Number.isFinite), JSON.stringify(clean.milestones)).toBe(true);
  });

  const cases = points.flatMap((point) => FAULT_KINDS.map((fault) => ({ point, fault })));
  test.each(cases)('$point.controller, $point.request number $point.sequence: $fault', async ({ point, fault }) => {
    const faulted = await runWithFault(point, fault);
    expect(faulted.hit).toBe(true);
    expect(complaints(clean, faulted, point)).toEqual([]);
  });
});

test('a fault that never ends is noticed: without metrics the HPA does not scale and the run says so', async () => {
  const { result } = await play(
    {},
    { faults: ({ request }) => (request === 'list pods.metrics.k8s.io' ? 'refused' : undefined) },
  );
  expect(result.expectations.filter(({ held }) => !held).map(({ name }) => name)).toEqual([
    'HPA ray-serve-hpa: 1 -> 5 -> 1',
  ]);
});
