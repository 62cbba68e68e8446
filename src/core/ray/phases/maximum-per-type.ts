/** Phase: cut each type down to its maximum. */

import type { SchedulingNode } from '../nodes.ts';
import { byType, splitStaying, typeOf, type PhaseContext } from './phase.ts';
import { cutSurplus, markSurplus } from './surplus.ts';

/**
 * Terminates what is over a type's maximum. The list is regrouped by type even when nothing is cut: nodes to be terminated first, old
 * ones before new ones, then the types in order of first appearance.
 *
 * Aborts the round on a node whose type is not configured.
 * Cost: O(nodes log nodes).
 * Spec: RAY-6.3.   Source: v2/scheduler.py _enforce_max_workers_per_type (Ray 2.60.0).
 */
export function cutToMaximumPerType(context: PhaseContext, nodes: readonly SchedulingNode[]): SchedulingNode[] {
  const { leaving, staying } = splitStaying(nodes);
  const cut: SchedulingNode[] = [];
  const kept: SchedulingNode[] = [];
  for (const [name, group] of byType(staying)) {
    const limit = typeOf(context, name).maxWorkerNodes;
    const parts = group.length > limit ? cutSurplus(group, group.length - limit) : { cut: [], kept: group };
    for (const node of parts.cut) markSurplus(node, { cause: 'MAX_NUM_NODE_PER_TYPE', limit });
    cut.push(...parts.cut);
    kept.push(...parts.kept);
  }
  return [...leaving, ...cut, ...kept];
}
