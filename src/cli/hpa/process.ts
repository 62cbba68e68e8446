/**
 * The process `tandem hpa`: connects, serves its pages, checks what it will need, waits for the lead where one is asked for, then runs the
 * HPA controller until it is stopped.
 */

import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { abortScope, isAbort } from '../../controllers/deps.ts';
import { LeaderElection } from '../../controllers/leader-election.ts';
import { toGoDuration } from '../../core/time/time.ts';
import { SeededRandom } from '../../lib/random.ts';
import type { AnsweredRequest } from '../../kube/transport.ts';
import type { Host } from '../host.ts';
import { serveHttp, type HttpServer, type HttpServerOptions } from '../process/http-server.ts';
import { createProcessLog, type ProcessLog } from '../process/process-log.ts';
import { connect, userAgentOf, type HpaConnection } from './connect.ts';
import { control, type Lead } from './control.ts';
import { ProcessView } from './process-view.ts';
import { pacesOf, type ProcessPaces } from './request-rate.ts';
import { servePages } from './serve.ts';
import type { HpaSettings } from './settings.ts';
import { checkStart } from './start-checks.ts';

/** What a process has besides its host; tests have their own. */
export type HpaWorld = {
  readonly version: string;
  /** Of jitter. */
  readonly seed: number;
  /** Of this process and no other one, in the Lease. */
  readonly identity: string;
  connect(settings: HpaSettings, host: Host, answered: (answer: AnsweredRequest) => void): Promise<HpaConnection>;
  readonly serve: (options: HttpServerOptions) => Promise<HttpServer>;
};

export function hpaWorld(version: string): HpaWorld {
  return {
    version,
    seed: randomInt(2 ** 32),
    identity: `${hostname()}_${randomUUID()}`,
    connect: (settings, host, answered) => connect(settings, host, { userAgent: userAgentOf(version), answered }),
    serve: serveHttp,
  };
}

/**
 * Runs until the host's signal is aborted, then lets the writes under way end and gives the Lease back. Rejects with a coded error when it
 * cannot start (the cluster cannot be reached, or refuses what nothing can be decided without), and when the Lease is lost.
 */
export async function runHpa(settings: HpaSettings, host: Host, world: HpaWorld): Promise<void> {
  const { clock, signal } = host;
  const log = createProcessLog({
    clock,
    output: host.stdout,
    format: settings.logFormat,
    holds: settings.detail === 'all' ? 'show' : 'hide',
  });
  const view = new ProcessView(clock);
  const { paces, answered } = pacesOf(settings.rate, clock);
  const connection = await world.connect(settings, host, (answer) => {
    view.requests.count(answer.method, answer.code);
    answered(answer);
  });
  view.requests.setHost(connection.host);
  let endPages: (() => Promise<void>) | undefined;
  try {
    const { server, raw, api } = connection;
    if (settings.serving !== undefined) {
      const handler = view.page.bind(view);
      endPages = await servePages(settings.serving, { handler, clock, log, serve: world.serve });
    }
    const needs = settings.mode === 'dry-run' ? 'reads-only' : 'reads-and-writes';
    const lease = settings.election?.key;
    // many questions at once listen to it
    const checks = { server, raw, api, clock, signal: abortScope(signal).signal, log, needs, lease } as const;
    const kubernetes = await checkStart(checks);
    log.info(startText(settings, { version: world.version, server, kubernetes }));
    await work(settings, host, { world, connection, log, view, paces });
    log.info('stopped');
  } catch (error) {
    if (!isAbort(error, signal)) throw error; // stopped before it had started
  } finally {
    await endPages?.();
    await connection.close();
  }
}

type Running = {
  readonly world: HpaWorld;
  readonly connection: HpaConnection;
  readonly log: ProcessLog;
  readonly view: ProcessView;
  readonly paces: ProcessPaces['paces'];
};

/** Under the Lease where one is asked for. A stop while it waits for that ends it as well as any. */
async function work(settings: HpaSettings, host: Host, running: Running): Promise<void> {
  const { world, connection, log, view, paces } = running;
  const { clock, signal } = host;
  const random = new SeededRandom(world.seed);
  const run = (lead: Lead | undefined): Promise<void> =>
    control(settings, host, { connection, log, view, random, lead, paces });
  if (settings.election === undefined) return run(undefined);
  const election = new LeaderElection({
    api: connection.api,
    clock,
    random,
    log,
    signal,
    settings: settings.election,
    identity: world.identity,
  });
  view.elects(settings.election.key.name, election);
  view.reached('waiting');
  try {
    await election.lead((lost) => run({ lost, heldBack: () => election.heldBack() }));
  } catch (error) {
    if (!isAbort(error, signal)) throw error;
  }
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
