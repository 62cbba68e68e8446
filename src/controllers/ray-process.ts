/**
 * The Ray autoscaler as a process, without the process: start, rounds, and everything that makes it begin anew instead of ending. A
 * head pod with restart policy Never does not bring a dead sidecar back, so what can be survived is survived here.
 */

import type { RaySettings } from '../core/ray/settings.ts';
import type { RayCluster } from '../core/kube/ray.ts';
import { keyText, type ObjectKey } from '../core/kube/object.ts';
import { RAY_CLUSTERS } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { errorText, TandemError } from '../lib/error.ts';
import type { GcsApi, GcsStart } from '../ports/gcs-api.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import { callWithin } from './call.ts';
import { abortScope, isAbort, type ControllerDeps } from './deps.ts';
import { LastSaid } from './last-said.ts';
import type { PatienceDeps, ProcessSays } from './patience.ts';
import { rayAutoscaler, type RayAutoscalerEnd, type RayObserver } from './ray-autoscaler.ts';
import { missingRights } from './ray-permissions.ts';
import { RaySecondWriter, watchedKubeApi, type Safety } from './ray-second-writer.ts';
import {
  getKey,
  judgeGcs,
  METRICS_ADDRESS,
  publishStart,
  readFirstRayCluster,
  startRay,
  type RayStart,
} from './ray-start.ts';
import { gatedGcsApi, gatedKubeApi, type WithheldWrite } from './write-gate.ts';

/** A connection to the GCS of one start. A new start gets a new one: it has another cluster's id. */
export type RayLink = {
  readonly gcs: GcsApi & GcsStart;
  /** `host:port`, for sentences. */
  readonly address: string;
  /** `host:port` to publish for whoever collects metrics; undefined: nothing is published. */
  readonly metricsAddress: string | undefined;
  close(): void;
};

export type RayProcessDeps = Omit<ControllerDeps, 'log'> &
  Pick<PatienceDeps, 'refused'> & {
    readonly log: ProcessSays;
    /** Of the API server, for sentences. */
    readonly server: string;
    readonly cluster: ObjectKey;
    readonly config: RaySettings;
    readonly headTries: number;
    readonly safety: Safety;
    /** Where the GCS is can stand in the RayCluster. */
    readonly connect: (cluster: RayCluster) => Promise<RayLink>;
    /** Told of each start that went well, before its first round. */
    readonly started: (start: RayStart, link: RayLink) => void;
    readonly withheld: (write: WithheldWrite) => void;
    /** Shown every RayCluster that is read. */
    readonly saw: (cluster: RayCluster) => void;
    readonly observer: RayObserver;
  };

/** Between two starts. */
const RESTART_PAUSE = seconds(5);
const LOOK_PAUSE = seconds(1);
const MARKS_PAUSE = seconds(10);
const LOOK_TIMEOUT = seconds(5);

/**
 * Runs until the signal is aborted. Rejects with a coded error when the start fails for a reason that waiting does not mend: any of
 * them with `refused: 'end'`, otherwise only a Ray that is not served.
 */
export async function rayProcess(deps: RayProcessDeps): Promise<void> {
  const { clock, log, signal, refused } = deps;
  let askedRights = false;
  while (!signal.aborted) {
    try {
      const cluster = await readFirstRayCluster(deps);
      if (!askedRights) for (const { sentence } of await missingRights(deps)) log.warn(sentence);
      askedRights = true;
      const end = await oneLife(cluster, deps);
      if (end.kind === 'stopped') return;
      log.warn(`${end.message}: starting again`);
    } catch (error) {
      if (isAbort(error, signal)) return;
      if (!(error instanceof TandemError) || refused === 'end' || error.code === 'TANDEM_GCS_UNIMPLEMENTED')
        throw error;
      log.warn(`${errorText(error)}; starting again in ${RESTART_PAUSE / 1000} s`);
    }
    // an abort ends the loop above
    await clock.sleepUntil(epochMs(clock.now() + RESTART_PAUSE), signal).catch(() => undefined);
  }
}

/** From one connection to the GCS to the next: start, then rounds whenever nobody else writes. */
async function oneLife(cluster: RayCluster, deps: RayProcessDeps): Promise<RayAutoscalerEnd> {
  const link = await deps.connect(cluster);
  try {
    const { address, gcs } = link;
    const start = await startRay({ ...deps, gcs, address });
    deps.log.info(
      `Ray ${start.rayVersion} at ${address}, head node ${start.head.address}; scaling RayCluster ${keyText(deps.cluster)}`,
    );
    deps.started(start, link);
    const life = new RayLife(link, deps);
    return await life.run();
  } finally {
    link.close();
  }
}

/** One life's guard, and the rounds behind it. */
class RayLife {
  readonly #link: RayLink;
  readonly #deps: RayProcessDeps;
  readonly #others: RaySecondWriter;
  readonly #api: KubeApi;
  readonly #gcs: GcsApi;
  #rounds: AbortController | undefined;
  /** Of rounds of which nothing could be decided, on the monotonic clock. */
  #failingSince: number | undefined;

  constructor(link: RayLink, deps: RayProcessDeps) {
    const { clock, config, safety, saw } = deps;
    this.#link = link;
    this.#deps = deps;
    this.#others = new RaySecondWriter({
      clock,
      safety,
      updateIntervalMs: config.updateIntervalMs,
      changed: (verdict, sentence) => this.#changed(verdict, sentence),
    });
    this.#gcs = this.#others.watchedGcs(link.gcs);
    this.#api = watchedKubeApi(deps.api, (resource, object) => {
      this.#others.saw(resource, object);
      if (resource.kind === RAY_CLUSTERS.kind) saw(object as RayCluster); // the kind says so
    });
  }

  /** What was decided beside another writer is forgotten with the rounds: rows that stand for withheld writes would mislead later ones. */
  async run(): Promise<RayAutoscalerEnd> {
    const { safety, signal } = this.#deps;
    for (;;) {
      const refusal = await this.#lookAround();
      if (refusal !== undefined) return refusal;
      if (safety !== 'dry-run') await this.#publish();
      const end = await this.#scale();
      if (end.kind === 'unauthenticated' || signal.aborted) return end;
    }
  }

  /** Looks at the GCS until nobody else writes; once is enough where that does not matter. */
  async #lookAround(): Promise<RayAutoscalerEnd | undefined> {
    const { clock, log, safety, signal } = this.#deps;
    const told = new LastSaid();
    let waited = false;
    for (let looks = 0; ; looks++) {
      try {
        await this.#within('the look at the GCS', (options) => this.#gcs.getClusterStatus(options));
        if (told.anything) log.info(`the GCS at ${this.#link.address} answers again`);
        told.forget();
        const { verdict } = this.#others;
        if (verdict === 'alone' && waited) log.info('nobody else reports: writing from now on');
        if (safety !== 'guard' || verdict === 'alone') return undefined;
        if (looks === 0 && verdict === 'watching')
          log.info('the GCS holds the report of an autoscaler: waiting a round to see whether it is still at work');
        // when a writer that was seen goes, the watch says so itself
        waited = verdict === 'watching';
        if (looks % 5 === 0) await this.#lookAtCluster();
      } catch (error) {
        if (isAbort(error, signal)) throw error;
        const { kind, error: judged } = judgeGcs(error, this.#link.address);
        if (kind === 'refused') return { kind: 'unauthenticated', message: judged.message };
        if (kind === 'end') throw judged;
        if (told.isNews(judged.message)) log.warn(judged.message);
      }
      await clock.sleepUntil(epochMs(clock.now() + LOOK_PAUSE), signal);
    }
  }

  async #lookAtCluster(): Promise<void> {
    const { cluster, signal } = this.#deps;
    try {
      await this.#within('the look at the RayCluster', (options) => this.#api.get(RAY_CLUSTERS, cluster, options));
    } catch (error) {
      if (isAbort(error, signal)) throw error; // otherwise: rounds will say what is wrong
    }
  }

  async #publish(): Promise<void> {
    const { gcs, metricsAddress } = this.#link;
    if (metricsAddress !== undefined) this.#others.publishes(metricsAddress);
    await publishStart({ ...this.#deps, gcs }, metricsAddress);
  }

  /** Rounds, until stopped, refused, or no longer alone. */
  async #scale(): Promise<RayAutoscalerEnd> {
    const { config, cluster, observer, withheld, signal } = this.#deps;
    const scope = abortScope(signal);
    this.#rounds = scope;
    const gate = { gate: this.#others, withheld };
    const rounds = rayAutoscaler({
      ...this.#deps,
      recorder: {
        record: (record) => {
          this.#tellRecovery(record);
          this.#deps.recorder.record(this.#toldTruly(record));
        },
      },
      api: gatedKubeApi(this.#api, gate),
      gcs: gatedGcsApi(this.#gcs, gate),
      cluster,
      config,
      observer,
      signal: scope.signal,
    }).finally(() => scope.abort());
    const [end] = await Promise.all([rounds, this.#watchMarks(scope.signal)]);
    this.#rounds = undefined;
    return end;
  }

  /** A step that was withheld says so. */
  #toldTruly(record: DecisionRecord): DecisionRecord {
    const withheld = this.#others.heldBack();
    return withheld === undefined || record.decision.kind !== 'scale' ? record : { ...record, withheld };
  }

  /** Rounds say themselves what is wrong; that it is over is said here. */
  #tellRecovery({ decision, reason, object }: DecisionRecord): void {
    const { clock, log, cluster } = this.#deps;
    const now = clock.instant().mono;
    if (object.part === undefined) {
      if (decision.kind === 'fail' && reason !== 'AtRest') this.#failingSince ??= now;
    } else if (this.#failingSince !== undefined) {
      const lasted = Math.round((now - this.#failingSince) / 1000);
      log.info(`${RAY_CLUSTERS.kind} ${keyText(cluster)}: rounds decide again after ${lasted} s`);
      this.#failingSince = undefined;
    }
  }

  /** What rounds do not read. */
  async #watchMarks(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    try {
      while (!signal.aborted) {
        await clock.sleepUntil(epochMs(clock.now() + MARKS_PAUSE), signal);
        const address = await getKey({ gcs: this.#link.gcs, clock, signal }, METRICS_ADDRESS);
        if (address !== undefined) this.#others.sawMetricsAddress(address);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  #changed(verdict: 'alone' | 'foreign', sentence: string): void {
    const { log, safety } = this.#deps;
    // what a dry run is for, and good news, are no warnings
    if (verdict === 'foreign' && safety !== 'dry-run') log.warn(sentence);
    else log.info(sentence);
    if (verdict === 'foreign' && safety === 'guard') this.#rounds?.abort();
  }

  #within<T>(what: string, call: Parameters<typeof callWithin<T>>[2]): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: LOOK_TIMEOUT, signal }, call);
  }
}
