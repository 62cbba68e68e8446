/** What production counts of a sync, in upstream's labels: plain data, the series are the caller's. */

/** Spec: HPA-23.9. */
export type ActionLabel = 'scale_up' | 'scale_down' | 'none';

/** Spec: HPA-23.10. */
export type ErrorLabel = 'spec' | 'internal' | 'none';

/** An error of a sync: upstream's text, and whether it counts as one of the spec. */
export type SyncError = { readonly text: string; readonly label: Exclude<ErrorLabel, 'none'> };

export function internalError(text: string): SyncError {
  return { text, label: 'internal' };
}

export type MetricCount = {
  /** The text of the metric's `type`. Spec: HPA-23.12. */
  readonly type: string;
  readonly action: ActionLabel;
  readonly error: ErrorLabel;
};

/**
 * One sync: one observation of the reconciliation, one per metric, and the gauge of desired replicas where it was set.
 *
 * Spec: HPA-23.1 to HPA-23.4, HPA-23.6, HPA-23.13.   Source: pkg/controller/podautoscaler/monitor (v1.37.2).
 */
export type SyncCounts = {
  readonly reconciliation: { readonly action: ActionLabel; readonly error: ErrorLabel };
  readonly metrics: readonly MetricCount[];
  /** Absent: the gauge keeps its value. */
  readonly desiredReplicas?: number;
};

/** Which way a metric's proposal points, from the number that the last sync left in the status. Spec: HPA-23.9. */
export function actionOf(proposal: number, statusReplicas: number): ActionLabel {
  if (proposal === statusReplicas) return 'none';
  return proposal > statusReplicas ? 'scale_up' : 'scale_down';
}
