/** A dry run beside the autoscaler that writes: what it does to the worker groups is compared with what is decided here. */

import { Agreement, agreementText, type AgreementReport } from '../../controllers/agreement.ts';
import { epochMs, seconds, type DurationMs } from '../../core/time/time.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import type { ProcessLog } from '../process/process-log.ts';

export type ShadowOptions = {
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info'>;
  /** The pause between rounds. */
  readonly updateIntervalMs: DurationMs;
  /** Where records go on to. */
  readonly recorder: Recorder;
};

const REPORT_EVERY: DurationMs = seconds(60);
/** Two loops of one interval see a change at most two intervals apart; a drain of the original takes another one. */
const WINDOW_INTERVALS = 3;
const MIN_WINDOW_MS = 30_000;

/**
 * Each round reads how many workers a group has. Between two rounds a number that moved was moved by somebody else, as nothing is
 * written here.
 */
export class ShadowRun implements Recorder {
  readonly #options: ShadowOptions;
  readonly #agreement: Agreement;
  /** Of each group, as it was read last. */
  readonly #workers = new Map<string, number>();
  #timer: Timer | undefined;
  #told = '';
  #looked = false;

  constructor(options: ShadowOptions) {
    this.#options = options;
    const windowMs = Math.max(MIN_WINDOW_MS, WINDOW_INTERVALS * options.updateIntervalMs);
    this.#agreement = new Agreement({ windowMs });
    this.#sleep();
  }

  record(record: DecisionRecord): void {
    this.#compare(record);
    this.#options.recorder.record(record);
  }

  /** The last report. A run that never looked has nothing to say. */
  end(): AgreementReport {
    this.#timer?.cancel();
    return this.#report(this.#looked ? 'always' : 'never');
  }

  #compare({ at, decision, object: { kind, namespace, name, part } }: DecisionRecord): void {
    if (decision.kind === 'fail' || part === undefined) return;
    const object = `${kind} ${namespace}/${name}/${part}`;
    const current = decision.kind === 'scale' ? decision.from : decision.at;
    this.#looked = true;
    const before = this.#workers.get(object) ?? current;
    this.#workers.set(object, current);
    if (current !== before) this.#agreement.seen({ at, object, from: before, to: current });
    if (decision.kind === 'scale') this.#agreement.decided({ at, object, from: current, to: decision.to });
    else this.#agreement.kept({ at, object, replicas: current });
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
