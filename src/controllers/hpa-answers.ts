/** Answers the questions of a sync over the ports: every request within its deadline, every failure as an answer. */

import type { DiscoveredKind, Failure, HpaRequest, HpaResults } from '../core/hpa/conversation.ts';
import type { HpaMemory } from '../core/hpa/memory.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { keyText } from '../core/kube/object.ts';
import { groupResourceText, HORIZONTAL_POD_AUTOSCALERS } from '../core/kube/resource.ts';
import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { KubeError, type CallOptions } from '../ports/kube-api.ts';
import type { MetricsApi } from '../ports/metrics-api.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps } from './deps.ts';
import type { HpaEvents } from './hpa-events.ts';
import type { PodIndex } from './pod-index.ts';

export type HpaAnswersDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'signal' | 'writes'> & {
  readonly metrics: MetricsApi;
  readonly pods: PodIndex;
  readonly memory: HpaMemory;
  readonly events: HpaEvents;
};

/** Shorter than a sync period, so that one slow request costs no more than a round. */
const TIMEOUT: DurationMs = seconds(10);
/** Spec: HPA-3.1. */
const DISCOVERY_MS = 30_000;

export class HpaAnswers {
  readonly #deps: HpaAnswersDeps;
  #discovered: { readonly kinds: readonly DiscoveredKind[]; readonly until: number } | undefined;

  constructor(deps: HpaAnswersDeps) {
    this.#deps = deps;
  }

  /** The answer to one request of the sync of `hpa`. Rejects only when the controller is stopped, or on a defect. */
  async answer(request: HpaRequest, hpa: HorizontalPodAutoscaler): Promise<HpaResults[keyof HpaResults]> {
    const { api, metrics, pods, memory, events } = this.#deps;
    switch (request.kind) {
      case 'discover':
        return this.#discover();
      case 'get-scale': {
        const { resource, key } = request;
        return this.#call(`scale of ${groupResourceText(resource)} ${keyText(key)}`, (options) =>
          api.getScale(resource, key, options),
        );
      }
      case 'claim-pods': {
        const { key, selector } = request;
        return memory.selectors.claim(key, selector, pods.select(key.namespace, selector));
      }
      case 'list-pod-metrics':
        return this.#call(`metrics of pods in ${request.namespace}`, (options) =>
          metrics.listPodMetrics(request, options),
        );
      case 'list-pods':
        return pods.select(request.namespace, request.selector);
      case 'put-scale': {
        const { resource, key, scale } = request;
        return this.#write(`write of scale of ${groupResourceText(resource)} ${keyText(key)}`, (options) =>
          api.updateScale(resource, key, scale, options),
        );
      }
      case 'pause':
        return this.#pause(request.afterMs, request.jitter);
      case 'emit-event':
        events.emit(hpa, request.event);
        return undefined;
      case 'put-status':
        return this.#putStatus(request.hpa);
    }
  }

  async #discover(): Promise<Result<readonly DiscoveredKind[], Failure>> {
    const { api, clock } = this.#deps;
    if (this.#discovered !== undefined && clock.instant().mono < this.#discovered.until)
      return ok(this.#discovered.kinds);
    const answer = await this.#call('discovery', (options) => api.discover(options));
    if (answer.ok) this.#discovered = { kinds: answer.value, until: clock.instant().mono + DISCOVERY_MS };
    return answer;
  }

  async #putStatus(hpa: HorizontalPodAutoscaler): Promise<Result<HorizontalPodAutoscaler, Failure>> {
    const { api, memory } = this.#deps;
    const answer = await this.#write(
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

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<Result<T, Failure>> {
    return this.#within(what, this.#deps.signal, call);
  }

  /** A write that has begun outlives a stop. */
  #write<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<Result<T, Failure>> {
    const { signal, writes = signal } = this.#deps;
    return this.#within(what, writes, call);
  }

  async #within<T>(
    what: string,
    signal: AbortSignal,
    call: (options: CallOptions) => Promise<T>,
  ): Promise<Result<T, Failure>> {
    const { clock } = this.#deps;
    try {
      return ok(await callWithin(what, { clock, timeout: TIMEOUT, signal }, call));
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      return err(failureOf(error));
    }
  }
}

/** A refusal in the server's words; a lost or late answer in ours. Anything else is a defect and goes on. */
function failureOf(error: unknown): Failure {
  if (error instanceof KubeError) {
    const { code, reason, message } = error.status;
    return { code, reason, message };
  }
  if (error instanceof TandemError) return { code: 0, reason: '', message: error.message };
  throw error;
}
