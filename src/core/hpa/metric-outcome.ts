/** What one metric comes to, and what all of them together do. A further metric source yields the same outcome. */

import type { MetricStatus } from '../kube/hpa.ts';
import { scalingInactive, type ConditionChange } from './conditions.ts';
import type { MetricExplanation } from './explanation.ts';

/** A proposal, or why there is none: `reason` and `message` are those of the event, `error` goes into the sync's error. */
export type MetricOutcome =
  | {
      readonly kind: 'proposal';
      readonly replicas: number;
      /** As it is named in conditions and events. */
      readonly metric: string;
      readonly status: MetricStatus;
      readonly explanation: MetricExplanation;
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string; readonly error: string };

export type Combined =
  | { readonly kind: 'proposal'; readonly replicas: number; readonly metric: string; readonly error?: string }
  /** Nothing may be done; `condition` is that of the first failure. */
  | { readonly kind: 'failed'; readonly condition: ConditionChange; readonly error: string };

/**
 * The largest proposal. When some metrics failed it holds only if it does not shrink the target; when all failed there is none.
 *
 * Ties keep the earlier metric; while the best is 0 every later one replaces it.
 * Spec: HPA-8.1 to HPA-8.5, HPA-8.7.   Source: horizontal.go computeReplicasForMetrics (v1.37.2).
 */
export function combineMetrics(outcomes: readonly MetricOutcome[], currentReplicas: number): Combined {
  let best = { replicas: 0, metric: '' };
  let bad = 0;
  let firstFailure: Extract<MetricOutcome, { kind: 'failed' }> | undefined;
  for (const outcome of outcomes) {
    if (outcome.kind === 'failed') {
      firstFailure ??= outcome;
      bad++;
    } else if (best.replicas === 0 || outcome.replicas > best.replicas) {
      best = { replicas: outcome.replicas, metric: outcome.metric };
    }
  }
  if (firstFailure === undefined) return { kind: 'proposal', ...best };
  const error = `invalid metrics (${bad} invalid out of ${outcomes.length}), first error is: ${firstFailure.error}`;
  if (bad >= outcomes.length || best.replicas < currentReplicas) {
    const message = `the HPA was unable to compute the replica count: ${firstFailure.message}`;
    return { kind: 'failed', condition: scalingInactive(firstFailure.reason, message), error };
  }
  return { kind: 'proposal', ...best, error };
}

/** One entry per metric, in the order of the spec; a failed one keeps its place. Spec: HPA-8.1. */
export function metricStatuses(outcomes: readonly MetricOutcome[]): readonly MetricStatus[] {
  return outcomes.map((outcome) => (outcome.kind === 'proposal' ? outcome.status : { type: '' }));
}
