/** Phase: terminate workers that nobody has needed for longer than their time-out, running or on their way. */

import { secondsText } from '../seconds-text.ts';
import { countStaying, type SchedulingNode } from '../nodes.ts';
import type { IdleTimeout } from '../snapshot.ts';
import type { PhaseContext } from './phase.ts';
import { inTerminationOrder, mark } from './surplus.ts';
import { canBeCalledBack } from './unneeded.ts';

/**
 * Marks idle workers, in termination order as it is after packing. Kept are: the head, whoever hosts something of this round, whoever is idle for no longer than the time-out, and as many per type as its minimum asks. The list keeps its order.
 *
 * Units: time-outs in seconds, idle times in milliseconds.
 * Cost: O(nodes log nodes).
 * Spec: RAY-6.9.   Source: v2/scheduler.py _enforce_idle_termination (Ray 2.60.0).
 */
export function terminateIdle(context: PhaseContext, nodes: readonly SchedulingNode[]): void {
  const counts = countStaying(nodes);
  const judged = nodes.filter((node) => isIdleTooLong(context, node));
  for (const node of inTerminationOrder(judged)) {
    const timeout = idleTimeoutOf(context, node);
    if (timeout === undefined || node.status !== 'SCHEDULABLE') continue;
    const count = counts.get(node.nodeType) ?? 0;
    if (count <= (context.types.get(node.nodeType)?.minWorkerNodes ?? 0)) continue;
    counts.set(node.nodeType, count - 1);
    mark(node, {
      cause: 'IDLE',
      details: `${node.rayNodeId === '' ? 'pending and not needed' : 'idle'} for ${secondsText(node.idleMs)} secs > timeout=${timeout.text} secs`,
      idleDurationMs: node.idleMs,
    });
  }
}

function isIdleTooLong(context: PhaseContext, node: SchedulingNode): boolean {
  if (node.status !== 'SCHEDULABLE' || node.kind === 'HEAD') return false;
  const timeout = idleTimeoutOf(context, node);
  if (timeout === undefined || node.idleMs <= timeout.seconds * 1000) return false;
  return node.placed.demand.length === 0 && node.placed.constraint.length === 0;
}

/** Undefined: the node is not judged by its idle time. */
export function idleTimeoutOf(
  { snapshot, types }: Pick<PhaseContext, 'snapshot' | 'types'>,
  node: SchedulingNode,
): IdleTimeout | undefined {
  return canBeCalledBack(node)
    ? snapshot.pendingIdleTimeout
    : (types.get(node.nodeType)?.idleTimeout ?? snapshot.idleTimeout);
}
