import { expect, test } from 'vitest';
import { decisionText, demand, running, type, type Row } from '../../../../test/support/ray-snapshot.ts';
import { wholeSeconds } from '../seconds-text.ts';
import type { SchedulerSnapshot } from '../snapshot.ts';

const A = type('A', { CPU: 4 });
const busy = running('i1', 'A', { total: { CPU: 4 }, free: { CPU: 0 } });
const wants = (count: number, cpu = 4): SchedulerSnapshot['clusterConstraints'] => [
  { resourceRequests: [demand(count, { CPU: cpu })] },
];

test.each<Row>([
  {
    name: 'RAY-6.5 [C1] what nodes have counts, also when it is in use',
    in: { nodeTypes: [A], instances: [busy], clusterConstraints: wants(3) },
    want: 'launch A x2',
  },
  {
    name: 'RAY-6.5 [C2] met as a whole or not at all',
    in: { nodeTypes: [{ ...A, maxWorkerNodes: 2 }], clusterConstraints: wants(3) },
    want: 'infeasible constraint',
  },
  {
    name: 'RAY-6.5 [C3] nodes launched for it are free for demands',
    in: { nodeTypes: [A], clusterConstraints: wants(2), resourceRequests: [demand(2, { CPU: 4 })] },
    want: 'launch A x2',
  },
  {
    name: 'RAY-6.5 [C4] who hosts it is not idle',
    in: {
      nodeTypes: [A],
      idleTimeout: wholeSeconds(60),
      instances: ['i1', 'i2'].map((id) => running(id, 'A', { total: { CPU: 4 }, idleMs: 61_000 })),
      clusterConstraints: wants(1, 1),
    },
    want: 'terminate i2 IDLE',
  },
  {
    name: 'RAY-6.5 one that is not met keeps nobody from being idle',
    in: {
      nodeTypes: [{ ...A, maxWorkerNodes: 1 }],
      idleTimeout: wholeSeconds(60),
      instances: [running('i1', 'A', { total: { CPU: 4 }, idleMs: 61_000 })],
      clusterConstraints: wants(2),
    },
    want: 'terminate i1 IDLE; infeasible constraint',
  },
  {
    name: 'RAY-12.1 [E4] more than one ends the round',
    in: { nodeTypes: [A], clusterConstraints: [...wants(1), ...wants(1)] },
    want: 'abort: several-constraints',
  },
])('$name', ({ in: parts, want }) => {
  expect(decisionText(parts)).toBe(want);
});
