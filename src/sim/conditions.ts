/** Waiting for conditions instead of instants: a step of the script begins when something is so, and has been for a while. */

import { epochMs, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';

export type Wait = {
  /** Given up after this long. */
  readonly within: DurationMs;
  readonly signal: AbortSignal;
};

const POLL_MS = 1000;

export type Reached = 'held' | 'settled' | 'given-up';

/**
 * Looks once a second. `held` once `condition` has held for its time, `settled` once `value` has been the same for its own, `given-up`
 * when `within` passed first.
 */
export async function holdsOrSettles(
  clock: Clock,
  what: {
    readonly condition: () => boolean;
    readonly heldFor: DurationMs;
    readonly value: () => string;
    readonly settledFor: DurationMs;
  },
  wait: Wait,
): Promise<Reached> {
  const end = epochMs(clock.now() + wait.within);
  let since: EpochMs | undefined;
  let last: { readonly value: string; readonly since: EpochMs } | undefined;
  for (;;) {
    const now = clock.now();
    if (!what.condition()) since = undefined;
    else since ??= now;
    if (since !== undefined && now - since >= what.heldFor) return 'held';
    const value = what.value();
    if (last?.value !== value) last = { value, since: now };
    if (now - last.since >= what.settledFor) return 'settled';
    if (now >= end) return 'given-up';
    await clock.sleepUntil(epochMs(now + POLL_MS), wait.signal);
  }
}
