/** From the items of metrics.k8s.io to one number per Pod. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { PodMetrics } from '../kube/metrics.ts';
import { milliValue, parseJsonQuantity } from '../quantity/quantity.ts';
import { durationMs, epochMs, parseGoDuration, parseRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { wrapInt64 } from './numbers.ts';

/** One Pod's usage of one resource. */
export type Sample = {
  /** Thousandths of the resource's unit, int64. */
  readonly usageMilli: bigint;
  /** The end of what was measured. */
  readonly at: EpochMs;
  /** How long before `at` the measurement reaches back. */
  readonly windowMs: DurationMs;
};

/** The time of something that carries none: Go's zero time, the year 1. Spec: HPA-4.4. */
export const YEAR_ONE: EpochMs = epochMs(-62_135_596_800_000);

/**
 * Usage of `resource` per Pod name: the sum over all containers, each rounded up to milli-units first. A Pod with a container that
 * does not report the resource, or without containers, has no sample; of two items of one name the later counts.
 *
 * Returns the text of what cannot be read instead of taking it for zero.
 * Cost: O(items x containers).
 * Spec: HPA-20.9, HPA-20.10, HPA-18.8, HPA-20.21.   Source: pkg/controller/podautoscaler/metrics/client.go GetResourceMetric (v1.37.2).
 */
export function samplesOf(items: readonly PodMetrics[], resource: string): Result<ReadonlyMap<string, Sample>, string> {
  const samples = new Map<string, Sample>();
  for (const item of items) {
    const usage = podUsage(item, resource);
    if (!usage.ok) return usage;
    if (usage.value === undefined) continue;
    const at = item.timestamp === undefined ? YEAR_ONE : parseRfc3339(item.timestamp);
    const windowMs = item.window === undefined ? durationMs(0) : parseGoDuration(item.window);
    if (at === undefined) return err(`timestamp "${item.timestamp}" of pod ${item.metadata.name} is not RFC 3339`);
    if (windowMs === undefined) return err(`window "${item.window}" of pod ${item.metadata.name} is not a duration`);
    samples.set(item.metadata.name, { usageMilli: usage.value, at, windowMs });
  }
  return ok(samples);
}

function podUsage(item: PodMetrics, resource: string): Result<bigint | undefined, string> {
  let sum = 0n;
  for (const container of item.containers) {
    const text = Object.hasOwn(container.usage, resource) ? container.usage[resource] : undefined;
    if (text === undefined) return ok(undefined);
    const quantity = parseJsonQuantity(text);
    if (!quantity.ok)
      return err(`usage of ${resource} in container ${container.name} of pod ${item.metadata.name}: ${quantity.error}`);
    sum += milliValue(quantity.value);
  }
  return ok(item.containers.length === 0 ? undefined : wrapInt64(sum));
}
