/** One metric of type Pods: a custom metric that every pod has. */

import { err, type Result } from '../../lib/result.ts';
import type { MetricSpec } from '../kube/hpa.ts';
import { selectorFrom, selectorText, type Selector } from '../selector/selector.ts';
import { ask, type Asking } from './conversation.ts';
import { fetchError, mapToResource } from './custom-metrics.ts';
import type { SyncDraft } from './draft.ts';
import { failedMetric, type MetricContext, type MetricOutcome } from './metric-outcome.ts';
import { missingField, type MissingField } from './missing-field.ts';
import { podsExplanation, proposeOverPods } from './pods-proposal.ts';
import { podValuesOf, type Samples } from './samples.ts';
import { milliText, targetMilli } from './target-value.ts';

/**
 * The average per pod against its target. A metric whose own selector cannot be read fails before anything is asked.
 *
 * Spec: HPA-12.1 to HPA-12.4, HPA-19.6.   Source: horizontal.go computeStatusForPodsMetric (v1.37.2).
 */
export function* podsMetric(
  draft: SyncDraft,
  { metric, target }: NonNullable<MetricSpec['pods']>,
  { selector, currentReplicas, path }: MetricContext,
): Asking<MetricOutcome | MissingField> {
  const metricSelector = selectorFrom(metric.selector);
  if (!metricSelector.ok) return failedPodsMetric(metricSelector.error);
  if (target.averageValue === undefined) return missingField(`${path}.pods.target.averageValue`);
  const milli = targetMilli(target.averageValue);
  const samples = yield* fetchSamples(draft, { metric: metric.name, selector, metricSelector: metricSelector.value });
  const proposed = samples.ok
    ? yield* proposeOverPods(draft, {
        samples: samples.value,
        resource: '',
        selector,
        currentReplicas,
        target: { kind: 'average-value', milli },
      })
    : samples;
  if (!proposed.ok) return failedPodsMetric(proposed.error);
  const { first, replicas } = proposed.value.proposal;
  const name = `pods metric ${metric.name}`;
  return {
    kind: 'proposal',
    replicas,
    metric: name,
    status: { type: 'Pods', pods: { metric, current: { averageValue: milliText(first.averageMilli) } } },
    explanation: podsExplanation(draft, proposed.value, {
      metric: name,
      subject: metric.name,
      resource: '',
      target: { kind: 'average-value', targetMilli: milli },
    }),
  };
}

/** Spec: HPA-12.2. */
function failedPodsMetric(message: string): MetricOutcome {
  return failedMetric('Pods', { message, error: `failed to get pods metric value: ${message}` });
}

/** Spec: HPA-12.2, HPA-20.2, HPA-20.7, HPA-20.13. */
function* fetchSamples(
  draft: SyncDraft,
  {
    metric,
    selector,
    metricSelector,
  }: { readonly metric: string; readonly selector: Selector; readonly metricSelector: Selector },
): Asking<Result<Samples, string>> {
  const failed = (text: string): Result<never, string> => err(`unable to get metric ${metric}: ${text}`);
  const mapped = yield* mapToResource(draft, { group: '', kind: 'Pod' });
  if (!mapped.ok) return failed(fetchError(mapped.error));
  const answer = yield* ask(draft, {
    kind: 'list-pods-metric',
    namespace: draft.key.namespace,
    metric,
    labelSelector: selectorText(selector),
    metricLabelSelector: selectorText(metricSelector),
  });
  if (!answer.ok) return failed(fetchError(answer.error.message));
  if (answer.value.length === 0) return failed('no metrics returned from custom metrics API');
  const samples = podValuesOf(answer.value);
  return samples.ok ? samples : failed(fetchError(samples.error));
}
