/** The working state of one sync. It lives as long as its conversation; the cores remember nothing beyond it. */

import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricStatus } from '../kube/hpa.ts';
import { keyOf, type Condition, type ObjectKey } from '../kube/object.ts';
import type { EpochMs } from '../time/time.ts';
import { withCondition, type ConditionChange } from './conditions.ts';
import type { HpaConfig } from './config.ts';
import { ask, instantOf, type Asking, type Conversation, type HpaEvent } from './conversation.ts';
import type { HpaExplanation, MetricExplanation } from './explanation.ts';
import type { Recommendation } from './stabilize.ts';
import { isSameStatus, rebuildStatus } from './status.ts';

/**
 * What is remembered of one HPA from sync to sync, by key. Lost with the process; an HPA that is made anew under the same key at once
 * inherits it.
 *
 * Spec: HPA-1.4, HPA-2.44.
 */
export type HpaHistory = {
  /** Absent before the first sync that read a scale. */
  readonly recommendations?: readonly Recommendation[];
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
  readonly explanation: HpaExplanation;
};

export type SyncInput = {
  /** As the cache holds it; its status is what was last written. */
  readonly hpa: HorizontalPodAutoscaler;
  readonly history: HpaHistory;
  readonly config: HpaConfig;
};

/** Requests a sync makes besides those per metric and per mapping: discovery, claim, scale writes with retries, events, status. */
const FIXED_REQUESTS = 32;
/** Metric request, pods, event. */
const REQUESTS_PER_METRIC = 3;
/** A kind has as many mappings as its group has served versions; more than this is no Kubernetes API. */
const MAX_MAPPINGS = 32;

export type SyncDraft = Conversation & {
  readonly hpa: HorizontalPodAutoscaler;
  readonly key: ObjectKey;
  readonly config: HpaConfig;
  readonly oldStatus: HorizontalPodAutoscalerStatus;
  readonly minReplicas: number;
  /** Whether something can be measured without pods. Spec: HPA-2.12. */
  readonly hasObjectOrExternal: boolean;
  /** `<kind>/<namespace>/<name>` of the target, for errors. Spec: HPA-2.5. */
  readonly reference: string;
  conditions: readonly Condition[];
  recommendations: readonly Recommendation[] | undefined;
  explanation: HpaExplanation;
  readonly metricExplanations: MetricExplanation[];
};

export function newDraft({ hpa, history, config }: SyncInput): SyncDraft {
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
    hasObjectOrExternal: metrics.some((metric) => metric.type === 'Object' || metric.type === 'External'),
    reference: `${scaleTargetRef.kind}/${key.namespace}/${scaleTargetRef.name}`,
    conditions: oldStatus.conditions ?? [],
    recommendations: history.recommendations,
    explanation: { branch: 'metrics', minReplicas, maxReplicas, metrics: metricExplanations },
    metricExplanations,
  };
}

export function setCondition(draft: SyncDraft, change: ConditionChange): void {
  draft.conditions = withCondition(draft.conditions, change, instantOf(draft).wall);
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
  draft.explanation = { ...draft.explanation, ...more };
}

export function* emit(draft: SyncDraft, event: HpaEvent): Asking<void> {
  yield* ask(draft, { kind: 'emit-event', event });
}

export function outcome(draft: SyncDraft, more: Pick<HpaOutcome, 'result' | 'reason' | 'error'>): HpaOutcome {
  const { recommendations, explanation } = draft;
  return { nextHistory: recommendations === undefined ? {} : { recommendations }, ...more, explanation };
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
  return yield* putStatus(
    draft,
    rebuildStatus({ old, generation: hpa.metadata.generation, conditions, scaledAt, ...fields }),
  );
}

/** The old status with the conditions of this sync, written if they changed. Spec: HPA-2.36. */
export function* putConditions(draft: SyncDraft): Asking<string | undefined> {
  return yield* putStatus(draft, { ...draft.oldStatus, conditions: draft.conditions });
}

/** A failure is an event and no more: there is no retry. Spec: HPA-2.35, HPA-10.4. */
function* putStatus(draft: SyncDraft, status: HorizontalPodAutoscalerStatus): Asking<string | undefined> {
  if (isSameStatus(draft.oldStatus, status)) return undefined;
  const answer = yield* ask(draft, { kind: 'put-status', hpa: { ...draft.hpa, status } });
  if (answer.ok) return undefined;
  const { message } = answer.error;
  yield* emit(draft, { type: 'Warning', reason: 'FailedUpdateStatus', message });
  return `failed to update status for ${draft.key.name}: ${message}`;
}
