/** A deadline on every call: no request of a controller can hang a round. */

import { epochMs, type DurationMs } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { CallOptions } from '../ports/kube-api.ts';

export type Deadline = { readonly clock: Clock; readonly timeout: DurationMs; readonly signal: AbortSignal };

/**
 * Answers `call`, or rejects with `TANDEM_DEADLINE` after `timeout` (a write may then have happened or not: read again).
 * The call is told through its signal and is not waited for.
 */
export function callWithin<T>(
  what: string,
  deadline: Deadline,
  call: (options: CallOptions) => Promise<T>,
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
    const timer = clock.timer(epochMs(clock.now() + timeout), () => {
      end();
      const error = new TandemError('TANDEM_DEADLINE', `${what} was not answered within ${timeout / 1000} s`);
      scope.abort(error);
      reject(error);
    });
    signal.addEventListener('abort', abort);
    call({ signal: scope.signal }).then(
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
