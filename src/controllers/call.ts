/** A deadline on every call: no request of a controller can hang a round. */

import { epochMs, type DurationMs } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { CallOptions } from '../ports/kube-api.ts';

export type Deadline = { readonly clock: Clock; readonly timeout: DurationMs; readonly signal: AbortSignal };

/**
 * Answers `call`, or rejects with `TANDEM_DEADLINE` after `timeout` (a write may then have happened or not: read again).
 * The call is told through its signal and is not waited for. A call that takes long because there is much says `alive()` now and then;
 * its time counts from there.
 */
export function callWithin<T>(
  what: string,
  deadline: Deadline,
  call: (options: CallOptions, alive: () => void) => Promise<T>,
): Promise<T> {
  const { clock, timeout, signal } = deadline;
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const scope = new AbortController();
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      end();
      scope.abort(signal.reason);
      reject(signal.reason);
    };
    let until = epochMs(clock.now() + timeout);
    const alive = (): void => void (until = epochMs(clock.now() + timeout));
    const expire = (): void => {
      if (clock.now() < until) {
        timer = clock.timer(until, expire);
        return;
      }
      end();
      const error = new TandemError('TANDEM_DEADLINE', `${what} was not answered within ${timeout / 1000} s`);
      scope.abort(error);
      reject(error);
    };
    let timer = clock.timer(until, expire);
    signal.addEventListener('abort', abort);
    call({ signal: scope.signal }, alive).then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}
