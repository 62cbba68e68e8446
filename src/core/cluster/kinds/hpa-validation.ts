/** What the spec of an HPA may say, in the API server's words, with a sentence on how to mend it. Types have been checked before. */

import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus, ScalingRules } from '../../kube/hpa.ts';
import { quantitySign } from '../../quantity/quantity.ts';
import type { FieldError } from '../../../lib/result.ts';
import { forbiddenField, invalidField, requiredField, unsupportedField } from '../field-errors.ts';
import { checkedQuantity, isBrokenApiVersion, validateReference, type GroupRule } from './hpa-field-checks.ts';
import { validateMetric } from './hpa-metric-validation.ts';

export type HpaSpecOptions = {
  /** What `minReplicas` may be at least: 1 while the gate HPAScaleToZero is off. */
  readonly minReplicasFloor?: 0 | 1;
  /** The spec that is stored: this is an update, and what was wrong before is not refused anew. */
  readonly old?: HorizontalPodAutoscalerSpec;
};

/**
 * Everything wrong with a spec after defaulting, in the server's order: the two limits that the server checks declaratively come last,
 * unless an update leaves them as they were. Total on anything whose types fit the schema, absent parts included.
 *
 * Cost: O(metrics + policies).
 * Spec: HPA-14.1 to HPA-14.39.   Source: pkg/apis/autoscaling/validation/validation.go,
 * pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go (v1.37.2).
 */
export function validateHpaSpec(
  spec: HorizontalPodAutoscalerSpec,
  options: HpaSpecOptions = {},
): readonly FieldError[] {
  const min = spec.minReplicas ?? 1;
  const max: number | undefined = spec.maxReplicas; // types say present, objects from outside may lack it
  const limits = validateLimits(spec, options);
  const errors: FieldError[] = [...limits.kept];
  if ((max ?? 0) < min) {
    const fix = `set spec.maxReplicas to ${Math.max(min, 1)} or more`;
    errors.push({
      ...invalidField('spec.maxReplicas', max ?? 0, 'must be greater than or equal to `minReplicas`'),
      fix,
    });
  }
  errors.push(...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef', targetRule(spec, options.old)));
  const objectRule = describedObjectRule(options.old);
  for (const [i, metric] of (spec.metrics ?? []).entries())
    errors.push(...validateMetric(metric, `spec.metrics[${i}]`, objectRule));
  const toZero = (spec.metrics ?? []).some((metric) => metric.type === 'Object' || metric.type === 'External');
  if (min === 0 && !toZero) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push({
      ...forbiddenField('spec.metrics', why),
      fix: 'set spec.minReplicas to 1: a target without pods has no pod metrics',
    });
  }
  errors.push(...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'));
  errors.push(...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'));
  return [...errors, ...limits.declared];
}

/** The two limits. `declared`: checked declaratively; `kept`: left as they were by an update, and told by the older check. */
function validateLimits(
  spec: HorizontalPodAutoscalerSpec,
  { minReplicasFloor = 0, old }: HpaSpecOptions,
): { readonly declared: readonly FieldError[]; readonly kept: readonly FieldError[] } {
  const [declared, kept]: [FieldError[], FieldError[]] = [[], []];
  const floor = old?.minReplicas === 0 ? 0 : minReplicasFloor;
  const { minReplicas: min } = spec;
  if (min !== undefined && min < floor) {
    const what = invalidField('spec.minReplicas', min, `must be greater than or equal to ${floor}`);
    const place = old !== undefined && old.minReplicas === min ? kept : declared;
    place.push({ ...what, fix: 'set spec.minReplicas to 1 or more' });
  }
  const max = spec.maxReplicas ?? 0; // types say present, objects from outside may lack it
  const isKept = old !== undefined && (old.maxReplicas ?? 0) === max;
  const fix = 'set spec.maxReplicas to the largest number of replicas you allow';
  const place = isKept ? kept : declared;
  const detail = isKept ? 'must be set and greater than 0' : undefined;
  if (max === 0) place.push({ ...requiredField('spec.maxReplicas', detail), fix });
  else if (max < 0) place.push({ ...invalidField('spec.maxReplicas', max, 'must be greater than or equal to 1'), fix });
  return { declared, kept };
}

/** Spec: HPA-14.9 to HPA-14.11. */
function targetRule(spec: HorizontalPodAutoscalerSpec, old: HorizontalPodAutoscalerSpec | undefined): GroupRule {
  const { kind, apiVersion = '' } = spec.scaleTargetRef ?? {}; // types say present, objects from outside may lack it
  const before = old?.scaleTargetRef;
  const isKept = (before?.kind ?? '') === (kind ?? '') && (before?.apiVersion ?? '') === apiVersion;
  if (old !== undefined && isKept) return 'not-checked';
  return kind === 'ReplicationController' ? 'group-optional' : 'group-required';
}

/** Spec: HPA-14.18. */
function describedObjectRule(old: HorizontalPodAutoscalerSpec | undefined): GroupRule {
  const broken = (old?.metrics ?? []).some(
    ({ type, object }) => type === 'Object' && isBrokenApiVersion(object?.describedObject?.apiVersion),
  );
  return broken ? 'not-checked' : 'group-optional';
}

const NOT_NEGATIVE = 'must be greater than or equal to 0';

/** Spec: HPA-14.42. */
export function validateHpaStatus(status: HorizontalPodAutoscalerStatus | undefined): readonly FieldError[] {
  const fix = 'write what was observed; no number in a status is negative';
  const counts = [
    ...(status?.conditions ?? []).map(
      ({ observedGeneration = 0 }, i) => [`status.conditions[${i}].observedGeneration`, observedGeneration] as const,
    ),
    ['status.currentReplicas', status?.currentReplicas ?? 0] as const,
    ['status.desiredReplicas', status?.desiredReplicas ?? 0] as const,
  ];
  return counts.flatMap(([path, value]) => (value < 0 ? [{ ...invalidField(path, value, NOT_NEGATIVE), fix }] : []));
}

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

/** Spec: HPA-14.33 to HPA-14.39. */
function validateRules(rules: ScalingRules | undefined, path: string): readonly FieldError[] {
  if (rules === undefined) return [];
  const errors: FieldError[] = [];
  const window = rules.stabilizationWindowSeconds ?? 0;
  const windowFix = `write 0 to ${MAX_WINDOW_SECONDS} seconds in ${path}.stabilizationWindowSeconds`;
  const windowProblem =
    window < 0
      ? 'must be greater than or equal to zero'
      : window > MAX_WINDOW_SECONDS
        ? `must be less than or equal to ${MAX_WINDOW_SECONDS}`
        : undefined;
  if (windowProblem !== undefined) {
    errors.push({ ...invalidField(`${path}.stabilizationWindowSeconds`, window, windowProblem), fix: windowFix });
  }
  if (!['Max', 'Min', 'Disabled'].includes(rules.selectPolicy ?? 'Max')) {
    const what = unsupportedField(`${path}.selectPolicy`, rules.selectPolicy, ['Max', 'Min', 'Disabled']);
    errors.push({ ...what, fix: `write Max, Min or Disabled in ${path}.selectPolicy` });
  }
  const policies = rules.policies ?? [];
  if (policies.length === 0) {
    const what = requiredField(`${path}.policies`, 'must specify at least one Policy');
    errors.push({ ...what, fix: `remove ${path}.policies to get the defaults, or list a policy` });
  }
  for (const [j, policy] of policies.entries()) errors.push(...validatePolicy(policy, `${path}.policies[${j}]`));
  errors.push(
    ...checkedQuantity(rules.tolerance, `${path}.tolerance`, (tolerance) =>
      quantitySign(tolerance) >= 0 ? undefined : NOT_NEGATIVE,
    ),
  );
  return errors;
}

function validatePolicy(policy: NonNullable<ScalingRules['policies']>[number], path: string): readonly FieldError[] {
  const { type } = policy;
  const value: number = policy.value ?? 0; // types say present, objects from outside may lack them
  const periodSeconds: number = policy.periodSeconds ?? 0;
  const errors: FieldError[] = [];
  if (type !== 'Pods' && type !== 'Percent') {
    errors.push({
      ...unsupportedField(`${path}.type`, type ?? '', ['Pods', 'Percent']),
      fix: `write Pods or Percent in ${path}.type`,
    });
  }
  if (value <= 0)
    errors.push({
      ...invalidField(`${path}.value`, value, 'must be greater than zero'),
      fix: `write 1 or more in ${path}.value`,
    });
  const fix = `write 1 to ${MAX_PERIOD_SECONDS} seconds in ${path}.periodSeconds`;
  if (periodSeconds <= 0)
    errors.push({ ...invalidField(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero'), fix });
  if (periodSeconds > MAX_PERIOD_SECONDS) {
    const why = `must be less than or equal to ${MAX_PERIOD_SECONDS}`;
    errors.push({ ...invalidField(`${path}.periodSeconds`, periodSeconds, why), fix });
  }
  return errors;
}
