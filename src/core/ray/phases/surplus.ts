/** Which nodes go first when there are too many, and marking them. Used by both limits; idle termination visits in the same order. */

import { compareNumber } from '../../../lib/compare.ts';
import { meanUtilization, type SchedulingNode } from '../nodes.ts';
import type { TerminationRequest } from '../snapshot.ts';

/**
 * Not yet running first, then longest idle, then least used, then list order.
 *
 * Cost: O(nodes log nodes).
 * Spec: RAY-6.4a.   Source: v2/scheduler.py _sort_nodes_for_termination (Ray 2.60.0).
 */
export function inTerminationOrder(nodes: readonly SchedulingNode[]): SchedulingNode[] {
  return nodes
    .map((node) => ({ node, runs: node.rayNodeId === '' ? 0 : 1, used: meanUtilization(node) }))
    .toSorted((a, b) => a.runs - b.runs || compareNumber(b.node.idleMs, a.node.idleMs) || compareNumber(a.used, b.used))
    .map(({ node }) => node);
}

/**
 * Cuts `surplus` nodes off. The first head in termination order is never cut and ends up last; a second head is not protected.
 *
 * Spec: RAY-6.4a.   Source: v2/scheduler.py _select_nodes_to_terminate (Ray 2.60.0).
 */
export function cutSurplus(
  nodes: readonly SchedulingNode[],
  surplus: number,
): { readonly cut: readonly SchedulingNode[]; readonly kept: readonly SchedulingNode[] } {
  const sorted = inTerminationOrder(nodes);
  const headAt = sorted.findIndex((node) => node.kind === 'HEAD');
  const head = headAt < 0 ? [] : sorted.splice(headAt, 1);
  return { cut: sorted.slice(0, surplus), kept: [...sorted.slice(surplus), ...head] };
}

/** The limit that is exceeded. */
export type Limit = { readonly cause: 'MAX_NUM_NODE_PER_TYPE' | 'MAX_NUM_NODES'; readonly limit: number };

/** Marks a node as one too many. */
export function markSurplus(node: SchedulingNode, { cause, limit }: Limit): void {
  const perType = cause === 'MAX_NUM_NODE_PER_TYPE';
  mark(node, {
    cause,
    details: `Terminating node due to ${cause}: max_num_nodes=${perType ? 'None' : limit}, max_num_nodes_per_type=${perType ? limit : 'None'}`,
    ...(perType ? { maxNumNodesPerType: limit } : { maxNumNodes: limit }),
  });
}

export function mark(
  node: SchedulingNode,
  why: Omit<TerminationRequest, 'instanceId' | 'rayNodeId' | 'instanceType' | 'instanceStatus'>,
): void {
  node.status = 'TO_TERMINATE';
  node.termination = {
    instanceId: node.instanceId,
    rayNodeId: node.rayNodeId,
    instanceType: node.nodeType,
    instanceStatus: node.instanceStatus,
    ...why,
  };
}
