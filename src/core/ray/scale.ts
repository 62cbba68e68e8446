/** Writing what a round wants: choose rows, plan one patch, send it, and let the rows follow what came of it. */

import { ok, type Result } from '../../lib/result.ts';
import type { ObjectKey } from '../kube/object.ts';
import type { ClusterResourceState } from './cluster-state.ts';
import { configOf } from './config.ts';
import {
  ask,
  instantOf,
  readOf,
  type Asking,
  type Conversation,
  type Failure,
  type ReadFailure,
} from './conversation.ts';
import { rowsOf, type Instance, type InstanceUpdate } from './instances.ts';
import { isAtRest, type ClusterView, type Observation } from './observation.ts';
import { planPatch, type GroupPlan, type PatchPlan } from './plan-patch.ts';
import { rayPodsOf } from './pods.ts';
import { advance, reconcile, type Progress } from './reconcile.ts';
import { chooseScale, type ScaleChoice } from './scale-choice.ts';
import type { RaySettings } from './settings.ts';
import type { TerminationRequest } from './snapshot.ts';

export type ScaleInput = {
  readonly key: ObjectKey;
  readonly settings: RaySettings;
  readonly newId: () => string;
  /** Rows whose pods the scheduler wants deleted without a drain, and why. */
  readonly toDelete: ReadonlyMap<string, TerminationRequest>;
};

export type ScaleOutcome = {
  readonly progress: Progress;
  readonly view: ClusterView;
  readonly plans: readonly GroupPlan[];
  /** Whose pods the patch asks for, or names: done only if it did not fail. */
  readonly launched: readonly Instance[];
  readonly terminated: readonly Instance[];
  readonly deleting: ReadonlySet<string>;
  readonly failure: Failure | undefined;
};

/** How often a refused patch is planned anew before the next round has its turn. */
export const MAX_REPLANS = 3;

/**
 * Terminations before launches, in one patch. A failed guard (422) or a conflict (409) means that somebody changed the RayCluster:
 * it is read again, the rows follow, and the patch is planned anew. A lost answer is not repeated: the next round reads what came of it.
 *
 * Bounds: at most 1 + MAX_REPLANS patches, two reads before each further one, one look at the Ray nodes.
 * Spec: RAY-25.8, RAY-25.9, RAY-27.5, RAY-27.6.   Source: v2/instance_manager/reconciler.py _step_next (Ray 2.60.0).
 */
export function* scaleCluster(
  conversation: Conversation,
  start: { readonly progress: Progress; readonly observation: Observation },
  input: ScaleInput,
): Asking<ScaleOutcome> {
  const { settings, toDelete } = input;
  let { progress, observation } = start;
  const first = chooseScale({
    table: progress.table,
    view: observation,
    settings,
    at: observation.at,
    toDelete,
    spared: new Set(),
  });
  const spared = yield* findRayNodes(conversation, first, settings);
  for (let replans = 0; ; replans++) {
    const choice = chooseScale({
      table: progress.table,
      view: observation,
      settings,
      at: observation.at,
      toDelete,
      spared,
    });
    const plan = planPatch({
      view: observation,
      launch: countByType(choice.launch),
      requested: countByType(rowsOf(progress.table).filter(({ status }) => status === 'REQUESTED')),
      terminate: choice.terminate.map(({ cloudInstanceId }) => cloudInstanceId),
      compat: settings.compat,
    });
    const failure = yield* sendPatch(conversation, choice, plan, input);
    const changed = failure?.code === 409 || failure?.code === 422;
    if (!changed || replans >= MAX_REPLANS) {
      return settle({ progress, observation, choice, plan, failure }, { ...input, conversation });
    }
    const view = yield* readView(conversation, input);
    if (!view.ok || isAtRest(view.value.cluster)) {
      const lost = view.ok
        ? { code: 0, reason: 'AtRest', message: 'the RayCluster is going or suspended' }
        : view.error.failure;
      return settle({ progress, observation, choice, plan, failure: lost }, { ...input, conversation });
    }
    observation = { ...observation, ...view.value, at: instantOf(conversation) };
    progress = reconcile(progress, { observation, settings, newId: input.newId });
  }
}

/** The RayCluster, its config and its pods. */
export function* readView(
  conversation: Conversation,
  { key, settings }: Pick<ScaleInput, 'key' | 'settings'>,
): Asking<Result<ClusterView, ReadFailure>> {
  const cluster = readOf('the RayCluster', yield* ask(conversation, { kind: 'get-ray-cluster', key }));
  if (!cluster.ok) return cluster;
  const pods = readOf('the list of pods', yield* ask(conversation, { kind: 'list-pods', key }));
  if (!pods.ok) return pods;
  return ok({ cluster: cluster.value, config: configOf(cluster.value, settings.compat), pods: rayPodsOf(pods.value) });
}

/**
 * Of the rows whose pods would go without ever having shown a Ray node, those where Ray is up by now. When the GCS cannot be asked
 * all of them are spared. Spec: RAY-28.3 (C9).
 */
function* findRayNodes(
  conversation: Conversation,
  choice: ScaleChoice,
  { compat }: RaySettings,
): Asking<ReadonlySet<string>> {
  const unseen = choice.terminate.filter(({ nodeId }) => nodeId === '');
  if (unseen.length === 0 || compat.unseenRayNodes === 'delete') return new Set();
  const state = yield* ask(conversation, { kind: 'get-cluster-resource-state' });
  const up = state.ok ? podsWithRay(state.value) : undefined;
  return new Set(unseen.flatMap((row) => (up === undefined || up.has(row.cloudInstanceId) ? [row.instanceId] : [])));
}

function podsWithRay(state: ClusterResourceState): ReadonlySet<string> {
  return new Set(state.nodeStates.flatMap(({ status, instanceId }) => (status === 'DEAD' ? [] : [instanceId])));
}

function* sendPatch(
  conversation: Conversation,
  choice: ScaleChoice,
  { operations }: PatchPlan,
  { key, settings }: ScaleInput,
): Asking<Failure | undefined> {
  const asked = choice.launch.length > 0 || choice.terminate.length > 0;
  if (settings.compat.pendingDeletes === 'gate-all' && choice.deleting.size > 0 && asked) {
    return {
      code: 0,
      reason: 'PendingDeletes',
      message: `pods of ${[...choice.deleting].join(', ')} named for deletion are still there`,
    };
  }
  if (operations.length === 0) return undefined;
  const result = yield* ask(conversation, { kind: 'patch-ray-cluster', key, operations });
  return result.ok ? undefined : result.error;
}

type Attempt = {
  readonly progress: Progress;
  readonly observation: Observation;
  readonly choice: ScaleChoice;
  readonly plan: PatchPlan;
  readonly failure: Failure | undefined;
};

/** The rows after the last try. Spec: RAY-27.6 (C10). */
function settle(
  { progress, observation, choice, plan, failure }: Attempt,
  { settings, newId, toDelete, conversation }: ScaleInput & { readonly conversation: Conversation },
): ScaleOutcome {
  const { compat } = settings;
  const written = failure === undefined;
  const refused = new Set(written ? refusedOf(choice, plan) : choice.launch.map(({ instanceId }) => instanceId));
  const fails = compat.failedPatches === 'fail-instances';
  const launched = choice.launch.filter(({ instanceId }) => !refused.has(instanceId));
  const requestId = newId();
  const updates: InstanceUpdate[] = choice.retire.map((row) =>
    to(row, 'TERMINATED', 'its pod lives on under another row'),
  );
  const failures: InstanceUpdate[] = [];
  for (const row of choice.launch) {
    const isRefused = refused.has(row.instanceId);
    if (isRefused && !fails) continue;
    const launchRequestId = row.launchRequestId || requestId;
    updates.push({ ...to(row, 'REQUESTED', 'part of replicas'), launchRequestId });
    if (isRefused) failures.push(to(row, 'ALLOCATION_FAILED', failure?.message ?? 'maxReplicas is reached'));
  }
  const terminate = choice.terminate.map((row) => ({
    ...row,
    termination: toDelete.get(row.instanceId) ?? row.termination,
  }));
  for (const row of terminate) {
    if (!written && !fails) continue;
    const { termination } = row;
    updates.push({ ...to(row, 'TERMINATING', `deleting the pod after ${row.status}`), termination });
    if (!written) failures.push(to(row, 'TERMINATION_FAILED', failure.message));
  }
  const at = instantOf(conversation);
  return {
    progress: advance(advance(progress, updates, at), failures, at),
    view: observation,
    plans: plan.groups,
    launched: written ? launched : choice.launch,
    terminated: terminate,
    deleting: choice.deleting,
    failure,
  };
}

/** The youngest of each group that its maximum does not allow. */
function refusedOf({ launch }: ScaleChoice, { groups }: PatchPlan): readonly string[] {
  return groups.flatMap(({ groupName, refused }) =>
    refused === 0
      ? []
      : launch
          .filter(({ instanceType }) => instanceType === groupName)
          .slice(-refused)
          .map(({ instanceId }) => instanceId),
  );
}

function to(
  row: Instance,
  status: Instance['status'],
  details: string,
): Extract<InstanceUpdate, { kind: 'transition' }> {
  return { kind: 'transition', instanceId: row.instanceId, to: status, details };
}

function countByType(rows: readonly Instance[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { instanceType } of rows) counts.set(instanceType, (counts.get(instanceType) ?? 0) + 1);
  return counts;
}
