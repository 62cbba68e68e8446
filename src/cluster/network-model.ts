/** How slow the embedded network is. One record, so that a scenario can have another. */

import { durationMs, epochMs, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { RandomStream } from '../lib/random.ts';

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
