/** The process `tandem ray-autoscaler`: connects to the API server and to the GCS, serves metrics, and runs until it is stopped. */

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { abortScope, isAbort } from '../../controllers/deps.ts';
import { LAST_WRITE, outlive } from '../../controllers/last-write.ts';
import { rayProcess, type RayLink } from '../../controllers/ray-process.ts';
import { MANAGER } from '../../controllers/ray-second-writer.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import { gcsPortOf } from '../../core/ray/gcs-port.ts';
import type { RaySettings } from '../../core/ray/settings.ts';
import { durationMs, epochMs, seconds } from '../../core/time/time.ts';
import { errorText } from '../../lib/error.ts';
import { SeededRandom } from '../../lib/random.ts';
import type { GcsApi, GcsStart } from '../../ports/gcs-api.ts';
import type { KubeApi } from '../../ports/kube-api.ts';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import type { Host } from '../host.ts';
import { addressesOf, findOwnIp, hostPortText, type Addresses } from './address.ts';
import { openEventLog } from './event-log.ts';
import { readGcsCredentials } from './gcs-credentials.ts';
import { RayLog } from './log.ts';
import { RayMetrics } from './metrics.ts';
import { serveMetrics, type MetricsServer, type MetricsServerOptions } from './metrics-server.ts';
import { findLogDirectory, RotatingFile } from './monitor-log.ts';
import type { RayOptions } from './options.ts';
import { readSettings, type ReadSettings } from './settings.ts';
import { ShadowRun } from './shadow.ts';

/** The connections of a process; tests have their own. */
export type RayWorld = {
  readonly version: string;
  /** Of jitter and of ids. */
  readonly seed: number;
  kube(options: RayOptions, host: Host): Promise<KubeLink>;
  gcs(address: string, host: Host): Promise<GcsLink>;
  ownIp(): Promise<string>;
  serve(options: MetricsServerOptions): Promise<MetricsServer>;
};

export type KubeLink = { readonly api: KubeApi; readonly server: string; close(): Promise<void> };
export type GcsLink = { readonly gcs: GcsApi & GcsStart; close(): void };

/** The real world. Its parts are loaded when they are needed: a command that only prints its help stays quick. */
export function realWorld(version: string): RayWorld {
  return {
    version,
    seed: randomInt(2 ** 32),
    kube: async ({ kubeconfig, context }, { variables, clock }) => {
      const [{ resolveConnection }, { HttpKubeApi }] = await Promise.all([
        import('../../kube/connection.ts'),
        import('../../kube/http-kube-api.ts'),
      ]);
      const connection = await resolveConnection({
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
        variables,
      });
      const api = new HttpKubeApi({ connection, userAgent: `${MANAGER}/${version}`, clock });
      return { api, server: `${connection.server} (${connection.origin})`, close: () => api.close() };
    },
    gcs: async (address, { variables }) => {
      const { GcsClient } = await import('../../gcs/client.ts');
      const gcs = new GcsClient({ address, credentials: await readGcsCredentials({ variables }) });
      return { gcs, close: () => gcs.close() };
    },
    ownIp: findOwnIp,
    serve: serveMetrics,
  };
}

/**
 * Runs until the host's signal is aborted, then lets the write under way end. Rejects with a coded error when it cannot start.
 *
 * Under Ray's own name (`options.face`) nothing that somebody could repair ends it: a head pod with restart policy Never would not
 * start it again.
 */
export async function runRayAutoscaler(options: RayOptions, host: Host, world: RayWorld): Promise<void> {
  const { compat, face } = options;
  const malformed = face === 'ray' ? 'default' : 'refuse';
  const read = readSettings(host.variables, { compat, malformed });
  const log = new RayLog({
    clock: host.clock,
    output: host.stdout,
    format: options.logFormat,
    level: options.verbose ? 'debug' : read.settings.logLevel,
  });
  for (const warning of [...options.warnings, ...read.warnings]) log.warn(warning);
  const kube = await world.kube(options, host);
  try {
    log.info(startText(options, { version: world.version, server: kube.server }));
    await new RayRun({ options, host, world, read, log, kube }).run();
    log.info('stopped');
  } catch (error) {
    if (!isAbort(error, host.signal)) throw error; // stopped before it had started
  } finally {
    await kube.close();
  }
}

type RunDeps = {
  readonly options: RayOptions;
  readonly host: Host;
  readonly world: RayWorld;
  readonly read: ReadSettings;
  readonly log: RayLog;
  readonly kube: KubeLink;
};

/** A step that is decided before the other makes it can be compared; one that is seen when it is done cannot. */
const WATCHING_INTERVAL = seconds(1);

const SERVE_PAUSE = seconds(10);

/** What stays the same through all starts of one process. */
class RayRun {
  readonly #deps: RunDeps;
  readonly #metrics: RayMetrics;
  readonly #scope: AbortController;
  #server: Promise<MetricsServer | undefined> | undefined;
  #metricsHost: string | undefined;
  #events: Recorder | undefined;

  constructor(deps: RunDeps) {
    this.#deps = deps;
    const { host, read } = deps;
    this.#scope = abortScope(host.signal);
    this.#metrics = new RayMetrics({ clock: host.clock, compat: read.settings.ray.compat });
  }

  async run(): Promise<void> {
    const { options, host, world, read, log, kube } = this.#deps;
    const { clock, signal } = host;
    const { ray, headTries } = read.settings;
    const config = options.safety === 'dry-run' ? watching(ray) : ray;
    const shadow =
      options.safety === 'dry-run'
        ? new ShadowRun({ clock, log, updateIntervalMs: ray.updateIntervalMs, recorder: log })
        : undefined;
    const last = outlive(signal, { clock, within: LAST_WRITE });
    try {
      await rayProcess({
        api: kube.api,
        server: kube.server,
        clock,
        random: new SeededRandom(world.seed),
        recorder: { record: (record) => this.#record(record, shadow ?? log) },
        log,
        signal,
        writes: last.signal,
        refused: options.face === 'ray' ? 'try-again' : 'end',
        cluster: options.cluster,
        config,
        headTries,
        safety: options.safety,
        connect: (cluster) => this.#connect(cluster),
        started: ({ head, sessionName }) => this.#started(head.tempDir, sessionName),
        withheld: ({ verb, object, why }) => log.debug(`not done (${why}): ${verb} ${object}`),
        saw: (cluster) => this.#metrics.saw(cluster),
        observer: this.#metrics,
      });
    } finally {
      last.end();
      shadow?.end();
      this.#scope.abort();
      await (await this.#server)?.close();
    }
  }

  async #connect(cluster: RayCluster): Promise<RayLink> {
    const { options, host, world, read } = this.#deps;
    const ownIp = await world.ownIp();
    const { metricsPort } = read.settings;
    const gcsAddress = options.gcsAddress ?? { host: ownIp, port: gcsPortOf(cluster) };
    const addresses: Addresses = addressesOf(gcsAddress, { face: options.face, ownIp, metricsPort });
    this.#metricsHost = addresses.metricsHost;
    const link = await world.gcs(addresses.gcs, host);
    const { gcs } = link;
    const start: GcsStart = {
      rayVersion: (call) => gcs.rayVersion(call),
      headNode: (call) => gcs.headNode(call),
      getKey: (key, call) => gcs.getKey(key, call),
      putKey: (entry, call) => gcs.putKey(entry, call),
    };
    return {
      gcs: { ...this.#metrics.counted(gcs), ...start },
      address: addresses.gcs,
      metricsAddress: addresses.metrics,
      close: () => link.close(),
    };
  }

  /** A dry run writes nowhere but to its own output: Ray's autoscaler may be writing the file. */
  #started(tempDir: string, sessionName: string | undefined): void {
    const { options, read, log } = this.#deps;
    this.#metrics.named(sessionName);
    this.#server ??= this.#serve();
    const directory = options.safety === 'dry-run' ? undefined : findLogDirectory(tempDir, sessionName);
    this.#events = undefined;
    if (directory === undefined) return log.copyTo(undefined);
    const limits = read.settings.logFile;
    this.#events = openEventLog(directory, limits);
    log.copyTo(new RotatingFile({ path: join(directory, 'monitor.log'), ...limits }));
    log.debug(`these lines also go to ${join(directory, 'monitor.log')}`);
  }

  #record(record: DecisionRecord, recorder: Recorder): void {
    recorder.record(record);
    this.#events?.record(record);
  }

  /** A port that is taken may come free: another autoscaler of this pod that ends leaves it to us. */
  async #serve(): Promise<MetricsServer | undefined> {
    const { host, read, log, world } = this.#deps;
    const { signal } = this.#scope;
    const port = read.settings.metricsPort;
    for (let isTold = false; !signal.aborted; isTold = true) {
      try {
        return await world.serve({ page: this.#metrics, port, host: this.#metricsHost });
      } catch (error) {
        if (!isTold) log.warn(`metrics are not served on port ${port} until it is free: ${errorText(error)}`);
      }
      // a stop ends the loop
      await host.clock.sleepUntil(epochMs(host.clock.now() + SERVE_PAUSE), signal).catch(() => undefined);
    }
    return undefined;
  }
}

function watching(settings: RaySettings): RaySettings {
  return { ...settings, updateIntervalMs: durationMs(Math.min(settings.updateIntervalMs, WATCHING_INTERVAL)) };
}

function startText(
  { cluster, gcsAddress, safety }: RayOptions,
  { version, server }: { readonly version: string; readonly server: string },
): string {
  const how = {
    guard: '',
    'dry-run': ', dry run: nothing is written',
    force: ', writing beside whomever else (--force)',
  };
  const gcs = gcsAddress === undefined ? 'on this machine' : `at ${hostPortText(gcsAddress)}`;
  return `tandem ray-autoscaler ${version} for RayCluster ${cluster.namespace}/${cluster.name} on ${server}, GCS ${gcs}${how[safety]}`;
}
