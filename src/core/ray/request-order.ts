/** The order in which requests are tried: the hardest to place first. */

import { compareCodePoints } from '../../lib/compare.ts';
import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';

/** Equal requests next to each other, counted. `count` goes down while they are placed. */
export type Run = { readonly request: ResourceRequest; count: number };

type Key = {
  readonly sizes: readonly [placement: number, firstSelector: number, names: number, sum: number];
  readonly entries: readonly (readonly [name: string, amount: number])[];
};

/**
 * Requests in descending order, equal ones in the order given; entries that ask for nothing are left out.
 *
 * Runs are never merged with others further off: the order decides. The sum mixes units, so a GiB outweighs any number of CPUs.
 * Cost: O(shapes log shapes).
 * Spec: RAY-7.1.   Source: v2/scheduler.py _sort_resource_requests (Ray 2.60.0).
 */
export function sortedRuns(requests: readonly ResourceRequestByCount[]): Run[] {
  return requests
    .filter(({ count }) => count > 0)
    .map(({ request, count }) => ({ run: { request, count }, key: keyOf(request) }))
    .toSorted((a, b) => compareKeys(b.key, a.key))
    .map(({ run }) => run);
}

function keyOf(request: ResourceRequest): Key {
  let sum = 0;
  for (const [, amount] of request.resourcesBundle) sum += amount;
  return {
    sizes: [
      request.placementConstraints.length,
      request.labelSelectors[0]?.length ?? 0,
      request.resourcesBundle.length,
      sum,
    ],
    entries: request.resourcesBundle.toSorted(([a], [b]) => compareCodePoints(a, b)),
  };
}

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.sizes.length; i++) {
    const difference = (a.sizes[i] ?? 0) - (b.sizes[i] ?? 0);
    if (difference !== 0) return difference;
  }
  for (const [i, [name, amount]] of a.entries.entries()) {
    const [otherName, otherAmount] = b.entries[i] ?? ['', 0];
    const difference = compareCodePoints(name, otherName) || amount - otherAmount;
    if (difference !== 0) return difference;
  }
  return 0;
}
