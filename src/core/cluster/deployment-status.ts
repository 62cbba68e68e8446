/** What a Deployment's status says: counts summed over its ReplicaSets, and the conditions Available and Progressing. */

import type { Deployment, ReplicaSet } from '../kube/apps.ts';
import type { Condition } from '../kube/object.ts';
import { durationMs, parseRfc3339, seconds, toRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { conditionOf, withCondition } from './conditions.ts';
import { omitZeros } from './omit-zeros.ts';
import { availableOf, desiredReplicas, replicasOf, rolloutLimits, sumOf } from './rollout.ts';

/** The status of a Deployment that has one. */
export type DeploymentStatus = NonNullable<Deployment['status']>;

/** With this many seconds nobody waits for progress. Source: deployment_util.go HasProgressDeadline (v1.37.2). */
const NO_DEADLINE_SECONDS = 2 ** 31 - 1;

/** A Deployment and its sets, the one of the present template apart. */
export type StatusInput = {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly oldSets: readonly ReplicaSet[];
  readonly now: EpochMs;
};

/**
 * Counts and the Available condition. `conditions` are those to start from.
 * Source: pkg/controller/deployment/sync.go calculateStatus (v1.37.2).
 */
export function deploymentStatus(input: StatusInput, conditions: readonly Condition[]): DeploymentStatus {
  const { deployment, newSet, oldSets, now } = input;
  const sets = newSet === undefined ? oldSets : [newSet, ...oldSets];
  const available = sumOf(sets, availableOf);
  const enough = available >= desiredReplicas(deployment) - rolloutLimits(deployment).maxUnavailable;
  const condition: Condition = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  const collisionCount = deployment.status?.collisionCount;
  return {
    ...omitZeros({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: sumOf(sets, (set) => set.status?.replicas ?? 0),
      updatedReplicas: newSet?.status?.replicas ?? 0,
      readyReplicas: sumOf(sets, (set) => set.status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, sumOf(sets, replicasOf) - available),
    }),
    terminatingReplicas: sumOf(sets, (set) => set.status?.terminatingReplicas ?? 0),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withDeploymentCondition(conditions, condition, now),
  };
}

/**
 * The status in a rollout: the above, and Progressing as far as a deadline for progress is set.
 * Source: pkg/controller/deployment/progress.go syncRolloutStatus (v1.37.2).
 */
export function rolloutStatus(input: StatusInput, conditions: readonly Condition[]): DeploymentStatus {
  const { deployment, now } = input;
  const status = deploymentStatus(input, conditions);
  if (!hasProgressDeadline(deployment)) {
    return { ...status, conditions: (status.conditions ?? []).filter(({ type }) => type !== 'Progressing') };
  }
  const current = conditionOf(conditions, 'Progressing');
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (settled) return status;
  const next = progressing(input, status, current);
  return next === undefined
    ? status
    : { ...status, conditions: withDeploymentCondition(status.conditions ?? [], next, now) };
}

function progressing(
  input: StatusInput,
  status: DeploymentStatus,
  current: Condition | undefined,
): Condition | undefined {
  const { deployment, newSet, now } = input;
  const subject = newSet === undefined ? 'Deployment' : 'ReplicaSet';
  const name = `${subject} "${(newSet ?? deployment).metadata.name}"`;
  if (isComplete(deployment, status)) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `${name} has successfully progressed.`,
    };
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${name} is progressing.`,
      lastUpdateTime: toRfc3339(now),
    };
  }
  if (!isTimedOut(deployment, current, now)) return undefined;
  return {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `${name} has timed out progressing.`,
  };
}

/**
 * `conditions` with `next` set. One of the same status and reason is left as it is, unless `next` brings its own lastUpdateTime.
 * Source: deployment_util.go SetDeploymentCondition (v1.37.2).
 */
export function withDeploymentCondition(
  conditions: readonly Condition[],
  next: Condition,
  now: EpochMs,
): readonly Condition[] {
  const old = conditionOf(conditions, next.type);
  const fresh = next.lastUpdateTime !== undefined;
  if (old !== undefined && old.status === next.status && old.reason === next.reason && !fresh) return conditions;
  return withCondition(conditions, { ...next, lastUpdateTime: next.lastUpdateTime ?? toRfc3339(now) }, now);
}

/** Source: deployment_util.go DeploymentComplete (v1.37.2). */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** More updated, fewer old, more ready or more available pods than before. Source: deployment_util.go DeploymentProgressing (v1.37.2). */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Whether Progressing is watched at all. */
export function hasProgressDeadline(deployment: Deployment): boolean {
  const { progressDeadlineSeconds } = deployment.spec;
  return progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== NO_DEADLINE_SECONDS;
}

/** Source: deployment_util.go DeploymentTimedOut (v1.37.2). */
function isTimedOut(deployment: Deployment, current: Condition | undefined, now: EpochMs): boolean {
  if (current === undefined || current.reason === 'NewReplicaSetAvailable') return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  const deadline = progressDeadline(deployment, current);
  return deadline !== undefined && deadline < now;
}

function progressDeadline(deployment: Deployment, current: Condition): number | undefined {
  const from = parseRfc3339(current.lastUpdateTime ?? current.lastTransitionTime ?? '');
  return from === undefined ? undefined : from + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

/**
 * When to look again for want of progress; undefined when nothing is awaited. A second is added, since times are whole seconds.
 * Source: pkg/controller/deployment/progress.go requeueStuckDeployment (v1.37.2).
 */
export function progressCheckAfter(
  deployment: Deployment,
  status: DeploymentStatus,
  now: EpochMs,
): DurationMs | undefined {
  const current = conditionOf(status.conditions, 'Progressing');
  const awaited = current?.status === 'True' && current.reason !== 'NewReplicaSetAvailable';
  if (!hasProgressDeadline(deployment) || !awaited) return undefined;
  const deadline = progressDeadline(deployment, current);
  return deadline === undefined ? undefined : durationMs(Math.max(0, deadline - now) + seconds(1));
}
