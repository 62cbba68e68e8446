/** The packing engine: requests onto the nodes there are, then onto new ones. */

import { defined } from '../../lib/assert.ts';
import type { ResourceRequestByCount } from './cluster-state.ts';
import { candidateOf, chooseBest, type Candidate, type ChoiceContext, type Filling } from './choose.ts';
import { nodeToLaunch, type SchedulingNode } from './nodes.ts';
import { unmentioned } from './place.ts';
import { sortedRuns, type Run } from './request-order.ts';
import type { NodeType, SchedulerSnapshot } from './snapshot.ts';

export type PackingContext = ChoiceContext & Pick<SchedulerSnapshot, 'nodeTypes' | 'maxNumNodes'>;

export type Packing = {
  /** Picked nodes in the order of picking, then those not picked, then the exhausted ones, then new ones. */
  readonly nodes: readonly SchedulingNode[];
  readonly leftovers: readonly ResourceRequestByCount[];
};

/**
 * Places requests, hardest first: on existing nodes, best filling first, then on new nodes while limits allow. Nodes to be terminated
 * host requests and use up room like any other. The given nodes are not changed: who drops the answer has done nothing.
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
  const result = packOnExisting(nodes, runs, context);
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
  while (runs.some(({ count }) => count > 0)) {
    const best = chooseBest(candidates, runs, context);
    if (best === undefined) break;
    const [candidate] = candidates.splice(best.index, 1);
    picked.push(filledNode(defined(candidate, 'the chosen candidate').node, best.filling, context));
    subtract(best.filling);
  }
  return [...picked, ...candidates.map(({ node }) => node), ...exhausted];
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
    .map(({ type }) => candidateOf(nodeToLaunch(type, 'demand'), context.ledger));
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
