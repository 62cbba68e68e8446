/**
 * One round of the Ray autoscaler as one conversation: read, let the rows follow, schedule, drain, patch once, report. History goes
 * in and comes out. What cannot be read ends the round with nothing written.
 */

import { digest } from '../../lib/json.ts';
import { ok, type FieldError, type Result } from '../../lib/result.ts';
import type { ObjectKey } from '../kube/object.ts';
import { accountFor, type GroupDecision, type UnansweredScale } from './account.ts';
import type { AllocationTimeouts } from './availability.ts';
import type { ClusterResourceState } from './cluster-state.ts';
import {
  ask,
  instantOf,
  readOf,
  type Asking,
  type Conversation,
  type RayAnswer,
  type RayRequest,
  type ReadFailure,
} from './conversation.ts';
import { drainNodes } from './drain.ts';
import { EMPTY_TABLE, rowOf, rowsOf, type InstanceTable } from './instances.ts';
import { isAtRest, type Observation } from './observation.ts';
import { advance, reconcile, type Progress } from './reconcile.ts';
import { autoscalingStateOf } from './report.ts';
import { effectsOf, keepsWholeReplica, type ScheduleEffects } from './scale-choice.ts';
import { MAX_REPLANS, readView, scaleCluster } from './scale.ts';
import { schedule, type Schedule } from './schedule.ts';
import { snapshotOf } from './scheduler-input.ts';
import type { RaySettings } from './settings.ts';
import type { SchedulerSnapshot, SchedulerState } from './snapshot.ts';

/** What one round leaves for the next. Everything but the numbering can be lost: pods, Ray nodes and `replicas` bring it back. */
export type RayHistory = {
  readonly table: InstanceTable;
  readonly timeouts: AllocationTimeouts;
  /** The scheduler's own. Lost with the process: the original starts anew too. */
  readonly scheduler: SchedulerState;
  /** How many ids were given. */
  readonly sequence: number;
  /** The GCS's session that the rows belong to; undefined before the first round. */
  readonly session: string | undefined;
  /** Changes whose patch failed or was not answered in the round before, by group: for the record only. */
  readonly unanswered: ReadonlyMap<string, UnansweredScale>;
};

export const NEW_RAY_HISTORY: RayHistory = {
  table: EMPTY_TABLE,
  timeouts: new Map(),
  scheduler: { pendingUnneededSinceS: new Map() },
  sequence: 0,
  session: undefined,
  unanswered: new Map(),
};

export type RoundInput = {
  readonly key: ObjectKey;
  readonly settings: RaySettings;
  /** Begins every id; another one for each process, so that ids of a restarted one do not repeat. */
  readonly idPrefix: string;
};

export type RoundOutcome = { readonly history: RayHistory } & (
  | {
      readonly kind: 'done';
      readonly groups: readonly GroupDecision[];
      /** Fields of the RayCluster that cannot be read. */
      readonly warnings: readonly FieldError[];
      /** What went wrong and was survived, one sentence each. */
      readonly notes: readonly string[];
      readonly inputsDigest: string;
    }
  /** The RayCluster is going or suspended: nothing was written. */
  | { readonly kind: 'rest'; readonly message: string }
  /** Nothing could be decided. */
  | { readonly kind: 'fail'; readonly reason: string; readonly message: string }
);

/** State, RayCluster, pods, a look at the Ray nodes, the report; and for each further patch two reads and itself. Drains come on top. */
const MAX_REQUESTS = 6 + 3 * MAX_REPLANS;

/**
 * One round. Terminating goes before launching, and draining before deleting: a pod is named for deletion only in a round that has
 * read that Ray is gone from it. Nothing is launched or terminated before the head runs.
 *
 * Bounds: MAX_REQUESTS, and one more per row that is asked to stop.
 * Spec: RAY-22.1, RAY-25.7b, RAY-27.10.   Source: v2/autoscaler.py update_autoscaling_state, instance_manager/reconciler.py (Ray 2.60.0).
 */
export function* round(history: RayHistory, input: RoundInput): Generator<RayRequest, RoundOutcome, RayAnswer> {
  const conversation: Conversation = { now: undefined, asked: 0, limit: MAX_REQUESTS };
  const { settings } = input;
  const read = yield* observe(conversation, history, input);
  if (!read.ok) return { kind: 'fail', history, ...readFailure(read.error) };
  const { observation, known } = read.value;
  if (isAtRest(observation.cluster))
    return { kind: 'rest', history, message: 'the RayCluster is going or suspended: nothing is written' };

  let sequence = known.sequence;
  const newId = (): string => `${input.idPrefix}${++sequence}`;
  const { clusterSessionName: session } = observation.state;
  let progress = reconcile(known, { observation, settings, newId });
  const snapshot = snapshotOf({ ...progress, state: known.scheduler }, observation, settings);
  const scheduled = schedule(snapshot, observation.at);
  const { decision, explanation } = scheduled;
  if (decision.kind === 'abort')
    return {
      kind: 'fail',
      history: { ...known, ...progress, sequence, session },
      reason: decision.reason,
      message: decision.message,
    };

  const applied = applyDecision(progress, { observation, settings, newId }, decision);
  conversation.limit += applied.toDrain.length;
  const drain = yield* drainNodes(conversation, applied.progress, applied.toDrain);
  const drained = applied.toDrain.map((instanceId) => rowOf(applied.progress.table, instanceId));
  const scale = yield* scaleCluster(
    conversation,
    { progress: drain.progress, observation },
    { ...input, newId, toDelete: applied.toDelete },
  );
  progress = scale.progress;
  const { state } = observation;
  const report = autoscalingStateOf({ table: progress.table, state, decision, compat: settings.compat });
  const reported = yield* ask(conversation, { kind: 'report-autoscaling-state', state: report });

  const told = { refusals: drain.refusals, queued: queuedOf(progress.table), unanswered: known.unanswered };
  const account = accountFor({ ...scale, explanation, drained, ...told });
  return {
    kind: 'done',
    history: { ...progress, scheduler: decision.state, sequence, session, unanswered: account.unanswered },
    groups: account.decisions,
    warnings: observation.config.warnings,
    notes: [
      ...(reported.ok ? [] : [`the report to the GCS failed: ${reported.error.message}`]),
      ...[...drain.refusals].map(
        ([id, refusal]) => `${rowOf(progress.table, id).cloudInstanceId} was not drained: ${refusal}`,
      ),
    ],
    inputsDigest: digestOf(snapshot),
  };
}

type Read = { readonly observation: Observation; readonly known: RayHistory };

/**
 * The GCS's state, then the RayCluster, then its pods. Rows of another session of the GCS are dropped: its nodes all have new ids, and
 * the old ones must not look like nodes that died. Spec: RAY-22.1, RAY-22.2.
 */
function* observe(
  conversation: Conversation,
  history: RayHistory,
  input: RoundInput,
): Asking<Result<Read, ReadFailure>> {
  const first = yield* readState(conversation, history, input.settings);
  if (!first.ok) return first;
  const { state, version } = first.value;
  const view = yield* readView(conversation, input);
  if (!view.ok) return view;
  const observation = { ...view.value, state, at: instantOf(conversation) };
  const moved = history.session !== undefined && history.session !== state.clusterSessionName;
  const table = {
    version: Math.max(version, history.table.version),
    rows: moved ? EMPTY_TABLE.rows : history.table.rows,
  };
  return ok({ observation, known: { ...history, table } });
}

/** The first round learns the number of the report before it (C2). */
function* readState(
  conversation: Conversation,
  history: RayHistory,
  { compat }: RaySettings,
): Asking<Result<{ readonly state: ClusterResourceState; readonly version: number }, ReadFailure>> {
  if (history.session !== undefined || compat.reportVersion === 'restart') {
    const state = readOf('the state of the GCS', yield* ask(conversation, { kind: 'get-cluster-resource-state' }));
    return state.ok ? ok({ state: state.value, version: 0 }) : state;
  }
  const status = readOf('the status of the GCS', yield* ask(conversation, { kind: 'get-cluster-status' }));
  if (!status.ok) return status;
  const { clusterResourceState: state, autoscalingState } = status.value;
  return ok({ state, version: autoscalingState?.autoscalerStateVersion ?? 0 });
}

function readFailure({ what, failure }: ReadFailure): { readonly reason: string; readonly message: string } {
  return { reason: failure.reason || 'NoAnswer', message: `${what} could not be read: ${failure.message}` };
}

type Applied = Omit<ScheduleEffects, 'updates'> & { readonly progress: Progress };

/** Spec: RAY-25.7b. */
function applyDecision(
  progress: Progress,
  {
    observation,
    settings,
    newId,
  }: { readonly observation: Observation; readonly settings: RaySettings; readonly newId: () => string },
  decision: Extract<Schedule['decision'], { kind: 'schedule' }>,
): Applied {
  const headRuns = rowsOf(progress.table).some(
    ({ nodeKind, status }) => nodeKind === 'HEAD' && status === 'RAY_RUNNING',
  );
  if (!headRuns) return { progress, toDrain: [], toDelete: new Map() };
  const effects = effectsOf(decision, progress.table, {
    keep: (row) => keepsWholeReplica(row, observation, settings),
    newId,
  });
  return { ...effects, progress: advance(progress, effects.updates, observation.at) };
}

function queuedOf({ rows }: InstanceTable): ReadonlyMap<string, number> {
  const queued = new Map<string, number>();
  for (const { status, instanceType } of rows.values()) {
    if (status === 'QUEUED') queued.set(instanceType, (queued.get(instanceType) ?? 0) + 1);
  }
  return queued;
}

/** Of all that the decision follows from, maps as lists. */
function digestOf(snapshot: SchedulerSnapshot): string {
  const { cloud, recoverable } = snapshot.availabilities;
  const { inPlaceResize, state, pendingIdleTimeout, monotonicS } = snapshot;
  return digest({
    ...snapshot,
    availabilities: { cloud: [...cloud], recoverable: [...recoverable] },
    inPlaceResize: { groups: [...(inPlaceResize?.groups ?? [])], statuses: [...(inPlaceResize?.statuses ?? [])] },
    state: [...state.pendingUnneededSinceS],
    monotonicS: pendingIdleTimeout === undefined ? 0 : monotonicS,
  });
}
