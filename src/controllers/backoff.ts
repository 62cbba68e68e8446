/** How long to wait before trying again: doubling, capped, with injected jitter. */

import { durationMs, type DurationMs } from '../core/time/time.ts';
import type { RandomStream } from '../lib/random.ts';

export type BackoffOptions = { readonly firstMs: number; readonly maxMs: number };

/** `failures` counts from 1. The answer lies between 100 % and 120 % of the doubled time. */
export function backoffAfter(failures: number, options: BackoffOptions, random: RandomStream): DurationMs {
  const doubled = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(failures - 1, 30));
  return durationMs(Math.floor(doubled * (1 + 0.2 * random.next())));
}
