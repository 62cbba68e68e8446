/**
 * Fields that the API server makes sure of and the original reads unasked: without one it crashes. Objects that did not come through
 * the API's defaults and validation may lack them; then the sync ends with an error.
 */

import type { HorizontalPodAutoscalerSpec, ScalingRules } from '../kube/hpa.ts';
import type { SyncError } from './counts.ts';

/** A field, by path, without which the original does not survive. Spec: HPA-2.39. */
export type MissingField = {
  readonly kind: 'missing-field';
  readonly field: string;
  /** An error that the sync had kept by then: how it is counted. Spec: HPA-8.3, HPA-23.10. */
  readonly kept?: SyncError;
};

/** What the original says before it dies. Spec: HPA-2.39. */
export const CRASH_TEXT = 'panic: runtime error: invalid memory address or nil pointer dereference';

export function missingField(field: string): MissingField {
  return { kind: 'missing-field', field };
}

/** The field without which the windows of `behavior` cannot be told. Spec: HPA-9.9. */
export function missingForWindows({ behavior }: HorizontalPodAutoscalerSpec): MissingField | undefined {
  if (behavior?.scaleUp?.stabilizationWindowSeconds === undefined)
    return missingField('spec.behavior.scaleUp.stabilizationWindowSeconds');
  return behavior.scaleDown === undefined ? missingField('spec.behavior.scaleDown') : undefined;
}

export type CompleteRules = ScalingRules & Required<Pick<ScalingRules, 'selectPolicy'>>;

/** Whether the rules of a direction say what limits are made of. Spec: HPA-8.13. */
export function areComplete(rules: ScalingRules | undefined): rules is CompleteRules {
  return rules?.selectPolicy !== undefined;
}
