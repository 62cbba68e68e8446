/**
 * metrics.k8s.io of the embedded cluster: scrapes every node at each tick and answers what HPAs ask. Rules:
 * core/cluster/pod-metrics.ts. Not modelled: NodeMetrics, the kubelet's own ten-second cache (samples are measured when asked for),
 * scrapes that fail.
 */

import type { ControllerDeps } from '../controllers/deps.ts';
import { isAbort } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { comparePods, EMPTY_STORAGE, isReady, podMetricsOf, stored } from '../core/cluster/pod-metrics.ts';
import { badRequest, notFound, resourceNotServed } from '../core/cluster/status-errors.ts';
import type { PodSample } from '../core/cluster/usage.ts';
import type { KubeNode, Pod } from '../core/kube/core-v1.ts';
import type { PodMetrics, PodMetricsList } from '../core/kube/metrics.ts';
import type { Status } from '../core/kube/object.ts';
import { NODES, PODS } from '../core/kube/resource.ts';
import { matchesSelector, parseSelector } from '../core/selector/selector.ts';
import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { deepFreeze } from '../lib/json.ts';
import type { RandomStream } from '../lib/random.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';
import type { RawGet } from '../ports/metrics-api.ts';
import { runInhabitant } from './inhabitant.ts';
import { DEFAULT_NETWORK, drawMs, later, type NetworkModel } from './network-model.ts';

/** Where the samples of a node come from: what a kubelet serves. */
export type UsageSource = { scrape(nodeName: string): readonly PodSample[] };

export type MetricsServerDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'log' | 'signal'> & {
  readonly usage: UsageSource;
};

/** `resolution` is upstream's `--metric-resolution`: 60 s, and 15 s in its manifests. */
export type MetricsServerOptions = { readonly resolution: DurationMs; readonly network: NetworkModel };

export const DEFAULT_METRICS_SERVER: MetricsServerOptions = { resolution: seconds(15), network: DEFAULT_NETWORK };

/** Scrapes of a tick are spread over this much per node, in all at most the second. Source: pkg/scraper/scraper.go (v0.8.0). */
const SPREAD_PER_NODE_MS = 8;
const MAX_SPREAD_MS = 4000;

const PATH = /^\/apis\/metrics\.k8s\.io\/v1beta1(?:\/namespaces\/([^/]+))?\/pods(?:\/([^/]+))?$/;
const POD_METRICS = { group: 'metrics.k8s.io', resource: 'podmetrics' };

export class MetricsServer implements RawGet {
  readonly #deps: MetricsServerDeps;
  readonly #options: MetricsServerOptions;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<KubeNode>;
  readonly #spread: RandomStream;
  readonly #delays: RandomStream;
  #storage = EMPTY_STORAGE;

  constructor(deps: MetricsServerDeps, options: MetricsServerOptions = DEFAULT_METRICS_SERVER) {
    this.#deps = deps;
    this.#options = options;
    this.#pods = new Informer(deps, PODS, { fieldSelector: 'status.phase=Running' });
    this.#nodes = new Informer(deps, NODES);
    this.#spread = deps.random.stream('metrics-server/spread');
    this.#delays = deps.random.stream('network/metrics.k8s.io');
  }

  /** Scrapes until the signal is aborted; never rejects. */
  run(): Promise<void> {
    return runInhabitant([this.#pods, this.#nodes], [{ run: () => this.#scrapes() }]);
  }

  async get(path: string, query: Readonly<Record<string, string>>, { signal }: CallOptions): Promise<unknown> {
    signal.throwIfAborted();
    const { clock } = this.#deps;
    const there = drawMs(this.#options.network.oneWay, this.#delays);
    const back = drawMs(this.#options.network.oneWay, this.#delays);
    await clock.sleepUntil(later(clock.now(), there), signal);
    const answer = this.#answer(path, query);
    await clock.sleepUntil(later(clock.now(), back), signal);
    if (answer.kind === 'refused') throw new KubeError(answer.status);
    return deepFreeze(answer.body);
  }

  async #scrapes(): Promise<void> {
    const { clock, signal } = this.#deps;
    let tick = clock.now();
    try {
      while (!signal.aborted) {
        await this.#scrapeAll();
        tick = epochMs(tick + this.#options.resolution);
        await clock.sleepUntil(tick, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error; // only sleeping can fail here, and only by an abort
    }
  }

  /** All nodes known now, ready or not, each at its own moment; the answer changes when the last one is in. */
  async #scrapeAll(): Promise<void> {
    const { clock, signal, usage } = this.#deps;
    const nodes = this.#nodes.list();
    const spreadMs = Math.min(MAX_SPREAD_MS, SPREAD_PER_NODE_MS * nodes.length);
    const samples = await Promise.all(
      nodes.map(async (node) => {
        const wait = Math.floor(this.#spread.next() * spreadMs);
        await clock.sleepUntil(epochMs(clock.now() + wait), signal);
        return usage.scrape(node.metadata.name);
      }),
    );
    this.#storage = stored(this.#storage, samples.flat(), this.#options.resolution);
  }

  #answer(path: string, query: Readonly<Record<string, string>>): Answer {
    const match = PATH.exec(path);
    if (match === null) return refused(resourceNotServed());
    if (!isReady(this.#storage)) return refused(UNAVAILABLE);
    const [, namespace, name] = match;
    if (name !== undefined) return this.#one(namespace ?? '', name);
    return this.#list(namespace, query);
  }

  #one(namespace: string, name: string): Answer {
    const pod = this.#pods.get({ namespace, name });
    if (pod === undefined) return refused(notFound(PODS, name));
    const metrics = podMetricsOf(this.#storage, pod, this.#deps.clock.now());
    if (metrics === undefined) return refused(notFound(POD_METRICS, `${namespace}/${name}`));
    return { kind: 'body', body: { kind: 'PodMetrics', apiVersion: 'metrics.k8s.io/v1beta1', ...metrics } };
  }

  #list(namespace: string | undefined, query: Readonly<Record<string, string>>): Answer {
    const selector = parseSelector(query['labelSelector'] ?? '');
    if (!selector.ok) return refused(badRequest(selector.error));
    const now = this.#deps.clock.now();
    const items = [...this.#pods.values()]
      .filter((pod) => namespace === undefined || pod.metadata.namespace === namespace)
      .filter((pod) => matchesSelector(selector.value, pod.metadata.labels))
      .toSorted(comparePods)
      .map((pod): PodMetrics | undefined => podMetricsOf(this.#storage, pod, now))
      .filter((item) => item !== undefined);
    const body: PodMetricsList = {
      kind: 'PodMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {},
      items,
    };
    return { kind: 'body', body };
  }
}

type Answer = { readonly kind: 'body'; readonly body: unknown } | { readonly kind: 'refused'; readonly status: Status };

/** What the aggregator says while the server behind it is not ready. */
const UNAVAILABLE: Status = { code: 503, reason: 'ServiceUnavailable', message: 'service unavailable' };

function refused(status: Status): Answer {
  return { kind: 'refused', status };
}
