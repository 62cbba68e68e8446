import { describe, expect, test } from 'vitest';
import {
  decisionText,
  demand,
  pending,
  running,
  snapshot,
  type,
  type Row,
} from '../../../../test/support/ray-snapshot.ts';
import { nodesOfInstances } from '../nodes.ts';
import { wholeSeconds } from '../seconds-text.ts';
import type { SchedulerSnapshot } from '../snapshot.ts';
import { cutToMaximumPerType } from './maximum-per-type.ts';
import { cutToMaximumTotal } from './maximum-total.ts';
import { phaseContext, type PhaseContext } from './phase.ts';

function table(rows: readonly Row[]): void {
  test.each(rows)('$name', ({ in: parts, want }) => {
    expect(decisionText(parts)).toBe(want);
  });
}

function contextOf(parts: Partial<SchedulerSnapshot>): PhaseContext {
  return phaseContext(snapshot(parts));
}

const A4 = type('A', { CPU: 4 });
const busy = (id: string, free = 0): ReturnType<typeof running> =>
  running(id, 'A', { total: { CPU: 4 }, free: { CPU: free } });
const idle = (id: string, idleMs: number): ReturnType<typeof running> =>
  running(id, 'A', { total: { CPU: 4 }, idleMs });
const head = (more: { idleMs?: number } = {}): ReturnType<typeof running> =>
  running('head', 'headgroup', { total: { CPU: 0 }, head: true, ...more });
const headType = type('headgroup', { CPU: 0 }, { maxWorkerNodes: 1 });

describe('which instances are nodes', () => {
  const two = [demand(2, { CPU: 2 })];
  const only = (status: Parameters<typeof pending>[2]): Row['in'] => ({
    nodeTypes: [A4],
    instances: [pending('i1', 'A', status)],
    resourceRequests: two,
  });
  table([
    {
      name: 'RAY-4.1 [N1] a node asked to stop counts as an empty one',
      in: only('RAY_STOP_REQUESTED'),
      want: 'nothing',
    },
    { name: 'RAY-4.1 [N2] a stopping node is none', in: only('RAY_STOPPING'), want: 'launch A x1' },
    { name: 'RAY-4.1 a queued instance is one', in: only('QUEUED'), want: 'nothing' },
    { name: 'RAY-4.1 an allocation that timed out is none', in: only('ALLOCATION_TIMEOUT'), want: 'launch A x1' },
    {
      name: 'RAY-4.1 [N3] a running instance without its Ray node is none',
      in: { ...only('QUEUED'), instances: [{ ...idle('i1', 0), rayNode: undefined }] },
      want: 'launch A x1',
    },
    {
      name: 'RAY-4.2 [N4] a running node is what it reports, not what is configured',
      in: { ...only('QUEUED'), instances: [running('i1', 'A', { total: { CPU: 2 } })] },
      want: 'launch A x1',
    },
    {
      name: 'RAY-4.2 [O6] a pending instance of an unknown type is invisible',
      in: { nodeTypes: [A4], instances: [pending('i1', 'B', 'ALLOCATED')] },
      want: 'nothing',
    },
    {
      name: 'RAY-12.1 [O7] a running node of an unknown type ends the round',
      in: { nodeTypes: [A4], instances: [running('i1', 'B', { total: { CPU: 4 } })] },
      want: 'abort: unknown-node-type',
    },
    {
      name: 'RAY-4.3 [H1] the head type can be launched while it has room',
      in: {
        nodeTypes: [type('w', { CPU: 8 }), type('headgroup', { CPU: 4 }, { maxWorkerNodes: 1 })],
        resourceRequests: [demand(1, { CPU: 4 })],
      },
      want: 'launch headgroup x1',
    },
  ]);
});

describe('minimum per type', () => {
  const min = (minWorkerNodes: number): ReturnType<typeof type> => ({ ...A4, minWorkerNodes });
  table([
    {
      name: 'RAY-6.2 [M1] a requested instance counts towards the minimum',
      in: { nodeTypes: [min(2)], instances: [pending('i1', 'A', 'REQUESTED')] },
      want: 'launch A x1',
    },
    {
      name: 'RAY-6.2 [M3] nodes made for the minimum are one node: over the total, all of them go',
      in: { nodeTypes: [min(3)], maxNumNodes: 2 },
      want: 'terminate (planned) MAX_NUM_NODES; terminate (planned) MAX_NUM_NODES; terminate (planned) MAX_NUM_NODES',
    },
    {
      name: 'RAY-6.2 [M4] so it is with the head in the count',
      in: { nodeTypes: [headType, min(2)], instances: [head()], maxNumNodes: 2 },
      want: 'terminate (planned) MAX_NUM_NODES; terminate (planned) MAX_NUM_NODES',
    },
    {
      name: 'RAY-6.2 nodes made for the minimum serve the demand of the same round',
      in: { nodeTypes: [min(1)], resourceRequests: [demand(1, { CPU: 4 })] },
      want: 'launch A x1',
    },
  ]);
});

describe('maximum per type', () => {
  const four = [busy('busy', 2), busy('light', 3), idle('idle', 5000), pending('pend', 'A', 'REQUESTED')];
  const cut = (limit: number): readonly string[] => {
    const context = contextOf({ nodeTypes: [{ ...A4, maxWorkerNodes: limit }], instances: four });
    return cutToMaximumPerType(context, nodesOfInstances(context.snapshot, context.types)).map(
      ({ instanceId, status }) => (status === 'TO_TERMINATE' ? `-${instanceId}` : instanceId),
    );
  };
  test.each([
    { name: 'RAY-6.4a [X1] max 3: not running first', limit: 3, want: ['-pend', 'idle', 'light', 'busy'] },
    { name: 'RAY-6.4a [X1] max 2: then the longest idle', limit: 2, want: ['-pend', '-idle', 'light', 'busy'] },
    { name: 'RAY-6.4a [X1] max 1: then the least used', limit: 1, want: ['-pend', '-idle', '-light', 'busy'] },
    { name: 'RAY-6.3 max 4: nothing is cut and the order stays', limit: 4, want: ['busy', 'light', 'idle', 'pend'] },
  ])('$name', ({ limit, want }) => {
    expect(cut(limit)).toEqual(want);
  });

  test('RAY-6.3 [K6] the list is grouped by type although nothing is cut', () => {
    const b1 = running('b1', 'B', { total: { CPU: 4 } });
    const instances = [idle('a1', 0), b1, idle('a2', 0)];
    const context = contextOf({ nodeTypes: [A4, type('B', { CPU: 4 })], instances });
    const nodes = cutToMaximumPerType(context, nodesOfInstances(context.snapshot, context.types));
    expect(nodes.map(({ instanceId }) => instanceId)).toEqual(['a1', 'a2', 'b1']);
  });

  const none = { ...A4, maxWorkerNodes: 0 };
  const headOf = (id: string): ReturnType<typeof running> => running(id, 'A', { total: { CPU: 4 }, head: true });
  table([
    {
      name: 'RAY-6.4a [X2] the head is not cut',
      in: { nodeTypes: [none], instances: [headOf('head'), idle('w', 0)] },
      want: 'terminate w MAX_NUM_NODE_PER_TYPE',
    },
    {
      name: 'RAY-6.4a [E7] of two heads one is protected',
      in: { nodeTypes: [{ ...A4, maxWorkerNodes: 1 }], instances: [headOf('h1'), headOf('h2')] },
      want: 'terminate h2 MAX_NUM_NODE_PER_TYPE',
    },
  ]);
});

describe('maximum in total', () => {
  const b = running('b', 'B', { total: { CPU: 4 }, free: { CPU: 2 } });
  table([
    {
      name: 'RAY-6.4 [X3] the least used over all types goes, the head counts',
      in: { nodeTypes: [headType, A4, type('B', { CPU: 4 })], instances: [head(), busy('a', 1), b], maxNumNodes: 2 },
      want: 'terminate b MAX_NUM_NODES',
    },
    {
      name: 'RAY-6.4 [X4] 0 terminates nothing, and nothing is launched for what waits',
      in: { nodeTypes: [A4], instances: [busy('i1')], maxNumNodes: 0, resourceRequests: [demand(1, { CPU: 1 })] },
      want: 'infeasible 1x{CPU: 1}',
    },
    {
      name: 'RAY-6.4 0: minimums are launched all the same, and serve what waits',
      in: {
        nodeTypes: [type('A', { CPU: 4 }, { minWorkerNodes: 2 })],
        instances: [busy('i1')],
        maxNumNodes: 0,
        resourceRequests: [demand(2, { CPU: 3 })],
      },
      want: 'launch A x1; infeasible 1x{CPU: 3}',
    },
    {
      name: 'RAY-6.4 without a limit nothing is cut',
      in: { nodeTypes: [A4], instances: [busy('i1'), busy('i2')] },
      want: 'nothing',
    },
  ]);

  test('RAY-6.4 inside the limit the list is left as it is', () => {
    const instances = [idle('a', 0), busy('b')];
    const context = contextOf({ nodeTypes: [A4], instances, maxNumNodes: 2 });
    const nodes = nodesOfInstances(context.snapshot, context.types);
    expect(cutToMaximumTotal(context, nodes)).toBe(nodes);
  });
});

describe('demands', () => {
  table([
    {
      name: 'RAY-6.7 [R1] what is left over is infeasible, in packing order',
      in: {
        nodeTypes: [type('A', { CPU: 1 }, { maxWorkerNodes: 0 })],
        resourceRequests: [demand(2, { CPU: 1 }), demand(1, { GPU: 1 }), demand(1, { CPU: 1 }), demand(1, { CPU: 2 })],
      },
      want: 'infeasible 1x{CPU: 2}; infeasible 1x{GPU: 1}; infeasible 2x{CPU: 1}; infeasible 1x{CPU: 1}',
    },
    {
      name: 'RAY-5.2 a node over the limit still hosts demand: its replacement comes a round later',
      in: {
        nodeTypes: [A4],
        maxNumNodes: 1,
        instances: [idle('i1', 1), idle('i2', 0)],
        resourceRequests: [demand(2, { CPU: 4 })],
      },
      want: 'terminate i1 MAX_NUM_NODES',
    },
    {
      name: 'RAY-5.2 and it uses up the room of the cluster',
      in: {
        nodeTypes: [A4],
        maxNumNodes: 1,
        instances: [idle('i1', 1), idle('i2', 0)],
        resourceRequests: [demand(3, { CPU: 4 })],
      },
      want: 'terminate i1 MAX_NUM_NODES; infeasible 1x{CPU: 4}',
    },
  ]);
});

describe('idle termination', () => {
  const base = { nodeTypes: [A4], idleTimeout: wholeSeconds(60) };
  table([
    {
      name: 'RAY-6.9 [T1] strictly longer than the time-out',
      in: { ...base, instances: [idle('i1', 60_000), idle('i2', 60_001)] },
      want: 'terminate i2 IDLE',
    },
    {
      name: 'RAY-6.9 [T2] the minimum stays, the longest idle go, reported in list order',
      in: {
        ...base,
        nodeTypes: [{ ...A4, minWorkerNodes: 1 }],
        instances: [idle('i1', 70_000), idle('i2', 90_000), idle('i3', 80_000)],
      },
      want: 'terminate i2 IDLE; terminate i3 IDLE',
    },
    {
      name: 'RAY-6.9 [T3] the time-out of the type stands instead of the global one',
      in: { ...base, nodeTypes: [{ ...A4, idleTimeout: wholeSeconds(600) }], instances: [idle('i1', 70_000)] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.9 [T4] a node that gets demand stays',
      in: { ...base, instances: [idle('i1', 70_000)], resourceRequests: [demand(1, { CPU: 1 })] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.9 [T5] without a time-out nobody goes',
      in: { nodeTypes: [A4], instances: [idle('i1', 7_000_000)] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.9 [T6] a queued instance satisfies the minimum',
      in: {
        ...base,
        nodeTypes: [{ ...A4, minWorkerNodes: 1 }],
        instances: [idle('i1', 70_000), pending('i2', 'A', 'QUEUED')],
      },
      want: 'terminate i1 IDLE',
    },
    {
      name: 'RAY-6.9 [T7] the head stays',
      in: { nodeTypes: [headType], idleTimeout: wholeSeconds(60), instances: [head({ idleMs: 70_000 })] },
      want: 'nothing',
    },
  ]);
});
