/** How a node ends: tainted, drained through evictions, its machine given back, its finalizers removed. One step at a time. */

import type { KubeNode, Pod, Taint } from '../kube/core-v1.ts';
import { controllerOf } from '../kube/object.ts';
import type { NodeClaim } from '../kube/karpenter.ts';
import { durationMs, epochMs, parseGoDuration, parseRfc3339, seconds, type EpochMs } from '../time/time.ts';
import { TERMINATION_FINALIZER } from './node-claims.ts';
import { isTolerated } from './node-fit.ts';
import { isPodActive, isPodFinished } from './pods.ts';

export const DISRUPTED: Taint = { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' };
export const DO_NOT_DISRUPT = 'karpenter.sh/do-not-disrupt';
export const EXCLUDE_FROM_LB_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';

const MIN_DRAIN = seconds(5);
const STUCK_AFTER = seconds(60);
/** Where `system-cluster-critical` begins. */
const CRITICAL_PRIORITY = 2_000_000_000;

export type TerminationInput = {
  readonly claim: NodeClaim;
  readonly node: KubeNode | undefined;
  /** Pods bound to the node. */
  readonly pods: readonly Pod[];
  /** When the machine will be gone; undefined until it was asked to go. */
  readonly goneAt: EpochMs | undefined;
  readonly now: EpochMs;
};

export type TerminationStep =
  | { readonly kind: 'delete-node' | 'taint-node' | 'terminate-instance' | 'release-node' | 'release-claim' }
  | {
      readonly kind: 'drain';
      readonly evict: readonly Pod[];
      /** Beyond the claim's termination grace period: deleted whatever protects them. */
      readonly force: readonly Pod[];
      readonly again: EpochMs;
    }
  /** Pods that were not evicted vanish with the machine. */
  | { readonly kind: 'remove-pods'; readonly pods: readonly Pod[] }
  | { readonly kind: 'wait'; readonly until: EpochMs };

/**
 * The next step for a claim that is being deleted. Read from the objects, so that it goes on after a restart.
 * Bounds: O(pods). Spec: karpenter 7. Source: pkg/controllers/node/termination (karpenter, August 2026).
 */
export function nextTerminationStep(input: TerminationInput): TerminationStep {
  const { claim, node, pods, goneAt, now } = input;
  if (node === undefined) {
    // the machine may be starting: it is given back before the claim goes
    if (claim.status?.providerID === undefined) return { kind: 'release-claim' };
    if (goneAt === undefined) return { kind: 'terminate-instance' };
    return now < goneAt ? { kind: 'wait', until: goneAt } : { kind: 'release-claim' };
  }
  const begun = parseRfc3339(node.metadata.deletionTimestamp ?? '');
  if (begun === undefined) return { kind: 'delete-node' };
  if (!isDisrupted(node)) return { kind: 'taint-node' };
  if (goneAt === undefined) {
    const drain = drainStep(input);
    if (drain !== undefined) return drain;
    const end = epochMs(begun + MIN_DRAIN);
    return now < end ? { kind: 'wait', until: end } : { kind: 'terminate-instance' };
  }
  if (now < goneAt) return { kind: 'wait', until: goneAt };
  if (pods.length > 0) return { kind: 'remove-pods', pods };
  return node.metadata.finalizers?.includes(TERMINATION_FINALIZER) === true
    ? { kind: 'release-node' }
    : { kind: 'release-claim' };
}

/** How often an unfinished drain is looked at: evictions may be refused for a while. */
const DRAIN_PERIOD = seconds(5);

/** Undefined when nothing is left to wait for. Critical pods go last. */
function drainStep({ claim, pods, now }: TerminationInput): TerminationStep | undefined {
  const waiting = pods.filter((pod) => isDrained(pod) && !isStuck(pod, now));
  if (waiting.length === 0) return undefined;
  const normal = waiting.filter((pod) => (pod.spec.priority ?? 0) < CRITICAL_PRIORITY);
  const group = normal.length > 0 ? normal : waiting;
  const forcedAt = forcedDeletion(claim);
  const late = (pod: Pod): boolean =>
    forcedAt !== undefined && now >= forcedAt - (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  const open = group.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const force = open.filter(late);
  const evict = open.filter((pod) => !late(pod) && !isProtected(pod, now));
  return { kind: 'drain', evict, force, again: epochMs(now + DRAIN_PERIOD) };
}

/** Finished pods, static pods and those that tolerate the taint are not drained. */
function isDrained(pod: Pod): boolean {
  return (
    !isPodFinished(pod) && controllerOf(pod)?.kind !== 'Node' && !isTolerated(DISRUPTED, pod.spec.tolerations ?? [])
  );
}

/** Terminating for more than a minute beyond its deletion time: no longer waited for. */
function isStuck(pod: Pod, now: EpochMs): boolean {
  const deletion = parseRfc3339(pod.metadata.deletionTimestamp ?? '');
  return deletion !== undefined && now > deletion + STUCK_AFTER;
}

function forcedDeletion(claim: NodeClaim): EpochMs | undefined {
  const grace = parseGoDuration(claim.spec.terminationGracePeriod ?? '');
  const deletion = parseRfc3339(claim.metadata.deletionTimestamp ?? '');
  return grace === undefined || deletion === undefined ? undefined : epochMs(deletion + grace);
}

/**
 * Whether `karpenter.sh/do-not-disrupt` protects the pod now: `true`, or a positive Go duration counted from its start. Anything
 * else is ignored. Spec: karpenter 6.2.
 */
export function isProtected(pod: Pod, now: EpochMs): boolean {
  const value = pod.metadata.annotations?.[DO_NOT_DISRUPT];
  if (value === undefined || !isPodActive(pod)) return false;
  if (value === 'true') return true;
  const span = parseGoDuration(value) ?? durationMs(0);
  const start = parseRfc3339(pod.status?.startTime ?? '');
  return span > 0 && (start === undefined || now < start + span);
}

export function isDisrupted(node: KubeNode): boolean {
  return node.spec?.taints?.some(({ key, effect }) => key === DISRUPTED.key && effect === DISRUPTED.effect) ?? false;
}

/** The Node with the taint that keeps pods away, and out of load balancers. */
export function disruptedNode(node: KubeNode): KubeNode {
  const taints = (node.spec?.taints ?? []).filter(({ key }) => key !== DISRUPTED.key);
  return {
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, [EXCLUDE_FROM_LB_LABEL]: 'karpenter' } },
    spec: { ...node.spec, taints: [...taints, DISRUPTED] },
  };
}
