/** One metric of type Resource. */

import type { MetricSpec } from '../kube/hpa.ts';
import type { Asking } from './conversation.ts';
import type { SyncDraft } from './draft.ts';
import { failedMetric, type MetricContext, type MetricOutcome } from './metric-outcome.ts';
import { resourceUsage } from './resource-usage.ts';

/**
 * A resource of all containers of each pod.
 *
 * Spec: HPA-5.21, HPA-5.24 to HPA-5.26.   Source: horizontal.go computeStatusForResourceMetric (v1.37.2).
 */
export function* resourceMetric(
  draft: SyncDraft,
  { name, target }: NonNullable<MetricSpec['resource']>,
  { selector, currentReplicas }: MetricContext,
): Asking<MetricOutcome> {
  const utilizationName = `${name} resource utilization (percentage of request)`;
  const usage = yield* resourceUsage(draft, {
    selector,
    currentReplicas,
    measured: { resource: name },
    target,
    utilizationName,
  });
  if (!usage.ok) {
    const message = usage.error;
    return failedMetric('Resource', { message, error: `failed to get ${name} resource metric value: ${message}` });
  }
  const { replicas, metric, current, explanation } = usage.value;
  const status = { type: 'Resource', resource: { name, current } } as const;
  return { kind: 'proposal', replicas, metric, status, explanation };
}
