/** Why the scheduler decided as it did, read off the final nodes: what launches serve, and what stands in the way of the rest. */

import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import type { Ledger, SchedulingNode } from './nodes.ts';
import type { Outcome } from './outcome.ts';
import { grownNode } from './packing.ts';
import { bundlesOf } from './phases/gangs.ts';
import { fits, unmentioned } from './place.ts';
import type {
  DemandExplanation,
  GangExplanation,
  LaunchExplanation,
  Obstacle,
  ScheduleExplanation,
  SchedulerSnapshot,
  UnservedExplanation,
} from './snapshot.ts';

/** Cost: O(nodes x placed shapes + leftover shapes x types). */
export function explain(snapshot: SchedulerSnapshot, outcome: Outcome): ScheduleExplanation {
  const { nodes, leftovers, unplacedGangs, unmetConstraint } = outcome;
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(node.nodeType, (counts.get(node.nodeType) ?? 0) + 1);
  const unserved =
    (of: UnservedExplanation['of']) =>
    ({ request, count }: ResourceRequestByCount): UnservedExplanation => ({
      of,
      request,
      count,
      obstacles: obstaclesOf(snapshot, request, { counts, total: nodes.length }),
    });
  return {
    launches: launchesOf(nodes),
    demands: demandsOf(snapshot, nodes, leftovers),
    gangs: gangsOf(snapshot, outcome),
    constraint: snapshot.clusterConstraints.length === 0 ? 'none' : unmetConstraint.length === 0 ? 'met' : 'unmet',
    unserved: [
      ...unmetConstraint.map(unserved({ kind: 'constraint' })),
      ...unplacedGangs.flatMap(({ gang, leftovers: ofGang }) =>
        ofGang.map(unserved({ kind: 'gang', gang: gang.details })),
      ),
      ...leftovers.map(unserved({ kind: 'demand' })),
    ],
  };
}

function launchesOf(nodes: readonly SchedulingNode[]): readonly LaunchExplanation[] {
  const byType = new Map<string, SchedulingNode[]>();
  for (const node of nodes) {
    if (node.status !== 'TO_LAUNCH') continue;
    const launched = byType.get(node.nodeType);
    if (launched === undefined) byType.set(node.nodeType, [node]);
    else launched.push(node);
  }
  return [...byType].map(([nodeType, launched]) => ({
    nodeType,
    count: launched.length,
    forMinimum: launched.filter(({ origin }) => origin === 'minimum').length,
    serves: placedOn(launched, 'demand'),
    servesConstraint: placedOn(launched, 'constraint'),
  }));
}

function placedOn(nodes: readonly SchedulingNode[], ledger: Ledger): readonly ResourceRequestByCount[] {
  const served = new Map<ResourceRequest, number>();
  for (const { placed } of nodes) {
    for (const { request, count } of placed[ledger]) served.set(request, (served.get(request) ?? 0) + count);
  }
  return [...served].map(([request, count]) => ({ request, count }));
}

function gangsOf({ gangRequests }: SchedulerSnapshot, { unplacedGangs }: Outcome): readonly GangExplanation[] {
  const unplaced = new Set(unplacedGangs.map(({ gang }) => gang));
  return gangRequests.map((gang) => ({
    details: gang.details,
    bundles: bundlesOf(gang).length,
    isPlaced: !unplaced.has(gang),
  }));
}

/** Requests keep their identity through packing, so they can be counted by it. */
function demandsOf(
  snapshot: SchedulerSnapshot,
  nodes: readonly SchedulingNode[],
  leftovers: readonly ResourceRequestByCount[],
): readonly DemandExplanation[] {
  const onNew = new Map<ResourceRequest, number>();
  for (const node of nodes) {
    if (node.status !== 'TO_LAUNCH') continue;
    for (const { request, count } of node.placed.demand) onNew.set(request, (onNew.get(request) ?? 0) + count);
  }
  const unserved = new Map(leftovers.map(({ request, count }) => [request, count]));
  return snapshot.resourceRequests.map(({ request, count }) => {
    const fresh = onNew.get(request) ?? 0;
    const left = unserved.get(request) ?? 0;
    return { request, total: count, onExisting: count - fresh - left, onNew: fresh, unserved: left };
  });
}

function obstaclesOf(
  snapshot: SchedulerSnapshot,
  request: ResourceRequest,
  used: { readonly counts: ReadonlyMap<string, number>; readonly total: number },
): UnservedExplanation['obstacles'] {
  return snapshot.nodeTypes.map((type) => {
    const empty = grownNode(type, snapshot);
    const space = { free: empty.total, labels: empty.labels };
    return { nodeType: type.name, obstacle: obstacle() };

    function obstacle(): Obstacle {
      for (const [resource, requested] of request.resourcesBundle) {
        const ofEmptyNode = space.free.get(resource) ?? unmentioned(resource);
        if (requested > ofEmptyNode) return { kind: 'missing-resource', resource, requested, ofEmptyNode };
      }
      if (!fits(request, space)) return { kind: 'labels' };
      const { maxNumNodes } = snapshot;
      const full = (used.counts.get(type.name) ?? 0) >= type.maxWorkerNodes;
      return full || maxNumNodes === undefined
        ? { kind: 'max-per-type', limit: type.maxWorkerNodes }
        : { kind: 'max-total', limit: maxNumNodes };
    }
  });
}
