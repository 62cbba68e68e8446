/** Whether `tandem hpa` may write now: not in a dry run, and not while somebody else acts on the same HPAs. */

import { SecondWriter, type ForeignWrite, type SecondWriterView } from '../../core/hpa/second-writer.ts';
import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import { durationMs, seconds, toGoDuration, type DurationMs } from '../../core/time/time.ts';
import type { InformerEvent } from '../../controllers/informer.ts';
import type { WriteGate } from '../../controllers/write-gate.ts';
import type { KubeApi } from '../../ports/kube-api.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessLog } from '../process/process-log.ts';
import { noticingStatusWrites } from './own-writes.ts';
import type { WriteMode } from './settings.ts';

/** The server notes a client by the text of its User-Agent before the first `/`. */
export const MANAGER = 'tandem-hpa';

const ORIGINAL = 'kube-controller-manager';
/** The original's, unless it is told otherwise. */
const ORIGINAL_PERIOD: DurationMs = seconds(15);

export type HpaGateOptions = {
  readonly mode: WriteMode;
  readonly syncPeriodMs: DurationMs;
  readonly clock: Clock;
  readonly log: Pick<ProcessLog, 'info' | 'warn'>;
};

export class HpaGate implements WriteGate {
  readonly #options: HpaGateOptions;
  readonly #second: SecondWriter;
  #told: SecondWriterView = { kind: 'alone' };
  /** Of a writer that holds nothing up, once is enough. */
  #named: string | undefined;

  constructor(options: HpaGateOptions) {
    this.#options = options;
    const periodMs = durationMs(Math.max(options.syncPeriodMs, ORIGINAL_PERIOD));
    this.#second = new SecondWriter({ own: MANAGER, periodMs });
  }

  /** What the HPA cache learns. */
  noticed({ kind, object }: InformerEvent<HorizontalPodAutoscaler>): void {
    if (kind === 'deleted') return this.#second.removed(object);
    this.#second.saw(object, this.#options.clock.instant().mono);
    this.#view();
  }

  /** `api`, with our status writes told apart from those of another process of our name. */
  watched(api: KubeApi): KubeApi {
    return noticingStatusWrites(api, {
      writing: (key) => this.#second.writing(key),
      wrote: (key, write) => {
        this.#second.wrote(key, write);
        this.#view();
      },
    });
  }

  heldBack(): string | undefined {
    const view = this.#view();
    switch (this.#options.mode) {
      case 'dry-run':
        return 'dry run';
      case 'force':
        return undefined;
      case 'write':
        return view.kind === 'alone' ? undefined : whyHeld(view);
    }
  }

  /** How things stand now; what changed is told once. */
  #view(): SecondWriterView {
    const view = this.#second.view(this.#options.clock.instant().mono);
    if (news(view) !== news(this.#told)) this.#tell(view);
    this.#told = view;
    return view;
  }

  #tell(view: SecondWriterView): void {
    const { mode, log } = this.#options;
    if (view.kind === 'foreign') {
      const { manager } = view.write;
      if (mode === 'dry-run') {
        // the original is what a dry run is for
        if (this.#named !== manager) log.info(foreignText(view, mode));
      } else if (mode === 'write' || this.#named !== manager) log.warn(foreignText(view, mode));
      this.#named = manager;
    } else if (mode !== 'write') return;
    else if (view.kind === 'watching') {
      const wait = toGoDuration(view.waitMs);
      log.info(`${pastText(view.write)}: nothing is written for ${wait}, to see whether it still does`);
    } else if (this.#told.kind !== 'alone') log.info(`${silentText(this.#told)}: writing from now on`);
  }
}

function news(view: SecondWriterView): string {
  return view.kind === 'alone' ? '' : `${view.kind} ${view.write.manager}`;
}

function whyHeld({ kind, write }: Exclude<SecondWriterView, { kind: 'alone' }>): string {
  return kind === 'foreign' ? `${nameOf(write)} writes` : `to see whether ${nameOf(write)} still writes`;
}

function nameOf({ manager }: ForeignWrite): string {
  return manager === MANAGER ? 'another tandem hpa' : manager;
}

function pastText(write: ForeignWrite): string {
  return `${nameOf(write)} has written the status of HorizontalPodAutoscaler ${write.object} before`;
}

/** He may be there all the same: a status that does not change is not written. */
function silentText(before: Exclude<SecondWriterView, { kind: 'alone' }>): string {
  const silence = before.kind === 'foreign' ? before.quietMs : before.waitMs;
  return `${nameOf(before.write)} has written no status of an HPA for ${toGoDuration(silence)}`;
}

function foreignText({ write, quietMs }: Extract<SecondWriterView, { kind: 'foreign' }>, mode: WriteMode): string {
  const { manager, object } = write;
  const what = `${nameOf(write)} writes the status of HorizontalPodAutoscaler ${object}`;
  if (mode === 'dry-run') return `${what}: its scale steps are compared with the decisions made here`;
  if (mode === 'force') return `${what}, too: both write, because of --force`;
  const held = `${what}: nothing is written here until it has been silent for ${toGoDuration(quietMs)}`;
  switch (manager) {
    case MANAGER:
      return `${held}, and nothing is scaled at all while both wait; stop one of the two, or write beside it with --force`;
    case ORIGINAL:
      return `${held}; start ${manager} with --controllers=*,-horizontal-pod-autoscaler-controller, or write beside it with --force`;
    default:
      return `${held}; stop ${manager}, or write beside it with --force`;
  }
}
