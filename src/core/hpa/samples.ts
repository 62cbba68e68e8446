/** From the items of the metrics APIs to one number per Pod. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { MetricValue, PodMetrics } from '../kube/metrics.ts';
import { quickMilli } from '../quantity/quick-milli.ts';
import { milliValue, parseJsonQuantity } from '../quantity/quantity.ts';
import {
  durationMs,
  epochMs,
  parseGoDuration,
  parseRfc3339,
  seconds,
  type DurationMs,
  type EpochMs,
} from '../time/time.ts';
import { add64, int64, type Int64 } from './int64.ts';

/** One Pod's usage of one resource. */
export type Sample = {
  /** Thousandths of the resource's unit, int64. */
  readonly usageMilli: Int64;
  /** The end of what was measured. */
  readonly at: EpochMs;
  /** How long before `at` the measurement reaches back. */
  readonly windowMs: DurationMs;
};

/** By Pod name. */
export type Samples = ReadonlyMap<string, Sample>;

/** The time of something that carries none: Go's zero time, the year 1. Spec: HPA-4.4. */
export const YEAR_ONE: EpochMs = epochMs(-62_135_596_800_000);

/** Spec: HPA-20.13. */
const CUSTOM_WINDOW_MS = seconds(60);

/** What of a Pod is measured: one resource of all its containers, or of the one named. */
export type Measured = { readonly resource: string; readonly container?: string };

/**
 * Usage per Pod name: the sum over all containers, each rounded up to milli-units first, or that of the first container of a name. A Pod
 * where one that counts does not report the resource, or without containers, has no sample; of two items of one name the later counts.
 *
 * Returns the text of what cannot be read instead of taking it for zero.
 * Cost: O(items x containers).
 * Spec: HPA-6.2, HPA-20.9, HPA-20.10, HPA-18.8, HPA-20.21.   Source: pkg/controller/podautoscaler/metrics/client.go GetResourceMetric (v1.37.2).
 */
export function samplesOf(items: readonly PodMetrics[], measured: Measured): Result<Samples, string> {
  const samples = new Map<string, Sample>();
  // items of one scrape mostly share their times: what was read last is not read again
  let times: { readonly text: string; readonly at: EpochMs | undefined } = { text: '', at: undefined };
  let windows: { readonly text: string; readonly windowMs: DurationMs | undefined } = { text: '', windowMs: undefined };
  for (const item of items) {
    const usage = podUsage(item, measured);
    if (!usage.ok) return usage;
    if (usage.value === undefined) continue;
    const { timestamp, window } = item;
    if (timestamp !== times.text) times = { text: timestamp, at: timeOf(timestamp) };
    if (window !== windows.text) windows = { text: window, windowMs: windowOf(window) };
    const { at } = times;
    const { windowMs } = windows;
    if (at === undefined) return err(`timestamp "${timestamp}" of pod ${item.metadata.name} is not RFC 3339`);
    if (windowMs === undefined) return err(`window "${window}" of pod ${item.metadata.name} is not a duration`);
    samples.set(item.metadata.name, { usageMilli: usage.value, at, windowMs });
  }
  return ok(samples);
}

function timeOf(text: string | undefined): EpochMs | undefined {
  return text === undefined ? YEAR_ONE : parseRfc3339(text);
}

function windowOf(text: string | undefined): DurationMs | undefined {
  return text === undefined ? durationMs(0) : parseGoDuration(text);
}

function podUsage(item: PodMetrics, { resource, container }: Measured): Result<Int64 | undefined, string> {
  const counted =
    container === undefined ? item.containers : item.containers.filter(({ name }) => name === container).slice(0, 1);
  let sum: Int64 = 0;
  for (const { name, usage } of counted) {
    const text = Object.hasOwn(usage, resource) ? usage[resource] : undefined;
    if (text === undefined) return ok(undefined);
    const quantity = milliOf(text);
    if (!quantity.ok)
      return err(`usage of ${resource} in container ${name} of pod ${item.metadata.name}: ${quantity.error}`);
    sum = add64(sum, quantity.value);
  }
  return ok(counted.length === 0 ? undefined : sum);
}

/** A quantity of an API in thousandths. Spec: HPA-18.1, HPA-18.5. */
function milliOf(value: unknown): Result<Int64, string> {
  const quick = typeof value === 'string' ? quickMilli(value) : undefined;
  if (quick !== undefined) return ok(quick);
  const quantity = parseJsonQuantity(value);
  return quantity.ok ? ok(int64(milliValue(quantity.value))) : quantity;
}

/**
 * Values of a custom metric per Pod name; of two items of one name the later counts.
 *
 * Cost: O(items). Spec: HPA-20.13.   Source: metrics/client.go GetRawMetric (v1.37.2).
 */
export function podValuesOf(items: readonly MetricValue[]): Result<Samples, string> {
  const samples = new Map<string, Sample>();
  for (const { describedObject, value, timestamp, windowSeconds } of items) {
    const quantity = milliOf(value);
    if (!quantity.ok) return err(`value of ${describedObject.name}: ${quantity.error}`);
    samples.set(describedObject.name, {
      usageMilli: quantity.value,
      at: epochMs((timestamp === undefined ? undefined : parseRfc3339(timestamp)) ?? YEAR_ONE),
      windowMs: windowSeconds === undefined ? CUSTOM_WINDOW_MS : seconds(windowSeconds),
    });
  }
  return ok(samples);
}
