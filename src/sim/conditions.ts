/** Waiting for conditions instead of instants: a step of the script begins when something is so, and has been for a while. */

import { epochMs, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';

export type Wait = {
  /** How long the condition must hold without a break. */
  readonly heldFor: DurationMs;
  /** Given up after this long. */
  readonly within: DurationMs;
  readonly signal: AbortSignal;
};

const POLL_MS = 1000;

/** Looks once a second. `true` once `condition` has held for `heldFor`; `false` when `within` passed first. */
export async function holds(clock: Clock, condition: () => boolean, wait: Wait): Promise<boolean> {
  const end = epochMs(clock.now() + wait.within);
  let since: EpochMs | undefined;
  for (;;) {
    const now = clock.now();
    if (!condition()) since = undefined;
    else since ??= now;
    if (since !== undefined && now - since >= wait.heldFor) return true;
    if (now >= end) return false;
    await clock.sleepUntil(epochMs(now + POLL_MS), wait.signal);
  }
}

/** `true` once `value` has been the same for `heldFor`. */
export function settles(clock: Clock, value: () => string, wait: Wait): Promise<boolean> {
  let last = value();
  const unchanged = (): boolean => {
    const before = last;
    last = value();
    return last === before;
  };
  return holds(clock, unchanged, wait);
}
