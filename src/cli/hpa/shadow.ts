/** A dry run beside the controller that writes: what it does to the scales is compared with what is decided here. */

import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import { keyOf, keyText } from '../../core/kube/object.ts';
import { epochMs, seconds, type DurationMs } from '../../core/time/time.ts';
import { Agreement, agreementText, type AgreementReport } from '../../controllers/agreement.ts';
import type { InformerEvent } from '../../controllers/informer.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import type { ProcessLog } from '../process/process-log.ts';
import { agreesOf } from './same-inputs.ts';

export type ShadowOptions = {
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info'>;
  readonly syncPeriodMs: DurationMs;
  /** Where records go on to. */
  readonly recorder: Recorder;
};

const REPORT_EVERY: DurationMs = seconds(60);
/** Two loops of one period see a load at most two periods apart: once for where they stand, once for what the samples allow. */
const WINDOW_PERIODS = 3;
const MIN_WINDOW_MS = 30_000;

/**
 * The scale of a target is read in every sync anyway: between two syncs of one HPA, a number that moved was moved by somebody else, as
 * nothing is written here.
 */
export class ShadowRun implements Recorder {
  readonly #options: ShadowOptions;
  readonly #agreement: Agreement;
  readonly #targets = new Map<string, string>();
  /** The number each target was last seen with. */
  readonly #replicas = new Map<string, number>();
  #timer: Timer | undefined;
  #told = '';
  #looked = false;

  constructor(options: ShadowOptions) {
    this.#options = options;
    const windowMs = Math.max(MIN_WINDOW_MS, WINDOW_PERIODS * options.syncPeriodMs);
    this.#agreement = new Agreement({ windowMs });
    this.#sleep();
  }

  /** What the HPA cache learns: who scales what. */
  noticed({ kind, object: hpa }: InformerEvent<HorizontalPodAutoscaler>): void {
    const key = keyText(keyOf(hpa));
    const target = targetText(hpa);
    const before = this.#targets.get(key);
    if (before !== undefined && (before !== target || kind === 'deleted')) this.#replicas.delete(before);
    if (kind === 'deleted') this.#targets.delete(key);
    else this.#targets.set(key, target);
  }

  record(record: DecisionRecord): void {
    const object = this.#targets.get(keyText(record.object));
    if (object !== undefined) this.#compare(object, record);
    this.#options.recorder.record(record);
  }

  /** The last report. A run that never looked has nothing to say. */
  end(): AgreementReport {
    this.#timer?.cancel();
    return this.#report(this.#looked ? 'always' : 'never');
  }

  /** A sync that failed may still have read the number: it decides nothing, and sees what others did. */
  #compare(object: string, { at, decision, numbers }: DecisionRecord): void {
    const { currentReplicas: current } = numbers;
    if (typeof current !== 'number') return;
    this.#looked = true;
    const before = this.#replicas.get(object) ?? current;
    this.#replicas.set(object, current);
    if (current !== before) this.#agreement.seen({ at, object, from: before, to: current });
    const agrees = agreesOf(numbers);
    if (decision.kind === 'scale') this.#agreement.decided({ at, object, from: current, to: decision.to, agrees });
    if (decision.kind === 'hold') this.#agreement.kept({ at, object, replicas: current, agrees });
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

function targetText({ metadata, spec }: HorizontalPodAutoscaler): string {
  const { kind, name } = spec.scaleTargetRef;
  return `${kind} ${metadata.namespace ?? ''}/${name}`;
}
