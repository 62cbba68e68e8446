/** One metric of type External: series that belong to no object of the cluster. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { MetricSpec, MetricTarget } from '../kube/hpa.ts';
import type { ExternalMetricValue } from '../kube/metrics.ts';
import { milliValue, parseJsonQuantity } from '../quantity/quantity.ts';
import { selectorFrom, selectorText } from '../selector/selector.ts';
import { ask, type Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import { failedMetric, type MetricContext, type MetricOutcome } from './metric-outcome.ts';
import { metricSelectorText } from './metric-selector-text.ts';
import { sumForAverage, sumForValue } from './target-ratio.ts';
import { milliText, targetMilli } from './target-value.ts';
import { proposeByShare, proposeByValue, valueExplanation, type ValueProposal } from './value-proposal.ts';

type ExternalSpec = NonNullable<MetricSpec['external']>;

/**
 * The sum of all series, as a whole or per replica, against its target.
 *
 * Spec: HPA-12.18 to HPA-12.24.   Source: horizontal.go computeStatusForExternalMetric (v1.37.2).
 */
export function* externalMetric(draft: SyncDraft, spec: ExternalSpec, context: MetricContext): Asking<MetricOutcome> {
  const { metric, target } = spec;
  const goal = goalOf(target);
  if (goal === undefined)
    return failedExternalMetric(spec, {
      message: 'invalid external metric source: neither a value target nor an average value target was set',
      prefix: '',
    });
  const prefix =
    goal.kind === 'value'
      ? `failed to get external metric ${metric.name}: `
      : `failed to get ${metric.name} external metric: `;
  const values = yield* fetchValues(draft, spec);
  if (!values.ok) return failedExternalMetric(spec, { message: values.error, prefix });
  const proposed = yield* propose(draft, { goal, values: values.value, context });
  if (!proposed.ok) return failedExternalMetric(spec, { message: proposed.error, prefix });
  const { base, measured, replicas } = proposed.value;
  const current =
    base.kind === 'average-value'
      ? { averageValue: milliText(base.averageMilli) }
      : { value: milliText(measured.valueMilli) };
  const name = `external metric ${metric.name}(${metricSelectorText(metric.selector)})`;
  return {
    kind: 'proposal',
    replicas,
    metric: name,
    status: { type: 'External', external: { metric, current } },
    explanation: valueExplanation(draft, proposed.value, { metric: name, subject: metric.name }),
  };
}

type Goal = { readonly kind: 'value' | 'average-value'; readonly milli: bigint };

/** An average is looked for first; the type does not count. Spec: HPA-12.18. */
function goalOf({ value, averageValue }: MetricTarget): Goal | undefined {
  if (averageValue !== undefined) return { kind: 'average-value', milli: targetMilli(averageValue) };
  return value === undefined ? undefined : { kind: 'value', milli: targetMilli(value) };
}

/** `prefix` stands only in the error of the sync. Spec: HPA-12.22. */
function failedExternalMetric(
  { metric }: ExternalSpec,
  { message, prefix }: { readonly message: string; readonly prefix: string },
): MetricOutcome {
  return failedMetric('External', {
    message,
    error: `failed to get ${metric.name} external metric value: ${prefix}${message}`,
  });
}

/** In thousandths, in the order of the list. Spec: HPA-12.22, HPA-20.5, HPA-20.15. */
function* fetchValues(draft: SyncDraft, { metric }: ExternalSpec): Asking<Result<readonly bigint[], string>> {
  const { namespace } = draft.key;
  const selector = selectorFrom(metric.selector);
  if (!selector.ok) return selector;
  const labelSelector = selectorText(selector.value);
  const answer = yield* ask(draft, { kind: 'list-external-metric', namespace, metric: metric.name, labelSelector });
  const values = answer.ok ? valuesOf(answer.value) : err(fetchError(answer.error.message));
  if (values.ok) return values;
  const what = `${namespace}/${metric.name}/${metricSelectorText(metric.selector)}`;
  return err(`unable to get external metric ${what}: ${values.error}`);
}

function valuesOf(items: readonly ExternalMetricValue[]): Result<readonly bigint[], string> {
  if (items.length === 0) return err('no metrics returned from external metrics API');
  const values: bigint[] = [];
  for (const { value } of items) {
    const quantity = parseJsonQuantity(value);
    if (!quantity.ok) return err(fetchError(quantity.error));
    values.push(milliValue(quantity.value));
  }
  return ok(values);
}

function fetchError(message: string): string {
  return `unable to fetch metrics from external metrics API: ${message}`;
}

function* propose(
  draft: SyncDraft,
  given: { readonly goal: Goal; readonly values: readonly bigint[]; readonly context: MetricContext },
): Asking<Result<ValueProposal, string>> {
  const { goal, values, context } = given;
  const common = { source: 'External', targetMilli: goal.milli } as const;
  return goal.kind === 'average-value'
    ? ok(proposeByShare(draft, { ...common, valueMilli: sumForAverage(values) }, context))
    : yield* proposeByValue(draft, { ...common, valueMilli: sumForValue(values) }, context);
}
