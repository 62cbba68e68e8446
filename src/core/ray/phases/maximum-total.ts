/** Phase: cut the whole cluster down to its maximum. */

import type { SchedulingNode } from '../nodes.ts';
import { splitStaying, type PhaseContext } from './phase.ts';
import { cutSurplus, markSurplus } from './surplus.ts';

/**
 * Terminates what is over the cluster's maximum, head included in the count. Without a limit, or with 0, nothing is cut and the
 * list stays as it is.
 *
 * Cost: O(nodes log nodes).
 * Spec: RAY-6.4.   Source: v2/scheduler.py _enforce_max_workers_global (Ray 2.60.0).
 */
export function cutToMaximumTotal(
  { snapshot }: PhaseContext,
  nodes: readonly SchedulingNode[],
): readonly SchedulingNode[] {
  const { leaving, staying } = splitStaying(nodes);
  const limit = snapshot.maxNumNodes ?? 0;
  if (limit === 0 || staying.length <= limit) return nodes;
  const { cut, kept } = cutSurplus(staying, staying.length - limit);
  for (const node of cut) markSurplus(node, { cause: 'MAX_NUM_NODES', limit });
  return [...leaving, ...cut, ...kept];
}
