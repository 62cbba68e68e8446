/** A case's server behind the ports of the controllers: each request takes its latency, list, watch, discovery and events take none. */

import type { Failure } from '../core/hpa/conversation.ts';
import type { KubeEvent } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyOf, type KubeObject, type ObjectList } from '../core/kube/object.ts';
import { HORIZONTAL_POD_AUTOSCALERS, type GroupResource, type Resource } from '../core/kube/resource.ts';
import { epochMs } from '../core/time/time.ts';
import { assert } from '../lib/assert.ts';
import type { Result } from '../lib/result.ts';
import type { Clock } from '../ports/clock.ts';
import { KubeError, type CallOptions, type KubeApi, type WatchEvent } from '../ports/kube-api.ts';
import type { CustomMetricsApi, ExternalMetricsApi, MetricsApi } from '../ports/metrics-api.ts';
import {
  customMetric,
  externalMetric,
  getScale,
  isSuccess,
  listPodMetrics,
  putScale,
  putStatus,
  type CustomMetricQuery,
  type Exchange,
} from './hpa-case-client.ts';
import type { CaseMapper } from './hpa-case-mapper.ts';
import type { CaseAnswer, CaseServer } from './hpa-case-server.ts';
import { watchKind, withVersion, type CaseWatches } from './hpa-case-watches.ts';

export type CasePortsDeps = {
  readonly server: CaseServer;
  readonly mapper: CaseMapper;
  readonly watches: CaseWatches;
  readonly clock: Clock;
  readonly latencyMs: number;
  /** Told after every request that the server handled. */
  readonly handled: () => void;
};

export type CasePorts = {
  readonly api: KubeApi;
  readonly metrics: MetricsApi;
  readonly customMetrics: CustomMetricsApi;
  readonly externalMetrics: ExternalMetricsApi;
};

export function casePorts(deps: CasePortsDeps): CasePorts {
  const sender = new Sender(deps);
  return {
    api: kubeApiOf(deps, sender),
    metrics: {
      listPodMetrics: ({ namespace, labelSelector }, { signal }) =>
        sender.send(listPodMetrics(namespace, labelSelector), signal),
    },
    customMetrics: customMetricsOf(deps, sender),
    externalMetrics: {
      listExternalMetric: async (query, { signal }) => sender.send(orThrow(externalMetric(query)), signal),
    },
  };
}

class Sender {
  readonly #deps: CasePortsDeps;

  constructor(deps: CasePortsDeps) {
    this.#deps = deps;
  }

  async send<T>(exchange: Exchange<T>, signal: AbortSignal): Promise<T> {
    const { clock, latencyMs, server, handled } = this.#deps;
    if (latencyMs > 0) await clock.sleepUntil(epochMs(clock.now() + latencyMs), signal);
    const answer = exchange.send(server);
    handled();
    return orThrow(answer);
  }
}

function orThrow<T>(result: Result<T, Failure>): T {
  if (result.ok) return result.value;
  throw new KubeError(result.error);
}

function kubeApiOf({ server, mapper, watches }: CasePortsDeps, sender: Sender): KubeApi {
  return {
    discover: async () => orThrow(mapper.kinds()).map((kind) => ({ ...kind, namespaced: true, subresources: [] })),
    list: async <T extends KubeObject>(resource: Resource<T>) => listOf(watches, server, resource),
    listEach: async <T extends KubeObject>(resource: Resource<T>, _query: unknown, each: (object: T) => void) => {
      const { items, resourceVersion } = listOf(watches, server, resource);
      for (const object of items) each(object);
      return resourceVersion;
    },
    watch: <T extends KubeObject>(resource: Resource<T>, _query: unknown, { signal }: CallOptions) => {
      const events: AsyncIterable<WatchEvent<KubeObject>> = isHpas(resource)
        ? watchKind(watches.hpas, signal)
        : watchKind(watches.pods, signal);
      return events as AsyncIterable<WatchEvent<T>>; // of what the resource names
    },
    getScale: async (resource, key, { signal }) => sender.send(orThrow(getScale(resource, key)), signal),
    updateScale: async (resource, key, scale, { signal }) => {
      const broken = mapper.scaleKind(resource);
      if (broken !== undefined) throw new KubeError(broken);
      return sender.send(putScale(resource, key, scale), signal);
    },
    update: async <T extends KubeObject>(resource: Resource<T>, object: T, { signal }: CallOptions) => {
      assert(isHpas(resource), `a case has no ${resource.resource} to update`);
      // an HPA, and so is what comes back
      return sender.send(putStatus(object as unknown as HorizontalPodAutoscaler), signal) as unknown as Promise<T>;
    },
    create: async (_resource, object) => {
      const { namespace } = keyOf(object);
      const path = `/api/v1/namespaces/${namespace}/events`;
      // only events are created
      written(server.writeEvent({ method: 'POST', path }, object as unknown as KubeEvent));
      return object;
    },
    patch: async <T extends KubeObject>(
      _resource: Resource<T>,
      { namespace, name }: { namespace: string; name: string },
      patch: { type: string; value?: unknown },
    ) => {
      const path = `/api/v1/namespaces/${namespace}/events/${name}`;
      // only events are patched, by merging
      written(server.writeEvent({ method: 'PATCH', path }, patch.value as Pick<KubeEvent, 'message'>));
      return patch.value as T;
    },
    get: notServed,
    delete: notServed,
    bindPod: notServed,
    evictPod: notServed,
  };
}

/** The HPA controller does not ask for it. */
function notServed(): Promise<never> {
  return Promise.reject(
    new KubeError({ code: 405, reason: 'MethodNotAllowed', message: 'a case does not serve this' }),
  );
}

function written({ code }: CaseAnswer): void {
  if (!isSuccess({ code, body: undefined })) throw new KubeError({ code, reason: '', message: `events: ${code}` });
}

function isHpas(resource: GroupResource): boolean {
  return resource.resource === HORIZONTAL_POD_AUTOSCALERS.resource;
}

function listOf<T extends KubeObject>(
  watches: CaseWatches,
  { store }: CaseServer,
  resource: Resource<T>,
): ObjectList<T> {
  const { version } = store;
  const objects: readonly KubeObject[] = (isHpas(resource) ? watches.hpas : watches.pods).current();
  const items = objects.map((object) => withVersion(object, version)) as unknown as readonly T[]; // of what the resource names
  return { resourceVersion: version, items };
}

function customMetricsOf({ mapper }: CasePortsDeps, sender: Sender): CustomMetricsApi {
  const ask = async (query: Omit<CustomMetricQuery, 'version'>, { signal }: CallOptions) =>
    sender.send(orThrow(customMetric({ ...query, version: orThrow(mapper.customMetrics()) })), signal);
  return {
    listPodsMetric: (query, options) => ask({ ...query, resource: 'pods', name: '*' }, options),
    getObjectMetric: ({ name, ...query }, options) =>
      ask(query.resource === 'namespaces' ? { ...query, resource: 'metrics' } : { ...query, name }, options),
  };
}
