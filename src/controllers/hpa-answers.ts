/** Answers the questions of a sync over the ports: every request within its deadline, every failure as an answer. */

import type { DiscoveredKind, Failure, HpaEvent, HpaRequest, HpaResults } from '../core/hpa/conversation.ts';
import type { HpaMemory } from '../core/hpa/memory.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyText } from '../core/kube/object.ts';
import { groupResourceText, HORIZONTAL_POD_AUTOSCALERS } from '../core/kube/resource.ts';
import { parseSelector } from '../core/selector/selector.ts';
import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import type { CustomMetricsApi, ExternalMetricsApi, MetricsApi } from '../ports/metrics-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';
import type { DiscoveryCache } from './discovery-cache.ts';
import { failureOf } from './failure.ts';
import type { HpaEvents } from './hpa-events.ts';
import type { PodCache } from './pod-cache.ts';
import type { RequestClient, RequestPaces } from './request-pace.ts';
import { SharedPodMetrics, type PodMetricsQuery } from './shared-pod-metrics.ts';

export type HpaAnswersDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'signal' | 'writes'> & {
  readonly metrics: MetricsApi;
  /** Absent: not served. */
  readonly customMetrics?: CustomMetricsApi;
  /** Absent: not served. */
  readonly externalMetrics?: ExternalMetricsApi;
  /** Absent: requests are sent as they come. */
  readonly paces?: Pick<RequestPaces, 'turn'>;
  readonly discovery: DiscoveryCache;
  readonly pods: Pick<PodCache, 'select' | 'countOf'>;
  /** Whether HPAs of a namespace that fall due together share one list of pod metrics. */
  readonly podMetrics: 'shared' | 'single';
  readonly memory: HpaMemory;
  readonly events: HpaEvents;
  /** Told of every event as a sync emits it, before any is counted or dropped. */
  readonly emitted?: (event: HpaEvent) => void;
};

/** Shorter than a sync period, so that one slow request costs no more than a round. */
const TIMEOUT: DurationMs = seconds(10);
const NOT_SERVED = err({
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
});

/** The HPA whose sync asks. */
export type AskedFor = {
  readonly hpa: HorizontalPodAutoscaler;
  /** `since`: on the monotonic clock. `others`: of its namespace, due as well and not begun. */
  readonly due: { readonly since: DurationMs; readonly others: number };
};

export class HpaAnswers {
  readonly #deps: HpaAnswersDeps;
  readonly #shared: SharedPodMetrics;

  constructor(deps: HpaAnswersDeps) {
    this.#deps = deps;
    this.#shared = new SharedPodMetrics((query) => this.#fetchPodMetrics(query));
  }

  /** The answer to one request of the sync of `hpa`. Rejects only when the controller is stopped, or on a defect. */
  async answer(request: HpaRequest, { hpa, due }: AskedFor): Promise<HpaResults[keyof HpaResults]> {
    const { api, customMetrics, externalMetrics, pods, memory, events } = this.#deps;
    switch (request.kind) {
      case 'discover':
        return this.#discover();
      case 'get-scale': {
        const { resource, key } = request;
        return this.#call('scales', `scale of ${groupResourceText(resource)} ${keyText(key)}`, (options) =>
          api.getScale(resource, key, options),
        );
      }
      case 'claim-pods': {
        const { key, selector } = request;
        return memory.selectors.claim(key, selector, pods.select(key.namespace, selector));
      }
      case 'list-pod-metrics':
        return this.#podMetrics(request, due);
      case 'find-custom-metrics':
        if (customMetrics === undefined) return NOT_SERVED;
        return this.#call('objects', 'discovery of custom metrics', async (options) => {
          await customMetrics.find?.(options);
          return undefined;
        });
      case 'list-pods-metric':
        if (customMetrics === undefined) return NOT_SERVED;
        return this.#call('custom-metrics', `metric ${request.metric} of pods in ${request.namespace}`, (options) =>
          customMetrics.listPodsMetric(request, options),
        );
      case 'get-object-metric':
        if (customMetrics === undefined) return NOT_SERVED;
        return this.#call(
          'custom-metrics',
          `metric ${request.metric} of ${request.resource} ${request.name}`,
          (options) => customMetrics.getObjectMetric(request, options),
        );
      case 'list-external-metric':
        if (externalMetrics === undefined) return NOT_SERVED;
        return this.#call('external-metrics', `external metric ${request.metric}`, (options) =>
          externalMetrics.listExternalMetric(request, options),
        );
      case 'list-pods':
        return pods.select(request.namespace, request.selector);
      case 'put-scale': {
        const { resource, key, scale } = request;
        return this.#write('scales', `write of scale of ${groupResourceText(resource)} ${keyText(key)}`, (options) =>
          api.updateScale(resource, key, scale, options),
        );
      }
      case 'pause':
        return this.#pause(request.afterMs, request.jitter);
      case 'emit-event':
        this.#deps.emitted?.(request.event);
        events.emit(hpa, request.event);
        return undefined;
      case 'put-status':
        return this.#putStatus(request.hpa);
    }
  }

  #podMetrics(query: PodMetricsQuery, due: AskedFor['due']): Promise<HpaResults['list-pod-metrics']> {
    const { pods, podMetrics, clock } = this.#deps;
    const selector = parseSelector(query.labelSelector);
    if (podMetrics === 'single' || !selector.ok) return this.#fetchPodMetrics(query);
    const ownPods = pods.select(query.namespace, selector.value).length;
    const together = { ...due, now: clock.instant().mono, ownPods, allPods: pods.countOf(query.namespace) };
    return this.#shared.list({ ...query, selector: selector.value }, together);
  }

  #fetchPodMetrics(query: PodMetricsQuery): Promise<HpaResults['list-pod-metrics']> {
    const { metrics } = this.#deps;
    return this.#call('resource-metrics', `metrics of pods in ${query.namespace}`, (options) =>
      metrics.listPodMetrics(query, options),
    );
  }

  #discover(): Promise<Result<readonly DiscoveredKind[], Failure>> {
    const { api, discovery } = this.#deps;
    return discovery.kinds(() => this.#call('discovery', 'discovery', (options) => api.discover(options)));
  }

  async #putStatus(hpa: HorizontalPodAutoscaler): Promise<Result<HorizontalPodAutoscaler, Failure>> {
    const { api, memory } = this.#deps;
    const answer = await this.#write(
      'objects',
      `write of status of HPA ${hpa.metadata.namespace}/${hpa.metadata.name}`,
      (options) => api.update(HORIZONTAL_POD_AUTOSCALERS, hpa, { ...options, subresource: 'status' }),
    );
    if (answer.ok) memory.wroteStatus(answer.value);
    return answer;
  }

  async #pause(afterMs: DurationMs, jitter: number): Promise<undefined> {
    const { clock, random, signal } = this.#deps;
    const wait = afterMs * (1 + jitter * random.stream('hpa/conflict-pause').next());
    await clock.sleepUntil(epochMs(clock.now() + wait), signal);
    return undefined;
  }

  #call<T>(
    client: RequestClient | 'discovery',
    what: string,
    call: (options: CallOptions) => Promise<T>,
  ): Promise<Result<T, Failure>> {
    return this.#within({ client, what, signal: this.#deps.signal }, call);
  }

  /** A write that has begun outlives a stop. */
  #write<T>(
    client: RequestClient,
    what: string,
    call: (options: CallOptions) => Promise<T>,
  ): Promise<Result<T, Failure>> {
    const { signal, writes = signal } = this.#deps;
    return this.#within({ client, what, signal: writes }, call);
  }

  /** The time of a request begins when it may be sent. Discovery has a client of its own, which asks too seldom to be held back. */
  async #within<T>(
    {
      client,
      what,
      signal,
    }: { readonly client: RequestClient | 'discovery'; readonly what: string; readonly signal: AbortSignal },
    call: (options: CallOptions) => Promise<T>,
  ): Promise<Result<T, Failure>> {
    const { clock, paces } = this.#deps;
    try {
      if (client !== 'discovery') await paces?.turn(client, signal);
      return ok(await callWithin(what, { clock, timeout: TIMEOUT, signal }, call));
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      return err(failureOf(error));
    }
  }
}
