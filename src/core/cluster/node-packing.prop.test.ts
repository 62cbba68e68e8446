/** What holds of every packing: nobody is lost, nothing overflows, order of arrival means nothing. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asking } from '../../../test/support/node-objects.ts';
import { nodePool } from '../../../test/support/ray-and-nodes.ts';
import type { Pod } from '../kube/core-v1.ts';
import { packingPool } from './node-claims.ts';
import { milliAmounts } from './node-fit.ts';
import { packingRequests, solve, type Packing } from './node-packing.ts';

const pods: fc.Arbitrary<readonly Pod[]> = fc
  .array(fc.integer({ min: 50, max: 4500 }), { maxLength: 30 })
  .map((sizes) => sizes.map((milli, i) => asking(`p${i}`, `${milli}m`)));

const rooms = fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 4 });

function packed(list: readonly Pod[], free: readonly number[]): Packing {
  const nodes = free.map((milli, i) => ({
    name: `n${i}`,
    initialized: i % 2 === 0,
    labels: {},
    taints: [],
    free: milliAmounts({ cpu: `${milli}m`, memory: '16Gi', pods: '64' }),
  }));
  return solve({ pods: list, nodes, pools: [packingPool(nodePool({ limits: { cpu: '24' } }), new Map())] });
}

function cpuOf(list: readonly Pod[]): bigint {
  return list.reduce((sum, pod) => sum + (packingRequests(pod).get('cpu') ?? 0n), 0n);
}

test('every pod is placed, launched for or refused, exactly once', () => {
  fc.assert(
    fc.property(pods, rooms, (list, free) => {
      const { placed, launches, failed } = packed(list, free);
      const seen = [...placed, ...failed].map(({ pod }) => pod).concat(launches.flatMap((launch) => launch.pods));
      expect(seen.map(({ metadata }) => metadata.name).toSorted()).toEqual(
        list.map(({ metadata }) => metadata.name).toSorted(),
      );
    }),
  );
});

test('no node is overfilled and no limit passed', () => {
  fc.assert(
    fc.property(pods, rooms, (list, free) => {
      const { placed, launches } = packed(list, free);
      for (const [i, milli] of free.entries()) {
        expect(cpuOf(placed.filter(({ node }) => node === `n${i}`).map(({ pod }) => pod))).toBeLessThanOrEqual(
          BigInt(milli),
        );
      }
      for (const launch of launches) {
        const [type] = launch.types;
        expect(cpuOf(launch.pods)).toBeLessThanOrEqual(type?.allocatableMilli.get('cpu') ?? 0n);
      }
      expect(launches.length).toBeLessThanOrEqual(6);
    }),
  );
});

test('the order in which pods and nodes come does not matter', () => {
  fc.assert(
    fc.property(pods, (list) => {
      const text = ({ launches }: Packing): unknown =>
        launches.map((launch) => launch.pods.map(({ metadata }) => metadata.name));
      expect(text(packed(list.toReversed(), []))).toEqual(text(packed(list, [])));
    }),
  );
});
