/** What becomes of a write that is under way when the process is told to stop: it is brought to its end. */

import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** A signal that outlives a stop; `end` when nothing runs on it any more. */
export type Outliving = { readonly signal: AbortSignal; end(): void };

/**
 * How long writes go on after a stop. Shorter than the time after which a stopped program ends in any case (src/cli/host.ts), so that
 * its exit code is its own.
 */
export const LAST_WRITE: DurationMs = seconds(4);

/**
 * The signal for writes: aborted `within` after `stop`, with the same reason. Reads run on `stop` itself. A controller begins nothing
 * new after a stop; what it has begun to write ends with its answer, its deadline, or here.
 */
export function outlive(stop: AbortSignal, { clock, within }: { clock: Clock; within: DurationMs }): Outliving {
  const scope = new AbortController();
  let timer: Timer | undefined;
  const stopped = (): void => {
    timer = clock.timer(epochMs(clock.now() + within), () => scope.abort(stop.reason));
  };
  if (stop.aborted) stopped();
  else stop.addEventListener('abort', stopped, { once: true });
  return {
    signal: scope.signal,
    end: () => {
      stop.removeEventListener('abort', stopped);
      timer?.cancel();
    },
  };
}
