/** Phase: terminate nodes that were launched with another config than their type has now. */

import type { SchedulingNode } from '../nodes.ts';
import type { PhaseContext } from './phase.ts';
import { mark } from './surplus.ts';

/**
 * Marks nodes whose type is gone, or has another launch config. The head is exempt. A pending node never carries the config it is
 * launched with, so that every one of a type with a known config counts as outdated, as in the original.
 *
 * Cost: O(nodes).
 * Spec: RAY-6.1.   Source: v2/scheduler.py _terminate_outdated_nodes (Ray 2.60.0).
 */
export function terminateOutdated({ snapshot, types }: PhaseContext, nodes: readonly SchedulingNode[]): void {
  if (snapshot.launchConfigCheck === 'off') return;
  for (const node of nodes) {
    if (node.status !== 'SCHEDULABLE' || node.kind === 'HEAD') continue;
    const hash = types.get(node.nodeType)?.launchConfigHash;
    if (hash === undefined || (hash !== '' && hash !== node.launchConfigHash))
      mark(node, { cause: 'OUTDATED', details: `node from ${node.nodeType} has outdated config` });
  }
}
