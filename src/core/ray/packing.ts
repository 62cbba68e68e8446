/** The packing engine: requests onto the nodes there are, then onto new ones. */

import { defined } from '../../lib/assert.ts';
import type { ResourceRequestByCount } from './cluster-state.ts';
import { backlogOf, type Backlog } from './backlog.ts';
import {
  accept,
  chooseBest,
  contestOf,
  filledNode,
  type ChoiceContext,
  type Contender,
  type Contest,
} from './choose.ts';
import { classOf, type NodeClass } from './likeness.ts';
import { nodeToLaunch, type SchedulingNode } from './nodes.ts';
import { unmentioned } from './place.ts';
import { canGrow, desiredOf, isInProgress, maximumOf, queuedTo, withSize } from './resize.ts';
import type { NodeType, SchedulerSnapshot } from './snapshot.ts';

export type PackingContext = ChoiceContext & Pick<SchedulerSnapshot, 'nodeTypes' | 'maxNumNodes' | 'inPlaceResize'>;

export type Packing = {
  /** Picked nodes in the order of picking, then those not picked, then the exhausted, then those that can grow, then new ones. */
  readonly nodes: readonly SchedulingNode[];
  readonly leftovers: readonly ResourceRequestByCount[];
};

/**
 * Places requests, hardest first: on existing nodes, best filling first, then on those that can be resized in place, then on new nodes
 * while limits allow. Nodes to be terminated host requests and use up room like any other. The given nodes are not changed: who drops
 * the answer has done nothing.
 *
 * Cost: O(nodes + picks x classes of equal nodes) comparisons of scores; a pick re-fills only classes that want more than is left.
 * Spec: RAY-7.1 to RAY-7.5.   Source: v2/scheduler.py ResourceDemandScheduler._try_schedule (Ray 2.60.0).
 */
export function pack(
  nodes: readonly SchedulingNode[],
  requests: readonly ResourceRequestByCount[],
  context: PackingContext,
): Packing {
  const backlog = backlogOf(requests);
  const existing = packOnExisting(
    context.inPlaceResize === undefined ? nodes : nodes.map(atDesiredSize),
    backlog,
    context,
  );
  const result = packOnGrowing(existing, backlog, context);
  if (backlog.units > 0) packOnNew(result, roomPerType(nodes, context.nodeTypes), backlog, context);
  return { nodes: result, leftovers: backlog.runs.filter(({ count }) => count > 0) };
}

/** How many nodes of each type may still be added, nodes of every status counted. Spec: RAY-7.2. */
function roomPerType(
  nodes: readonly SchedulingNode[],
  types: readonly NodeType[],
): readonly { readonly type: NodeType; readonly room: number }[] {
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(node.nodeType, (counts.get(node.nodeType) ?? 0) + 1);
  return types.map((type) => ({ type, room: type.maxWorkerNodes - (counts.get(type.name) ?? 0) }));
}

/** Spec: RAY-7.2, RAY-7.3. */
function packOnExisting(
  nodes: readonly SchedulingNode[],
  backlog: Backlog,
  context: PackingContext,
): readonly SchedulingNode[] {
  if (backlog.units === 0) return nodes;
  const exhausted: SchedulingNode[] = [];
  const candidates: SchedulingNode[] = [];
  const full = new Map<NodeClass, boolean>();
  for (const node of nodes) (node.instanceStatus === 'RAY_RUNNING' && isFull(node) ? exhausted : candidates).push(node);
  const { picked, others } = pickAll(candidates, backlog, context);
  return [...picked, ...others, ...exhausted];

  function isFull(node: SchedulingNode): boolean {
    const ofNode = classOf(node, context.ledger, context.likeness);
    let answer = full.get(ofNode);
    if (answer === undefined) full.set(ofNode, (answer = !hostsAny(node, backlog, context)));
    return answer;
  }
}

/** Whether one unit of some request finds the resources it needs, those it asks 0 of, labels and placement left out. */
function hostsAny(node: SchedulingNode, backlog: Backlog, { ledger, work }: PackingContext): boolean {
  const free = node.free[ledger];
  const freeOf = (name: string): number => free.get(name) ?? unmentioned(name);
  return backlog.runs.some(({ request }) => {
    work.fitChecks++;
    return request.resourcesBundle.every(([name, amount]) => amount <= 0 || amount <= freeOf(name));
  });
}

/** Takes the best node and fills it, as long as something waits and somebody takes of it. The others keep their order. */
function pickAll(
  nodes: readonly SchedulingNode[],
  backlog: Backlog,
  context: PackingContext,
): { readonly picked: readonly SchedulingNode[]; readonly others: readonly SchedulingNode[] } {
  const contest = contestOf(nodes, backlog, context);
  const picked: SchedulingNode[] = [];
  const places = new Set<number>();
  for (let best = pick(contest, context); best !== undefined; best = pick(contest, context)) {
    picked.push(best.node);
    places.add(best.place);
  }
  return { picked, others: places.size === 0 ? nodes : nodes.filter((_, place) => !places.has(place)) };
}

/** Undefined when nothing waits or nobody takes anything. */
function pick(
  contest: Contest,
  context: PackingContext,
): { readonly node: SchedulingNode; readonly place: number; readonly contender: Contender } | undefined {
  const best = contest.backlog.units > 0 ? chooseBest(contest, context) : undefined;
  if (best === undefined) return undefined;
  const { contender, filling, place } = best;
  const { node } = defined(contender.members[contender.next], 'the chosen node');
  accept(contest, best);
  context.work.picks++;
  return { node: filledNode(node, filling, context), place, contender };
}

/** A node whose resize is on its way counts at the size it is to have. Spec: RAY-7.2. */
function atDesiredSize(node: SchedulingNode): SchedulingNode {
  return node.resize !== undefined && isInProgress(node.resize) ? withSize(node, desiredOf(node.resize)) : node;
}

/**
 * Offers what is left to the nodes that can grow, at their full size; a node that takes something has its resize queued. They end up
 * behind all others, also when nothing is left to offer; those not picked keep their size. Of several with one pod that are not
 * picked the last stands for all.
 *
 * Spec: RAY-7.4.   Source: v2/scheduler.py ResourceDemandScheduler._try_schedule (Ray 2.60.0).
 */
function packOnGrowing(nodes: readonly SchedulingNode[], backlog: Backlog, context: PackingContext): SchedulingNode[] {
  if (context.inPlaceResize === undefined) return [...nodes];
  const result: SchedulingNode[] = [];
  const candidates: SchedulingNode[] = [];
  const kept = new Map<string, SchedulingNode>();
  for (const node of nodes) {
    if (node.resize === undefined || !canGrow(node.resize)) result.push(node);
    else {
      candidates.push(withSize(node, maximumOf(node.resize)));
      kept.set(node.resize.cloudInstanceId, node);
    }
  }
  for (const node of pickAll(candidates, backlog, context).picked) {
    const status = defined(node.resize, 'the resize of a node that can grow');
    result.push({ ...node, resize: queuedTo(status, maximumOf(status)) });
    kept.delete(status.cloudInstanceId);
  }
  result.push(...kept.values());
  return result;
}

/** One node of each type stands for all; a type that was launched goes to the end, so that ties rotate. Spec: RAY-7.5. */
function packOnNew(
  result: SchedulingNode[],
  room: ReturnType<typeof roomPerType>,
  backlog: Backlog,
  context: PackingContext,
): void {
  const left = new Map(room.map(({ type, room: n }) => [type.name, n]));
  const fresh = room.filter(({ room: n }) => n > 0).map(({ type }) => grownNode(type, context));
  const pool = contestOf(fresh, backlog, context);
  let last = fresh.length;
  const limit = context.maxNumNodes ?? Infinity;
  while (result.length < limit) {
    const best = pick(pool, context);
    if (best === undefined) break;
    result.push(best.node);
    const rest = defined(left.get(best.node.nodeType), 'the room of a launched type') - 1;
    left.set(best.node.nodeType, rest);
    if (rest > 0) rejoin(best.contender, last++);
  }
}

/** The node just taken waits again, behind all others. */
function rejoin({ members, next }: Contender, place: number): void {
  const taken = defined(members[next - 1], 'the node just taken');
  members.push({ ...taken, place });
}

/** A new node counts at the size to which it can grow. Spec: RAY-7.5a. */
export function grownNode(type: NodeType, { inPlaceResize }: Pick<SchedulerSnapshot, 'inPlaceResize'>): SchedulingNode {
  const node = nodeToLaunch(type, 'demand');
  const group = inPlaceResize?.groups.get(type.name);
  if (group === undefined) return node;
  return withSize(node, {
    cpu: Math.max(group.maxCpu, node.total.get('CPU') ?? 0),
    memory: Math.max(group.maxMemory, node.total.get('memory') ?? 0),
  });
}
