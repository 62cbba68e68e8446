/** One metric of type Object: a custom metric of one object. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from '../kube/hpa.ts';
import { milliValue, parseJsonQuantity } from '../quantity/quantity.ts';
import { selectorFrom, selectorText, type Selector } from '../selector/selector.ts';
import { ask, type Asking } from './conversation.ts';
import { fetchError, mapToResource } from './custom-metrics.ts';
import type { SyncDraft } from './draft.ts';
import { failedMetric, type MetricContext, type MetricOutcome } from './metric-outcome.ts';
import { metricSelectorText } from './metric-selector-text.ts';
import { targetGroup } from './scale-target.ts';
import { milliText, targetMilli } from './target-value.ts';
import { proposeByShare, proposeByValue, valueExplanation } from './value-proposal.ts';

type ObjectSpec = NonNullable<MetricSpec['object']>;

/**
 * The value of an object, as a whole or per replica, against its target.
 *
 * Spec: HPA-12.12 to HPA-12.17.   Source: horizontal.go computeStatusForObjectMetric (v1.37.2).
 */
export function* objectMetric(draft: SyncDraft, spec: ObjectSpec, context: MetricContext): Asking<MetricOutcome> {
  const { metric, describedObject } = spec;
  const metricSelector = selectorFrom(metric.selector);
  if (!metricSelector.ok) return failedObjectMetric(metricSelector.error);
  const goal = goalOf(spec.target);
  if (goal === undefined)
    return failedObjectMetric(
      'invalid object metric source: neither a value target nor an average value target was set',
    );
  const what = `${metric.name} on ${describedObject.kind} ${draft.key.namespace}/${describedObject.name}`;
  const prefix = goal.kind === 'value' ? '' : `failed to get ${metric.name} object metric: `;
  const value = yield* fetchValue(draft, spec, metricSelector.value);
  if (!value.ok) return failedObjectMetric(`unable to get metric ${what}: ${fetchError(value.error)}`, prefix);
  const measured = { source: 'Object', valueMilli: value.value, targetMilli: goal.milli } as const;
  const subject = `${metric.name} of ${describedObject.kind} ${describedObject.name}`;
  if (goal.kind === 'average-value') {
    const proposal = proposeByShare(draft, measured, context);
    const name = `external metric ${metric.name}(${metricSelectorText(metric.selector)})`; // the original's word
    const current = { averageValue: milliText(proposal.base.averageMilli) };
    return {
      kind: 'proposal',
      replicas: proposal.replicas,
      metric: name,
      status: { type: 'Object', object: { metric, describedObject, current } },
      explanation: valueExplanation(draft, proposal, { metric: name, subject }),
    };
  }
  const proposal = yield* proposeByValue(draft, measured, context);
  if (!proposal.ok) return failedObjectMetric(proposal.error);
  const name = `${describedObject.kind} metric ${metric.name}`;
  return {
    kind: 'proposal',
    replicas: proposal.value.replicas,
    metric: name,
    status: { type: 'Object', object: { metric, describedObject, current: { value: milliText(value.value) } } },
    explanation: valueExplanation(draft, proposal.value, { metric: name, subject }),
  };
}

/** Type and field must agree. Spec: HPA-12.12. */
function goalOf({
  type,
  value,
  averageValue,
}: MetricTarget): { readonly kind: 'value' | 'average-value'; readonly milli: bigint } | undefined {
  if (type === 'Value' && value !== undefined) return { kind: 'value', milli: targetMilli(value) };
  if (type === 'AverageValue' && averageValue !== undefined)
    return { kind: 'average-value', milli: targetMilli(averageValue) };
  return undefined;
}

/** `prefix` stands only in the error of the sync. Spec: HPA-12.15. */
function failedObjectMetric(message: string, prefix = ''): MetricOutcome {
  return failedMetric('Object', { message, error: `failed to get object metric value: ${prefix}${message}` });
}

/** In thousandths. Spec: HPA-20.3, HPA-20.4, HPA-20.7, HPA-20.14. */
function* fetchValue(
  draft: SyncDraft,
  { metric, describedObject }: ObjectSpec,
  metricSelector: Selector,
): Asking<Result<bigint, string>> {
  const resource = yield* resourceOf(draft, describedObject);
  if (!resource.ok) return resource;
  const answer = yield* ask(draft, {
    kind: 'get-object-metric',
    namespace: draft.key.namespace,
    resource: resource.value,
    name: describedObject.name,
    metric: metric.name,
    metricLabelSelector: selectorText(metricSelector),
  });
  if (!answer.ok) return err(answer.error.message);
  const [item] = answer.value;
  if (item === undefined || answer.value.length !== 1)
    return err(`the custom metrics API server returned ${answer.value.length} results when we asked for exactly one`);
  const quantity = parseJsonQuantity(item.value);
  return quantity.ok ? ok(milliValue(quantity.value)) : quantity;
}

/** A namespace needs no mapping: it is the HPA's own, whatever its name is. Spec: HPA-20.4, HPA-20.7. */
function* resourceOf(
  draft: SyncDraft,
  { apiVersion, kind }: CrossVersionObjectReference,
): Asking<Result<string, string>> {
  const group = targetGroup(apiVersion);
  const wanted = { group: group.ok ? group.value : '', kind }; // what cannot be read has no group
  if (wanted.group === '' && kind === 'Namespace') return ok('namespaces');
  return yield* mapToResource(draft, wanted);
}
