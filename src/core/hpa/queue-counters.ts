/** What the work queue counts, as the original's series: how many keys come, wait and are worked on, and how long each takes. */

import type { DurationMs } from '../time/time.ts';
import type { HpaSeries } from './counters.ts';

/** Told what happens in the queue. */
export type QueueObserver = {
  /** A key became ready that was not, or, while it is in process, will be. */
  added(): void;
  /** A key was taken that was ready `since`. */
  taken(key: string, since: DurationMs): void;
  done(key: string): void;
  /** A key is to become ready later. */
  delayed(): void;
};

/** In seconds. Multiplied one after the other, as the original does: their last digits are part of a label. */
const BOUNDS: readonly number[] = Array.from({ length: 10 }).reduce<readonly number[]>(
  (bounds) => [...bounds, bounds.length === 0 ? 10e-9 : (bounds.at(-1) ?? 0) * 10],
  [],
);

type Durations = { count: number; sumSeconds: number; readonly buckets: number[] };

/**
 * Counters of one queue; `now` is what its observer is timed by.
 *
 * Cost: O(1) per event; a reading is O(keys in process).
 * Spec: HPA-23.15.   Source: client-go util/workqueue/metrics.go, component-base metrics/prometheus/workqueue (v0.37.2).
 */
export class QueueCounters implements QueueObserver {
  readonly #now: () => DurationMs;
  readonly #labels: HpaSeries['labels'];
  readonly #waited = noDurations();
  readonly #worked = noDurations();
  readonly #begun = new Map<string, DurationMs>();
  #adds = 0;
  #depth = 0;
  #retries = 0;

  constructor({ name, now }: { readonly name: string; readonly now: () => DurationMs }) {
    this.#now = now;
    this.#labels = [['name', name]];
  }

  added(): void {
    this.#adds++;
    this.#depth++;
  }

  taken(key: string, since: DurationMs): void {
    const now = this.#now();
    this.#depth--;
    this.#begun.set(key, now);
    observe(this.#waited, now - since);
  }

  done(key: string): void {
    const begun = this.#begun.get(key);
    if (begun === undefined) return;
    this.#begun.delete(key);
    observe(this.#worked, this.#now() - begun);
  }

  delayed(): void {
    this.#retries++;
  }

  series(): readonly HpaSeries[] {
    const now = this.#now();
    const running = [...this.#begun.values()].map((begun) => (now - begun) / 1000);
    const number = (kind: 'counter' | 'gauge', name: string, value: number): HpaSeries => {
      return { name: `workqueue_${name}`, labels: this.#labels, kind, value };
    };
    const histogram = (name: string, { count, sumSeconds, buckets }: Durations): HpaSeries => {
      const values = { count, sumSeconds, buckets: [...buckets], bounds: BOUNDS };
      return { name: `workqueue_${name}`, labels: this.#labels, kind: 'histogram', ...values };
    };
    return [
      number('counter', 'adds_total', this.#adds),
      number('gauge', 'depth', this.#depth),
      number('gauge', 'longest_running_processor_seconds', Math.max(0, ...running)),
      histogram('queue_duration_seconds', this.#waited),
      number('counter', 'retries_total', this.#retries),
      number(
        'gauge',
        'unfinished_work_seconds',
        running.reduce((sum, one) => sum + one, 0),
      ),
      histogram('work_duration_seconds', this.#worked),
    ];
  }
}

function noDurations(): Durations {
  return { count: 0, sumSeconds: 0, buckets: BOUNDS.map(() => 0) };
}

function observe(durations: Durations, ms: number): void {
  const seconds = ms / 1000;
  durations.count++;
  durations.sumSeconds += seconds;
  for (const [i, bound] of BOUNDS.entries())
    if (seconds <= bound) durations.buckets[i] = (durations.buckets[i] ?? 0) + 1;
}
