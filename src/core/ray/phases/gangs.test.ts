import { describe, expect, test } from 'vitest';
import { decisionText, demand, gang, running, type, type Row } from '../../../../test/support/ray-snapshot.ts';
import type { ResourceRequest } from '../cluster-state.ts';
import { togetherByAffinity } from './gangs.ts';

const A = type('A', { CPU: 4 });
const cpus = (...amounts: number[]): readonly { CPU: number }[] => amounts.map((CPU) => ({ CPU }));
const inZone = (zone: string): ResourceRequest['labelSelectors'] => [[{ key: 'zone', operator: 'IN', values: [zone] }]];
const zones = [type('A', { CPU: 4 }, { labels: { zone: 'a' } }), type('B', { CPU: 4 }, { labels: { zone: 'b' } })];

test.each<Row>([
  {
    name: 'RAY-6.6 [G1] STRICT_SPREAD: each bundle on a node of its own',
    in: { nodeTypes: [A], gangRequests: [gang('p1', 'STRICT_SPREAD', cpus(1, 1, 1))] },
    want: 'launch A x3',
  },
  {
    name: 'RAY-6.6 [G2] SPREAD is a wish that launches nothing',
    in: { nodeTypes: [A], gangRequests: [gang('p1', 'SPREAD', cpus(1, 1, 1))] },
    want: 'launch A x1',
  },
  {
    name: 'RAY-6.6a [G3] STRICT_PACK: all bundles on one node',
    in: { nodeTypes: [A], gangRequests: [gang('p1', 'STRICT_PACK', cpus(2, 2))] },
    want: 'launch A x1',
  },
  {
    name: 'RAY-6.6a [G4] which must have room for all of them',
    in: { nodeTypes: [A], gangRequests: [gang('p1', 'STRICT_PACK', cpus(2, 2, 2))] },
    want: 'infeasible p1:STRICT_PACK|PENDING',
  },
  {
    name: 'RAY-6.6 [G5] a gang that does not fit as a whole leaves no trace',
    in: {
      nodeTypes: [{ ...A, maxWorkerNodes: 2 }],
      gangRequests: [gang('p1', 'STRICT_SPREAD', cpus(1, 1, 1))],
      resourceRequests: [demand(1, { CPU: 1 })],
    },
    want: 'launch A x1; infeasible p1:STRICT_SPREAD|PENDING',
  },
  {
    name: 'RAY-6.6 [G6] a rescheduled bundle keeps away from the nodes of its group',
    in: {
      nodeTypes: [A],
      instances: [running('i1', 'A', { total: { CPU: 4 }, labels: { _PG_p1: '' } })],
      gangRequests: [gang('p1', 'STRICT_SPREAD', cpus(1))],
    },
    want: 'launch A x1',
  },
  {
    name: 'RAY-6.6 a bundle of another group does not',
    in: {
      nodeTypes: [A],
      instances: [running('i1', 'A', { total: { CPU: 4 }, labels: { _PG_p1: '' } })],
      gangRequests: [gang('p2', 'STRICT_SPREAD', cpus(1))],
    },
    want: 'nothing',
  },
  {
    name: 'RAY-6.6 [G7] most placement constraints first, then most bundles',
    in: {
      nodeTypes: [{ ...A, maxWorkerNodes: 3 }],
      gangRequests: [
        gang('p1', 'PACK', cpus(4, 4)),
        gang('p2', 'STRICT_SPREAD', cpus(3, 3)),
        gang('p3', 'PACK', cpus(2, 2, 2)),
      ],
    },
    want: 'launch A x2; infeasible p3:PACK|PENDING; infeasible p1:PACK|PENDING',
  },
  {
    name: 'RAY-6.6 [G8] selectors come from the newer list',
    in: { nodeTypes: zones, gangRequests: [gang('p1', 'PACK', cpus(1, 1), { selectors: [inZone('b'), inZone('a')] })] },
    want: 'launch A x1; launch B x1',
  },
  {
    name: 'RAY-6.6a [G9] bundles with other selectors are not packed together',
    in: {
      nodeTypes: zones,
      gangRequests: [gang('p1', 'STRICT_PACK', cpus(1, 1), { selectors: [inZone('b'), inZone('a')] })],
    },
    want: 'launch A x1; launch B x1',
  },
  {
    name: 'RAY-6.6 without the newer list the older one counts, and only its length orders',
    in: {
      nodeTypes: [{ ...A, maxWorkerNodes: 1 }],
      gangRequests: [
        { ...gang('p1', 'PACK', cpus(4, 4)), requests: [] },
        { ...gang('p2', 'PACK', cpus(4)), bundleSelectors: [] },
      ],
    },
    want: 'launch A x1; infeasible p1:PACK|PENDING',
  },
  {
    name: 'RAY-6.6a [E6] a bundle whose constraint is of neither kind is dropped',
    in: {
      nodeTypes: [A],
      gangRequests: [
        {
          details: 'p1',
          requests: [{ resourcesBundle: [['CPU', 99]], placementConstraints: [{}], labelSelectors: [] }],
          bundleSelectors: [],
        },
      ],
    },
    want: 'nothing',
  },
  {
    name: 'RAY-12.1 [E5] a bundle with two placement constraints ends the round',
    in: {
      nodeTypes: [A],
      gangRequests: [
        {
          details: 'p1',
          requests: [{ resourcesBundle: [['CPU', 1]], placementConstraints: [{}, {}], labelSelectors: [] }],
          bundleSelectors: [],
        },
      ],
    },
    want: 'abort: several-placements',
  },
])('$name', ({ in: parts, want }) => {
  expect(decisionText(parts)).toBe(want);
});

describe('bundles that want to be together', () => {
  const affine = (amounts: ResourceRequest['resourcesBundle'], values: readonly string[] = []): ResourceRequest => ({
    resourcesBundle: amounts,
    placementConstraints: [{ affinity: { labelName: 'g', labelValue: '' } }],
    labelSelectors: values.length === 0 ? [] : [[{ key: 'zone', operator: 'IN', values }]],
  });
  const plain: ResourceRequest = { resourcesBundle: [['CPU', 9]], placementConstraints: [], labelSelectors: [] };

  test('RAY-6.6a become one sum behind the others', () => {
    const bundles = [affine([['CPU', 0.1]]), plain, affine([['GPU', 1]]), affine([['CPU', 0.2]])];
    expect(togetherByAffinity(bundles)).toEqual([
      plain,
      affine([
        ['CPU', 0.1 + 0.2],
        ['GPU', 1],
      ]),
    ]);
  });

  test('RAY-6.6a selectors that list the same values in another order are the same; the first bundle is quoted', () => {
    const bundles = [affine([['CPU', 1]], ['b', 'a']), affine([['CPU', 1]], ['a', 'b']), affine([['CPU', 1]], ['a'])];
    expect(togetherByAffinity(bundles)).toEqual([affine([['CPU', 2]], ['b', 'a']), affine([['CPU', 1]], ['a'])]);
  });
});
