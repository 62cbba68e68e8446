/** A decision hangs neither on the order or grouping of equal demands nor on names. Each rule with what it leaves out, and why. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer, without } from '../../../test/support/ray-answer.ts';
import { rounds } from '../../../test/support/ray-arbitrary.ts';
import { decisionText, demand, gang, snapshot, type } from '../../../test/support/ray-snapshot.ts';
import { canonicalJson } from '../../lib/json.ts';
import type { GangResourceRequest, ResourceRequest, ResourceRequestByCount, Resources } from './cluster-state.ts';
import type { SchedulerInstance, SchedulerSnapshot } from './snapshot.ts';

const RUNS = { numRuns: 150 };

/** What the order of trying goes by, written down once more. Spec: RAY-7.1. */
function rank({ placementConstraints, labelSelectors, resourcesBundle }: ResourceRequest): string {
  const sum = resourcesBundle.reduce((so, [, amount]) => so + amount, 0);
  const entries = resourcesBundle.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    placementConstraints.length,
    labelSelectors[0]?.length ?? 0,
    resourcesBundle.length,
    sum,
    entries,
  ]);
}

/** One of each rank, with all that are equal to it: of those that only rank alike the order given decides. */
function withoutRivals<T>(items: readonly T[], rankOf: (item: T) => string, textOf: (item: T) => string): readonly T[] {
  const first = new Map<string, string>();
  return items.filter((item) => {
    const key = rankOf(item);
    if (!first.has(key)) first.set(key, textOf(item));
    return first.get(key) === textOf(item);
  });
}

const distinct = (requests: readonly ResourceRequestByCount[]): readonly ResourceRequestByCount[] =>
  withoutRivals(
    requests,
    ({ request }) => rank(request),
    ({ request }) => canonicalJson(request),
  );

/** A list, and the same list in another order, by a number for each place. */
function shuffled<T>(items: readonly T[], keys: readonly number[]): readonly T[] {
  return items
    .map((item, i) => ({ item, key: keys[i % keys.length] ?? 0 }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
const keys = fc.array(fc.nat(1000), { minLength: 8, maxLength: 8 });

/** Parts of `count`, as many as there are shares, some of them 0. */
function partsOf(count: number, shares: readonly number[]): readonly number[] {
  let left = count;
  const parts = shares.slice(1).map((share) => {
    const part = Math.min(left, share);
    left -= part;
    return part;
  });
  return [...parts, left];
}
const split = (
  requests: readonly ResourceRequestByCount[],
  shares: readonly number[],
): readonly ResourceRequestByCount[] =>
  requests.flatMap(({ request, count }) =>
    partsOf(count, shares).map((part) => ({ request: { ...request }, count: part })),
  );

describe('RAY-7.1 the order of demands decides only between those that rank alike and are not equal', () => {
  test('demands in any order', () => {
    fc.assert(
      fc.property(rounds, keys, (given, order) => {
        const input = { ...given, resourceRequests: distinct(split(given.resourceRequests, [0, 2, 1])) };
        const other = { ...input, resourceRequests: shuffled(input.resourceRequests, order) };
        expect(answer(other)).toEqual(answer(input));
      }),
      RUNS,
    );
  });

  test('RAY-6.5 what request_resources asks for in any order', () => {
    fc.assert(
      fc.property(rounds, keys, (given, order) => {
        const requests = given.clusterConstraints.flatMap(({ resourceRequests }) => distinct(resourceRequests));
        const ask = (resourceRequests: readonly ResourceRequestByCount[]): SchedulerSnapshot => ({
          ...given,
          clusterConstraints: [{ resourceRequests }],
        });
        expect(answer(ask(shuffled(requests, order)))).toEqual(answer(ask(requests)));
      }),
      RUNS,
    );
  });

  test('RAY-6.6 the bundles of a group in any order, and groups that differ in constraints or size', () => {
    const size = ({ requests }: GangResourceRequest): string =>
      JSON.stringify([
        requests.reduce((sum, { placementConstraints }) => sum + placementConstraints.length, 0),
        requests.length,
      ]);
    fc.assert(
      fc.property(rounds, keys, (given, order) => {
        const gangs = withoutRivals(given.gangRequests, size, (one) => one.details);
        const other = shuffled(gangs, order).map((one) => ({
          ...one,
          requests: shuffled(one.requests, order),
          bundleSelectors: one.bundleSelectors.map(({ resourceRequests }) => ({
            resourceRequests: shuffled(resourceRequests, order),
          })),
        }));
        expect(answer({ ...given, gangRequests: other })).toEqual(answer({ ...given, gangRequests: gangs }));
      }),
      RUNS,
    );
  });

  test('the exceptions: alike in rank, but not equal', () => {
    const selecting = (key: string) =>
      demand(1, { CPU: 4 }, { labelSelectors: [[{ key, operator: 'NOT_IN', values: ['x'] }]] });
    const one = snapshot({ nodeTypes: [type('A', { CPU: 4 }, { maxWorkerNodes: 1 })] });
    const [a, b] = [selecting('a'), selecting('b')];
    const leftOf = (resourceRequests: readonly ResourceRequestByCount[]): unknown =>
      answer({ ...one, resourceRequests })['infeasible'];
    expect(leftOf([a, b])).not.toEqual(leftOf([b, a]));
    const gangs = [gang('p0', 'PACK', [{ CPU: 4 }]), gang('p1', 'PACK', [{ CPU: 3 }])];
    expect(answer({ ...one, gangRequests: gangs })['infeasibleGangs']).toEqual(['p1:PACK|PENDING']);
    expect(answer({ ...one, gangRequests: gangs.toReversed() })['infeasibleGangs']).toEqual(['p0:PACK|PENDING']);
  });
});

describe('RAY-7.1 a count is so many units, however they are written', () => {
  test('a demand in parts, some of them of nothing', () => {
    fc.assert(
      fc.property(rounds, fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }), (input, shares) => {
        const parts = {
          ...input,
          resourceRequests: split(input.resourceRequests, shares),
          clusterConstraints: input.clusterConstraints.map(({ resourceRequests }) => ({
            resourceRequests: split(resourceRequests, shares),
          })),
        };
        expect(answer(parts)).toEqual(answer(input));
      }),
      RUNS,
    );
  });

  test('the exception: parts with another of the same rank in between', () => {
    const other = demand(1, { CPU: 4 }, { labelSelectors: [[]] });
    const one = snapshot({ nodeTypes: [type('A', { CPU: 4 }, { maxWorkerNodes: 2 })] });
    const whole = answer({ ...one, resourceRequests: [demand(2, { CPU: 4 }), other] });
    const parts = answer({ ...one, resourceRequests: [demand(1, { CPU: 4 }), other, demand(1, { CPU: 4 })] });
    expect(parts['infeasible']).not.toEqual(whole['infeasible']);
  });
});

describe('names', () => {
  /** What `rename` makes of a snapshot's names, wherever they stand. */
  function renamedTypes(input: SchedulerSnapshot, rename: (name: string) => string): SchedulerSnapshot {
    const keyed = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
      new Map([...map].map(([name, value]) => [rename(name), value]));
    const { inPlaceResize, availabilities, state } = input;
    return {
      ...input,
      nodeTypes: input.nodeTypes.map((one) => ({ ...one, name: rename(one.name) })),
      instances: input.instances.map((row) => ({ ...row, instanceType: rename(row.instanceType) })),
      availabilities: { cloud: keyed(availabilities.cloud), recoverable: keyed(availabilities.recoverable) },
      inPlaceResize:
        inPlaceResize === undefined ? undefined : { ...inPlaceResize, groups: keyed(inPlaceResize.groups) },
      state: { pendingUnneededSinceS: keyed(state.pendingUnneededSinceS) },
    };
  }

  test('RAY-10.1 of types decide nothing, not even by their order: only the order of the list does', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        // the alphabet is turned round
        const names = input.nodeTypes.map(({ name }) => name).toSorted();
        const rename = (name: string): string => `group-${9 - names.indexOf(name)}`;
        const back = names.reduce(
          (text, name) => text.replaceAll(rename(name), name),
          JSON.stringify(answer(renamedTypes(input, rename))),
        );
        expect(JSON.parse(back)).toEqual(JSON.parse(JSON.stringify(answer(input))));
      }),
      RUNS,
    );
  });

  test('of rows, pods and Ray nodes decide nothing', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        // the alphabet is turned round
        const name = (id: string): string => (id === '' ? '' : `~${99 - Number(/\d+/.exec(id)?.[0] ?? 0)}-${id}~`);
        const { inPlaceResize } = input;
        const renamed: SchedulerSnapshot = {
          ...input,
          instances: input.instances.map((row) => ({
            ...row,
            instanceId: name(row.instanceId),
            cloudInstanceId: name(row.cloudInstanceId),
            nodeId: name(row.nodeId),
          })),
          inPlaceResize:
            inPlaceResize === undefined
              ? undefined
              : {
                  ...inPlaceResize,
                  statuses: new Map(
                    [...inPlaceResize.statuses].map(([id, status]) => [
                      name(id),
                      { ...status, cloudInstanceId: name(status.cloudInstanceId) },
                    ]),
                  ),
                },
        };
        const back = JSON.stringify(answer(renamed)).replaceAll(/~\d+-([^~]*)~/g, '$1');
        expect(JSON.parse(back)).toEqual(JSON.parse(JSON.stringify(answer(input))));
      }),
      RUNS,
    );
  });

  /** Left out: CPU, memory (RAY-7.4a), GPU (RAY-9.2) and names that begin as implicit ones do (RAY-8.3) mean something. */
  test('RAY-7.1 of other resources decide by their order alone', () => {
    const NEW: Readonly<Record<string, string>> = { x: 'xenon', y: 'yttrium', object_store_memory: 'objects' };
    const rename = (name: string): string => NEW[name] ?? name.replace(/^node:/, 'node-at-');
    const all = (resources: Resources): Resources => resources.map(([name, amount]) => [rename(name), amount]);
    const request = (one: ResourceRequest): ResourceRequest => ({ ...one, resourcesBundle: all(one.resourcesBundle) });
    const counted = (list: readonly ResourceRequestByCount[]): readonly ResourceRequestByCount[] =>
      list.map((one) => ({ request: request(one.request), count: one.count }));
    const row = (one: SchedulerInstance): SchedulerInstance => {
      const { rayNode } = one;
      if (rayNode === undefined) return one;
      const { totalResources, availableResources } = rayNode;
      return {
        ...one,
        rayNode: {
          ...rayNode,
          totalResources: all(totalResources),
          availableResources: all(availableResources),
        },
      };
    };
    fc.assert(
      fc.property(rounds, (input) => {
        const renamed: SchedulerSnapshot = {
          ...input,
          nodeTypes: input.nodeTypes.map((one) => ({ ...one, resources: all(one.resources) })),
          instances: input.instances.map(row),
          resourceRequests: counted(input.resourceRequests),
          gangRequests: input.gangRequests.map((one) => ({
            ...one,
            requests: one.requests.map(request),
            bundleSelectors: one.bundleSelectors.map((list) => ({
              resourceRequests: list.resourceRequests.map(request),
            })),
          })),
          clusterConstraints: input.clusterConstraints.map((one) => ({
            resourceRequests: counted(one.resourceRequests),
          })),
        };
        const [before, after] = [answer(input), answer(renamed)];
        expect(after).toMatchObject(without('infeasible', without('clusterResources', before)));
        expect(after['clusterResources']).toEqual(all(before['clusterResources'] as Resources));
        const unitsOf = (left: unknown): readonly number[] => (left as [string, number][]).map(([, count]) => count);
        expect(unitsOf(after['infeasible'])).toEqual(unitsOf(before['infeasible']));
      }),
      RUNS,
    );
  });

  test('RAY-7.1 the exception: another order of names is another order of trying', () => {
    const left = (name: string): string =>
      decisionText({
        nodeTypes: [type('A', { CPU: 1, [name]: 1 }, { maxWorkerNodes: 1 })],
        resourceRequests: [demand(1, { CPU: 1, [name]: 1 }), demand(2, { CPU: 1 }), demand(1, { [name]: 1 })],
      });
    expect(left('Z')).toBe('launch A x1; infeasible 1x{Z: 1}; infeasible 2x{CPU: 1}');
    expect(left('A')).toBe('launch A x1; infeasible 2x{CPU: 1}; infeasible 1x{A: 1}');
  });
});
