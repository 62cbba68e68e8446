/** Where bundles go. Rows marked `Ray` were asked of Ray 2.60.0: nodes of 4, of 2 (with a GPU) and of 1 CPU. */

import { describe, expect, test } from 'vitest';
import { amountsOf, needOf } from './ray-amounts.ts';
import { placeBundles, type GroupStrategy } from './ray-bundles.ts';
import type { RayResources } from './ray-node-resources.ts';

const cpu = (amount: number): RayResources => [['CPU', amount]];
const times = (count: number, resources: RayResources): readonly RayResources[] =>
  Array.from({ length: count }, () => resources);

const THREE: readonly RayResources[] = [
  cpu(1),
  [
    ['CPU', 2],
    ['GPU', 1],
  ],
  cpu(4),
];

type Row = {
  readonly name: string;
  readonly strategy: GroupStrategy;
  readonly bundles: readonly RayResources[];
  readonly nodes?: readonly RayResources[];
  readonly taken?: readonly number[];
  /** The index of each bundle's node. */
  readonly want: readonly number[] | undefined;
};

function place({ strategy, bundles, nodes = THREE, taken = [] }: Row): readonly number[] | undefined {
  const hosts = nodes.map((resources, i) => ({ free: amountsOf(resources), isTaken: taken.includes(i) }));
  return placeBundles(strategy, bundles.map(needOf), hosts);
}

describe('PACK', () => {
  const rows: readonly Row[] = [
    { name: 'Ray: one bundle goes where most stays free', strategy: 'PACK', bundles: [cpu(1)], want: [2] },
    { name: 'Ray: two stay together', strategy: 'PACK', bundles: times(2, cpu(1)), want: [2, 2] },
    {
      name: 'Ray: a node is filled before the next is opened',
      strategy: 'PACK',
      bundles: times(5, cpu(1)),
      want: [2, 2, 2, 2, 1],
    },
    { name: 'all or none', strategy: 'PACK', bundles: times(8, cpu(1)), want: undefined },
    {
      name: 'large ones first, so that they find their place',
      strategy: 'PACK',
      bundles: [cpu(1), cpu(3)],
      nodes: [cpu(3), cpu(1)],
      want: [1, 0],
    },
    {
      name: 'scarce ones before large ones',
      strategy: 'PACK',
      bundles: [cpu(2), [...cpu(1), ['GPU', 1]]],
      nodes: [[...cpu(2), ['GPU', 1]], cpu(2)],
      want: [1, 0],
    },
    { name: 'nothing has its place everywhere', strategy: 'PACK', bundles: [], want: [] },
    { name: 'nowhere without nodes', strategy: 'PACK', bundles: [cpu(1)], nodes: [], want: undefined },
    {
      name: 'the first of equal nodes',
      strategy: 'PACK',
      bundles: [cpu(1)],
      nodes: [cpu(2), cpu(2)],
      want: [0],
    },
  ];
  test.each(rows)('$name', (row) => expect(place(row)).toEqual(row.want));
});

describe('SPREAD', () => {
  const rows: readonly Row[] = [
    { name: 'Ray: a node of its own for each', strategy: 'SPREAD', bundles: times(2, cpu(1)), want: [2, 1] },
    {
      name: 'Ray: more bundles than nodes share the emptiest',
      strategy: 'SPREAD',
      bundles: times(5, cpu(1)),
      want: [2, 1, 0, 2, 2],
    },
    { name: 'Ray: large ones first', strategy: 'SPREAD', bundles: [cpu(1), cpu(4)], want: [1, 2] },
    { name: 'all or none', strategy: 'SPREAD', bundles: times(8, cpu(1)), want: undefined },
  ];
  test.each(rows)('$name', (row) => expect(place(row)).toEqual(row.want));
});

describe('STRICT_SPREAD', () => {
  const rows: readonly Row[] = [
    {
      name: 'Ray: a node of its own for each, large ones first',
      strategy: 'STRICT_SPREAD',
      bundles: [cpu(1), cpu(4), cpu(1)],
      want: [1, 2, 0],
    },
    { name: 'never two on one', strategy: 'STRICT_SPREAD', bundles: times(4, cpu(1)), want: undefined },
    {
      name: 'nor beside one that stands already',
      strategy: 'STRICT_SPREAD',
      bundles: [cpu(1)],
      taken: [1, 2],
      want: [0],
    },
  ];
  test.each(rows)('$name', (row) => expect(place(row)).toEqual(row.want));
});

describe('STRICT_PACK', () => {
  const rows: readonly Row[] = [
    { name: 'Ray: all on one node', strategy: 'STRICT_PACK', bundles: times(2, cpu(1)), want: [2, 2] },
    {
      name: 'not on two, though there were room',
      strategy: 'STRICT_PACK',
      bundles: times(5, cpu(1)),
      want: undefined,
    },
    {
      name: 'also where that is the fuller one',
      strategy: 'STRICT_PACK',
      bundles: [cpu(1), [['GPU', 1]]],
      want: [1, 1],
    },
  ];
  test.each(rows)('$name', (row) => expect(place(row)).toEqual(row.want));
});

test('what is placed is not taken: the nodes are left as they were', () => {
  const free = amountsOf(cpu(4));
  placeBundles('PACK', times(3, cpu(1)).map(needOf), [{ free, isTaken: false }]);
  expect(free).toEqual(amountsOf(cpu(4)));
});
