/** What a run looked like from outside: lines over time, read from the store and the models, not from what a controller says of itself. */

import type { EpochMs } from '../core/time/time.ts';
import type { Series } from './scenario-types.ts';

export type TrackOptions = Pick<Series, 'name' | 'kind' | 'unit'>;

/** One line over time; keeps the changes only. */
export class Track {
  readonly options: TrackOptions;
  readonly #points: (readonly [EpochMs, number])[] = [];

  constructor(options: TrackOptions) {
    this.options = options;
  }

  /** The value from `at` on. A second value of the same instant replaces the first. */
  note(at: EpochMs, value: number): void {
    const last = this.#points.at(-1);
    if (last !== undefined && last[1] === value) return;
    if (last !== undefined && last[0] === at) this.#points.pop();
    this.#points.push([at, value]);
  }

  get first(): number {
    return this.#points[0]?.[1] ?? 0;
  }

  get last(): number {
    return this.#points.at(-1)?.[1] ?? 0;
  }

  get peak(): number {
    return this.#points.reduce((peak, [, value]) => Math.max(peak, value), 0);
  }

  get least(): number {
    return this.#points.reduce((least, [, value]) => Math.min(least, value), Infinity);
  }

  series(): Series {
    return { ...this.options, points: [...this.#points] };
  }
}
