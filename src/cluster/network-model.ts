/** How slow the embedded network is. One record, so that a scenario can have another. */

import { durationMs, epochMs, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** Uniform between two numbers of milliseconds, both included. */
export type Spread = { readonly minMs: number; readonly maxMs: number };

export type NetworkModel = {
  /** One way: from the caller to the store, and again from the store back. */
  readonly oneWay: Spread;
  /** From a write to the watcher that hears of it. Events of one watch never overtake each other. */
  readonly watchLag: Spread;
  /** After this the server ends a watch. */
  readonly watchTimeout: Spread;
  readonly bookmarkInterval: Spread;
};

/** A small cluster in one machine room. Watches end and bookmarks come as the API server does it (cluster-api 10.4, 10.6). */
export const DEFAULT_NETWORK: NetworkModel = {
  oneWay: { minMs: 1, maxMs: 5 },
  watchLag: { minMs: 1, maxMs: 20 },
  watchTimeout: { minMs: 30 * 60_000, maxMs: 60 * 60_000 },
  bookmarkInterval: { minMs: 55_000, maxMs: 65_000 },
};

/** One draw. Whole milliseconds. */
export function drawMs(spread: Spread, random: RandomStream): DurationMs {
  return durationMs(spread.minMs + Math.floor(random.next() * (spread.maxMs - spread.minMs + 1)));
}

export function later(now: EpochMs, after: DurationMs): EpochMs {
  return epochMs(now + after);
}

/** What the other side made of a request. */
export type Outcome<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'refusal'; readonly error: unknown }
  /** Nobody is there: the caller learns it at once. */
  | { readonly kind: 'unreachable'; readonly error: unknown };

/** A refusal travels back like an answer. */
export function attempt<T>(run: () => T): Outcome<T> {
  try {
    return { kind: 'answer', value: run() };
  } catch (error) {
    return { kind: 'refusal', error };
  }
}

export type Trip = { readonly there: DurationMs; readonly back: DurationMs; readonly signal: AbortSignal };

/**
 * There, done, and back. An abort ends it on either way with the signal's reason; what was done by then is done. One promise and one
 * listener for both ways: requests are most of what an embedded cluster does.
 */
export function roundTrip<T>(clock: Clock, { there, back, signal }: Trip, arrive: () => Outcome<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (outcome: Outcome<T>): void => {
      signal.removeEventListener('abort', abort);
      if (outcome.kind === 'answer') resolve(outcome.value);
      else reject(outcome.error);
    };
    let timer: Timer = clock.timer(later(clock.now(), there), () => {
      const outcome = arrive();
      if (outcome.kind === 'unreachable') end(outcome);
      else timer = clock.timer(later(clock.now(), back), () => end(outcome));
    });
    const abort = (): void => {
      timer.cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
}
