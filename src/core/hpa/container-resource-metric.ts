/** One metric of type ContainerResource. */

import type { MetricSpec } from '../kube/hpa.ts';
import type { Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import { failedMetric, type MetricContext, type MetricOutcome } from './metric-outcome.ts';
import { resourceUsage } from './resource-usage.ts';

/**
 * A resource of one container of each pod.
 *
 * Spec: HPA-6.1, HPA-6.5 to HPA-6.7.   Source: horizontal.go computeStatusForContainerResourceMetric (v1.37.2).
 */
export function* containerResourceMetric(
  draft: SyncDraft,
  { name, container, target }: NonNullable<MetricSpec['containerResource']>,
  { selector, currentReplicas }: MetricContext,
): Asking<MetricOutcome> {
  const measured = container === '' ? { resource: name } : { resource: name, container };
  const utilizationName = `${name} container resource utilization (percentage of request)`;
  const usage = yield* resourceUsage(draft, { selector, currentReplicas, measured, target, utilizationName });
  if (!usage.ok) {
    const message = usage.error;
    const error = `failed to get ${container} container metric value: ${message}`; // the container, not the resource
    return failedMetric('ContainerResource', { message, error });
  }
  const { replicas, metric, current, explanation } = usage.value;
  const status = { type: 'ContainerResource', containerResource: { name, container, current } } as const;
  return { kind: 'proposal', replicas, metric, status, explanation };
}
