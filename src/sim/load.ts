/** The built-in load: how many requests make an HPA reach its bounds, and how many tasks fill a worker group. Pure. */

import type { Deployment } from '../core/kube/apps.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { milliValue, parseQuantity } from '../core/quantity/quantity.ts';
import { podRequests } from '../core/quantity/resources.ts';

/** CPU that one request costs in the workload model, in CPU-milliseconds. */
export const CPU_MS_PER_REQUEST = 100;

/** At the top the load asks for a fifth more than its replicas can serve at the target; at the bottom for less than half of minReplicas. */
const TOP = 1.2;
const BOTTOM = 0.4;

/** Without a cpu target to read, pods are loaded as if they should run at this share of their request. */
const DEFAULT_SHARE = 0.7;

export type LoadLevels = { readonly low: number; readonly high: number };

/** Requests per second that bring the target down to minReplicas and up to `topReplicas`. O(metrics). */
export function loadLevels(hpa: HorizontalPodAutoscaler, deployment: Deployment, topReplicas: number): LoadLevels {
  const perPod = cpuTargetMilli(hpa, deployment);
  const requests = (replicas: number): number => Math.round((10 * replicas * perPod) / CPU_MS_PER_REQUEST) / 10;
  return { low: requests(BOTTOM * Math.max(1, hpa.spec.minReplicas ?? 1)), high: requests(TOP * topReplicas) };
}

/** CPU per pod, in milli-cores, at which the HPA is content. */
function cpuTargetMilli(hpa: HorizontalPodAutoscaler, deployment: Deployment): number {
  const request = Number(podRequests(deployment.spec.template.spec).get('cpu') ?? 1000n);
  for (const metric of hpa.spec.metrics ?? []) {
    if (metric.type !== 'Resource' || metric.resource?.name !== 'cpu') continue;
    const { averageUtilization, averageValue } = metric.resource.target;
    if (averageUtilization !== undefined) return (request * averageUtilization) / 100;
    const value = averageValue === undefined ? undefined : parseQuantity(averageValue);
    if (value?.ok === true) return Number(milliValue(value.value));
  }
  return request * DEFAULT_SHARE;
}

/** The way from one rate to another in equal steps: requests per second, one entry per step, the last is `to`. */
export function ramp(from: number, to: number, steps: number): readonly number[] {
  return Array.from({ length: steps }, (_, i) => Math.round(10 * (from + ((to - from) * (i + 1)) / steps)) / 10);
}
