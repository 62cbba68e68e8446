/** Why the scheduler decided as it did, read off the final nodes: what launches serve, and what stands in the way of the rest. */

import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import { nodeToLaunch, type SchedulingNode } from './nodes.ts';
import { fits, unmentioned } from './place.ts';
import type {
  DemandExplanation,
  LaunchExplanation,
  Obstacle,
  ScheduleExplanation,
  SchedulerSnapshot,
  UnservedExplanation,
} from './snapshot.ts';

/** Cost: O(nodes x placed shapes + leftover shapes x types). */
export function explain(
  snapshot: SchedulerSnapshot,
  nodes: readonly SchedulingNode[],
  leftovers: readonly ResourceRequestByCount[],
): ScheduleExplanation {
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(node.nodeType, (counts.get(node.nodeType) ?? 0) + 1);
  return {
    launches: launchesOf(nodes),
    demands: demandsOf(snapshot, nodes, leftovers),
    unserved: leftovers.map(({ request, count }) => ({
      request,
      count,
      obstacles: obstaclesOf(snapshot, request, { counts, total: nodes.length }),
    })),
  };
}

function launchesOf(nodes: readonly SchedulingNode[]): readonly LaunchExplanation[] {
  const launches = new Map<string, { count: number; forMinimum: number; serves: Map<ResourceRequest, number> }>();
  for (const node of nodes) {
    if (node.status !== 'TO_LAUNCH') continue;
    const so = launches.get(node.nodeType) ?? { count: 0, forMinimum: 0, serves: new Map<ResourceRequest, number>() };
    so.count++;
    if (node.origin === 'minimum') so.forMinimum++;
    for (const { request, count } of node.placed.demand) so.serves.set(request, (so.serves.get(request) ?? 0) + count);
    launches.set(node.nodeType, so);
  }
  return [...launches].map(([nodeType, { count, forMinimum, serves }]) => ({
    nodeType,
    count,
    forMinimum,
    serves: [...serves].map(([request, served]) => ({ request, count: served })),
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
    const empty = nodeToLaunch(type, 'demand');
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
