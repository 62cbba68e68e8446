/** Why the scheduler decided as it did, read off the final nodes: what launches serve, and what stands in the way of the rest. */

import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import type { Ledger, SchedulingNode } from './nodes.ts';
import type { Outcome } from './outcome.ts';
import { grownNode } from './packing.ts';
import { attemptsOf, bundlesOf } from './phases/gangs.ts';
import { fits, unmentioned } from './place.ts';
import type {
  DemandExplanation,
  GangExplanation,
  LaunchExplanation,
  Obstacle,
  ScheduleExplanation,
  SchedulerSnapshot,
  ServedRequest,
  UnservedExplanation,
} from './snapshot.ts';

/** Cost: O(nodes x placed shapes + leftover shapes x types), and O(bundles log bundles) where something is launched. */
export function explain(snapshot: SchedulerSnapshot, outcome: Outcome): ScheduleExplanation {
  const { nodes, leftovers, unplacedGangs, unmetConstraint } = outcome;
  const rooms = roomsOf(snapshot, nodes);
  const unserved =
    (of: UnservedExplanation['of']) =>
    ({ request, count }: ResourceRequestByCount): UnservedExplanation => ({
      of,
      request,
      count,
      obstacles: obstaclesOf(request, rooms),
    });
  return {
    launches: launchesOf(snapshot, nodes),
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

function launchesOf(snapshot: SchedulerSnapshot, nodes: readonly SchedulingNode[]): readonly LaunchExplanation[] {
  const byType = new Map<string, SchedulingNode[]>();
  for (const node of nodes) {
    if (node.status !== 'TO_LAUNCH') continue;
    const launched = byType.get(node.nodeType);
    if (launched === undefined) byType.set(node.nodeType, [node]);
    else launched.push(node);
  }
  if (byType.size === 0) return [];
  const gangOf = gangsByRequest(snapshot);
  return [...byType].map(([nodeType, launched]) => ({
    nodeType,
    count: launched.length,
    forMinimum: launched.filter(({ origin }) => origin === 'minimum').length,
    serves: placedOn(launched, 'demand').map((one): ServedRequest => ({ ...one, gang: gangOf(one.request) })),
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

/** Sums over bundles are made for the round, in objects of their own: those are known by what they ask for. */
function gangsByRequest({
  gangRequests,
  resourceRequests,
}: SchedulerSnapshot): (request: ResourceRequest) => string | undefined {
  if (gangRequests.length === 0) return () => undefined;
  const demands = new Set(resourceRequests.map(({ request }) => request));
  const gangs = new Map<ResourceRequest, string>();
  for (const gang of gangRequests) for (const request of bundlesOf(gang)) gangs.set(request, gang.details);
  let sums: ReadonlyMap<string, string> | undefined;
  return (request) => {
    if (demands.has(request)) return undefined;
    return gangs.get(request) ?? (sums ??= sumsOfBundles(gangRequests)).get(JSON.stringify(request));
  };
}

function sumsOfBundles(gangRequests: SchedulerSnapshot['gangRequests']): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const { gang, requests } of attemptsOf(gangRequests))
    for (const { request } of requests) sums.set(JSON.stringify(request), gang.details);
  return sums;
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
  const unserved = new Map<ResourceRequest, number>();
  for (const { request, count } of leftovers) unserved.set(request, count);
  return snapshot.resourceRequests.map(({ request, count }) => {
    const fresh = onNew.get(request) ?? 0;
    const left = unserved.get(request) ?? 0;
    return { request, total: count, onExisting: count - fresh - left, onNew: fresh, unserved: left };
  });
}

type Obstacles = UnservedExplanation['obstacles'];

/** An empty new node of a type, and the limit that stands in the way of one. */
type Room = {
  readonly nodeType: string;
  readonly empty: { readonly free: ReadonlyMap<string, number>; readonly labels: ReadonlyMap<string, string> };
  readonly limited: Obstacles[number];
};

type Rooms = { readonly rooms: readonly Room[]; readonly limited: Obstacles };

function roomsOf(snapshot: SchedulerSnapshot, nodes: readonly SchedulingNode[]): Rooms {
  const { nodeTypes, maxNumNodes } = snapshot;
  const counts = new Map<string, number>();
  for (const { nodeType } of nodes) counts.set(nodeType, (counts.get(nodeType) ?? 0) + 1);
  const rooms = nodeTypes.map((type) => {
    const { total, labels } = grownNode(type, snapshot);
    const isFull = (counts.get(type.name) ?? 0) >= type.maxWorkerNodes;
    const limit: Obstacle =
      isFull || maxNumNodes === undefined
        ? { kind: 'max-per-type', limit: type.maxWorkerNodes }
        : { kind: 'max-total', limit: maxNumNodes };
    return {
      nodeType: type.name,
      empty: { free: total, labels },
      limited: { nodeType: type.name, obstacle: limit },
    };
  });
  return { rooms, limited: rooms.map(({ limited }) => limited) };
}

/** Most of what is left over lacks only room: those share one list. */
function obstaclesOf(request: ResourceRequest, { rooms, limited }: Rooms): Obstacles {
  return rooms.every(({ empty }) => fits(request, empty)) ? limited : rooms.map((room) => obstacleOf(request, room));
}

function obstacleOf(request: ResourceRequest, { nodeType, empty, limited }: Room): Obstacles[number] {
  for (const [resource, requested] of request.resourcesBundle) {
    const ofEmptyNode = empty.free.get(resource) ?? unmentioned(resource);
    if (requested > ofEmptyNode)
      return { nodeType, obstacle: { kind: 'missing-resource', resource, requested, ofEmptyNode } };
  }
  return fits(request, empty) ? limited : { nodeType, obstacle: { kind: 'labels' } };
}
