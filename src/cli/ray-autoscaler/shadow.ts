/** A dry run beside the autoscaler that writes: what it does to the worker groups is compared with what is decided here. */

import type { AgreementReport } from '../../controllers/agreement.ts';
import type { DurationMs } from '../../core/time/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import type { ProcessLog } from '../process/process-log.ts';
import { ShadowReport } from '../process/shadow-report.ts';

export type ShadowOptions = {
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info'>;
  /** The pause between rounds. */
  readonly updateIntervalMs: DurationMs;
  /** Where records go on to. */
  readonly recorder: Recorder;
};

/** Each round reads how many workers a group has. */
export class ShadowRun implements Recorder {
  readonly #recorder: Recorder;
  readonly #report: ShadowReport;

  constructor({ clock, log, updateIntervalMs, recorder }: ShadowOptions) {
    this.#recorder = recorder;
    this.#report = new ShadowReport({ clock, log, intervalMs: updateIntervalMs });
  }

  record(record: DecisionRecord): void {
    this.#compare(record);
    this.#recorder.record(record);
  }

  end(): AgreementReport {
    return this.#report.end();
  }

  #compare({ at, decision, object: { kind, namespace, name, part } }: DecisionRecord): void {
    if (decision.kind === 'fail' || part === undefined) return;
    const object = `${kind} ${namespace}/${name}/${part}`;
    const current = decision.kind === 'scale' ? decision.from : decision.at;
    this.#report.looked({ at, object }, current);
    if (decision.kind === 'scale') this.#report.decided({ at, object, from: current, to: decision.to });
    else this.#report.kept({ at, object, replicas: current });
  }
}
