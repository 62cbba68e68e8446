/** What one metric comes to, and what all of them together do. Every metric source yields the same outcome. */

import type { MetricSpec, MetricStatus } from '../kube/hpa.ts';
import type { Selector } from '../selector/selector.ts';
import { type ConditionChange, NO_METRICS, scalingInactive, validMetricFound } from './conditions.ts';
import type { ErrorLabel, SyncError } from './counts.ts';
import type { MetricExplanation } from './explanation.ts';

/** What a metric is computed for. */
export type MetricContext = {
  /** The pods of the target. */
  readonly selector: Selector;
  readonly currentReplicas: number;
  /** `status.replicas` of the scale. Spec: HPA-12.9. */
  readonly statusReplicas: number;
  /** Where the metric stands in the spec: `spec.metrics[0]`. */
  readonly path: string;
};

/** Why there is no number: `reason` and `message` are those of the event, `error` goes into the sync's error. */
export type MetricFailure = {
  readonly kind: 'failed';
  readonly reason: string;
  readonly message: string;
  readonly error: string;
  readonly label: Exclude<ErrorLabel, 'none'>;
};

export type MetricProposal = {
  readonly kind: 'proposal';
  readonly replicas: number;
  /** As it is named in conditions and events. */
  readonly metric: string;
  readonly status: MetricStatus;
  readonly explanation: MetricExplanation;
};

/** A proposal, or why there is none. */
export type MetricOutcome = MetricProposal | MetricFailure;

export type Combined =
  | { readonly kind: 'proposal'; readonly replicas: number; readonly metric: string; readonly error?: SyncError }
  /** Nothing may be done; `condition` is that of the first failure. */
  | { readonly kind: 'failed'; readonly condition: ConditionChange; readonly error: SyncError }
  /** There is no metric, neither good nor bad. Spec: HPA-8.8. */
  | { readonly kind: 'no-metrics'; readonly condition: ConditionChange };

/**
 * The largest proposal. When some metrics failed it holds only if it does not shrink the target; when all failed there is none.
 *
 * Ties keep the earlier metric; while the best is 0 every later one replaces it.
 * Spec: HPA-8.1 to HPA-8.5, HPA-8.7, HPA-8.8.   Source: horizontal.go computeReplicasForMetrics (v1.37.2).
 */
export function combineMetrics(outcomes: readonly MetricOutcome[], currentReplicas: number): Combined {
  if (outcomes.length === 0) return { kind: 'no-metrics', condition: NO_METRICS };
  let best = { replicas: 0, metric: '' };
  let bad = 0;
  let firstFailure: MetricFailure | undefined;
  for (const outcome of outcomes) {
    if (outcome.kind === 'failed') {
      firstFailure ??= outcome;
      bad++;
    } else if (best.replicas === 0 || outcome.replicas > best.replicas) {
      best = { replicas: outcome.replicas, metric: outcome.metric };
    }
  }
  if (firstFailure === undefined) return { kind: 'proposal', ...best };
  const text = `invalid metrics (${bad} invalid out of ${outcomes.length}), first error is: ${firstFailure.error}`;
  const error = { text, label: firstFailure.label };
  if (bad >= outcomes.length || best.replicas < currentReplicas) {
    const message = `the HPA was unable to compute the replica count: ${firstFailure.message}`;
    return { kind: 'failed', condition: scalingInactive(firstFailure.reason, message), error };
  }
  // -1 is the original's word for no number at all: beside an error it ends the sync. HPA-2.14
  if (best.replicas === -1) return { kind: 'failed', condition: validMetricFound(best.metric), error };
  return { kind: 'proposal', ...best, error };
}

/** One entry per metric, in the order of the spec; a failed one keeps its place. Spec: HPA-8.1. */
export function metricStatuses(outcomes: readonly MetricOutcome[]): readonly MetricStatus[] {
  return outcomes.map((outcome) => (outcome.kind === 'proposal' ? outcome.status : { type: '' }));
}

const FAILED_REASON: Readonly<Record<MetricSpec['type'], string>> = {
  Resource: 'FailedGetResourceMetric',
  ContainerResource: 'FailedGetContainerResourceMetric',
  Pods: 'FailedGetPodsMetric',
  Object: 'FailedGetObjectMetric',
  External: 'FailedGetExternalMetric',
};

/** A metric of a known source that cannot be told. Spec: HPA-21.3. */
export function failedMetric(
  type: MetricSpec['type'],
  { message, error }: { readonly message: string; readonly error: string },
): MetricFailure {
  return { kind: 'failed', reason: FAILED_REASON[type], message, error, label: 'internal' };
}

/** Spec: HPA-8.6. */
export function unknownMetricType(type: string): MetricFailure {
  const message = `unknown metric source type ${JSON.stringify(type)}`;
  return { kind: 'failed', reason: 'InvalidMetricSourceType', message, error: message, label: 'spec' };
}
