/** Notes about work that takes long, so that a person knows that the program is alive. */

import { epochMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';

const FIRST_AFTER_MS = 2000;
const THEN_EVERY_MS = 5000;

export type Progress = {
  readonly clock: Clock;
  write(text: string): void;
  /** Sooner or later than after two seconds. */
  readonly firstAfterMs?: number;
};

/** Runs `work`; writes what `note` says once it has taken two seconds (or `firstAfterMs`), and every five seconds from then on. */
export async function withProgress<T>(progress: Progress, note: () => string, work: () => Promise<T>): Promise<T> {
  const tell = (): void => {
    progress.write(`tandem: ${note()}\n`);
    timer = progress.clock.timer(epochMs(progress.clock.now() + THEN_EVERY_MS), tell);
  };
  let timer = progress.clock.timer(epochMs(progress.clock.now() + (progress.firstAfterMs ?? FIRST_AFTER_MS)), tell);
  try {
    return await work();
  } finally {
    timer.cancel();
  }
}
