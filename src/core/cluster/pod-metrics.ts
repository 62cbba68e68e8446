/**
 * From scraped samples to PodMetrics: two points per container, the rate between them, and the window that they span. Pure storage:
 * one value goes in with a tick and the next comes out.
 */

import { assert } from '../../lib/assert.ts';
import { compareText } from '../../lib/compare.ts';
import type { PodMetrics } from '../kube/metrics.ts';
import type { Pod } from '../kube/core-v1.ts';
import { parseQuantity, quantityFromMilli, quantityText } from '../quantity/quantity.ts';
import { durationMs, toGoDuration, toRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import type { ContainerSample, PodSample } from './usage.ts';

/** A container younger than this has no usable first point. Source: metrics-server pkg/storage/pod.go (v0.8.0). */
export const FRESH_CONTAINER_MIN: DurationMs = durationMs(10_000);

/** CPU in whole nanoseconds, so that differences are exact. */
type Point = {
  readonly startTime: EpochMs;
  readonly at: EpochMs;
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
};

type PodPoints = ReadonlyMap<string, Point>;

/** Per pod (`namespace/name`): the last point of each container, and the one before where it can be used. */
export type MetricsStorage = {
  readonly last: ReadonlyMap<string, PodPoints>;
  readonly previous: ReadonlyMap<string, PodPoints>;
};

/** Before the first tick. */
export const EMPTY_STORAGE: MetricsStorage = { last: new Map(), previous: new Map() };

/** Whether anything can be answered at all. Source: metrics-server pkg/storage/storage.go Ready (v0.8.0). */
export function isReady(storage: MetricsStorage): boolean {
  return storage.previous.size > 0;
}

/**
 * The storage after a tick that brought `samples`: pods that are not among them are forgotten, so that a failed scrape means missing
 * metrics and never stale ones. A pod with a container that counts no CPU or holds no memory is incomplete and left out.
 *
 * Cost: O(containers).
 * Spec: metrics-pipeline 4.2.   Source: metrics-server pkg/storage/pod.go Store (v0.8.0).
 */
export function stored(storage: MetricsStorage, samples: readonly PodSample[], resolution: DurationMs): MetricsStorage {
  const last = new Map<string, PodPoints>();
  const previous = new Map<string, PodPoints>();
  for (const sample of samples) {
    const key = `${sample.namespace}/${sample.name}`;
    if (sample.containers.some((container) => container.cpuSeconds <= 0 || container.workingSetBytes <= 0)) continue;
    const lastPoints = new Map<string, Point>();
    const previousPoints = new Map<string, Point>();
    for (const container of sample.containers) {
      const point = pointOf(container);
      lastPoints.set(container.name, point);
      const before = pointBefore(point, resolution, {
        last: storage.last.get(key)?.get(container.name),
        previous: storage.previous.get(key)?.get(container.name),
      });
      if (before !== undefined) previousPoints.set(container.name, before);
    }
    last.set(key, lastPoints);
    if (previousPoints.size > 0) previous.set(key, previousPoints);
  }
  return { last, previous };
}

function pointOf({ startTime, at, cpuSeconds, workingSetBytes }: ContainerSample): Point {
  return { startTime, at, cpuNanoseconds: Math.round(cpuSeconds * 1e9), memoryBytes: workingSetBytes };
}

/** The point that the rate up to `point` begins at; undefined when there is none yet. */
function pointBefore(
  point: Point,
  resolution: DurationMs,
  held: { readonly last: Point | undefined; readonly previous: Point | undefined },
): Point | undefined {
  const age = point.at - point.startTime;
  if (age >= FRESH_CONTAINER_MIN && age < resolution) return { ...point, at: point.startTime, cpuNanoseconds: 0 };
  // a container that started after the held point is another run of it
  if (held.last === undefined || point.startTime >= held.last.at) return undefined;
  if (point.at > held.last.at) return held.last;
  // the same measurement again: the answer stays; an older one than `previous` ends it
  return held.previous !== undefined && held.previous.at < point.at ? held.previous : undefined;
}

/**
 * PodMetrics of one pod; undefined until every container has two points. A container whose CPU counter went down is left out.
 * `timestamp` and `window` are those of the container that was measured first.
 *
 * Source: metrics-server pkg/storage/pod.go GetMetrics, pkg/api/pod.go (v0.8.0).
 */
export function podMetricsOf(storage: MetricsStorage, pod: Pod, now: EpochMs): PodMetrics | undefined {
  const { name, namespace = '', labels } = pod.metadata;
  const last = storage.last.get(`${namespace}/${name}`);
  const previous = storage.previous.get(`${namespace}/${name}`);
  if (last === undefined || previous === undefined) return undefined;
  const containers: PodMetrics['containers'][number][] = [];
  let span: { readonly at: EpochMs; readonly window: DurationMs } | undefined;
  for (const [container, point] of last) {
    const before = previous.get(container);
    if (before === undefined) return undefined;
    if (point.cpuNanoseconds < before.cpuNanoseconds) continue;
    const window = durationMs(point.at - before.at);
    const nanocores = Math.trunc((point.cpuNanoseconds - before.cpuNanoseconds) / (window / 1000));
    containers.push({ name: container, usage: { cpu: nanoText(nanocores), memory: bytesText(point.memoryBytes) } });
    if (span === undefined || point.at < span.at) span = { at: point.at, window };
  }
  if (span === undefined) return undefined;
  return {
    metadata: { name, namespace, creationTimestamp: toRfc3339(now), ...(labels === undefined ? {} : { labels }) },
    timestamp: toRfc3339(span.at),
    window: toGoDuration(span.window),
    containers,
  };
}

function nanoText(nanocores: number): string {
  const quantity = parseQuantity(`${nanocores}n`);
  assert(quantity.ok, `a rate is no quantity: ${nanocores} nanocores`);
  return quantityText(quantity.value);
}

function bytesText(bytes: number): string {
  return quantityText(quantityFromMilli(BigInt(Math.trunc(bytes)) * 1000n, 'BinarySI'));
}

/** Items are listed by namespace, then name. */
export function comparePods(a: Pod, b: Pod): number {
  return (
    compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compareText(a.metadata.name, b.metadata.name)
  );
}
