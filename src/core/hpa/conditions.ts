/** The conditions of an HPA: every text they can carry, and how one is set. */

import type { Condition } from '../kube/object.ts';
import { toRfc3339, type EpochMs } from '../time/time.ts';
import type { LimitReason } from './limits.ts';

/** '' is what the original sets when there is no metric at all. Spec: HPA-8.8. */
export type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited' | 'ScaledToZero' | '';

/** What a sync says about one condition type. Spec: HPA-11. */
export type ConditionChange = {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | '';
  readonly reason: string;
  readonly message: string;
};

/**
 * The list with one condition set: in place, or appended when its type is new. Its time moves only with its status.
 *
 * Cost: O(conditions). Spec: HPA-11.1, HPA-11.2.   Source: horizontal.go setConditionInList (v1.37.2).
 */
export function withCondition(
  conditions: readonly Condition[],
  change: ConditionChange,
  now: EpochMs,
): readonly Condition[] {
  const at = conditions.findIndex((condition) => condition.type === change.type);
  const old = conditions[at];
  const { type, status, reason, message } = change;
  if (old?.status === status && old.reason === reason && old.message === message) return conditions;
  const moved = (old?.status ?? '') === status ? {} : { lastTransitionTime: toRfc3339(now) };
  const texts = reason === '' ? {} : { reason, message }; // as JSON has it: an empty text is absent
  // a status of '' is none of Kubernetes', but it is what the original writes
  const condition = { ...old, type, status, ...texts, ...moved } as Condition;
  return old === undefined ? [...conditions, condition] : conditions.with(at, condition);
}

/** The list without a type. Spec: HPA-11.3.   Source: horizontal.go removeCondition (v1.37.2). */
export function withoutCondition(conditions: readonly Condition[], type: ConditionType): readonly Condition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

function change(
  type: ConditionType,
  status: ConditionChange['status'],
  reason: string,
  message: string,
): ConditionChange {
  return { type, status, reason, message };
}

/** Spec: HPA-11.4. */
export function failedGetScale(error: string): ConditionChange {
  return change(
    'AbleToScale',
    'False',
    'FailedGetScale',
    `the HPA controller was unable to get the target's current scale: ${error}`,
  );
}

/** Spec: HPA-11.5. */
export const SUCCEEDED_GET_SCALE: ConditionChange = change(
  'AbleToScale',
  'True',
  'SucceededGetScale',
  "the HPA controller was able to get the target's current scale",
);

/** Spec: HPA-11.6. */
export const SCALING_DISABLED: ConditionChange = change(
  'ScalingActive',
  'False',
  'ScalingDisabled',
  'scaling is disabled since the replica count of the target is zero',
);

/** Why no number can be computed; the reason is upstream's word. Spec: HPA-11.7 to HPA-11.10. */
export function scalingInactive(reason: string, message: string): ConditionChange {
  return change('ScalingActive', 'False', reason, message);
}

/** What is set when there was no metric to fail or to succeed. Spec: HPA-8.8. */
export const NO_METRICS: ConditionChange = change('', '', '', '');

/** Spec: HPA-11.11. */
export function validMetricFound(metric: string): ConditionChange {
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
  return change('ScalingActive', 'True', 'ValidMetricFound', message);
}

/** Spec: HPA-11.12. */
export const SCALE_DOWN_STABILIZED: ConditionChange = change(
  'AbleToScale',
  'True',
  'ScaleDownStabilized',
  'recent recommendations were higher than current one, applying the highest recent recommendation',
);

/** Spec: HPA-11.13. */
export const SCALE_UP_STABILIZED: ConditionChange = change(
  'AbleToScale',
  'True',
  'ScaleUpStabilized',
  'recent recommendations were lower than current one, applying the lowest recent recommendation',
);

/** Spec: HPA-11.14. */
export const READY_FOR_NEW_SCALE: ConditionChange = change(
  'AbleToScale',
  'True',
  'ReadyForNewScale',
  'recommended size matches current size',
);

const LIMIT_MESSAGES: Readonly<Record<LimitReason, string>> = {
  DesiredWithinRange: 'the desired count is within the acceptable range',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
};

/** Spec: HPA-11.15 to HPA-11.19, HPA-11.24. */
export function scalingLimited(reason: LimitReason): ConditionChange {
  return change('ScalingLimited', reason === 'DesiredWithinRange' ? 'False' : 'True', reason, LIMIT_MESSAGES[reason]);
}

/** Spec: HPA-11.20. */
export function failedUpdateScale(error: string): ConditionChange {
  return change(
    'AbleToScale',
    'False',
    'FailedUpdateScale',
    `the HPA controller was unable to update the target scale: ${error}`,
  );
}

/** Spec: HPA-11.21. */
export function succeededRescale(desiredReplicas: number): ConditionChange {
  const message = `the HPA controller was able to update the target scale to ${desiredReplicas}`;
  return change('AbleToScale', 'True', 'SucceededRescale', message);
}

/** Spec: HPA-11.22. */
export const SCALED_TO_ZERO: ConditionChange = change(
  'ScaledToZero',
  'True',
  'ScaledToZero',
  'the HPA controller scaled the workload to zero',
);

/** Spec: HPA-11.23. */
export const NOT_SCALED_TO_ZERO: ConditionChange = change(
  'ScaledToZero',
  'False',
  'NotScaledToZero',
  'the HPA controller did not scale the workload to zero',
);
