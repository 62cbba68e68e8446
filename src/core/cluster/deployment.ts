/**
 * The Deployment's rules: from a Deployment and its ReplicaSets to the writes of one pass and the status. Every pass makes few writes
 * and is repeated when their effect is seen; the writes are conditional on the versions it was made from.
 */

import { defined } from '../../lib/assert.ts';
import type { Deployment, ReplicaSet } from '../kube/apps.ts';
import type { Condition, OwnerReference } from '../kube/object.ts';
import { apiVersionOf, DEPLOYMENTS, REPLICA_SETS } from '../kube/resource.ts';
import type { DurationMs, EpochMs } from '../time/time.ts';
import { conditionOf } from './conditions.ts';
import {
  deploymentStatus,
  hasProgressDeadline,
  isComplete,
  progressCheckAfter,
  rolloutStatus,
  withDeploymentCondition,
  type DeploymentStatus,
} from './deployment-status.ts';
import {
  annotatedCount,
  availableOf,
  compareCreation,
  DESIRED_REPLICAS,
  desiredReplicas,
  MAX_REPLICAS,
  newSetReplicas,
  oldSetSizes,
  proportionalSizes,
  replicasOf,
  rolloutLimits,
  type SetSize,
} from './rollout.ts';
import { POD_TEMPLATE_HASH, sameTemplate, templateHash, withHash } from './template-hash.ts';

const REVISION = 'deployment.kubernetes.io/revision';

/** Annotations of a Deployment that are not handed down. Source: deployment_util.go annotationsToSkip (v1.37.2). */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  'deployment.kubernetes.io/revision-history',
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

/** What a pass over one Deployment reads. */
export type DeploymentInput = {
  readonly deployment: Deployment;
  /** Those it owns. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Uids of the ReplicaSets with pods that are not finished; Recreate waits for the old ones. */
  readonly setsWithPods: ReadonlySet<string>;
  readonly now: EpochMs;
};

/** One write of a pass. */
export type DeploymentStep =
  | { readonly kind: 'create'; readonly replicaSet: ReplicaSet }
  /** PUT of `replicaSet`, which carries the version it was made from. `from` is the size it had. */
  | { readonly kind: 'update'; readonly replicaSet: ReplicaSet; readonly from: number }
  | { readonly kind: 'delete'; readonly replicaSet: ReplicaSet };

/** What a pass shall write, steps first. */
export type DeploymentPlan = {
  readonly steps: readonly DeploymentStep[];
  readonly status: DeploymentStatus;
  /** When to look again although nothing changed. */
  readonly after: DurationMs | undefined;
};

type Sets = { readonly newSet: ReplicaSet | undefined; readonly oldSets: readonly ReplicaSet[] };

/**
 * One pass over a Deployment.
 *
 * Bounds: O(sets log sets + their templates); at most one creation.
 * Source: pkg/controller/deployment/deployment_controller.go syncDeployment, rolling.go, recreate.go, sync.go (v1.37.2).
 */
export function planDeployment(input: DeploymentInput): DeploymentPlan {
  const { deployment, now } = input;
  const sets = splitSets(deployment, input.replicaSets);
  const conditions = pausedConditions(deployment, now);
  const size = (steps: readonly DeploymentStep[]): DeploymentPlan => ({
    steps,
    status: deploymentStatus({ deployment, ...sets, now }, conditions),
    after: undefined,
  });
  if (deployment.metadata.deletionTimestamp !== undefined) return size([]);
  if (deployment.spec.paused === true || isResized(deployment, input.replicaSets)) {
    return size(resizeSteps(deployment, sets));
  }
  const rollout = deployment.spec.strategy?.type === 'Recreate' ? recreateSteps : rollingSteps;
  const steps = rollout(input, sets);
  const begun = progressBegun(deployment, sets, steps, conditions, now);
  const status = rolloutStatus({ deployment, ...sets, now }, begun);
  const cleanup = steps.length === 0 && isComplete(deployment, status) ? historySteps(deployment, sets.oldSets) : [];
  return { steps: [...steps, ...cleanup], status, after: progressCheckAfter(deployment, status, now) };
}

/** The set of the present template is the oldest that has it; all others are old. Oldest first. */
function splitSets(deployment: Deployment, replicaSets: readonly ReplicaSet[]): Sets {
  const sets = replicaSets.toSorted(compareCreation);
  const newSet = sets.find(
    ({ spec }) => spec.template !== undefined && sameTemplate(spec.template, deployment.spec.template),
  );
  return { newSet, oldSets: sets.filter((set) => set !== newSet) };
}

/** The Deployment's size changed since its active sets were sized. Source: sync.go isScalingEvent (v1.37.2). */
function isResized(deployment: Deployment, replicaSets: readonly ReplicaSet[]): boolean {
  return replicaSets.some((set) => {
    const desired = annotatedCount(set, DESIRED_REPLICAS);
    return replicasOf(set) > 0 && desired !== undefined && desired !== desiredReplicas(deployment);
  });
}

/** Source: sync.go scale (v1.37.2). */
function resizeSteps(deployment: Deployment, { newSet, oldSets }: Sets): readonly DeploymentStep[] {
  const all = newSet === undefined ? oldSets : [...oldSets, newSet];
  const active = all.filter((set) => replicasOf(set) > 0);
  const desired = desiredReplicas(deployment);
  const only = active.length === 1 ? active[0] : active.length === 0 ? (newSet ?? oldSets.at(-1)) : undefined;
  if (only !== undefined) return sizeSteps(deployment, [{ set: only, replicas: desired }]);
  if (newSet !== undefined && isSaturated(deployment, newSet)) {
    const old = active.filter((set) => set !== newSet);
    return sizeSteps(
      deployment,
      old.map((set) => ({ set, replicas: 0 })),
    );
  }
  if (deployment.spec.strategy?.type === 'Recreate') return [];
  return sizeSteps(deployment, proportionalSizes(deployment, active));
}

/** Source: deployment_util.go IsSaturated (v1.37.2). */
function isSaturated(deployment: Deployment, newSet: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment);
  return (
    replicasOf(newSet) === desired &&
    annotatedCount(newSet, DESIRED_REPLICAS) === desired &&
    availableOf(newSet) === desired
  );
}

function rollingSteps(input: DeploymentInput, { newSet, oldSets }: Sets): readonly DeploymentStep[] {
  const { deployment } = input;
  if (newSet === undefined) return [createStep(deployment, oldSets)];
  const up = newSetSteps(deployment, newSet, oldSets);
  return up.length > 0 ? up : sizeSteps(deployment, oldSetSizes(deployment, newSet, oldSets));
}

function recreateSteps(input: DeploymentInput, { newSet, oldSets }: Sets): readonly DeploymentStep[] {
  const { deployment, setsWithPods } = input;
  const active = oldSets.filter((set) => replicasOf(set) > 0);
  if (active.length > 0) {
    return sizeSteps(
      deployment,
      active.map((set) => ({ set, replicas: 0 })),
    );
  }
  if (oldSets.some((set) => setsWithPods.has(set.metadata.uid ?? ''))) return [];
  return newSet === undefined ? [createStep(deployment, oldSets)] : newSetSteps(deployment, newSet, oldSets);
}

/** Size, annotations and minReadySeconds of the new set, as far as they are not so already. */
function newSetSteps(
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): readonly DeploymentStep[] {
  const replicas = newSetReplicas(deployment, replicasOf(newSet), oldSets);
  const { minReadySeconds } = deployment.spec;
  const annotations = newSetAnnotations(deployment, oldSets, newSet.metadata.annotations ?? {});
  const { minReadySeconds: _, ...spec } = newSet.spec;
  const next: ReplicaSet = {
    ...newSet,
    metadata: { ...newSet.metadata, annotations },
    spec: { ...spec, replicas, ...(minReadySeconds === undefined ? {} : { minReadySeconds }) },
  };
  const same =
    replicas === replicasOf(newSet) &&
    (minReadySeconds ?? 0) === (newSet.spec.minReadySeconds ?? 0) &&
    sameAnnotations(annotations, newSet.metadata.annotations ?? {});
  return same ? [] : [{ kind: 'update', replicaSet: next, from: replicasOf(newSet) }];
}

/** Updates for the sets whose size, or whose note of the Deployment's size, differs. Source: sync.go scaleReplicaSet (v1.37.2). */
function sizeSteps(deployment: Deployment, sizes: readonly SetSize[]): readonly DeploymentStep[] {
  return sizes.flatMap(({ set, replicas }): readonly DeploymentStep[] => {
    const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
    if (replicas === replicasOf(set) && sameAnnotations(annotations, set.metadata.annotations ?? {})) return [];
    const metadata = { ...set.metadata, annotations };
    const replicaSet: ReplicaSet = { ...set, metadata, spec: { ...set.spec, replicas } };
    return [{ kind: 'update', replicaSet, from: replicasOf(set) }];
  });
}

type Annotations = Readonly<Record<string, string>>;

function sameAnnotations(a: Annotations, b: Annotations): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = desiredReplicas(deployment);
  return {
    [DESIRED_REPLICAS]: String(desired),
    [MAX_REPLICAS]: String(desired + rolloutLimits(deployment).maxSurge),
  };
}

/** The Deployment's annotations handed down, the size notes, and a revision above every old one's. */
function newSetAnnotations(deployment: Deployment, oldSets: readonly ReplicaSet[], present: Annotations): Annotations {
  const handedDown = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.has(key));
  const revision = 1 + oldSets.reduce((most, set) => Math.max(most, annotatedCount(set, REVISION) ?? 0), 0);
  return {
    ...present,
    ...Object.fromEntries(handedDown),
    ...sizeAnnotations(deployment),
    [REVISION]: String(Math.max(revision, Number(present[REVISION] ?? 0))),
  };
}

/** The ReplicaSet of the present template, as it is created. Source: sync.go getNewReplicaSet (v1.37.2). */
function createStep(deployment: Deployment, oldSets: readonly ReplicaSet[]): DeploymentStep {
  const { metadata, spec } = deployment;
  const hash = templateHash(spec.template, deployment.status?.collisionCount ?? 0);
  const template = withHash(spec.template, hash);
  return {
    kind: 'create',
    replicaSet: {
      apiVersion: apiVersionOf(REPLICA_SETS),
      kind: REPLICA_SETS.kind,
      metadata: {
        name: `${metadata.name}-${hash}`,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        labels: template.metadata?.labels ?? {},
        annotations: newSetAnnotations(deployment, oldSets, {}),
        ownerReferences: [deploymentOwner(deployment)],
      },
      spec: {
        replicas: newSetReplicas(deployment, 0, oldSets),
        ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [POD_TEMPLATE_HASH]: hash } },
        template,
      },
    },
  };
}

function deploymentOwner(deployment: Deployment): OwnerReference {
  return {
    apiVersion: apiVersionOf(DEPLOYMENTS),
    kind: DEPLOYMENTS.kind,
    name: deployment.metadata.name,
    uid: defined(deployment.metadata.uid, 'the uid of a Deployment that the API served'),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Removes the oldest empty sets beyond `revisionHistoryLimit`. Source: sync.go cleanupDeployment (v1.37.2). */
function historySteps(deployment: Deployment, oldSets: readonly ReplicaSet[]): readonly DeploymentStep[] {
  const kept = oldSets.filter((set) => set.metadata.deletionTimestamp === undefined);
  const excess = kept.length - (deployment.spec.revisionHistoryLimit ?? 10);
  return kept
    .slice(0, Math.max(0, excess))
    .filter(
      (set) =>
        replicasOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    )
    .map((replicaSet) => ({ kind: 'delete', replicaSet }));
}

/** Source: sync.go checkPausedConditions (v1.37.2). */
function pausedConditions(deployment: Deployment, now: EpochMs): readonly Condition[] {
  const conditions = deployment.status?.conditions ?? [];
  const paused = deployment.spec.paused === true;
  const { reason } = conditionOf(conditions, 'Progressing') ?? {};
  if (!hasProgressDeadline(deployment) || reason === 'ProgressDeadlineExceeded') return conditions;
  if (paused === (reason === 'DeploymentPaused')) return conditions;
  const next: Condition = paused
    ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  return withDeploymentCondition(conditions, next, now);
}

/** A rollout's start is progress: a new set, or one of an earlier rollout found again. */
function progressBegun(
  deployment: Deployment,
  { newSet }: Sets,
  steps: readonly DeploymentStep[],
  conditions: readonly Condition[],
  now: EpochMs,
): readonly Condition[] {
  if (!hasProgressDeadline(deployment)) return conditions;
  const created = steps.find((step) => step.kind === 'create');
  if (created !== undefined) {
    const message = `Created new replica set "${created.replicaSet.metadata.name}"`;
    return withDeploymentCondition(
      conditions,
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message },
      now,
    );
  }
  if (newSet === undefined || conditionOf(conditions, 'Progressing') !== undefined) return conditions;
  const message = `Found new replica set "${newSet.metadata.name}"`;
  return withDeploymentCondition(
    conditions,
    { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message },
    now,
  );
}
