/** A dry run beside the controller that writes: what it does to the scales is compared with what is decided here. */

import type { AgreementReport } from '../../controllers/agreement.ts';
import type { InformerEvent } from '../../controllers/informer.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec } from '../../core/kube/hpa.ts';
import { keyOf, keyText } from '../../core/kube/object.ts';
import type { DurationMs } from '../../core/time/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import type { ProcessLog } from '../process/process-log.ts';
import { ShadowReport } from '../process/shadow-report.ts';
import { agreesOf } from './same-inputs.ts';

export type ShadowOptions = {
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info'>;
  readonly syncPeriodMs: DurationMs;
  /** Where records go on to. */
  readonly recorder: Recorder;
};

/** An HPA: the name of its target, and how it may move. */
type Watched = { readonly target: string; readonly behavior: HorizontalPodAutoscalerSpec['behavior'] };

/** The scale of a target is read in every sync anyway. */
export class ShadowRun implements Recorder {
  readonly #recorder: Recorder;
  readonly #report: ShadowReport;
  readonly #watched = new Map<string, Watched>();

  constructor({ clock, log, syncPeriodMs, recorder }: ShadowOptions) {
    this.#recorder = recorder;
    this.#report = new ShadowReport({ clock, log, intervalMs: syncPeriodMs });
  }

  /** What the HPA cache learns: who scales what. */
  noticed({ kind, object: hpa }: InformerEvent<HorizontalPodAutoscaler>): void {
    const key = keyText(keyOf(hpa));
    const target = targetText(hpa);
    const before = this.#watched.get(key)?.target;
    if (before !== undefined && (before !== target || kind === 'deleted')) this.#report.forget(before);
    if (kind === 'deleted') this.#watched.delete(key);
    else this.#watched.set(key, { target, behavior: hpa.spec.behavior });
  }

  record(record: DecisionRecord): void {
    const watched = this.#watched.get(keyText(record.object));
    if (watched !== undefined) this.#compare(watched, record);
    this.#recorder.record(record);
  }

  end(): AgreementReport {
    return this.#report.end();
  }

  /** A sync that failed may still have read the number: it decides nothing, and sees what others did. */
  #compare({ target: object, behavior }: Watched, { at, decision, numbers }: DecisionRecord): void {
    const { currentReplicas: current } = numbers;
    if (typeof current !== 'number') return;
    this.#report.looked({ at, object }, current);
    const agrees = agreesOf(numbers, behavior);
    if (decision.kind === 'scale') this.#report.decided({ at, object, from: current, to: decision.to, agrees });
    if (decision.kind === 'hold') this.#report.kept({ at, object, replicas: current, agrees });
  }
}

function targetText({ metadata, spec }: HorizontalPodAutoscaler): string {
  const { kind, name } = spec.scaleTargetRef;
  return `${kind} ${metadata.namespace ?? ''}/${name}`;
}
