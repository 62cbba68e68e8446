/** All metrics of an HPA, each by its source, in the order of the spec. */

import type { MetricSpec } from '../kube/hpa.ts';
import { containerResourceMetric } from './container-resource-metric.ts';
import { durationMs } from '../time/time.ts';
import { instantOf, type Asking } from './conversation.ts';
import { countMetric, emit, type SyncDraft } from './draft.ts';
import { externalMetric } from './external-metric.ts';
import { unknownMetricType, type MetricContext, type MetricOutcome } from './metric-outcome.ts';
import { missingField, type MissingField } from './missing-field.ts';
import { objectMetric } from './object-metric.ts';
import { podsMetric } from './pods-metric.ts';
import { resourceMetric } from './resource-metric.ts';

export type Measured = { readonly kind: 'measured'; readonly outcomes: readonly MetricOutcome[] };

/**
 * Every metric, one after the other; each failed one has its event and each is counted.
 *
 * Spec: HPA-2.26, HPA-8.2, HPA-21.3, HPA-23.4, HPA-23.12.   Source: horizontal.go computeReplicasForMetrics (v1.37.2).
 */
export function* measure(draft: SyncDraft, target: Omit<MetricContext, 'path'>): Asking<Measured | MissingField> {
  const { selector, currentReplicas, statusReplicas } = target;
  const outcomes: MetricOutcome[] = [];
  for (const [i, metric] of (draft.hpa.spec.metrics ?? []).entries()) {
    const began = instantOf(draft).mono;
    const context = { selector, currentReplicas, statusReplicas, path: `spec.metrics[${i}]` };
    const outcome = yield* measureOne(draft, metric, context);
    draft.metricsMs.push(durationMs(instantOf(draft).mono - began));
    switch (outcome.kind) {
      case 'missing-field':
        countMetric(draft, metric.type, 0); // the original counts on its way down
        return outcome;
      case 'failed': {
        const { reason, message, error, label } = outcome;
        draft.metricExplanations.push({ kind: 'failed', metric: nameOf(metric), reason, message });
        yield* emit(draft, { type: 'Warning', reason, message });
        countMetric(draft, metric.type, { text: error, label });
        break;
      }
      case 'proposal':
        draft.metricExplanations.push(outcome.explanation);
        countMetric(draft, metric.type, outcome.replicas);
        break;
    }
    outcomes.push(outcome);
  }
  return { kind: 'measured', outcomes };
}

function* measureOne(
  draft: SyncDraft,
  metric: MetricSpec,
  context: MetricContext,
): Asking<MetricOutcome | MissingField> {
  const { path } = context;
  switch (metric.type) {
    case 'Resource':
      return metric.resource === undefined
        ? missingField(`${path}.resource`)
        : yield* resourceMetric(draft, metric.resource, context);
    case 'ContainerResource':
      return metric.containerResource === undefined
        ? missingField(`${path}.containerResource`)
        : yield* containerResourceMetric(draft, metric.containerResource, context);
    case 'Pods':
      return metric.pods === undefined ? missingField(`${path}.pods`) : yield* podsMetric(draft, metric.pods, context);
    case 'Object':
      return metric.object === undefined
        ? missingField(`${path}.object`)
        : yield* objectMetric(draft, metric.object, context);
    case 'External':
      return metric.external === undefined
        ? missingField(`${path}.external`)
        : yield* externalMetric(draft, metric.external, context);
    default:
      return unknownMetricType(metric.type);
  }
}

/** What a person would call a metric that could not be read. */
function nameOf(metric: MetricSpec): string {
  const { resource, containerResource, pods, object, external } = metric;
  const name = resource?.name ?? containerResource?.name ?? (pods ?? object ?? external)?.metric.name ?? '';
  return `${name} ${SOURCE_WORD[metric.type] ?? metric.type}`.trim();
}

const SOURCE_WORD: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'container resource',
  Pods: 'pods metric',
  Object: 'object metric',
  External: 'external metric',
};
