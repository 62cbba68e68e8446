import { expect, test } from 'vitest';
import { demand, gang, snapshot, type } from '../../../test/support/ray-snapshot.ts';
import { deepFreeze } from '../../lib/json.ts';
import { durationMs, epochMs } from '../time/time.ts';
import { schedule } from './schedule.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

const explanationOf = (parts: Partial<SchedulerSnapshot>) =>
  schedule(deepFreeze(snapshot(parts)), { wall: epochMs(0), mono: durationMs(0) }).explanation;

const nodeTypes = [
  type('A', { CPU: 4 }, { maxWorkerNodes: 1 }),
  type('B', { CPU: 4, GPU: 1 }, { labels: { zone: 'b' } }),
];
const inZoneC = { labelSelectors: [[{ key: 'zone', operator: 'IN' as const, values: ['c'] }]] };

test('RAY-14.7, RAY-8.1, RAY-8.3 what is left over is told with the obstacle of every type, in their order', () => {
  const { unserved } = explanationOf({
    nodeTypes,
    maxNumNodes: 3,
    resourceRequests: [
      demand(5, { CPU: 4 }),
      demand(1, { CPU: 2, GPU: 2 }),
      demand(2, { CPU: 1 }, inZoneC),
      demand(1, { CPU: 4, GPU: 1 }, inZoneC),
    ],
  });
  expect(
    unserved.map(({ count, obstacles }) => [count, ...obstacles.map(({ nodeType, obstacle }) => [nodeType, obstacle])]),
  ).toEqual([
    [1, ['A', { kind: 'missing-resource', resource: 'GPU', requested: 1, ofEmptyNode: 0 }], ['B', { kind: 'labels' }]],
    [2, ['A', { kind: 'labels' }], ['B', { kind: 'labels' }]],
    [
      1,
      ['A', { kind: 'missing-resource', resource: 'GPU', requested: 2, ofEmptyNode: 0 }],
      ['B', { kind: 'missing-resource', resource: 'GPU', requested: 2, ofEmptyNode: 1 }],
    ],
    [2, ['A', { kind: 'max-per-type', limit: 1 }], ['B', { kind: 'max-total', limit: 3 }]],
  ]);
});

test('RAY-14.7, RAY-6.5, RAY-6.6 whose it was: of the constraint, of a group, of the demand', () => {
  const { unserved, gangs, constraint, demands } = explanationOf({
    nodeTypes: nodeTypes.slice(0, 1),
    clusterConstraints: [{ resourceRequests: [demand(2, { CPU: 4 })] }],
    gangRequests: [gang('p1', 'PACK', [{ CPU: 4 }, { CPU: 3 }])],
    resourceRequests: [demand(3, { CPU: 2 })],
  });
  expect(unserved.map(({ of, count }) => [of.kind === 'gang' ? of.gang : of.kind, count])).toEqual([
    ['constraint', 1],
    ['p1:PACK|PENDING', 1],
    ['demand', 1],
  ]);
  expect({ gangs, constraint }).toEqual({
    gangs: [{ details: 'p1:PACK|PENDING', bundles: 2, isPlaced: false }],
    constraint: 'unmet',
  });
  expect(demands).toMatchObject([{ total: 3, onExisting: 0, onNew: 2, unserved: 1 }]);
});

test('RAY-14.7 what a launch serves, and of which group, bundles summed or not', () => {
  const { launches } = explanationOf({
    nodeTypes: [type('C', { CPU: 4 })],
    gangRequests: [
      gang('p1', 'STRICT_PACK', [{ CPU: 1 }, { CPU: 2 }]),
      gang('p2', 'PACK', [{ CPU: 1 }]),
      gang('p3', 'STRICT_SPREAD', [{ CPU: 4 }, { CPU: 4 }]),
    ],
    resourceRequests: [demand(3, { CPU: 1 })],
  });
  expect(launches).toMatchObject([{ nodeType: 'C', count: 4 }]);
  expect(launches[0]?.serves.map(({ count, gang: of }) => `${count} ${of ?? 'demand'}`).toSorted()).toEqual([
    '1 p1:STRICT_PACK|PENDING',
    '1 p2:PACK|PENDING',
    '2 p3:STRICT_SPREAD|PENDING',
    '3 demand',
  ]);
});
