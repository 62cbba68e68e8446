/** The HPA controller as the process runs it: behind the gate, compared in a dry run, counted, and ended by a stop or a lost lead. */

import { hpaController } from '../../controllers/hpa.ts';
import { abortScope } from '../../controllers/deps.ts';
import { LAST_WRITE, outlive } from '../../controllers/last-write.ts';
import type { RequestPaces } from '../../controllers/request-pace.ts';
import type { WriteGate } from '../../controllers/write-gate.ts';
import { CustomMetrics } from '../../metrics/custom-metrics.ts';
import { ExternalMetrics } from '../../metrics/external-metrics.ts';
import { ResourceMetrics } from '../../metrics/resource-metrics.ts';
import type { Random } from '../../ports/random.ts';
import type { Host } from '../host.ts';
import { decidesAgainText, newsOnly } from '../process/news.ts';
import type { ProcessLog } from '../process/process-log.ts';
import type { HpaConnection } from './connect.ts';
import { HpaGate } from './gate.ts';
import type { ProcessView } from './process-view.ts';
import type { HpaSettings } from './settings.ts';
import { ShadowRun } from './shadow.ts';

/** The right to write, as long as it lasts. */
export type Lead = WriteGate & {
  /** Aborted when it is lost: then nothing more may be written, not even what has begun. */
  readonly lost: AbortSignal;
};

export type ControlDeps = {
  readonly connection: HpaConnection;
  readonly log: ProcessLog;
  readonly view: ProcessView;
  readonly random: Random;
  /** Undefined: nobody needs one. */
  readonly lead: Lead | undefined;
  /** Undefined: requests are sent as they come. */
  readonly paces: Pick<RequestPaces, 'turn'> | undefined;
};

/** Runs until the host's signal is aborted and the last write has ended, or the lead is lost. */
export async function control(settings: HpaSettings, host: Host, deps: ControlDeps): Promise<void> {
  const { mode, config, detail } = settings;
  const { clock } = host;
  const { connection, log, view, random, lead, paces } = deps;
  const { syncPeriodMs } = config;
  const gate = new HpaGate({ mode, syncPeriodMs, clock, log });
  const recorder = detail === 'all' ? log : newsOnly(log, (...over) => log.info(decidesAgainText(...over)));
  const shadow = mode === 'dry-run' ? new ShadowRun({ clock, log, syncPeriodMs, recorder }) : undefined;
  const last = outlive(host.signal, { clock, within: LAST_WRITE });
  const [stop, writes] = [abortScope(host.signal), abortScope(last.signal)];
  lead?.lost.addEventListener('abort', () => {
    stop.abort(lead.lost.reason);
    writes.abort(lead.lost.reason);
  });
  view.reached('filling caches');
  try {
    await hpaController({
      api: gate.watched(connection.api),
      metrics: new ResourceMetrics(connection.raw),
      customMetrics: new CustomMetrics({ transport: connection.raw, clock, forgetEveryMs: syncPeriodMs }),
      externalMetrics: new ExternalMetrics(connection.raw),
      config,
      clock,
      random,
      recorder: shadow ?? recorder,
      counters: view.counters,
      queueObserver: view.queue,
      started: () => view.reached('working'),
      ...(paces === undefined ? {} : { paces }),
      log,
      signal: stop.signal,
      writes: writes.signal,
      gate: { heldBack: () => lead?.heldBack() ?? gate.heldBack() },
      noticed: (event) => {
        gate.noticed(event);
        shadow?.noticed(event);
      },
    });
  } finally {
    last.end();
    shadow?.end();
  }
}
