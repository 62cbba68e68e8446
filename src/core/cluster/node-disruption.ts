/** Which nodes are empty for long enough to go, within their pool's budgets. Consolidation of nodes in use is not here. */

import type { KubeNode, Pod } from '../kube/core-v1.ts';
import { controllerOf } from '../kube/object.ts';
import type { NodeClaim, NodePool } from '../kube/karpenter.ts';
import { compareNumber, compareText } from '../../lib/compare.ts';
import { durationMs, epochMs, parseGoDuration, parseRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { conditionOf } from './conditions.ts';
import { isTrue } from './node-claims.ts';
import { isNodeReady } from './node-fit.ts';
import { DO_NOT_DISRUPT, isDisrupted, isProtected } from './node-termination.ts';
import { isPodActive } from './pods.ts';

/** A claim of a pool with its Node and the pods bound to it. */
export type PoolNode = {
  readonly claim: NodeClaim;
  readonly node: KubeNode | undefined;
  readonly pods: readonly Pod[];
  /** Pods were promised to it a moment ago. */
  readonly nominatedUntil: EpochMs | undefined;
};

export type EmptyNode = { readonly claim: NodeClaim; readonly node: KubeNode; readonly quiet: DurationMs };

/**
 * The empty nodes of one pool that may go now, longest quiet first, at most as many as its budgets allow.
 *
 * Shape: `nodes` are all nodes of the pool. Bounds: O(nodes log nodes + pods).
 * Spec: karpenter 6.2 to 6.4, 6.6. Source: pkg/controllers/disruption/emptiness.go (karpenter, August 2026).
 */
export function emptyNodes(pool: NodePool, nodes: readonly PoolNode[], now: EpochMs): readonly EmptyNode[] {
  if (pool.metadata.deletionTimestamp !== undefined) return [];
  const after = consolidateAfter(pool);
  if (after === undefined) return [];
  const empty: EmptyNode[] = [];
  for (const candidate of nodes) {
    const { claim, node } = candidate;
    if (node === undefined || !isCandidate(candidate, now) || reschedulingCost(candidate.pods) > 0) continue;
    const since = quietSince(claim);
    if (since !== undefined && now - since >= after) empty.push({ claim, node, quiet: durationMs(now - since) });
  }
  empty.sort((a, b) => compareNumber(b.quiet, a.quiet) || compareText(a.node.metadata.name, b.node.metadata.name));
  return empty.slice(0, allowedDisruptions(pool, nodes));
}

/** `consolidateAfter`; undefined means never. */
export function consolidateAfter(pool: NodePool): DurationMs | undefined {
  return parseGoDuration(pool.spec.disruption?.consolidateAfter ?? '0s');
}

/** The last pod event on the node, or when it was initialised, whichever is later. */
function quietSince(claim: NodeClaim): EpochMs | undefined {
  const initialized = parseRfc3339(conditionOf(claim.status?.conditions, 'Initialized')?.lastTransitionTime ?? '');
  const event = parseRfc3339(claim.status?.lastPodEventTime ?? '');
  if (initialized === undefined) return undefined;
  return epochMs(Math.max(initialized, event ?? 0));
}

function isCandidate({ claim, node, pods, nominatedUntil }: PoolNode, now: EpochMs): boolean {
  if (node === undefined || !isTrue(claim, 'Initialized') || isLeaving(claim, node)) return false;
  if (nominatedUntil !== undefined && now < nominatedUntil) return false;
  if (node.metadata.annotations?.[DO_NOT_DISRUPT] === 'true') return false;
  return !pods.some((pod) => isProtected(pod, now));
}

function isLeaving(claim: NodeClaim, node: KubeNode): boolean {
  return (
    claim.metadata.deletionTimestamp !== undefined || node.metadata.deletionTimestamp !== undefined || isDisrupted(node)
  );
}

/**
 * What it costs to move the pods elsewhere: per active pod clamp(1 + deletion cost / 2^27 + priority / 2^25, -10, 10), at least 0.
 * 0 means that the node is empty. Spec: karpenter 6.3.
 */
export function reschedulingCost(pods: readonly Pod[]): number {
  let cost = 0;
  for (const pod of pods) {
    const owner = controllerOf(pod)?.kind;
    if (!isPodActive(pod) || owner === 'DaemonSet' || owner === 'Node') continue;
    const deletion = Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
    const own = 1 + (Number.isFinite(deletion) ? deletion : 0) / 2 ** 27 + (pod.spec.priority ?? 0) / 2 ** 25;
    cost += Math.max(0, Math.min(10, own));
  }
  return cost;
}

/**
 * How many more nodes of the pool may be disrupted for being empty: the tightest budget, less those that are leaving or not ready.
 * Spec: karpenter 6.6.
 */
export function allowedDisruptions(pool: NodePool, nodes: readonly PoolNode[]): number {
  const initialized = nodes.filter(({ claim }) => isTrue(claim, 'Initialized'));
  const busy = initialized.filter(
    ({ claim, node }) => node === undefined || isLeaving(claim, node) || !isNodeReady(node),
  ).length;
  let allowed = Infinity;
  for (const { nodes: limit, reasons } of pool.spec.disruption?.budgets ?? [{ nodes: '10%' }]) {
    if (reasons !== undefined && !reasons.includes('Empty')) continue;
    const value = limit.endsWith('%')
      ? Math.ceil((Number(limit.slice(0, -1)) * initialized.length) / 100)
      : Number(limit);
    allowed = Math.min(allowed, value);
  }
  return Math.max(0, allowed - busy);
}
