/** Phase: cut the whole cluster down to its maximum. */

import { SchedulingAbort } from '../abort.ts';
import type { SchedulingNode } from '../nodes.ts';
import { splitStaying, type PhaseContext } from './phase.ts';
import { cutSurplus, markSurplus } from './surplus.ts';

/**
 * Terminates what is over the cluster's maximum, head included in the count. Without a limit, or with 0, nothing is cut and the
 * list stays as it is.
 *
 * Aborts the round on a maximum below 0.
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
  const surplus = staying.length - limit;
  const { cut, kept } = cutSurplus(staying, surplus);
  if (limit < 0 && cut.length > 0)
    throw new SchedulingAbort('limit-below-zero', `the cluster's maximum is ${limit}, which no node can be told`);
  if (cut.length < surplus)
    throw new SchedulingAbort(
      'limit-out-of-reach',
      `the cluster's maximum is ${limit}, ${surplus} nodes would have to go`,
    );
  for (const node of cut) markSurplus(node, { cause: 'MAX_NUM_NODES', limit });
  return [...leaving, ...cut, ...kept];
}
