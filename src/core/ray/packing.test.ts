import { describe, expect, test } from 'vitest';
import {
  decisionText,
  demand,
  pending,
  running,
  snapshot,
  type,
  type Row,
} from '../../../test/support/ray-snapshot.ts';
import type { LabelSelectorConstraint } from './cluster-state.ts';
import { likenessFor } from './likeness.ts';
import { nodesOfInstances } from './nodes.ts';
import { pack } from './packing.ts';
import type { SchedulerSnapshot } from './snapshot.ts';
import { noWork } from './work.ts';

function table(rows: readonly Row[]): void {
  test.each(rows)('$name', ({ in: parts, want }) => {
    expect(decisionText(parts)).toBe(want);
  });
}

const A4 = type('A', { CPU: 4 });
const B4 = type('B', { CPU: 4 });
const one = (name: string, amounts: Record<string, number>): ReturnType<typeof type> =>
  type(name, amounts, { maxWorkerNodes: 1 });
const where = (key: string, operator: LabelSelectorConstraint['operator'], ...values: string[]) => [
  { key, operator, values },
];

describe('order of requests', () => {
  table([
    {
      name: 'RAY-7.1 [Q1] more names first, then the larger sum whatever its unit',
      in: {
        nodeTypes: [one('A', { CPU: 4, memory: 4 })],
        resourceRequests: [demand(1, { CPU: 3 }), demand(1, { CPU: 1, memory: 1 }), demand(1, { memory: 4 })],
      },
      want: 'launch A x1; infeasible 1x{memory: 4}',
    },
    {
      name: 'RAY-7.1 [Q2] of equal ones the later name first',
      in: { nodeTypes: [], resourceRequests: [demand(1, { CPU: 1 }), demand(1, { GPU: 1 })] },
      want: 'infeasible 1x{GPU: 1}; infeasible 1x{CPU: 1}',
    },
    {
      name: 'RAY-7.1 [L9] the length of the first selector comes before resources',
      in: {
        nodeTypes: [type('A', { CPU: 4 }, { maxWorkerNodes: 1, labels: { zone: 'a', r: 'u' } })],
        resourceRequests: [
          demand(1, { CPU: 4 }),
          demand(1, { CPU: 2 }, { labelSelectors: [where('zone', 'IN', 'a')] }),
          demand(1, { CPU: 1 }, { labelSelectors: [[...where('zone', 'IN', 'a'), ...where('r', 'IN', 'u')]] }),
        ],
      },
      want: 'launch A x1; infeasible 1x{CPU: 4}',
    },
  ]);
});

describe('placing', () => {
  const zones = [
    type('A', { CPU: 4 }, { labels: { zone: 'a' } }),
    type('B', { CPU: 4 }, { labels: { zone: 'b' } }),
    type('N', { CPU: 4 }),
  ];
  const inZone = (...labelSelectors: LabelSelectorConstraint[][]): Row['in'] => ({
    nodeTypes: zones,
    resourceRequests: [demand(1, { CPU: 4 }, { labelSelectors })],
  });
  table([
    { name: 'RAY-8.1 [L1] IN asks for one of the values', in: inZone(where('zone', 'IN', 'b')), want: 'launch B x1' },
    {
      name: 'RAY-8.1 [L2] NOT_IN passes without the label',
      in: inZone(where('zone', 'NOT_IN', 'a', 'b')),
      want: 'launch N x1',
    },
    {
      name: 'RAY-9.1 [L3] the earlier alternative that matches is better',
      in: inZone(where('zone', 'IN', 'x'), where('zone', 'IN', 'b'), where('zone', 'IN', 'a')),
      want: 'launch B x1',
    },
    {
      name: 'RAY-8.1 [L4] no alternative matches',
      in: inZone(where('zone', 'IN', 'x')),
      want: 'infeasible 1x{CPU: 4}',
    },
    { name: 'RAY-8.1 [L5] an empty selector matches everything', in: inZone([]), want: 'launch A x1' },
    {
      name: 'RAY-8.1 [L6] no operator matches nothing',
      in: inZone(where('zone', 'UNSPECIFIED', 'a')),
      want: 'infeasible 1x{CPU: 4}',
    },
    {
      name: 'RAY-8.2 anti-affinity keeps requests apart',
      in: {
        nodeTypes: [A4],
        resourceRequests: [
          demand(3, { CPU: 1 }, { placementConstraints: [{ antiAffinity: { labelName: '_PG_p', labelValue: '' } }] }),
        ],
      },
      want: 'launch A x3',
    },
    {
      name: 'RAY-12.1 [E3] an anti-affinity whose label is there with another value ends the round',
      in: {
        nodeTypes: [type('A', { CPU: 4 }, { labels: { zone: 'a' } })],
        resourceRequests: [
          demand(1, { CPU: 1 }, { placementConstraints: [{ antiAffinity: { labelName: 'zone', labelValue: 'b' } }] }),
        ],
      },
      want: 'abort: label-clash',
    },
    {
      name: 'RAY-8.3 [Q4] an implicit resource is there once on every node',
      in: {
        nodeTypes: [A4],
        resourceRequests: [demand(4, { CPU: 1, 'node:__internal_implicit_resource_x': 0.5 })],
      },
      want: 'launch A x2',
    },
    {
      name: 'RAY-13.2 [Q5] units are subtracted one after the other, as doubles are',
      in: { nodeTypes: [one('A', { CPU: 7 })], resourceRequests: [demand(10, { CPU: 0.7 })] },
      want: 'launch A x1; infeasible 1x{CPU: 0.7}',
    },
    {
      name: 'RAY-13.2 [Q6] ten tenths fit into one',
      in: { nodeTypes: [type('A', { CPU: 1 })], resourceRequests: [demand(10, { CPU: 0.1 })] },
      want: 'launch A x1',
    },
    {
      name: 'RAY-8.4 [Q3] a request for nothing fits on a full node',
      in: {
        nodeTypes: [A4],
        instances: [running('i1', 'A', { total: { CPU: 4 }, free: { CPU: 0 } })],
        resourceRequests: [demand(3, {})],
      },
      want: 'nothing',
    },
    {
      name: 'RAY-12.1 [E9] a negative amount of what the node lacks ends the round',
      in: { nodeTypes: [A4], resourceRequests: [demand(1, { CPU: 1, x: -1 })] },
      want: 'abort: negative-request',
    },
    {
      name: 'RAY-12.1 [E1] more free than there is ends the round',
      in: {
        nodeTypes: [A4],
        instances: [running('i1', 'A', { total: { CPU: 4 }, free: { CPU: 6 } })],
        resourceRequests: [demand(1, { CPU: 1 })],
      },
      want: 'abort: overfull-node',
    },
  ]);
});

describe('score and choice', () => {
  const cpu = demand(1, { CPU: 1 });
  table([
    {
      name: 'RAY-9.4 [S1] one task: the small node, it is full',
      in: { nodeTypes: [type('big', { CPU: 4 }), type('small', { CPU: 1 })], resourceRequests: [cpu] },
      want: 'launch small x1',
    },
    {
      name: 'RAY-9.4 [S2] four tasks: the big one, full and bigger wins',
      in: {
        nodeTypes: [type('big', { CPU: 4 }), type('small', { CPU: 1 })],
        resourceRequests: [demand(4, { CPU: 1 })],
      },
      want: 'launch big x1',
    },
    {
      name: 'RAY-9.4 [S3] an unused resource loses',
      in: {
        nodeTypes: [type('mem', { CPU: 4, memory: 8 }), type('plain', { CPU: 4 })],
        resourceRequests: [demand(1, { CPU: 4 })],
      },
      want: 'launch plain x1',
    },
    {
      name: 'RAY-9.2 [S4] nodes with GPUs are kept for requests that name them',
      in: { nodeTypes: [type('gpu', { CPU: 4, GPU: 1 }), type('cpu', { CPU: 64 })], resourceRequests: [cpu] },
      want: 'launch cpu x1',
    },
    {
      name: 'RAY-9.2 [S5] unless there is nothing else',
      in: {
        nodeTypes: [type('gpu', { CPU: 4, GPU: 1 }), type('cpu', { CPU: 64 }, { maxWorkerNodes: 0 })],
        resourceRequests: [cpu],
      },
      want: 'launch gpu x1',
    },
    {
      name: 'RAY-9.5 [S6a] naming GPU with 0 is enough',
      in: {
        nodeTypes: [type('cpu', { CPU: 64, memory: 8 }), type('gpu', { CPU: 4, GPU: 1 })],
        resourceRequests: [demand(1, { CPU: 1, GPU: 0 })],
      },
      want: 'launch gpu x1',
    },
    {
      name: 'RAY-9.3 [S7] two kinds beat one',
      in: {
        nodeTypes: [A4, type('b', { CPU: 16, TPU: 4 })],
        resourceRequests: [demand(1, { CPU: 4 }), demand(1, { TPU: 1 })],
      },
      want: 'launch b x1',
    },
    {
      name: 'RAY-7.5 [S8] equal types take turns',
      in: { nodeTypes: [A4, B4], resourceRequests: [demand(5, { CPU: 4 })] },
      want: 'launch A x3; launch B x2',
    },
    {
      name: 'RAY-10.1 [S9] recoverable comes before priority and cloud',
      in: {
        nodeTypes: [{ ...A4, priority: 5 }, B4],
        availabilities: { cloud: new Map([['B', 0]]), recoverable: new Map([['A', 0.5]]) },
        resourceRequests: [demand(1, { CPU: 4 })],
      },
      want: 'launch B x1',
    },
    {
      name: 'RAY-10.1 [S10] priority breaks the tie',
      in: { nodeTypes: [A4, { ...B4, priority: 1 }], resourceRequests: [demand(3, { CPU: 4 })] },
      want: 'launch B x3',
    },
    {
      name: 'RAY-10.1 [S11] then the cloud score',
      in: {
        nodeTypes: [A4, B4],
        availabilities: { cloud: new Map([['A', 0.1]]), recoverable: new Map() },
        resourceRequests: [demand(3, { CPU: 4 })],
      },
      want: 'launch B x3',
    },
    {
      name: 'RAY-10.1 [S12] the score comes before priority',
      in: { nodeTypes: [type('A', { CPU: 8 }, { priority: 9 }), B4], resourceRequests: [demand(1, { CPU: 4 })] },
      want: 'launch B x1',
    },
    {
      name: 'RAY-7.3 [S13] what is there goes first',
      in: {
        nodeTypes: [type('small', { CPU: 1 }), type('big', { CPU: 4 })],
        instances: [running('i1', 'big', { total: { CPU: 4 } })],
        resourceRequests: [demand(2, { CPU: 1 })],
      },
      want: 'nothing',
    },
    {
      name: 'RAY-13.1 27 CPUs with 9 used score below 1 CPU with 1 used, by the last bit',
      in: { nodeTypes: [one('B', { CPU: 27 }), one('A', { CPU: 1 })], resourceRequests: [demand(9, { CPU: 1 })] },
      want: 'launch A x1; launch B x1',
    },
  ]);
});

describe('order of the answer', () => {
  const context = {
    nodeTypes: [A4],
    maxNumNodes: undefined,
    gpuNodes: 'use',
    availabilities: snapshot({}).availabilities,
    inPlaceResize: undefined,
    ledger: 'demand',
    likeness: likenessFor([demand(1, { CPU: 1 }).request]),
    work: noWork(),
  } as const;
  const types = new Map([['A', A4]]);
  const nodesOf = (instances: SchedulerSnapshot['instances']): ReturnType<typeof nodesOfInstances> =>
    nodesOfInstances(snapshot({ instances }), types);
  const ids = (nodes: ReturnType<typeof pack>['nodes']): readonly string[] => nodes.map(({ instanceId }) => instanceId);

  test('RAY-7.3 [K5] picked nodes, then others, then exhausted ones', () => {
    const node = (id: string, free: number): ReturnType<typeof running> =>
      running(id, 'A', { total: { CPU: 4 }, free: { CPU: free } });
    const nodes = nodesOf([node('full', 0), node('some', 2), node('all', 4), node('half', 2)]);
    expect(ids(pack(nodes, [demand(1, { CPU: 2 })], context).nodes)).toEqual(['some', 'all', 'half', 'full']);
  });

  test('RAY-7.2 without requests nothing is exhausted, and pending nodes never are', () => {
    const nodes = nodesOf([running('full', 'A', { total: { CPU: 4 }, free: {} }), pending('i1', 'A', 'QUEUED')]);
    expect(ids(pack(nodes, [], context).nodes)).toEqual(['full', 'i1']);
    expect(ids(pack(nodes, [demand(1, { CPU: 8 })], context).nodes)).toEqual(['i1', 'full']);
  });

  test('RAY-10.2 of pending nodes that look alike the first hides the others, whatever is placed on them', () => {
    const wide = [
      running('r', 'A', { total: { CPU: 4 }, free: { CPU: 1 } }),
      pending('p1', 'A', 'QUEUED'),
      pending('p2', 'A', 'QUEUED'),
    ];
    const first = pack(nodesOf(wide), [demand(2, { CPU: 3 })], context);
    expect(ids(first.nodes)).toEqual(['p1', 'p2', 'r']);
    expect(ids(pack(first.nodes, [demand(1, { CPU: 1 })], context).nodes)).toEqual(['p1', 'p2', 'r']);
  });

  test('RAY-4.2 the constraint ledger starts from totals and leaves the demand ledger alone', () => {
    const nodes = nodesOf([running('busy', 'A', { total: { CPU: 4 }, free: { CPU: 0 } })]);
    const { nodes: after, leftovers } = pack(nodes, [demand(1, { CPU: 4 })], { ...context, ledger: 'constraint' });
    expect(leftovers).toEqual([]);
    expect(after[0]?.free.demand.get('CPU')).toBe(0);
    expect(after[0]?.free.constraint.get('CPU')).toBe(0);
    expect(nodes[0]?.free.constraint.get('CPU')).toBe(4);
  });
});
