/**
 * Faults at the ports of a controller: each request it sends can be refused, executed with its reply lost, or answered so late
 * that the deadline passes first. A plan decides, request by request, from the request's kind and its number.
 */

import type { GcsApi } from '../ports/gcs-api.ts';
import { GcsError } from '../ports/gcs-api.ts';
import { KubeError, type CallOptions, type KubeApi, type WatchEvent, type WatchQuery } from '../ports/kube-api.ts';
import type { MetricsApi } from '../ports/metrics-api.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { GroupVersionResource, Resource } from '../core/kube/resource.ts';
import { epochMs, type EpochMs } from '../core/time/time.ts';

export const FAULT_KINDS = ['refused', 'lost-reply', 'slow-answer'] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** One request of a controller, as a plan sees it. */
export type FaultPoint = {
  readonly controller: string;
  /** `patch rayclusters`, `update horizontalpodautoscalers/status`, `gcs drainNode`, ... */
  readonly request: string;
  /** How many requests the controller had sent before this one. */
  readonly sequence: number;
  readonly at: EpochMs;
};

/** Returns the fault to inject at this request, if any. Called once per request, in order. */
export type FaultPlan = (point: FaultPoint) => FaultKind | undefined;

/** Longer than any deadline of a controller. */
const SLOW_MS = 120_000;

/** A watch has no deadline: its first event comes this much later. */
const LATE_EVENT_MS = 10_000;

type FaultDeps = { readonly clock: Clock; readonly controller: string; readonly plan: FaultPlan };

/** The faulty faces of one controller share one count of requests. */
export class FaultInjector {
  readonly #deps: FaultDeps;
  #sequence = 0;

  constructor(deps: FaultDeps) {
    this.#deps = deps;
  }

  next(request: string): FaultKind | undefined {
    const { clock, controller, plan } = this.#deps;
    return plan({ controller, request, sequence: this.#sequence++, at: clock.now() });
  }

  async call<T>(request: string, options: CallOptions, refuse: () => Error, run: () => Promise<T>): Promise<T> {
    const fault = this.next(request);
    if (fault === undefined) return run();
    if (fault === 'refused') throw refuse();
    const value = await run();
    if (fault === 'slow-answer') await this.late(SLOW_MS, options.signal);
    if (fault === 'lost-reply') throw refuse();
    return value;
  }

  late(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    return clock.sleepUntil(epochMs(clock.now() + ms), signal);
  }
}

function refusedByServer(): KubeError {
  return new KubeError({
    code: 503,
    reason: 'ServiceUnavailable',
    message: 'the connection was lost (injected fault)',
  });
}

function refusedByGcs(): GcsError {
  return new GcsError('TANDEM_GCS_UNAVAILABLE', 'the connection was lost (injected fault)');
}

export function faultyKubeApi(inner: KubeApi, injector: FaultInjector): KubeApi {
  const call = <T>(request: string, options: CallOptions, run: () => Promise<T>): Promise<T> =>
    injector.call(request, options, refusedByServer, run);
  const name = (verb: string, resource: GroupVersionResource, subresource?: string): string =>
    `${verb} ${resource.resource}${subresource === undefined ? '' : `/${subresource}`}`;
  return {
    discover: (o) => call('discover', o, () => inner.discover(o)),
    get: (r, key, o) => call(name('get', r), o, () => inner.get(r, key, o)),
    list: (r, query, o) => call(name('list', r), o, () => inner.list(r, query, o)),
    listEach: (r, query, each, o) => call(name('list', r), o, () => inner.listEach(r, query, each, o)),
    watch: (r, query, o) => faultyWatch(inner, injector, r, query, o),
    create: (r, object, o) => call(name('create', r), o, () => inner.create(r, object, o)),
    update: (r, object, o) => call(name('update', r, o.subresource), o, () => inner.update(r, object, o)),
    patch: (r, key, patch, o) => call(name('patch', r, o.subresource), o, () => inner.patch(r, key, patch, o)),
    delete: (r, key, o) => call(name('delete', r), o, () => inner.delete(r, key, o)),
    getScale: (r, key, o) => call(name('get', r, 'scale'), o, () => inner.getScale(r, key, o)),
    updateScale: (r, key, scale, o) => call(name('update', r, 'scale'), o, () => inner.updateScale(r, key, scale, o)),
    bindPod: (key, node, o) => call('create pods/binding', o, () => inner.bindPod(key, node, o)),
    evictPod: (key, o) => call('create pods/eviction', o, () => inner.evictPod(key, o)),
  };
}

/** Refused: no watch. Lost: the line breaks at the first event. Slow: the first event comes late. */
async function* faultyWatch<T extends KubeObject>(
  inner: KubeApi,
  injector: FaultInjector,
  resource: Resource<T>,
  query: WatchQuery,
  options: CallOptions,
): AsyncGenerator<WatchEvent<T>> {
  let fault = injector.next(`watch ${resource.resource}`);
  if (fault === 'refused') throw refusedByServer();
  for await (const event of inner.watch(resource, query, options)) {
    if (fault === 'lost-reply') throw refusedByServer();
    if (fault === 'slow-answer') await injector.late(LATE_EVENT_MS, options.signal);
    fault = undefined;
    yield event;
  }
}

export function faultyGcsApi(inner: GcsApi, injector: FaultInjector): GcsApi {
  const call = <T>(request: string, options: CallOptions, run: () => Promise<T>): Promise<T> =>
    injector.call(`gcs ${request}`, options, refusedByGcs, run);
  return {
    getClusterResourceState: (o) => call('getClusterResourceState', o, () => inner.getClusterResourceState(o)),
    getClusterStatus: (o) => call('getClusterStatus', o, () => inner.getClusterStatus(o)),
    drainNode: (request, o) => call('drainNode', o, () => inner.drainNode(request, o)),
    stopNodes: (ids, o) => call('stopNodes', o, () => inner.stopNodes(ids, o)),
    reportAutoscalingState: (state, o) =>
      call('reportAutoscalingState', o, () => inner.reportAutoscalingState(state, o)),
  };
}

export function faultyMetricsApi(inner: MetricsApi, injector: FaultInjector): MetricsApi {
  return {
    listPodMetrics: (query, o) =>
      injector.call('list pods.metrics.k8s.io', o, refusedByServer, () => inner.listPodMetrics(query, o)),
  };
}
