import { describe, expect, test } from 'vitest';
import { reasonsOf } from '../../../test/support/ray-reasons.ts';
import { demand, gang, pending, running, snapshot, type, type Amounts } from '../../../test/support/ray-snapshot.ts';
import { durationMs, epochMs } from '../time/time.ts';
import type { ScorePart } from './explain-types.ts';
import { schedule } from './schedule.ts';
import { wholeSeconds } from './seconds-text.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

const inZone = (...zones: string[]) => zones.map((zone) => [{ key: 'zone', operator: 'IN' as const, values: [zone] }]);
const zoned = (name: string, zone: string, amounts: Amounts = { CPU: 4 }) => type(name, amounts, { labels: { zone } });
const A4 = type('A', { CPU: 4 });
const B4 = type('B', { CPU: 4 });

test('RAY-14.1 reasons are built only when they are asked for', () => {
  const input = snapshot({ nodeTypes: [A4], resourceRequests: [demand(1, { CPU: 1 })] });
  expect(schedule(input, { wall: epochMs(0), mono: durationMs(0) }).reasons).toBeUndefined();
});

describe('RAY-14.3 the runner-up of a launch and the part of the score by which it lost', () => {
  type Contest = {
    readonly name: string;
    readonly in: Partial<SchedulerSnapshot>;
    readonly chosen: string;
    readonly runnerUp: string;
    readonly lostBy: ScorePart;
  };
  const availabilities = (parts: Partial<Record<'cloud' | 'recoverable', Readonly<Record<string, number>>>>) => ({
    cloud: new Map(Object.entries(parts.cloud ?? {})),
    recoverable: new Map(Object.entries(parts.recoverable ?? {})),
  });
  const one = [demand(1, { CPU: 1 })];
  const four = [demand(1, { CPU: 4 })];
  const contests: readonly Contest[] = [
    {
      name: 'RAY-9.1 [L3] labels: the earlier alternative wins',
      in: {
        nodeTypes: [zoned('A', 'a'), zoned('B', 'b')],
        resourceRequests: [demand(1, { CPU: 4 }, { labelSelectors: inZone('x', 'b', 'a') })],
      },
      chosen: 'B',
      runnerUp: 'A',
      lostBy: 'labels',
    },
    {
      name: 'RAY-9.2 [S4] gpu: GPUs are kept',
      in: { nodeTypes: [type('gpu', { CPU: 4, GPU: 1 }), type('cpu', { CPU: 64 })], resourceRequests: one },
      chosen: 'cpu',
      runnerUp: 'gpu',
      lostBy: 'gpu',
    },
    {
      name: 'RAY-9.3 [S7] kinds: two kinds beat one',
      in: {
        nodeTypes: [A4, type('b', { CPU: 16, TPU: 4 })],
        resourceRequests: [demand(1, { CPU: 4 }), demand(1, { TPU: 1 })],
      },
      chosen: 'b',
      runnerUp: 'A',
      lostBy: 'kinds',
    },
    {
      name: 'RAY-9.4 [S1] least-used: the fuller node wins',
      in: { nodeTypes: [type('big', { CPU: 4 }), type('small', { CPU: 1 })], resourceRequests: one },
      chosen: 'small',
      runnerUp: 'big',
      lostBy: 'least-used',
    },
    {
      name: 'RAY-9.5 [S6a] mean-used: when the least used is alike',
      in: {
        nodeTypes: [type('cpu', { CPU: 64, memory: 8 }), type('gpu', { CPU: 4, GPU: 1 })],
        resourceRequests: [demand(1, { CPU: 1, GPU: 0 })],
      },
      chosen: 'gpu',
      runnerUp: 'cpu',
      lostBy: 'mean-used',
    },
    {
      name: 'RAY-10.1 [S9] recoverable: before priority',
      in: {
        nodeTypes: [{ ...A4, priority: 5 }, B4],
        resourceRequests: four,
        availabilities: availabilities({ recoverable: { A: 0.5 }, cloud: { B: 0 } }),
      },
      chosen: 'B',
      runnerUp: 'A',
      lostBy: 'recoverable',
    },
    {
      name: 'RAY-10.1 [S10] priority: before the availability of the cloud',
      in: {
        nodeTypes: [A4, { ...B4, priority: 1 }],
        resourceRequests: four,
        availabilities: availabilities({ cloud: { B: 0 } }),
      },
      chosen: 'B',
      runnerUp: 'A',
      lostBy: 'priority',
    },
    {
      name: 'RAY-10.1 [S11] cloud',
      in: { nodeTypes: [A4, B4], resourceRequests: four, availabilities: availabilities({ cloud: { A: 0.1 } }) },
      chosen: 'B',
      runnerUp: 'A',
      lostBy: 'cloud',
    },
    {
      name: 'RAY-10.1 place: the first of equals',
      in: { nodeTypes: [A4, B4], resourceRequests: four },
      chosen: 'A',
      runnerUp: 'B',
      lostBy: 'place',
    },
  ];

  test.each(contests)('$name', ({ in: parts, chosen, runnerUp, lostBy }) => {
    const { launches } = reasonsOf(parts);
    expect(launches.map(({ nodeType }) => nodeType)).toEqual([chosen]);
    expect(launches[0]?.choices).toMatchObject([
      { count: 1, chosen: { nodeType: chosen }, runnerUp: { nodeType: runnerUp, lostBy } },
    ]);
  });

  test('RAY-9.4 [S2] both with what they would take and how much of each would be used', () => {
    const { launches } = reasonsOf({
      nodeTypes: [type('big', { CPU: 4, memory: 0 }), type('small', { CPU: 1 })],
      resourceRequests: [demand(4, { CPU: 1 })],
    });
    expect(launches[0]?.choices).toMatchObject([
      {
        chosen: {
          nodeType: 'big',
          takes: [{ count: 4 }],
          uses: [{ resource: 'CPU', used: 4, total: 4, contribution: 4 }],
          score: [0, 1, 1, 4, 4, 1, 0, 1],
        },
        runnerUp: { takes: [{ count: 1 }], uses: [{ used: 1, total: 1, contribution: 1 }] },
      },
    ]);
  });

  test('RAY-7.5 [S8] types that tie take turns, and launches decided alike are told once', () => {
    const { launches } = reasonsOf({ nodeTypes: [A4, B4], resourceRequests: [demand(5, { CPU: 4 })] });
    expect(launches).toMatchObject([
      { nodeType: 'A', count: 3, choices: [{ count: 3, runnerUp: { nodeType: 'B', lostBy: 'place' } }] },
      { nodeType: 'B', count: 2, choices: [{ count: 2, runnerUp: { nodeType: 'A', lostBy: 'place' } }] },
    ]);
  });

  test('RAY-7.5 a rival that has come to its maximum is told as such from then on', () => {
    const { launches } = reasonsOf({
      nodeTypes: [{ ...A4, maxWorkerNodes: 1 }, B4],
      resourceRequests: [demand(4, { CPU: 4 })],
    });
    expect(launches).toMatchObject([
      { nodeType: 'A', count: 1 },
      {
        nodeType: 'B',
        count: 3,
        choices: [
          {
            count: 3,
            runnerUp: undefined,
            others: [{ nodeType: 'A', why: { kind: 'limits', perType: { limit: 1, nodes: 1, leaving: 0 } } }],
          },
        ],
      },
    ]);
  });

  test('RAY-10.1 the others: beaten, without room, or not able to hold it', () => {
    const { launches } = reasonsOf({
      nodeTypes: [
        type('small', { CPU: 2 }),
        type('middle', { CPU: 4 }),
        type('large', { CPU: 8 }),
        type('exact', { CPU: 1 }, { maxWorkerNodes: 0 }),
        type('huge', { CPU: 32 }, { maxWorkerNodes: 0 }),
        type('store', { memory: 8 }),
        type('half', { CPU: 0.5 }),
      ],
      resourceRequests: [demand(1, { CPU: 1 })],
    });
    expect(launches[0]?.choices[0]).toMatchObject({
      chosen: { nodeType: 'small' },
      runnerUp: { nodeType: 'middle', lostBy: 'least-used' },
      others: [
        { nodeType: 'large', why: { kind: 'beaten', lostBy: 'least-used' } },
        { nodeType: 'exact', why: { kind: 'limits', wouldWin: true, total: undefined } },
        { nodeType: 'huge', why: { kind: 'limits', wouldWin: false } },
        { nodeType: 'store', why: { kind: 'unfit', shortages: [{ resource: 'CPU', requested: 1, ofEmptyNode: 0 }] } },
        { nodeType: 'half', why: { kind: 'unfit', shortages: [{ resource: 'CPU', requested: 1, ofEmptyNode: 0.5 }] } },
      ],
    });
  });

  test('RAY-7.3 and why the nodes there were not enough', () => {
    const total = { CPU: 4 };
    const { launches } = reasonsOf({
      nodeTypes: [A4],
      instances: [running('i1', 'A', { total, free: { CPU: 1 } }), running('i2', 'A', { total, free: {} })],
      resourceRequests: [demand(2, { CPU: 3 })],
    });
    expect(launches[0]?.choices).toMatchObject([
      { count: 2, existing: { kind: 'not-free', resource: 'CPU', requested: 3, mostFree: 1 } },
    ]);
  });

  test('RAY-7.5a a new node is counted at the size to which it can grow', () => {
    const group = { minCpu: 1, maxCpu: 8, minMemory: 0, maxMemory: 0, resizeTimeoutS: 1 };
    const { launches } = reasonsOf({
      nodeTypes: [A4],
      inPlaceResize: { groups: new Map([['A', group]]), statuses: new Map() },
      resourceRequests: [demand(2, { CPU: 4 })],
    });
    expect(launches).toMatchObject([{ count: 1, choices: [{ chosen: { uses: [{ used: 8, total: 8 }] } }] }]);
  });
});

describe('RAY-14.2 what a launch is for', () => {
  const served = (parts: Partial<SchedulerSnapshot>) =>
    reasonsOf(parts).launches.map(({ nodeType, serves }) => [
      nodeType,
      serves.map(({ of, count }) => `${count} ${of.kind === 'gang' ? of.details : of.kind}`).toSorted(),
    ]);

  test('RAY-6.5 [C3] what was launched for the constraint serves the demand as well', () => {
    expect(
      served({
        nodeTypes: [A4],
        clusterConstraints: [{ resourceRequests: [demand(2, { CPU: 4 })] }],
        resourceRequests: [demand(2, { CPU: 4 })],
      }),
    ).toEqual([['A', ['2 constraint', '2 demand']]]);
  });

  test('RAY-6.6 each placement group with its bundles, summed ones too', () => {
    expect(
      served({
        nodeTypes: [A4],
        gangRequests: [
          gang('p1', 'STRICT_PACK', [{ CPU: 1 }, { CPU: 2 }]),
          gang('p2', 'STRICT_SPREAD', [{ CPU: 4 }, { CPU: 4 }]),
        ],
        resourceRequests: [demand(1, { CPU: 1 })],
      }),
    ).toEqual([['A', ['1 demand', '1 p1:STRICT_PACK|PENDING', '2 p2:STRICT_SPREAD|PENDING']]]);
  });

  test('RAY-6.6 launches for several groups that are decided alike are one choice', () => {
    const spread = (id: string) => gang(id, 'STRICT_SPREAD', [{ CPU: 4 }, { CPU: 4 }]);
    const { launches } = reasonsOf({ nodeTypes: [A4], gangRequests: [spread('p1'), spread('p2')] });
    expect(launches).toMatchObject([{ count: 4, choices: [{ of: 'gang', count: 4 }] }]);
  });

  test('RAY-6.2 [M1] the minimum, and how many were there', () => {
    const { launches } = reasonsOf({
      nodeTypes: [{ ...A4, minWorkerNodes: 3 }],
      instances: [pending('i1', 'A', 'REQUESTED')],
      resourceRequests: [demand(4, { CPU: 4 })],
    });
    expect(launches).toMatchObject([
      { count: 3, forMinimum: { count: 2, minimum: 3, there: 1 }, choices: [{ of: 'demand', count: 1 }] },
    ]);
  });
});

describe('RAY-14.4 what found no place, per node type', () => {
  test('RAY-7.5 [X6] a maximum that is reached, by nodes that go as well', () => {
    const old = running('i1', 'A', { total: { CPU: 4 }, free: {}, launchConfigHash: 'h1' });
    expect(
      reasonsOf({
        nodeTypes: [{ ...A4, maxWorkerNodes: 2, launchConfigHash: 'h2' }],
        launchConfigCheck: 'on',
        instances: [old],
        resourceRequests: [demand(3, { CPU: 4 })],
      }).unserved,
    ).toMatchObject([
      {
        of: { kind: 'demand' },
        count: 2,
        types: [{ obstacle: { kind: 'limits', perType: { limit: 2, nodes: 2, leaving: 1 }, total: undefined } }],
        existing: { kind: 'not-free', resource: 'CPU', mostFree: 0 },
      },
    ]);
  });

  test('RAY-6.9 a maximum that is reached by a node that goes because it is idle', () => {
    const { unserved, nodes } = reasonsOf({
      nodeTypes: [{ ...A4, maxWorkerNodes: 1 }],
      idleTimeout: wholeSeconds(60),
      instances: [running('i1', 'A', { total: { CPU: 2 }, idleMs: 61_000 })],
      resourceRequests: [demand(1, { CPU: 4 })],
    });
    expect(nodes).toMatchObject([{ rule: { kind: 'idle' } }]);
    expect(unserved).toMatchObject([{ types: [{ obstacle: { perType: { limit: 1, nodes: 1, leaving: 1 } } }] }]);
  });

  test('RAY-7.5 the maximum of the cluster, of the type, and both', () => {
    const limits = (maxNumNodes: number, maxWorkerNodes: number) => {
      const nodeTypes = [{ ...A4, maxWorkerNodes }];
      const { unserved } = reasonsOf({ nodeTypes, maxNumNodes, resourceRequests: [demand(9, { CPU: 4 })] });
      return unserved[0]?.types[0]?.obstacle;
    };
    const two = { limit: 2, nodes: 2, leaving: 0 };
    expect(limits(2, 3)).toEqual({ kind: 'limits', perType: undefined, total: two });
    expect(limits(3, 2)).toEqual({ kind: 'limits', perType: two, total: undefined });
    expect(limits(2, 2)).toEqual({ kind: 'limits', perType: two, total: two });
  });

  test('RAY-8.1, RAY-8.3 everything that an empty node lacks', () => {
    const { unserved } = reasonsOf({
      nodeTypes: [zoned('A', 'a'), type('N', { CPU: 1, GPU: 1 })],
      resourceRequests: [demand(1, { CPU: 8, GPU: 1 }, { labelSelectors: inZone('x', 'y') })],
    });
    const labels = (there: string | undefined) => ['x', 'y'].map((zone) => ({ key: 'zone', values: [zone], there }));
    expect(unserved).toMatchObject([
      {
        types: [
          {
            nodeType: 'A',
            obstacle: { kind: 'unfit', shortages: [{ resource: 'CPU' }, { resource: 'GPU' }], labels: labels('a') },
          },
          { nodeType: 'N', obstacle: { kind: 'unfit', shortages: [{ resource: 'CPU' }], labels: labels(undefined) } },
        ],
        existing: { kind: 'no-nodes' },
      },
    ]);
  });

  test('RAY-6.6 [G5] a group that fails as a whole meets the limits with the nodes of its own attempt', () => {
    const { launches, unserved } = reasonsOf({
      nodeTypes: [{ ...A4, maxWorkerNodes: 2 }],
      gangRequests: [gang('p1', 'STRICT_SPREAD', [{ CPU: 1 }, { CPU: 1 }, { CPU: 1 }])],
    });
    expect(launches).toEqual([]);
    expect(unserved).toMatchObject([
      {
        of: { kind: 'gang', index: 0, details: 'p1:STRICT_SPREAD|PENDING' },
        count: 1,
        types: [{ obstacle: { kind: 'limits', perType: { limit: 2, nodes: 2 } } }],
        existing: { kind: 'elsewhere', labels: 0, apart: 2 },
      },
    ]);
  });

  test('RAY-6.5 [C2] the constraint, with the nodes of its own attempt', () => {
    expect(
      reasonsOf({
        nodeTypes: [{ ...A4, maxWorkerNodes: 2 }],
        clusterConstraints: [{ resourceRequests: [demand(3, { CPU: 4 })] }],
      }).unserved,
    ).toMatchObject([{ of: { kind: 'constraint' }, count: 1, types: [{ obstacle: { perType: { nodes: 2 } } }] }]);
  });

  test.each([
    ['nobody has so much', { CPU: 3 }, { kind: 'not-free', resource: 'CPU', requested: 3, mostFree: 2 }],
    ['nobody has all of it', { CPU: 2, GPU: 1 }, { kind: 'not-together' }],
    ['only others have it', { GPU: 1 }, { kind: 'elsewhere', labels: 1, apart: 0 }],
    ['an implicit resource is on every node once', { 'node:__internal_implicit_resource_x': 2 }, { mostFree: 1 }],
  ])('RAY-8.3 of the nodes there: %s', (_name, amounts, existing) => {
    const { unserved } = reasonsOf({
      nodeTypes: [type('A', { CPU: 4, GPU: 1 }, { maxWorkerNodes: 2 })],
      instances: [
        running('i1', 'A', { total: { CPU: 4, GPU: 1 }, free: { CPU: 2 } }),
        running('i2', 'A', { total: { CPU: 4, GPU: 1 }, free: { CPU: 1, GPU: 1 } }),
      ],
      resourceRequests: [demand(1, amounts, { labelSelectors: 'CPU' in amounts ? [] : inZone('z') })],
    });
    expect(unserved).toMatchObject([{ existing }]);
  });
});
