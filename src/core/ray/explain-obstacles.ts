/** What keeps one request from new nodes of a type, and from the nodes there are. */

import { defined } from '../../lib/assert.ts';
import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import type { ExistingObstacle, Limit, Owner, TypeObstacle, UnmetLabel, UnservedReason } from './explain-types.ts';
import type { Ledger, SchedulingNode } from './nodes.ts';
import { grownNode } from './packing.ts';
import { matchingSelector, unmentioned } from './place.ts';
import type { NodeType, SchedulerSnapshot } from './snapshot.ts';

/** How many nodes there are, those that are to be terminated among them. Changed in place. */
export type Census = { readonly byType: Map<string, Headcount>; readonly all: Headcount };

type Headcount = { nodes: number; leaving: number };

/** Who is idle for too long was marked after packing, and leaves as well. O(nodes). */
export function censusOf(nodes: readonly SchedulingNode[]): Census {
  const census: Census = { byType: new Map(), all: { nodes: 0, leaving: 0 } };
  for (const { nodeType, termination } of nodes) enlist(census, nodeType, termination !== undefined);
  return census;
}

export function enlist({ byType, all }: Census, nodeType: string, isLeaving = false): void {
  let ofType = byType.get(nodeType);
  if (ofType === undefined) byType.set(nodeType, (ofType = { nodes: 0, leaving: 0 }));
  for (const count of [ofType, all]) {
    count.nodes++;
    if (isLeaving) count.leaving++;
  }
}

/** Undefined: the request fits on an empty node of the type. */
export function unfitOf(
  request: ResourceRequest,
  empty: SchedulingNode,
): Extract<TypeObstacle, { kind: 'unfit' }> | undefined {
  const shortages = request.resourcesBundle.flatMap(([resource, requested]) => {
    const ofEmptyNode = empty.total.get(resource) ?? unmentioned(resource);
    return requested > ofEmptyNode ? [{ resource, requested, ofEmptyNode }] : [];
  });
  const labels = unmetLabels(request, empty.labels);
  const isApart = isKeptApart(request, empty.labels);
  return shortages.length + labels.length > 0 || isApart ? { kind: 'unfit', shortages, labels, isApart } : undefined;
}

/** What stands in the way of one more node of the type. */
export function limitsOf(
  type: NodeType,
  { byType, all }: Census,
  maxNumNodes: number | undefined,
): Extract<TypeObstacle, { kind: 'limits' }> {
  const reached = (limit: number | undefined, { nodes, leaving }: Headcount): Limit | undefined =>
    limit !== undefined && nodes >= limit ? { limit, nodes, leaving } : undefined;
  return {
    kind: 'limits',
    perType: reached(type.maxWorkerNodes, byType.get(type.name) ?? { nodes: 0, leaving: 0 }),
    total: reached(maxNumNodes, all),
  };
}

/**
 * Why leftovers of one packing found no place, after it.
 *
 * Cost: O(nodes x resources), and O(types) for each shape; O(nodes) for a shape of which each resource is left somewhere.
 */
export function unservedReasons(
  leftovers: readonly (ResourceRequestByCount & { readonly of: Owner })[],
  nodes: readonly SchedulingNode[],
  ledger: Ledger,
  snapshot: SchedulerSnapshot,
): readonly UnservedReason[] {
  if (leftovers.length === 0) return [];
  const census = censusOf(nodes);
  const empty = new Map(snapshot.nodeTypes.map((type) => [type, grownNode(type, snapshot)]));
  const most = mostFree(nodes, ledger);
  return leftovers.map(({ of, request, count }) => ({
    of,
    request,
    count,
    types: snapshot.nodeTypes.map((type) => ({
      nodeType: type.name,
      obstacle:
        unfitOf(request, defined(empty.get(type), 'an empty node')) ?? limitsOf(type, census, snapshot.maxNumNodes),
    })),
    existing: existingObstacle(request, nodes, ledger, most),
  }));
}

/** Per resource, the most of it that one node has left. */
export function mostFree(nodes: readonly SchedulingNode[], ledger: Ledger): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { free } of nodes)
    for (const [name, amount] of free[ledger]) most.set(name, Math.max(most.get(name) ?? -Infinity, amount));
  return most;
}

/** Why the request found no place on these nodes. */
export function existingObstacle(
  request: ResourceRequest,
  nodes: readonly SchedulingNode[],
  ledger: Ledger,
  most: ReadonlyMap<string, number>,
): ExistingObstacle {
  if (nodes.length === 0) return { kind: 'no-nodes' };
  for (const [resource, requested] of request.resourcesBundle) {
    const mostOnOne = Math.max(most.get(resource) ?? unmentioned(resource), unmentioned(resource));
    if (requested > mostOnOne) return { kind: 'not-free', resource, requested, mostFree: mostOnOne };
  }
  let [labels, apart, roomy] = [0, 0, 0];
  for (const node of nodes) {
    const free = node.free[ledger];
    if (request.resourcesBundle.some(([name, amount]) => amount > (free.get(name) ?? unmentioned(name)))) continue;
    roomy++;
    if (request.labelSelectors.length > 0 && matchingSelector(request, node.labels) < 0) labels++;
    else if (isKeptApart(request, node.labels)) apart++;
  }
  return roomy === 0 ? { kind: 'not-together' } : { kind: 'elsewhere', labels, apart };
}

function unmetLabels(request: ResourceRequest, labels: ReadonlyMap<string, string>): readonly UnmetLabel[] {
  if (request.labelSelectors.length === 0 || matchingSelector(request, labels) >= 0) return [];
  return request.labelSelectors.flatMap((constraints) => {
    const unmet = constraints.find((one) => matchingSelector({ ...request, labelSelectors: [[one]] }, labels) < 0);
    return unmet === undefined ? [] : [{ ...unmet, there: labels.get(unmet.key) }];
  });
}

function isKeptApart({ placementConstraints }: ResourceRequest, labels: ReadonlyMap<string, string>): boolean {
  return placementConstraints.some(
    ({ antiAffinity }) => antiAffinity !== undefined && labels.get(antiAffinity.labelName) === antiAffinity.labelValue,
  );
}
