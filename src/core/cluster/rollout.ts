/** The arithmetic of a rollout: how far each ReplicaSet of a Deployment may go up or down now. Numbers only, no objects are made. */

import { compareNumber, compareText } from '../../lib/compare.ts';
import type { Deployment, ReplicaSet } from '../kube/apps.ts';

/** On a ReplicaSet: the Deployment's size when the set was last sized. */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
/** On a ReplicaSet: that size with the surge; proportions are taken of it. */
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** A ReplicaSet and the replicas it shall have. */
export type SetSize = { readonly set: ReplicaSet; readonly replicas: number };

/** The Deployment's size; 1 when it says nothing. */
export function desiredReplicas(deployment: Deployment): number {
  return deployment.spec.replicas ?? 1;
}

/** The set's size; 1 when it says nothing. */
export function replicasOf(set: ReplicaSet): number {
  return set.spec.replicas ?? 1;
}

/** Available pods as the set's status has them. */
export function availableOf(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

/** The sum of a number over sets. O(sets). */
export function sumOf(sets: readonly ReplicaSet[], value: (set: ReplicaSet) => number): number {
  return sets.reduce((sum, set) => sum + value(set), 0);
}

/** In pods. */
export type RolloutLimits = {
  /** Pods that may exist beyond the desired ones. */
  readonly maxSurge: number;
  /** Desired pods that may be missing. */
  readonly maxUnavailable: number;
};

/**
 * `maxSurge` (percentages round up) and `maxUnavailable` (percentages round down), never both 0; Recreate allows no surge.
 * Source: pkg/controller/deployment/util/deployment_util.go ResolveFenceposts, MaxUnavailable, MaxSurge (v1.37.2).
 */
export function rolloutLimits(deployment: Deployment): RolloutLimits {
  const { strategy } = deployment.spec;
  const desired = desiredReplicas(deployment);
  if (strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = portionOf(strategy?.rollingUpdate?.maxSurge ?? '25%', desired, Math.ceil);
  const maxUnavailable = portionOf(strategy?.rollingUpdate?.maxUnavailable ?? '25%', desired, Math.floor);
  const fenced = maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable;
  return { maxSurge, maxUnavailable: Math.min(fenced, desired) };
}

/** An IntOrString: a count, or a percentage of `total`. What validation let through and is neither counts as 0. */
function portionOf(value: number | string, total: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value;
  const match = /^([0-9]+)%$/.exec(value);
  return match === null ? 0 : round((Number(match[1]) * total) / 100);
}

/**
 * How many replicas the new set may have now, next to `others`.
 * Source: deployment_util.go NewRSNewReplicas, rolling.go reconcileNewReplicaSet (v1.37.2).
 */
export function newSetReplicas(deployment: Deployment, current: number, others: readonly ReplicaSet[]): number {
  const desired = desiredReplicas(deployment);
  if (deployment.spec.strategy?.type === 'Recreate' || current >= desired) return desired;
  const room = desired + rolloutLimits(deployment).maxSurge - current - sumOf(others, replicasOf);
  return room <= 0 ? current : current + Math.min(room, desired - current);
}

/**
 * How far the old sets go down now: first replicas that are not available anyway (oldest set first), then as many available ones as
 * leave `desired - maxUnavailable` available. Empty when nothing may go yet.
 * Source: pkg/controller/deployment/rolling.go reconcileOldReplicaSets (v1.37.2).
 */
export function oldSetSizes(
  deployment: Deployment,
  newSet: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly SetSize[] {
  const minAvailable = desiredReplicas(deployment) - rolloutLimits(deployment).maxUnavailable;
  const newUnavailable = replicasOf(newSet) - availableOf(newSet);
  let cleanup = sumOf(old, replicasOf) + replicasOf(newSet) - minAvailable - newUnavailable;
  if (cleanup <= 0) return [];
  const healthy = old.map((set) => {
    const gone = Math.min(cleanup, Math.max(0, replicasOf(set) - availableOf(set)));
    cleanup -= gone;
    return { set, replicas: replicasOf(set) - gone };
  });
  let spare = Math.max(0, sumOf(old, availableOf) + availableOf(newSet) - minAvailable);
  return healthy
    .map(({ set, replicas }) => {
      const gone = Math.min(spare, replicas);
      spare -= gone;
      return { set, replicas: replicas - gone };
    })
    .filter(({ set, replicas }) => replicas !== replicasOf(set));
}

/**
 * Spreads a change of the Deployment's size over its active sets in the middle of a rollout, in proportion to their sizes; what
 * rounding leaves goes to the first: the largest (upwards: the newer of equals, downwards: the older).
 *
 * Bounds: the sum is desired + maxSurge when anything is added; no size is negative. O(sets log sets).
 * Source: pkg/controller/deployment/sync.go scale, deployment_util.go GetReplicaSetProportion (v1.37.2).
 */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): readonly SetSize[] {
  const desired = desiredReplicas(deployment);
  const allowed = desired > 0 ? desired + rolloutLimits(deployment).maxSurge : 0;
  const toAdd = allowed - sumOf(active, replicasOf);
  const newerFirst = toAdd >= 0 ? -1 : 1;
  const sets = active.toSorted(
    (a, b) => compareNumber(replicasOf(b), replicasOf(a)) || newerFirst * compareCreation(a, b),
  );
  let added = 0;
  const sizes = sets.map((set) => {
    const left = toAdd - added;
    const fraction = replicasOf(set) === 0 || left === 0 ? 0 : fractionOf(deployment, set);
    const share = toAdd > 0 ? Math.min(fraction, left) : toAdd < 0 ? Math.max(fraction, left) : 0;
    added += share;
    return { set, replicas: replicasOf(set) + share };
  });
  const rest = toAdd - added;
  return sizes.map(({ set, replicas }, i) => ({ set, replicas: i === 0 ? Math.max(0, replicas + rest) : replicas }));
}

/** By how much a set changes when the Deployment's greatest size does. */
function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const desired = desiredReplicas(deployment);
  if (desired === 0) return -replicasOf(set);
  const before = annotatedCount(set, MAX_REPLICAS) ?? deployment.status?.replicas ?? 0;
  if (before === 0) return 0;
  const after = desired + rolloutLimits(deployment).maxSurge;
  return Math.round((replicasOf(set) * after) / before) - replicasOf(set);
}

/** The count in an annotation of a set; undefined when there is none to read. */
export function annotatedCount(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Older first, by name in the same second. */
export function compareCreation(a: ReplicaSet, b: ReplicaSet): number {
  return (
    compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compareText(a.metadata.name, b.metadata.name)
  );
}
