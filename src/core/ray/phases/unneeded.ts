/**
 * Phase: tell pending nodes that nobody needs how long that has been so, so that idle termination can judge them. They are counted,
 * not followed: nodes of one type stand for each other, and which of them gets a request can change from round to round.
 */

import type { SchedulingNode } from '../nodes.ts';
import type { SchedulerState } from '../snapshot.ts';
import type { PhaseContext } from './phase.ts';

/** On its way, and can be ended without draining. A requested one cannot be called back. Cheapest first. */
const CALLED_BACK = [
  'QUEUED',
  'ALLOCATED',
  'RAY_INSTALLING',
] as const satisfies readonly SchedulingNode['instanceStatus'][];

export function canBeCalledBack(node: SchedulingNode): boolean {
  return progressOf(node) >= 0;
}

function progressOf({ instanceStatus }: SchedulingNode): number {
  return CALLED_BACK.findIndex((status) => status === instanceStatus);
}

export type Ageing = { readonly nodes: readonly SchedulingNode[]; readonly state: SchedulerState };

/**
 * Per type with such nodes, the oldest times are kept when there are fewer of them and `now` is added when there are more; the least
 * progressed node gets the oldest time, its idle time cut to whole milliseconds. Types without such nodes are forgotten. Without a
 * time-out nothing is done.
 *
 * Cost: O(nodes).
 * Spec: RAY-6.8.   Source: v2/scheduler.py _update_pending_nodes_idle_duration (Ray 2.60.0).
 */
export function ageUnneeded({ snapshot }: PhaseContext, nodes: readonly SchedulingNode[]): Ageing {
  const { state, monotonicS } = snapshot;
  if (snapshot.pendingIdleTimeout === undefined) return { nodes, state };
  const idleMs = new Map<SchedulingNode, number>();
  const since = new Map<string, readonly number[]>();
  for (const [type, unneeded] of unneededByType(nodes)) {
    const kept = (state.pendingUnneededSinceS.get(type) ?? []).slice(0, unneeded.length);
    const times = unneeded.map((_, i) => kept[i] ?? monotonicS);
    since.set(type, times);
    const ordered = unneeded.toSorted((a, b) => progressOf(a) - progressOf(b));
    for (const [i, node] of ordered.entries())
      idleMs.set(node, Math.trunc((monotonicS - (times[i] ?? monotonicS)) * 1000));
  }
  const aged = nodes.map((node) => {
    const ms = idleMs.get(node);
    return ms === undefined ? node : { ...node, idleMs: ms };
  });
  return { nodes: aged, state: { pendingUnneededSinceS: since } };
}

function unneededByType(nodes: readonly SchedulingNode[]): ReadonlyMap<string, readonly SchedulingNode[]> {
  const byType = new Map<string, SchedulingNode[]>();
  for (const node of nodes) {
    if (node.status !== 'SCHEDULABLE' || node.kind === 'HEAD' || !canBeCalledBack(node)) continue;
    if (node.placed.demand.length > 0 || node.placed.constraint.length > 0) continue;
    const group = byType.get(node.nodeType);
    if (group === undefined) byType.set(node.nodeType, [node]);
    else group.push(node);
  }
  return byType;
}

/**
 * The state without the times that idle termination used up: the oldest of the type for each node it ended. Otherwise those who stay
 * would inherit them.
 *
 * Cost: O(nodes).
 * Spec: RAY-6.8a.   Source: v2/scheduler.py _release_terminated_pending_nodes_idle_duration (Ray 2.60.0).
 */
export function forgetTerminated({ snapshot }: PhaseContext, { nodes, state }: Ageing): SchedulerState {
  if (snapshot.pendingIdleTimeout === undefined) return state;
  const since = new Map(state.pendingUnneededSinceS);
  for (const node of nodes) {
    if (node.termination?.cause !== 'IDLE' || !canBeCalledBack(node)) continue;
    const times = since.get(node.nodeType);
    if (times !== undefined) since.set(node.nodeType, times.slice(1));
  }
  return { pendingUnneededSinceS: since };
}
