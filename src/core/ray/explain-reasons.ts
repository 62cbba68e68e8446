/** The reasons behind a decided round, built when somebody asks: gangs and choices are made once more, the rest is read off the round. */

import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import { tellChoices, type Choices } from './explain-choice.ts';
import { nodeReasons } from './explain-nodes.ts';
import { unservedReasons } from './explain-obstacles.ts';
import type { LaunchReason, Owner, Reasons, ResizeReason, Served, UnservedReason } from './explain-types.ts';
import type { SchedulingNode } from './nodes.ts';
import type { Outcome } from './outcome.ts';
import { pack, type PackingContext } from './packing.ts';
import { attemptsOf } from './phases/gangs.ts';
import { packingContext, phaseContext } from './phases/phase.ts';
import { requestOf } from './resize.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

/**
 * Does not change the round. `outcome` is that of the same snapshot.
 *
 * Cost: about that of the round once more; nothing is packed again where nothing was launched or left over, but for the gangs.
 */
export function reasonsFor(snapshot: SchedulerSnapshot, outcome: Outcome): Reasons {
  const context = phaseContext(snapshot); // apart from the round's, whose work is counted
  const onDemand = packingContext(context, 'demand');
  const choices: Choices = new Map();
  const constraint = constraintReasons(snapshot, outcome, choices, packingContext(context, 'constraint'));
  const gangs = gangReasons(snapshot, outcome, choices, onDemand);
  const demands = demandReasons(snapshot, outcome, choices, onDemand);
  return {
    launches: launchReasons(snapshot, outcome.nodes, [...choices.values()], gangs.ownerOf),
    unserved: [...constraint, ...gangs.unserved, ...demands],
    resizes: resizeReasons(snapshot, outcome.nodes),
    nodes: nodeReasons(context, outcome.nodes),
  };
}

/** An attempt that fails is dropped by the round, so that what stood in its way is seen only when it is made again. */
function constraintReasons(
  snapshot: SchedulerSnapshot,
  { packedOn, unmetConstraint }: Outcome,
  choices: Choices,
  context: PackingContext,
): readonly UnservedReason[] {
  const requests = snapshot.clusterConstraints[0]?.resourceRequests ?? [];
  if (unmetConstraint.length > 0) {
    const leftovers = unmetConstraint.map((one) => ({ ...one, of: { kind: 'constraint' } as const }));
    return unservedReasons(leftovers, pack(packedOn.constraint, requests, context).nodes, 'constraint', snapshot);
  }
  if (plannedIn(packedOn.gangs) > plannedIn(packedOn.constraint))
    tellChoices(choices, packedOn.constraint, requests, 'constraint', context);
  return [];
}

function demandReasons(
  snapshot: SchedulerSnapshot,
  { packedOn, nodes, leftovers }: Outcome,
  choices: Choices,
  context: PackingContext,
): readonly UnservedReason[] {
  if (plannedIn(nodes) > plannedIn(packedOn.demand))
    tellChoices(choices, packedOn.demand, snapshot.resourceRequests, 'demand', context);
  const owned = leftovers.map((one) => ({ ...one, of: { kind: 'demand' } as const }));
  return unservedReasons(owned, nodes, 'demand', snapshot);
}

type GangReasons = {
  readonly unserved: readonly UnservedReason[];
  /** Whose a request is that is placed on the demand ledger. */
  readonly ownerOf: (request: ResourceRequest) => Owner;
};

/** One gang after the other, as in the round: each is packed on what the gangs before it left. */
function gangReasons(
  snapshot: SchedulerSnapshot,
  { packedOn }: Outcome,
  choices: Choices,
  context: PackingContext,
): GangReasons {
  const unserved: UnservedReason[] = [];
  const owners = new Map<ResourceRequest | string, Owner>();
  let current = packedOn.gangs;
  for (const { gang, requests } of attemptsOf(snapshot.gangRequests)) {
    const of: Owner = { kind: 'gang', index: snapshot.gangRequests.indexOf(gang), details: gang.details };
    const packing = pack(current, requests, context);
    if (packing.leftovers.length > 0) {
      const leftovers = packing.leftovers.map(({ request, count }) => ({ request, count, of }));
      unserved.push(...unservedReasons(leftovers, packing.nodes, context.ledger, snapshot));
      continue;
    }
    if (plannedIn(packing.nodes) > plannedIn(current)) tellChoices(choices, current, requests, 'gang', context);
    for (const { request } of requests) owners.set(request, of).set(JSON.stringify(request), of);
    current = packing.nodes;
  }
  const demand: Owner = { kind: 'demand' };
  const demands = new Set(snapshot.resourceRequests.map(({ request }) => request));
  // what is summed over bundles was summed for the round in objects of its own
  const ownerOf = (request: ResourceRequest): Owner =>
    owners.get(request) ?? (demands.has(request) ? demand : (owners.get(JSON.stringify(request)) ?? demand));
  return { unserved, ownerOf };
}

/** Nodes without an instance. */
function plannedIn(nodes: readonly SchedulingNode[]): number {
  return nodes.reduce((sum, { origin }) => (origin === 'instance' ? sum : sum + 1), 0);
}

function launchReasons(
  snapshot: SchedulerSnapshot,
  nodes: readonly SchedulingNode[],
  choices: LaunchReason['choices'],
  ownerOf: GangReasons['ownerOf'],
): readonly LaunchReason[] {
  const launched = new Map<string, SchedulingNode[]>();
  for (const node of nodes) {
    if (node.status !== 'TO_LAUNCH') continue;
    const ofType = launched.get(node.nodeType);
    if (ofType === undefined) launched.set(node.nodeType, [node]);
    else ofType.push(node);
  }
  return [...launched].map(([nodeType, ofType]) => ({
    nodeType,
    count: ofType.length,
    forMinimum: forMinimum(nodeType, ofType),
    serves: servedBy(ofType, ownerOf),
    choices: choices.filter(({ chosen }) => chosen.nodeType === nodeType),
  }));

  /** Some that were added for the minimum may have been cut again by a maximum. */
  function forMinimum(nodeType: string, ofType: readonly SchedulingNode[]): LaunchReason['forMinimum'] {
    const count = ofType.filter(({ origin }) => origin === 'minimum').length;
    if (count === 0) return undefined;
    const added = nodes.filter((node) => node.nodeType === nodeType && node.origin === 'minimum').length;
    const minimum = snapshot.nodeTypes.find(({ name }) => name === nodeType)?.minWorkerNodes ?? 0;
    return { count, minimum, there: minimum - added };
  }
}

function servedBy(nodes: readonly SchedulingNode[], ownerOf: GangReasons['ownerOf']): readonly Served[] {
  const served: Served[] = [];
  const counts = new Map<ResourceRequest, number>();
  for (const { placed } of nodes) for (const { request, count } of placed.demand) add(counts, request, count);
  for (const [request, count] of counts) served.push({ of: ownerOf(request), request, count });
  counts.clear();
  for (const { placed } of nodes) for (const { request, count } of placed.constraint) add(counts, request, count);
  for (const [request, count] of counts) served.push({ of: { kind: 'constraint' }, request, count });
  return served;
}

function add(counts: Map<ResourceRequest, number>, request: ResourceRequest, count: number): void {
  counts.set(request, (counts.get(request) ?? 0) + count);
}

function resizeReasons(snapshot: SchedulerSnapshot, nodes: readonly SchedulingNode[]): readonly ResizeReason[] {
  return nodes.flatMap((node): readonly ResizeReason[] => {
    const resize = requestOf(node.resize);
    if (resize === undefined) return [];
    const before = snapshot.inPlaceResize?.statuses.get(resize.cloudInstanceId);
    const hosts: readonly ResourceRequestByCount[] = [...node.placed.demand, ...node.placed.constraint];
    return [{ ...resize, nodeType: node.nodeType, isNew: before?.k8sResizeStatus !== 'new', hosts }];
  });
}
