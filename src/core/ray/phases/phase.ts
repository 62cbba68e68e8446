/** What every phase of a scheduling round gets: the snapshot, and its node types by name. A phase maps the ordered node list to the next. */

import { SchedulingAbort } from '../abort.ts';
import { likenessFor, requestsOf, type Likeness } from '../likeness.ts';
import type { Ledger, SchedulingNode } from '../nodes.ts';
import type { PackingContext } from '../packing.ts';
import type { NodeType, SchedulerSnapshot } from '../snapshot.ts';
import { noWork, type Work } from '../work.ts';

export type PhaseContext = {
  readonly snapshot: SchedulerSnapshot;
  readonly types: ReadonlyMap<string, NodeType>;
  readonly likeness: Likeness;
  readonly work: Work;
};

export function phaseContext(snapshot: SchedulerSnapshot): PhaseContext {
  return {
    snapshot,
    types: new Map(snapshot.nodeTypes.map((type) => [type.name, type])),
    likeness: likenessFor(requestsOf(snapshot)),
    work: noWork(),
  };
}

/** What packing needs to know of the round. */
export function packingContext({ snapshot, likeness, work }: PhaseContext, ledger: Ledger): PackingContext {
  const { nodeTypes, maxNumNodes, inPlaceResize, gpuNodes, availabilities } = snapshot;
  return { nodeTypes, maxNumNodes, inPlaceResize, gpuNodes, availabilities, ledger, likeness, work };
}

/** The configured type, or the end of the round, as in the original. Spec: RAY-12.1. */
export function typeOf(context: PhaseContext, name: string): NodeType {
  const type = context.types.get(name);
  if (type === undefined)
    throw new SchedulingAbort('unknown-node-type', `nodes of type ${name} run, which is not configured`);
  return type;
}

/** Splits off the nodes to be terminated; both parts keep their order. */
export function splitStaying(nodes: readonly SchedulingNode[]): {
  readonly leaving: readonly SchedulingNode[];
  readonly staying: readonly SchedulingNode[];
} {
  const leaving: SchedulingNode[] = [];
  const staying: SchedulingNode[] = [];
  for (const node of nodes) (node.status === 'TO_TERMINATE' ? leaving : staying).push(node);
  return { leaving, staying };
}

/** Nodes by type, types in order of first appearance. */
export function byType(nodes: readonly SchedulingNode[]): ReadonlyMap<string, readonly SchedulingNode[]> {
  const groups = new Map<string, SchedulingNode[]>();
  for (const node of nodes) {
    const group = groups.get(node.nodeType);
    if (group === undefined) groups.set(node.nodeType, [node]);
    else group.push(node);
  }
  return groups;
}
