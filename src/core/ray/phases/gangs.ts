/** Phase: find room for gangs (placement groups), each as a whole or not at all. */

import { SchedulingAbort } from '../abort.ts';
import { compareText } from '../../../lib/compare.ts';
import { deepEqual } from '../../../lib/json.ts';
import type { GangResourceRequest, ResourceRequest, ResourceRequestByCount } from '../cluster-state.ts';
import type { SchedulingNode } from '../nodes.ts';
import { pack } from '../packing.ts';
import { packingContext, type PhaseContext } from './phase.ts';

/** A gang that found no room, and what was left over of it. */
export type UnplacedGang = {
  readonly gang: GangResourceRequest;
  readonly leftovers: readonly ResourceRequestByCount[];
};

export type GangPlacement = {
  readonly nodes: readonly SchedulingNode[];
  /** In the order in which they were tried. */
  readonly unplaced: readonly UnplacedGang[];
};

/**
 * Packs one gang after the other on the demand ledger, those with most placement constraints first, then those with most requests,
 * both counted in the older of the two lists that carry the bundles. What a gang does not use up to its last bundle it does not use
 * at all; a gang without bundles is packed too.
 *
 * Cost: one packing per gang.
 * Spec: RAY-6.6.   Source: v2/scheduler.py _sched_gang_resource_requests (Ray 2.60.0).
 */
export function placeGangs(context: PhaseContext, nodes: readonly SchedulingNode[]): GangPlacement {
  const unplaced: UnplacedGang[] = [];
  let current = nodes;
  for (const { gang, requests } of attemptsOf(context.snapshot.gangRequests)) {
    const packing = pack(current, requests, packingContext(context, 'demand'));
    if (packing.leftovers.length > 0) unplaced.push({ gang, leftovers: packing.leftovers });
    else current = packing.nodes;
  }
  return { nodes: current, unplaced };
}

/** What is packed for each gang, in the order of trying. A gang is looked at when its turn has come: one that ends the round does so then. */
export function* attemptsOf(
  gangs: readonly GangResourceRequest[],
): Generator<{ readonly gang: GangResourceRequest; readonly requests: readonly ResourceRequestByCount[] }> {
  for (const gang of hardestFirst(gangs)) yield { gang, requests: counted(togetherByAffinity(bundlesOf(gang))) };
}

/** The newer list carries label selectors, the older one is for those that do not know it. Spec: RAY-6.6. */
export function bundlesOf(gang: GangResourceRequest): readonly ResourceRequest[] {
  return gang.bundleSelectors[0]?.resourceRequests ?? gang.requests;
}

function hardestFirst(gangs: readonly GangResourceRequest[]): readonly GangResourceRequest[] {
  return gangs
    .map((gang) => ({
      gang,
      placements: gang.requests.reduce((sum, { placementConstraints }) => sum + placementConstraints.length, 0),
    }))
    .toSorted((a, b) => b.placements - a.placements || b.gang.requests.length - a.gang.requests.length)
    .map(({ gang }) => gang);
}

/**
 * Bundles that want to be together become one request: the sum of those with the same affinity and the same selectors, behind the
 * bundles without affinity. A bundle whose only placement constraint is of neither kind is dropped, as in the original.
 *
 * Aborts the round on a bundle with more than one placement constraint.
 * Spec: RAY-6.6a.   Source: v2/utils.py combine_requests_with_affinity (Ray 2.60.0).
 */
export function togetherByAffinity(bundles: readonly ResourceRequest[]): readonly ResourceRequest[] {
  const alone: ResourceRequest[] = [];
  const groups = new Map<string, ResourceRequest[]>();
  for (const bundle of bundles) {
    const [constraint, ...more] = bundle.placementConstraints;
    if (more.length > 0)
      throw new SchedulingAbort(
        'several-placements',
        `a bundle has ${more.length + 1} placement constraints, one is possible`,
      );
    if (constraint?.affinity !== undefined) {
      const key = affinityKey(constraint.affinity, bundle);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [bundle]);
      else group.push(bundle);
    } else if (constraint === undefined || constraint.antiAffinity !== undefined) alone.push(bundle);
  }
  return [...alone, ...[...groups.values()].flatMap(summed)];
}

/** Selectors count as the same when they list the same values in another order. */
function affinityKey(
  { labelName, labelValue }: { readonly labelName: string; readonly labelValue: string },
  { labelSelectors }: ResourceRequest,
): string {
  const selectors = labelSelectors.map((constraints) =>
    constraints.map(({ key, operator, values }) => [key, operator, values.toSorted(compareText)]),
  );
  return JSON.stringify([labelName, labelValue, selectors]);
}

function summed(bundles: readonly ResourceRequest[]): readonly ResourceRequest[] {
  const [first] = bundles;
  if (first === undefined) return [];
  const sums = new Map<string, number>();
  for (const { resourcesBundle } of bundles) {
    for (const [name, amount] of resourcesBundle) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  const { placementConstraints, labelSelectors } = first;
  return [{ resourcesBundle: [...sums], placementConstraints, labelSelectors }];
}

/** Neighbours of equal content, counted: they stay neighbours in every order. */
function counted(requests: readonly ResourceRequest[]): readonly ResourceRequestByCount[] {
  const runs: { request: ResourceRequest; count: number }[] = [];
  for (const request of requests) {
    const last = runs.at(-1);
    if (last !== undefined && deepEqual(last.request, request)) last.count++;
    else runs.push({ request, count: 1 });
  }
  return runs;
}
