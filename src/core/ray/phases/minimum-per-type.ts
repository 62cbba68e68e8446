/** Phase: bring each type up to its minimum. */

import { countStaying, nodeToLaunch, type SchedulingNode } from '../nodes.ts';
import type { PhaseContext } from './phase.ts';

/**
 * New nodes for every type below its minimum, in front of the list, in type order. Nodes to be terminated do not count towards the
 * minimum; pending ones and the head do. The new nodes of one type are one node, repeated: marking one marks them all.
 *
 * Cost: O(nodes + types).
 * Spec: RAY-6.2.   Source: v2/scheduler.py _enforce_min_workers_per_type (Ray 2.60.0).
 */
export function addMinimumPerType({ snapshot }: PhaseContext, nodes: readonly SchedulingNode[]): SchedulingNode[] {
  const counts = countStaying(nodes);
  const added: SchedulingNode[] = [];
  for (const type of snapshot.nodeTypes) {
    const lacking = type.minWorkerNodes - (counts.get(type.name) ?? 0);
    if (lacking <= 0) continue;
    const node = nodeToLaunch(type, 'minimum');
    for (let i = 0; i < lacking; i++) added.push(node);
  }
  return [...added, ...nodes];
}
