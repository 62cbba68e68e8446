/** The process `tandem hpa`: connects, checks what it will need, then runs the HPA controller until it is stopped. */

import { randomInt } from 'node:crypto';
import { arch, platform } from 'node:process';
import { hpaController } from '../../controllers/hpa.ts';
import { isAbort } from '../../controllers/deps.ts';
import { LAST_WRITE, outlive } from '../../controllers/last-write.ts';
import { toGoDuration } from '../../core/time/time.ts';
import { SeededRandom } from '../../lib/random.ts';
import { ResourceMetrics } from '../../metrics/resource-metrics.ts';
import type { KubeApi } from '../../ports/kube-api.ts';
import type { RawGet } from '../../ports/metrics-api.ts';
import type { Host } from '../host.ts';
import { createProcessLog, type ProcessLog } from '../process/process-log.ts';
import { HpaGate, MANAGER } from './gate.ts';
import { newsOnly } from '../process/news.ts';
import type { HpaSettings } from './settings.ts';
import { ShadowRun } from './shadow.ts';
import { checkStart } from './start-checks.ts';

/** The cluster as the process reaches it. */
export type HpaConnection = {
  /** For messages. */
  readonly server: string;
  readonly api: KubeApi;
  readonly raw: RawGet;
  close(): Promise<void>;
};

/** What a process has besides its host; tests have their own. */
export type HpaWorld = {
  readonly version: string;
  /** Of jitter. */
  readonly seed: number;
  connect(settings: HpaSettings, host: Host): Promise<HpaConnection>;
};

export function hpaWorld(version: string): HpaWorld {
  return {
    version,
    seed: randomInt(2 ** 32),
    connect: (settings, host) => connect(settings, host, userAgentOf(version)),
  };
}

/**
 * Runs until the host's signal is aborted, then lets the writes under way end. Rejects with a coded error when it cannot start: the
 * cluster cannot be reached, or refuses what nothing can be decided without.
 */
export async function runHpa(settings: HpaSettings, host: Host, world: HpaWorld): Promise<void> {
  const { clock, signal } = host;
  const log = createProcessLog({
    clock,
    output: host.stdout,
    format: settings.logFormat,
    holds: settings.detail === 'all' ? 'show' : 'hide',
  });
  const connection = await world.connect(settings, host);
  try {
    const { server, raw, api } = connection;
    const reads = settings.mode === 'dry-run' ? 'reads-only' : 'reads-and-writes';
    const kubernetes = await checkStart({ server, raw, api, clock, signal, log, needs: reads });
    log.info(startText(settings, { ...world, ...connection, kubernetes }));
    await control(settings, host, { connection, log, seed: world.seed });
    log.info('stopped');
  } catch (error) {
    if (!isAbort(error, signal)) throw error; // stopped before it had started
  } finally {
    await connection.close();
  }
}

type Running = { readonly connection: HpaConnection; readonly log: ProcessLog; readonly seed: number };

async function control(
  { mode, config, detail }: HpaSettings,
  { clock, signal }: Host,
  { connection, log, seed }: Running,
): Promise<void> {
  const { syncPeriodMs } = config;
  const gate = new HpaGate({ mode, syncPeriodMs, clock, log });
  const recorder = detail === 'all' ? log : newsOnly(log);
  const shadow = mode === 'dry-run' ? new ShadowRun({ clock, log, syncPeriodMs, recorder }) : undefined;
  const last = outlive(signal, { clock, within: LAST_WRITE });
  try {
    await hpaController({
      api: gate.watched(connection.api),
      metrics: new ResourceMetrics(connection.raw),
      config,
      clock,
      random: new SeededRandom(seed),
      recorder: shadow ?? recorder,
      log,
      signal,
      writes: last.signal,
      gate,
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

async function connect(settings: HpaSettings, host: Host, userAgent: string): Promise<HpaConnection> {
  // loaded when it is needed: a command that only prints its help stays quick
  const [{ resolveConnection }, { HttpKubeApi }] = await Promise.all([
    import('../../kube/connection.ts'),
    import('../../kube/http-kube-api.ts'),
  ]);
  const { kubeconfig, context } = settings;
  const connection = await resolveConnection({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    variables: host.variables,
  });
  const api = new HttpKubeApi({ connection, userAgent, clock: host.clock });
  return { server: `${connection.server} (${connection.origin})`, api, raw: api, close: () => api.close() };
}

/** Ends as the original's does, so that filters on its tail go on working. Spec: HPA-17.7. */
export function userAgentOf(version: string): string {
  return `${MANAGER}/${version} (${platform}/${arch}) tandem/horizontal-pod-autoscaler`;
}

function startText(
  { mode, config }: HpaSettings,
  { version, server, kubernetes }: { readonly version: string; readonly server: string; readonly kubernetes: string },
): string {
  const how = {
    write: '',
    'dry-run': ', dry run: nothing is written',
    force: ', writing beside whomever else (--force)',
  };
  const period = toGoDuration(config.syncPeriodMs);
  return `tandem hpa ${version} on Kubernetes ${kubernetes} at ${server}, each HPA every ${period}${how[mode]}`;
}
