/** The packing engine: requests onto the nodes there are, then onto new ones. */

import { defined } from '../../lib/assert.ts';
import type { ResourceRequestByCount } from './cluster-state.ts';
import { candidateOf, chooseBest, type Candidate, type ChoiceContext, type Filling } from './choose.ts';
import { nodeToLaunch, type SchedulingNode } from './nodes.ts';
import { unmentioned } from './place.ts';
import { sortedRuns, type Run } from './request-order.ts';
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
 * Cost: O(picks x candidates) comparisons of scores; a pick re-fills only candidates that want more than is left.
 * Spec: RAY-7.1 to RAY-7.5.   Source: v2/scheduler.py ResourceDemandScheduler._try_schedule (Ray 2.60.0).
 */
export function pack(
  nodes: readonly SchedulingNode[],
  requests: readonly ResourceRequestByCount[],
  context: PackingContext,
): Packing {
  const runs = sortedRuns(requests);
  const room = roomPerType(nodes, context.nodeTypes);
  const existing = packOnExisting(nodes.map(atDesiredSize), runs, context);
  const result = packOnGrowing(existing, runs, context);
  packOnNew(result, runs, room, context);
  return { nodes: result, leftovers: runs.filter(({ count }) => count > 0) };
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
  runs: readonly Run[],
  context: PackingContext,
): SchedulingNode[] {
  const picked: SchedulingNode[] = [];
  const exhausted: SchedulingNode[] = [];
  const candidates: Candidate[] = [];
  const shapes = runs.map(({ request }) => request.resourcesBundle.filter(([, amount]) => amount > 0));
  for (const node of nodes) {
    const free = node.free[context.ledger];
    const hosts = (shape: (typeof shapes)[number]): boolean =>
      shape.every(([name, amount]) => amount <= (free.get(name) ?? unmentioned(name)));
    if (node.instanceStatus === 'RAY_RUNNING' && runs.length > 0 && !shapes.some(hosts)) exhausted.push(node);
    else candidates.push(candidateOf(node, context.ledger));
  }
  for (let node = pick(candidates, runs, context); node !== undefined; node = pick(candidates, runs, context))
    picked.push(node);
  return [...picked, ...candidates.map(({ node }) => node), ...exhausted];
}

/** Takes the best candidate out and fills it; undefined when nothing waits or nobody takes anything. */
function pick(candidates: Candidate[], runs: readonly Run[], context: PackingContext): SchedulingNode | undefined {
  const best = runs.some(({ count }) => count > 0) ? chooseBest(candidates, runs, context) : undefined;
  if (best === undefined) return undefined;
  const [candidate] = candidates.splice(best.index, 1);
  subtract(best.filling);
  return filledNode(defined(candidate, 'the chosen candidate').node, best.filling, context);
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
function packOnGrowing(
  nodes: readonly SchedulingNode[],
  runs: readonly Run[],
  context: PackingContext,
): SchedulingNode[] {
  const result: SchedulingNode[] = [];
  const candidates: Candidate[] = [];
  const kept = new Map<string, SchedulingNode>();
  for (const node of nodes) {
    if (node.resize === undefined || !canGrow(node.resize)) result.push(node);
    else {
      candidates.push(candidateOf(withSize(node, maximumOf(node.resize)), context.ledger));
      kept.set(node.resize.cloudInstanceId, node);
    }
  }
  for (let node = pick(candidates, runs, context); node !== undefined; node = pick(candidates, runs, context)) {
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
  runs: readonly Run[],
  room: ReturnType<typeof roomPerType>,
  context: PackingContext,
): void {
  const left = new Map(room.map(({ type, room: n }) => [type.name, n]));
  const pool = room
    .filter(({ room: n }) => n > 0)
    .map(({ type }) => candidateOf(grownNode(type, context), context.ledger));
  const limit = context.maxNumNodes ?? Infinity;
  while (runs.some(({ count }) => count > 0) && result.length < limit) {
    const best = chooseBest(pool, runs, context);
    if (best === undefined) break;
    const [candidate] = pool.splice(best.index, 1);
    const chosen = defined(candidate, 'the chosen candidate');
    result.push(filledNode(chosen.node, best.filling, context));
    subtract(best.filling);
    const rest = defined(left.get(chosen.node.nodeType), 'the room of a launched type') - 1;
    left.set(chosen.node.nodeType, rest);
    if (rest > 0) pool.push(chosen);
  }
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

function subtract({ taken }: Filling): void {
  for (const { run, count } of taken) run.count -= count;
}

function filledNode(node: SchedulingNode, filling: Filling, { ledger }: ChoiceContext): SchedulingNode {
  return {
    ...node,
    free: { ...node.free, [ledger]: filling.free },
    placed: { ...node.placed, [ledger]: filling.placed },
    labels: filling.labels,
  };
}
