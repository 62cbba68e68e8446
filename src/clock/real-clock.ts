/**
 * Real time. The only file that reads the machine's clock, beside the event clock's pacing and the deadline that gRPC wants as an instant
 * of it (gcs/unary.ts).
 */

import { durationMs, epochMs, type EpochMs, type Instant } from '../core/time/time.ts';
import type { Clock, Timer } from '../ports/clock.ts';

/** Longest wait that setTimeout takes. */
const LONGEST_MS = 2 ** 31 - 1;

export class RealClock implements Clock {
  readonly kind = 'real';

  now(): EpochMs {
    return epochMs(Date.now());
  }

  instant(): Instant {
    return { wall: this.now(), mono: durationMs(performance.now()) };
  }

  timer(at: EpochMs, fire: () => void): Timer {
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const wait = Math.max(0, at - Date.now());
      handle = wait > LONGEST_MS ? setTimeout(arm, LONGEST_MS) : setTimeout(fire, wait);
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  }

  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const timer = this.timer(at, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
