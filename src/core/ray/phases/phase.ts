/** What every phase of a scheduling round gets: the snapshot, and its node types by name. A phase maps the ordered node list to the next. */

import { SchedulingAbort } from '../abort.ts';
import type { SchedulingNode } from '../nodes.ts';
import type { NodeType, SchedulerSnapshot } from '../snapshot.ts';

export type PhaseContext = {
  readonly snapshot: SchedulerSnapshot;
  readonly types: ReadonlyMap<string, NodeType>;
};

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
