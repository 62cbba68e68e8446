/** Gathers triggers into batches: a window opens with the first, closes when it has been quiet for a while or was open for long. */

import { epochMs, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { Clock, Timer } from '../ports/clock.ts';

export type TriggerWindowOptions = {
  readonly clock: Clock;
  readonly idle: DurationMs;
  readonly longest: DurationMs;
  readonly signal: AbortSignal;
};

export class TriggerWindow {
  readonly #options: TriggerWindowOptions;
  #closesAt: EpochMs | undefined;
  #timer: Timer | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: TriggerWindowOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => {
      this.#timer?.cancel();
      this.#wake?.();
    });
  }

  /** Opens the window, or keeps it open for another idle time, up to its longest. */
  trigger(): void {
    const { clock, idle, longest, signal } = this.#options;
    if (signal.aborted) return;
    const now = clock.now();
    this.#closesAt ??= epochMs(now + longest);
    this.#timer?.cancel();
    this.#timer = clock.timer(epochMs(Math.min(now + idle, this.#closesAt)), () => this.#close());
  }

  /** Resolves when a window has closed since the last call, or when the signal is aborted. For one waiter. */
  async closed(): Promise<void> {
    if (!this.#closed && !this.#options.signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    this.#closed = false;
  }

  #close(): void {
    this.#closesAt = undefined;
    this.#timer = undefined;
    this.#closed = true;
    this.#wake?.();
  }
}
