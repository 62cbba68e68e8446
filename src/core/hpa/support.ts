/** What this version does not do yet, said in one place: an HPA that asks for it is left alone as a whole. */

import type { HorizontalPodAutoscalerSpec } from '../kube/hpa.ts';

/** The condition's and the event's reason. Not an upstream word: upstream supports all of it. */
export const FEATURE_NOT_SUPPORTED = 'FeatureNotSupported';

/**
 * The fields of a spec that ask for what is not built, by path; empty when all of it is understood.
 *
 * **Differs:** upstream scales by `behavior` and by all five metric sources.
 */
export function unsupportedFields(spec: HorizontalPodAutoscalerSpec): readonly string[] {
  const metrics = (spec.metrics ?? []).flatMap((metric, i) =>
    metric.type === 'Resource' ? [] : [`spec.metrics[${i}] of type ${metric.type}`],
  );
  return spec.behavior === undefined ? metrics : ['spec.behavior', ...metrics];
}

/** What the person reads: which fields, what happens, what to do. */
export function unsupportedMessage(fields: readonly string[]): string {
  const what = fields.join(', ');
  return `this version does not support ${what}: the target is not scaled at all until ${fields.length === 1 ? 'it is' : 'they are'} removed; supported are metrics of type Resource without behavior`;
}
