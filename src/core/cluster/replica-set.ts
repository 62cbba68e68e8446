/**
 * The ReplicaSet's rules: how many pods to create or delete, which ones go first, what the status says. What must not be here:
 * requests, and the memory of what was asked for and has not been seen yet (cluster/expectations.ts).
 */

import { compareNumber, compareText } from '../../lib/compare.ts';
import { defined } from '../../lib/assert.ts';
import type { ReplicaSet } from '../kube/apps.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { Condition, OwnerReference } from '../kube/object.ts';
import { apiVersionOf, REPLICA_SETS } from '../kube/resource.ts';
import { durationMs, parseRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { withCondition } from './conditions.ts';
import { omitZeros } from './omit-zeros.ts';
import { isPodActive, isPodAvailable, isPodFinished, isPodReady, podReadySince, podRestarts } from './pods.ts';

/** At most this many pods are created or deleted in one pass. Source: replica_set.go BurstReplicas (v1.37.2). */
export const BURST_REPLICAS = 500;

/** A pod with a lower value is deleted first; absent or unreadable counts as 0. */
export const POD_DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** What a pass over one ReplicaSet reads. */
export type ReplicaSetInput = {
  readonly replicaSet: ReplicaSet;
  /** The pods it owns, finished and terminating ones too. */
  readonly owned: readonly Pod[];
  readonly now: EpochMs;
};

/** What a pass shall do about the number of pods. */
export type ReplicaSetPlan =
  | { readonly kind: 'create'; readonly count: number }
  /** The first `count` of `active` in {@link podsByDeletionOrder}. */
  | { readonly kind: 'delete'; readonly count: number; readonly active: readonly Pod[] }
  | { readonly kind: 'none' };

/**
 * What brings the number of active pods to `spec.replicas`.
 *
 * Bounds: at most {@link BURST_REPLICAS} pods; O(pods).
 * Source: pkg/controller/replicaset/replica_set.go manageReplicas (v1.37.2).
 */
export function planReplicaSet({ replicaSet, owned }: Pick<ReplicaSetInput, 'replicaSet' | 'owned'>): ReplicaSetPlan {
  const active = owned.filter(isPodActive);
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  if (missing === 0) return { kind: 'none' };
  if (missing > 0) return { kind: 'create', count: Math.min(missing, BURST_REPLICAS) };
  return { kind: 'delete', count: Math.min(-missing, BURST_REPLICAS), active };
}

type Ranked = {
  readonly pod: Pod;
  readonly phase: number;
  readonly ready: 0 | 1;
  readonly cost: number;
  /** Related pods on the same node. */
  readonly doubledUp: number;
  readonly readyFor: number | undefined;
  readonly restarts: number;
  readonly age: number | undefined;
};

/**
 * `pods` in the order in which they are given up; `related` are the pods of all ReplicaSets with the same owner, theirs among them: unassigned, then Pending, Unknown, Running; not ready; lower deletion cost; more
 * related pods on the same node; ready for a shorter time; more restarts; younger. Times compare by the logarithm of their length,
 * so that a scale-down spreads over pods of about one age. Total: ends in the uid.
 *
 * **Differs:** two ready pods of one bucket and unequal times go to the uid at once in the original, past restarts and age, which is no
 * order (three pods can go in a circle); here restarts and age come first for all.
 * Cost: O(pods log pods + related).
 * Source: pkg/controller/controller_utils.go ActivePodsWithRanks, gate LogarithmicScaleDown on (v1.37.2).
 */
export function podsByDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: EpochMs): readonly Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName;
    if (node !== undefined && isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  return pods
    .map((pod) => ranked(pod, onNode.get(pod.spec.nodeName ?? '') ?? 0, now))
    .toSorted(compareRanked)
    .map(({ pod }) => pod);
}

function ranked(pod: Pod, doubledUp: number, now: EpochMs): Ranked {
  const readySince = podReadySince(pod);
  const created = pod.metadata.creationTimestamp;
  const createdAt = created === undefined ? undefined : parseRfc3339(created);
  return {
    pod,
    phase: phaseRank(pod),
    ready: isPodReady(pod) ? 1 : 0,
    cost: deletionCost(pod),
    doubledUp,
    readyFor: readySince === undefined ? undefined : logOfAge(now - readySince),
    restarts: podRestarts(pod),
    age: createdAt === undefined ? undefined : logOfAge(now - createdAt),
  };
}

function phaseRank(pod: Pod): number {
  if (pod.spec.nodeName === undefined || pod.spec.nodeName === '') return -1;
  const phase = pod.status?.phase;
  return phase === 'Running' ? 2 : phase === 'Unknown' ? 1 : 0;
}

/** Whole numbers that fit 32 bits count; the API server lets others pass and they count as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[POD_DELETION_COST] ?? '';
  const cost = /^(0|-?[1-9][0-9]{0,9})$/.test(text) ? Number(text) : 0;
  return cost === Math.trunc(cost) && cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0;
}

/** Floor of the binary logarithm of nanoseconds; -1 for what has not been yet. */
function logOfAge(ageMs: number): number {
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1;
}

function compareRanked(a: Ranked, b: Ranked): number {
  return (
    compareNumber(a.phase, b.phase) ||
    compareNumber(a.ready, b.ready) ||
    compareNumber(a.cost, b.cost) ||
    compareNumber(b.doubledUp, a.doubledUp) ||
    compareAge(a.readyFor, b.readyFor) ||
    compareNumber(b.restarts, a.restarts) ||
    compareAge(a.age, b.age) ||
    compareText(a.pod.metadata.uid ?? '', b.pod.metadata.uid ?? '') ||
    compareText(a.pod.metadata.name, b.pod.metadata.name)
  );
}

/** Shorter first; what has no time at all comes before everything. */
function compareAge(a: number | undefined, b: number | undefined): number {
  return compareNumber(a ?? -Infinity, b ?? -Infinity);
}

/** The owner reference that a pod of this set carries: controller, and blocking its deletion in the foreground. */
export function replicaSetOwner(replicaSet: ReplicaSet): OwnerReference {
  return {
    apiVersion: apiVersionOf(REPLICA_SETS),
    kind: REPLICA_SETS.kind,
    name: replicaSet.metadata.name,
    uid: defined(replicaSet.metadata.uid, 'the uid of a ReplicaSet that the API served'),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** A pod of this set, ready to be created under `name`. Source: controller_utils.go GetPodFromTemplate (v1.37.2). */
export function podOf(replicaSet: ReplicaSet, name: string): Pod {
  const template = defined(replicaSet.spec.template, 'the template of a ReplicaSet that the API admitted');
  const { labels, annotations } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(replicaSet.metadata.namespace === undefined ? {} : { namespace: replicaSet.metadata.namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [replicaSetOwner(replicaSet)],
    },
    spec: template.spec,
  };
}

/** The status of a ReplicaSet that has one. */
export type ReplicaSetStatus = NonNullable<ReplicaSet['status']>;

/** What went wrong in this pass, for the ReplicaFailure condition. */
export type ReplicaFailure = { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string };

/**
 * The status after a pass. Counts are of active pods as they were seen, before what the pass did.
 * Source: pkg/controller/replicaset/replica_set_utils.go calculateStatus (v1.37.2).
 */
export function replicaSetStatus(input: ReplicaSetInput, failure: ReplicaFailure | undefined): ReplicaSetStatus {
  const { replicaSet, owned, now } = input;
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  const labels = Object.entries(replicaSet.spec.template?.metadata?.labels ?? {});
  const counts = { replicas: 0, labeled: 0, ready: 0, available: 0, terminating: 0 };
  for (const pod of owned) {
    if (isPodFinished(pod)) continue;
    if (pod.metadata.deletionTimestamp !== undefined) {
      counts.terminating++;
      continue;
    }
    counts.replicas++;
    if (labels.every(([key, value]) => pod.metadata.labels?.[key] === value)) counts.labeled++;
    if (!isPodReady(pod)) continue;
    counts.ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) counts.available++;
  }
  return {
    replicas: counts.replicas,
    ...omitZeros({
      fullyLabeledReplicas: counts.labeled,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      observedGeneration: replicaSet.metadata.generation ?? 0,
    }),
    terminatingReplicas: counts.terminating,
    ...failureConditions(replicaSet, failure, now),
  };
}

function failureConditions(
  replicaSet: ReplicaSet,
  failure: ReplicaFailure | undefined,
  now: EpochMs,
): Pick<ReplicaSetStatus, 'conditions'> {
  const others = (replicaSet.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  const next: Condition | undefined = failure && {
    type: 'ReplicaFailure',
    status: 'True',
    reason: failure.reason,
    message: failure.message,
  };
  if (next === undefined) return others.length === 0 ? {} : { conditions: others };
  return { conditions: withCondition(replicaSet.status?.conditions, next, now) };
}

/**
 * How long until a pod that is ready becomes available, when nothing else happens; undefined when none is on its way. Without
 * minReadySeconds nothing has to be waited for.
 */
export function nextAvailability(input: ReplicaSetInput): DurationMs | undefined {
  const { replicaSet, owned, now } = input;
  const minReadyMs = (replicaSet.spec.minReadySeconds ?? 0) * 1000;
  if (minReadyMs === 0) return undefined;
  const waits = owned
    .filter(isPodActive)
    .map((pod) => podReadySince(pod))
    .filter((since) => since !== undefined)
    .map((since) => since + minReadyMs - now)
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : durationMs(Math.min(...waits));
}
