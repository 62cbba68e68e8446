/** A clock for code that waits: a wait moves the time at once and is written down. */

import { durationMs, epochMs, type EpochMs, type Instant } from '../../src/core/time/time.ts';
import type { Clock, Timer } from '../../src/ports/clock.ts';

export class QuickClock implements Clock {
  readonly kind = 'real';
  /** What was waited for, in milliseconds, in order. */
  readonly waits: number[] = [];
  #now = 1_800_000_000_000;

  now(): EpochMs {
    return epochMs(this.#now);
  }

  instant(): Instant {
    return { wall: this.now(), mono: durationMs(this.#now) };
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.waits.push(at - this.#now);
    this.#now = Math.max(at, this.#now);
    return Promise.resolve();
  }

  timer(): Timer {
    throw new Error('nothing here sets timers');
  }
}
