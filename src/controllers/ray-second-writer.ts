/**
 * Keeps the watch on another autoscaler of the same Ray cluster: looks over the shoulder of every call that is made anyway, and is the
 * gate before our writes. What counts as a sign is decided in `core/ray/second-writer.ts`.
 */

import { forwardingKubeApi } from './forward.ts';
import type { KubeObject, ObjectMeta } from '../core/kube/object.ts';
import { RAY_CLUSTERS } from '../core/kube/resource.ts';
import {
  newWatch,
  patienceOf,
  seeMark,
  seeReport,
  verdictOf,
  withOwnMark,
  withOwnReport,
  type SecondWriterWatch,
  type WriterVerdict,
} from '../core/ray/second-writer.ts';
import { durationMs, type DurationMs } from '../core/time/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { GcsApi } from '../ports/gcs-api.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import type { WriteGate } from './write-gate.ts';

/** Our name as the API server notes it beside the fields that we write: the text of a User-Agent before its `/`. */
export const MANAGER = 'tandem-ray-autoscaler';

/** `guard`: writes wait for a second writer to go. `dry-run`: nothing is ever written. `force`: everything is, whoever else writes. */
export type Safety = 'guard' | 'dry-run' | 'force';

export type RaySecondWriterOptions = {
  readonly clock: Clock;
  readonly safety: Safety;
  readonly updateIntervalMs: DurationMs;
  /** Called when another writer is seen or recognized, and when it counts as gone. The sentence says what it means. */
  readonly changed: (verdict: 'alone' | 'foreign', sentence: string) => void;
};

/** The pause between rounds of an original without settings of its own, and how long its round may take. */
const ORIGINAL_INTERVAL_MS = 5000;
const ROUND_SLACK_MS = 3000;
/** The client library of the original, as the API server notes it beside the fields it wrote. */
const ORIGINAL_MANAGER = 'python-requests';
const METRICS_ADDRESS = 'metricsAddress';

export class RaySecondWriter implements WriteGate {
  readonly #options: RaySecondWriterOptions;
  #watch: SecondWriterWatch;
  #originalWroteAt = '';
  /** In a dry run: when another Tandem last wrote to the RayCluster; undefined before the first read. */
  #tandemWroteAt: string | undefined;
  #isTandemTold = false;

  constructor(options: RaySecondWriterOptions) {
    this.#options = options;
    const interval = Math.max(ORIGINAL_INTERVAL_MS, options.updateIntervalMs);
    this.#watch = newWatch(durationMs(interval + ROUND_SLACK_MS), this.#now());
  }

  get verdict(): WriterVerdict {
    return verdictOf(this.#watch);
  }

  heldBack(): string | undefined {
    switch (this.#options.safety) {
      case 'dry-run':
        return 'dry run';
      case 'force':
        return undefined;
      case 'guard':
        return this.verdict === 'alone' ? undefined : 'another autoscaler may be at work';
    }
  }

  /** `gcs`, with every reading of the state shown to the watch: the status is asked for, which holds the state and the last report. */
  watchedGcs(gcs: GcsApi): GcsApi {
    const status: GcsApi['getClusterStatus'] = async (call) => {
      const read = await gcs.getClusterStatus(call);
      this.#update(seeReport(this.#watch, read.autoscalingState, this.#now()));
      return read;
    };
    return {
      getClusterStatus: status,
      getClusterResourceState: async (call) => (await status(call)).clusterResourceState,
      drainNode: (request, call) => gcs.drainNode(request, call),
      stopNodes: (nodeIds, call) => gcs.stopNodes(nodeIds, call),
      reportAutoscalingState: (state, call) => {
        this.#update(withOwnReport(this.#watch, state));
        return gcs.reportAutoscalingState(state, call);
      },
    };
  }

  /** Shows the watch an object as it was read. The entry goes when we write the same fields: only a later one is a sign. */
  saw(resource: { readonly kind: string }, { metadata }: KubeObject): void {
    if (resource.kind !== RAY_CLUSTERS.kind) return;
    const wroteAt = lastWriteOf(metadata, ORIGINAL_MANAGER);
    if (wroteAt > this.#originalWroteAt) this.#originalWroteAt = wroteAt;
    if (this.#options.safety === 'dry-run') this.#sawTandem(lastWriteOf(metadata, MANAGER));
    const value = this.#originalWroteAt;
    const evidence = `${ORIGINAL_MANAGER}, the client of Ray's own, wrote to the RayCluster at ${value}`;
    this.#mark({ name: 'managedFields', value, evidence });
  }

  /** Shows the watch the address at which the GCS says metrics are served. */
  sawMetricsAddress(address: string | undefined): void {
    const value = address ?? '';
    this.#mark({ name: METRICS_ADDRESS, value, evidence: `it published ${value} as the address of its metrics` });
  }

  /** Call before ours is published. */
  publishes(metricsAddress: string): void {
    this.#update(withOwnMark(this.#watch, { name: METRICS_ADDRESS, value: metricsAddress }));
  }

  /** A dry run writes nothing: an entry of our name that is newer than at its first read is of another Tandem, and at work. */
  #sawTandem(wroteAt: string): void {
    const before = this.#tandemWroteAt;
    this.#tandemWroteAt = wroteAt;
    if (this.#isTandemTold || before === undefined || wroteAt <= before) return;
    this.#isTandemTold = true;
    this.#options.changed(
      'foreign',
      `the other autoscaler is a Tandem, too (${MANAGER} wrote to the RayCluster at ${wroteAt}): this dry run compares Tandem with itself, not with Ray's own`,
    );
  }

  #mark(mark: Parameters<typeof seeMark>[1]): void {
    this.#update(seeMark(this.#watch, mark, this.#now()));
  }

  #update(next: SecondWriterWatch): void {
    const before = this.#watch;
    this.#watch = next;
    const verdict = verdictOf(next);
    if (verdict === verdictOf(before)) return;
    if (verdict === 'foreign') this.#options.changed(verdict, foreignSentence(next, this.#options.safety));
    else if (verdict === 'alone' && verdictOf(before) === 'foreign') {
      const quiet = patienceOf(next) / 1000;
      const gone = `the other autoscaler has been quiet for ${quiet} s and counts as gone`;
      this.#options.changed(verdict, this.#options.safety === 'guard' ? `${gone}: writing from now on` : gone);
    }
  }

  #now(): DurationMs {
    return this.#options.clock.instant().mono;
  }
}

/** `api`, with every RayCluster that it returns shown to `saw`. */
export function watchedKubeApi(
  api: KubeApi,
  saw: (resource: { readonly kind: string }, object: KubeObject) => void,
): KubeApi {
  return {
    ...forwardingKubeApi(api),
    get: async (resource, key, call) => {
      const object = await api.get(resource, key, call);
      saw(resource, object);
      return object;
    },
  };
}

/** When `manager` last wrote to the object itself; '' when it has no entry. */
function lastWriteOf({ managedFields }: ObjectMeta, manager: string): string {
  const entry = managedFields?.find((one) => one.manager === manager && one.subresource === undefined);
  return entry?.time ?? '';
}

function foreignSentence(watch: SecondWriterWatch, safety: Safety): string {
  const who = `another autoscaler writes to this Ray cluster (${watch.evidence})`;
  switch (safety) {
    case 'dry-run':
      return `${who}: this dry run watches it`;
    case 'force':
      return `${who}: both write now, because of --force`;
    case 'guard':
      return `${who}: nothing is written until it has been quiet for ${patienceOf(watch) / 1000} s; end it (Ray's own is the container "autoscaler" of the head pod), or use --force to write beside it`;
  }
}
