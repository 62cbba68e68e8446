/** What the controller counts, as upstream's Prometheus series: a structure that counts; showing it is the caller's matter. */

import type { DurationMs } from '../time/time.ts';
import type { ObjectKey } from '../kube/object.ts';
import type { SyncCounts } from './counts.ts';

const PREFIX = 'horizontal_pod_autoscaler_controller_';

/** In seconds: 0.001 x 2^k. Spec: HPA-23.8. */
export const DURATION_BUCKETS: readonly number[] = Array.from({ length: 15 }, (_, k) => 0.001 * 2 ** k);

/** One series: its name, its labels sorted by name, and what it shows. */
export type HpaSeries = {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
} & (
  | { readonly kind: 'counter' | 'gauge'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly count: number;
      readonly sumSeconds: number;
      /** Observations up to each bound, smaller ones included. */
      readonly buckets: readonly number[];
      /** In seconds; absent: {@link DURATION_BUCKETS}. */
      readonly bounds?: readonly number[];
    }
);

/** How long a sync and each of its metrics took. */
export type SyncDurations = { readonly syncMs: DurationMs; readonly metricsMs: readonly DurationMs[] };

type Labels = Readonly<Record<string, string>>;
type Kept<T> = { readonly labels: Labels; value: T };
type Histogram = { count: number; sumSeconds: number; readonly buckets: number[] };

/**
 * Counters and gauges of one process. Series appear with their first observation, except the number of HPAs.
 *
 * Cost: O(metrics) per sync. Memory: one gauge per HPA that was ever synchronized, as upstream.
 * Spec: HPA-23.1 to HPA-23.7, HPA-23.11 to HPA-23.14.   Source: pkg/controller/podautoscaler/monitor/metrics.go (v1.37.2).
 */
export class HpaCounters {
  readonly #reconciliations = new Table<number>(() => 0);
  readonly #reconciliationTimes = new Table<Histogram>(emptyHistogram);
  readonly #metrics = new Table<number>(() => 0);
  readonly #metricTimes = new Table<Histogram>(emptyHistogram);
  readonly #desired = new Table<number>(() => 0);
  readonly #skips = new Table<number>(() => 0);
  #hpas = 0;

  /** An HPA was entered into the table of selectors. */
  added(): void {
    this.#hpas++;
  }

  /** A delete event of an HPA. */
  removed(): void {
    this.#hpas--;
  }

  /** A key was not synchronized because the cache is behind. Spec: HPA-2.2. */
  skipped(): void {
    this.#skips.at({ group: 'autoscaling', resource: 'horizontalpodautoscalers' }).value++;
  }

  /** A sync ended. Durations beyond the metrics that were counted are ignored; missing ones count as 0. */
  synced({ namespace, name }: ObjectKey, counts: SyncCounts, { syncMs, metricsMs }: SyncDurations): void {
    const { reconciliation, metrics, desiredReplicas } = counts;
    this.#reconciliations.at(reconciliation).value++;
    observe(this.#reconciliationTimes.at(reconciliation).value, syncMs);
    for (const [i, { type, action, error }] of metrics.entries()) {
      const labels = { action, error, metric_type: type };
      this.#metrics.at(labels).value++;
      observe(this.#metricTimes.at(labels).value, metricsMs[i] ?? 0);
    }
    if (desiredReplicas !== undefined) this.#desired.at({ hpa_name: name, namespace }).value = desiredReplicas;
  }

  /** Everything counted so far. O(series). */
  series(): readonly HpaSeries[] {
    const counter = (name: string, table: Table<number>): readonly HpaSeries[] => simple('counter', name, table);
    return [
      ...counter('reconciliations_total', this.#reconciliations),
      ...histograms('reconciliation_duration_seconds', this.#reconciliationTimes),
      ...counter('metric_computation_total', this.#metrics),
      ...histograms('metric_computation_duration_seconds', this.#metricTimes),
      { name: `${PREFIX}num_horizontal_pod_autoscalers`, labels: [], kind: 'gauge', value: this.#hpas },
      ...simple('gauge', 'desired_replicas', this.#desired),
      ...counter('stale_sync_skips_total', this.#skips),
    ];
  }
}

/** Values by labels. */
class Table<T> {
  readonly #rows = new Map<string, Kept<T>>();
  readonly #fresh: () => T;

  constructor(fresh: () => T) {
    this.#fresh = fresh;
  }

  at(labels: Labels): Kept<T> {
    const key = JSON.stringify(Object.values(labels));
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { labels, value: this.#fresh() };
      this.#rows.set(key, row);
    }
    return row;
  }

  rows(): Iterable<Kept<T>> {
    return this.#rows.values();
  }
}

function emptyHistogram(): Histogram {
  return { count: 0, sumSeconds: 0, buckets: DURATION_BUCKETS.map(() => 0) };
}

function observe(histogram: Histogram, ms: number): void {
  const seconds = ms / 1000;
  histogram.count++;
  histogram.sumSeconds += seconds;
  for (const [i, bound] of DURATION_BUCKETS.entries()) {
    if (seconds <= bound) histogram.buckets[i] = (histogram.buckets[i] ?? 0) + 1;
  }
}

function simple(kind: 'counter' | 'gauge', name: string, table: Table<number>): readonly HpaSeries[] {
  return [...table.rows()].map(({ labels, value }) => ({ name: PREFIX + name, labels: sorted(labels), kind, value }));
}

function histograms(name: string, table: Table<Histogram>): readonly HpaSeries[] {
  return [...table.rows()].map(({ labels, value: { count, sumSeconds, buckets } }) => ({
    name: PREFIX + name,
    labels: sorted(labels),
    kind: 'histogram',
    count,
    sumSeconds,
    buckets: [...buckets],
  }));
}

function sorted(labels: Labels): readonly (readonly [string, string])[] {
  return Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
