/** The working state of one sync. It lives as long as its conversation; the cores remember nothing beyond it. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricStatus } from '../kube/hpa.ts';
import { keyOf, type Condition, type ObjectKey } from '../kube/object.ts';
import { parseRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { withCondition, withoutCondition, type ConditionChange, type ConditionType } from './conditions.ts';
import type { HpaConfig } from './config.ts';
import { ask, instantOf, type Asking, type Conversation, type HpaEvent } from './conversation.ts';
import {
  actionOf,
  type ActionLabel,
  type ErrorLabel,
  type MetricCount,
  type SyncCounts,
  type SyncError,
} from './counts.ts';
import type { HpaExplanation, MetricExplanation } from './explanation.ts';
import type { ScaleEvent, ScaleEvents } from './scale-events.ts';
import type { Recommendation } from './stabilize.ts';
import { isSameStatus, rebuildStatus } from './status.ts';
import { toleranceOf, type Tolerance } from './tolerance.ts';

/**
 * What is remembered of one HPA from sync to sync, by key. Lost with the process; an HPA that is made anew under the same key at once
 * inherits it.
 *
 * Spec: HPA-1.4, HPA-2.44.
 */
export type HpaHistory = {
  /** Absent before the first sync that read a scale. */
  readonly recommendations?: readonly Recommendation[];
  /** What was scaled under a `behavior`. Spec: HPA-8.18, HPA-8.22. */
  readonly scaleUpEvents?: readonly ScaleEvent[];
  readonly scaleDownEvents?: readonly ScaleEvent[];
  /** The target's number at the last sync, where another writes. */
  readonly seenReplicas?: number;
};

export const NO_HISTORY: HpaHistory = {};

/** What became of the target's number of replicas. `failed`: nothing could be decided or done, and nothing was changed by us. */
export type SyncResult =
  | { readonly kind: 'rescaled'; readonly from: number; readonly to: number }
  | { readonly kind: 'held'; readonly at: number }
  | { readonly kind: 'failed' };

/** What one sync came to. */
export type HpaOutcome = {
  readonly nextHistory: HpaHistory;
  readonly result: SyncResult;
  /** The word of the event or condition that says it best. */
  readonly reason: string;
  /** Upstream's text of a sync that failed in part or in whole; it is logged, nothing more. */
  readonly error?: string;
  /** Upstream's texts of errors that are logged and change nothing, in order. */
  readonly handledErrors: readonly string[];
  readonly counts: SyncCounts;
  /** How long each metric took that was counted, from answer to answer. */
  readonly metricsMs: readonly DurationMs[];
  readonly explanation: HpaExplanation;
};

export type Writer = 'this sync' | 'another';

export type SyncInput = {
  /** As the cache holds it; its status is what was last written. */
  readonly hpa: HorizontalPodAutoscaler;
  readonly history: HpaHistory;
  readonly config: HpaConfig;
  /**
   * `another`: somebody else scales, and this sync's writes are not made. What it asks for is then not taken for done, and a step that
   * was seen to be made counts for the limits of `behavior` as an own one does. This sync unless said otherwise.
   */
  readonly writer?: Writer;
};

/** Requests a sync makes besides those per metric and per mapping: discovery, claim, scale writes with retries, events, status. */
const FIXED_REQUESTS = 32;
/** The API found, discovery, metric request, pods, event. */
const REQUESTS_PER_METRIC = 5;
/** A kind has as many mappings as its group has served versions; more than this is no Kubernetes API. */
const MAX_MAPPINGS = 32;

export type SyncDraft = Conversation & {
  readonly hpa: HorizontalPodAutoscaler;
  readonly key: ObjectKey;
  readonly config: HpaConfig;
  readonly oldStatus: HorizontalPodAutoscalerStatus;
  readonly minReplicas: number;
  readonly tolerance: Tolerance;
  /** Whether something can be measured without pods. Spec: HPA-2.12. */
  readonly hasObjectOrExternal: boolean;
  /** Whether 0 replicas are taken for the HPA's own doing. Spec: HPA-2.12, HPA-8.31. */
  readonly wasScaledToZero: boolean;
  /** `<kind>/<namespace>/<name>` of the target, for errors. Spec: HPA-2.5. */
  readonly reference: string;
  conditions: readonly Condition[];
  /** When conditions changed their status in this sync, exactly: texts have whole seconds. */
  movedAt: Map<string, EpochMs> | undefined;
  recommendations: readonly Recommendation[] | undefined;
  scaleEvents: ScaleEvents;
  readonly writer: Writer;
  seenReplicas: number | undefined;
  /** Of a successful write of the scale. Spec: HPA-23.9. */
  action: ActionLabel;
  readonly metricCounts: MetricCount[];
  readonly metricsMs: DurationMs[];
  /** What the gauge of desired replicas is set to. Spec: HPA-2.24. */
  desiredReplicasGauge: number | undefined;
  readonly handledErrors: string[];
  /** Filled in as the sync goes on. */
  readonly explanation: HpaExplanation;
  readonly metricExplanations: MetricExplanation[];
};

export function newDraft({ hpa, history, config, writer = 'this sync' }: SyncInput): SyncDraft {
  const key = keyOf(hpa);
  const { scaleTargetRef, maxReplicas, metrics = [] } = hpa.spec;
  const minReplicas = hpa.spec.minReplicas ?? 1; // HPA-2.11
  const oldStatus = hpa.status ?? { desiredReplicas: 0 };
  const metricExplanations: MetricExplanation[] = [];
  return {
    now: undefined,
    asked: 0,
    limit: FIXED_REQUESTS + MAX_MAPPINGS + REQUESTS_PER_METRIC * metrics.length,
    hpa,
    key,
    config,
    oldStatus,
    minReplicas,
    tolerance: toleranceOf(hpa.spec, config.tolerance),
    wasScaledToZero: config.gates.HPAScaleToZero && isScaledToZero(oldStatus),
    hasObjectOrExternal: metrics.some((metric) => metric.type === 'Object' || metric.type === 'External'),
    reference: `${scaleTargetRef.kind}/${key.namespace}/${scaleTargetRef.name}`,
    conditions: oldStatus.conditions ?? [],
    movedAt: undefined,
    recommendations: history.recommendations,
    scaleEvents: { up: history.scaleUpEvents ?? [], down: history.scaleDownEvents ?? [] },
    writer,
    seenReplicas: writer === 'another' ? history.seenReplicas : undefined,
    action: 'none',
    metricCounts: [],
    metricsMs: [],
    desiredReplicasGauge: undefined,
    handledErrors: [],
    explanation: { branch: 'metrics', minReplicas, maxReplicas, metrics: metricExplanations },
    metricExplanations,
  };
}

function isScaledToZero({ conditions = [] }: HorizontalPodAutoscalerStatus): boolean {
  return conditions.find((condition) => condition.type === 'ScaledToZero')?.status === 'True';
}

export function setCondition(draft: SyncDraft, change: ConditionChange): void {
  const { type, status } = change;
  const now = instantOf(draft).wall;
  const old = draft.conditions.find((condition) => condition.type === type);
  if ((old?.status ?? '') !== status) (draft.movedAt ??= new Map()).set(type, now);
  draft.conditions = withCondition(draft.conditions, change, now);
}

export function removeCondition(draft: SyncDraft, type: ConditionType): void {
  draft.conditions = withoutCondition(draft.conditions, type);
  draft.movedAt?.delete(type);
}

/** The reason of a condition, if it has this status now. */
export function conditionReason(
  draft: SyncDraft,
  type: ConditionChange['type'],
  status: ConditionChange['status'],
): string | undefined {
  return draft.conditions.find((condition) => condition.type === type && condition.status === status)?.reason;
}

export function explain(draft: SyncDraft, more: Partial<HpaExplanation>): void {
  Object.assign(draft.explanation, more);
}

export function* emit(draft: SyncDraft, event: HpaEvent): Asking<void> {
  yield* ask(draft, { kind: 'emit-event', event });
}

/** An error that a sync went on from. Spec: HPA-2.35. */
export function handleError(draft: SyncDraft, text: string | undefined): void {
  if (text !== undefined) draft.handledErrors.push(text);
}

/** Counts one metric: its proposal, or 'failed' with its label. Spec: HPA-23.9 to HPA-23.12. */
export function countMetric(draft: SyncDraft, type: string, proposal: number | SyncError): void {
  const count =
    typeof proposal === 'number'
      ? { action: actionOf(proposal, draft.oldStatus.currentReplicas ?? 0), error: 'none' as const }
      : { action: 'none' as const, error: proposal.label };
  draft.metricCounts.push({ type, ...count });
}

export type Ending = Pick<HpaOutcome, 'result' | 'reason'> & {
  readonly error?: { readonly text: string; readonly label: ErrorLabel } | undefined;
};

export function outcome(draft: SyncDraft, { error, ...more }: Ending): HpaOutcome {
  const { recommendations, scaleEvents, seenReplicas, action, metricCounts } = draft;
  const { desiredReplicasGauge, handledErrors, explanation } = draft;
  return {
    nextHistory: {
      ...(recommendations === undefined ? {} : { recommendations }),
      ...(scaleEvents.up.length === 0 ? {} : { scaleUpEvents: scaleEvents.up }),
      ...(scaleEvents.down.length === 0 ? {} : { scaleDownEvents: scaleEvents.down }),
      ...(seenReplicas === undefined ? {} : { seenReplicas }),
    },
    ...more,
    ...(error === undefined ? {} : { error: error.text }),
    handledErrors,
    metricsMs: draft.metricsMs,
    counts: {
      reconciliation: { action, error: error?.label ?? 'none' },
      metrics: metricCounts,
      ...(desiredReplicasGauge === undefined ? {} : { desiredReplicas: desiredReplicasGauge }),
    },
    explanation,
  };
}

export type NewStatus = {
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly currentMetrics: readonly MetricStatus[] | null;
  readonly scaledAt?: EpochMs;
};

/** The status rebuilt in full, written if it changed. Returns the error of a write that failed. Spec: HPA-10.1, HPA-10.3. */
export function* putNewStatus(draft: SyncDraft, { scaledAt, ...fields }: NewStatus): Asking<string | undefined> {
  const { oldStatus: old, conditions, hpa } = draft;
  const generation = draft.config.gates.HPAGeneration ? (hpa.metadata.generation ?? 0) : undefined; // HPA-2.46
  return yield* putStatus(draft, rebuildStatus({ old, generation, conditions, scaledAt, ...fields }), scaledAt);
}

/** The old status with the conditions of this sync, written if they changed. Spec: HPA-2.36. */
export function* putConditions(draft: SyncDraft): Asking<string | undefined> {
  return yield* putStatus(draft, { ...draft.oldStatus, conditions: draft.conditions });
}

/** A failure is an event and no more: there is no retry. Spec: HPA-2.35, HPA-10.4. */
function* putStatus(
  draft: SyncDraft,
  status: HorizontalPodAutoscalerStatus,
  scaledAt?: EpochMs,
): Asking<string | undefined> {
  if (isSameStatus(draft.oldStatus, status) && !hasNewTime(draft, scaledAt)) return undefined;
  const answer = yield* ask(draft, { kind: 'put-status', hpa: { ...draft.hpa, status } });
  if (answer.ok) return undefined;
  const { message } = answer.error;
  yield* emit(draft, { type: 'Warning', reason: 'FailedUpdateStatus', message });
  return `failed to update status for ${draft.key.name}: ${message}`;
}

/** A time of this sync with a fraction of a second is another one than the time that was written without it. Spec: HPA-10.3. */
function hasNewTime({ oldStatus, movedAt }: SyncDraft, scaledAt: EpochMs | undefined): boolean {
  const { lastScaleTime, conditions = [] } = oldStatus;
  if (scaledAt !== undefined && timeOf(lastScaleTime) !== scaledAt) return true;
  if (movedAt === undefined) return false;
  return conditions.some(({ type, lastTransitionTime }) => {
    const moved = movedAt.get(type);
    return moved !== undefined && timeOf(lastTransitionTime) !== moved;
  });
}

function timeOf(text: string | undefined): EpochMs | undefined {
  return text === undefined ? undefined : parseRfc3339(text);
}
