/** The one door to time. Three clocks stand behind it: real, scaled, jump (src/clock). */

import type { EpochMs, Instant } from '../core/time/time.ts';

export type Timer = { cancel(): void };

export interface Clock {
  readonly kind: 'real' | 'scaled' | 'jump';
  /** Wall time: what is written into objects. */
  now(): EpochMs;
  /** Wall time and a monotonic reading of the same moment. */
  instant(): Instant;
  /** Resolves at `at` (at once when that is past); rejects with the signal's reason when aborted first. */
  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void>;
  /** Calls `fire` once at `at`. Timers of one instant fire in the order they were set. */
  timer(at: EpochMs, fire: () => void): Timer;
}
