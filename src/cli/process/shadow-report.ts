/** How far a dry run and the controller that writes agree: told once a minute if it has changed, and at the end. */

import { Agreement, agreementText, type AgreementReport, type ScaleStep } from '../../controllers/agreement.ts';
import { epochMs, seconds, type DurationMs } from '../../core/time/time.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ProcessLog } from './process-log.ts';

export type ShadowReportOptions = {
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info'>;
  /** The pause between two looks of either loop. */
  readonly intervalMs: DurationMs;
};

const REPORT_EVERY: DurationMs = seconds(60);
/**
 * Two loops of one interval see a change at most two intervals apart; a drain of the original, or samples that come late, take
 * another one.
 */
const WINDOW_INTERVALS = 3;
const MIN_WINDOW_MS = 30_000;

/**
 * Between two looks at an object, a number that moved was moved by somebody else, as nothing is written here. Its timer runs from the
 * start to `end`.
 */
export class ShadowReport {
  readonly #options: ShadowReportOptions;
  readonly #agreement: Agreement;
  /** The number each object was last seen with. */
  readonly #numbers = new Map<string, number>();
  #timer: Timer | undefined;
  #told = '';
  #looked = false;

  constructor(options: ShadowReportOptions) {
    this.#options = options;
    const windowMs = Math.max(MIN_WINDOW_MS, WINDOW_INTERVALS * options.intervalMs);
    this.#agreement = new Agreement({ windowMs });
    this.#sleep();
  }

  /** What a round read of an object. Comes before what the round decided. */
  looked({ at, object }: Pick<ScaleStep, 'at' | 'object'>, current: number): void {
    this.#looked = true;
    const before = this.#numbers.get(object) ?? current;
    this.#numbers.set(object, current);
    if (current !== before) this.#agreement.seen({ at, object, from: before, to: current });
  }

  decided(...step: Parameters<Agreement['decided']>): void {
    this.#agreement.decided(...step);
  }

  kept(...kept: Parameters<Agreement['kept']>): void {
    this.#agreement.kept(...kept);
  }

  /** The object is not looked at any more. */
  forget(object: string): void {
    this.#numbers.delete(object);
  }

  /** The last report. A run that never looked has nothing to say. */
  end(): AgreementReport {
    this.#timer?.cancel();
    return this.#report(this.#looked ? 'always' : 'never');
  }

  #report(when: 'always' | 'changed' | 'never'): AgreementReport {
    const { clock, log } = this.#options;
    const report = this.#agreement.report(clock.now());
    const text = agreementText(report);
    if (when === 'always' || (when === 'changed' && text !== this.#told)) log.info(text, { agreement: report });
    this.#told = text;
    return report;
  }

  #sleep(): void {
    const { clock } = this.#options;
    this.#timer = clock.timer(epochMs(clock.now() + REPORT_EVERY), () => {
      this.#report('changed');
      this.#sleep();
    });
  }
}
