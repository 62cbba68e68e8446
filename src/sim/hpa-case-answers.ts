/** Answers the questions of a sync from the world of a case, each request with its latency. */

import type { Failure, HpaEvent, HpaRequest, HpaResults } from '../core/hpa/conversation.ts';
import type { HpaMemory } from '../core/hpa/memory.ts';
import type { PodFacts } from '../core/hpa/pod-facts.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { matchesSelector, type Selector } from '../core/selector/selector.ts';
import type { Instant } from '../core/time/time.ts';
import { compareText } from '../lib/compare.ts';
import type { Result } from '../lib/result.ts';
import type { CaseEvents } from './hpa-case-events.ts';
import {
  customMetric,
  externalMetric,
  getScale,
  listPodMetrics,
  putScale,
  putStatus,
  type CustomMetricQuery,
  type Exchange,
} from './hpa-case-client.ts';
import type { CaseMapper } from './hpa-case-mapper.ts';
import type { CaseServer } from './hpa-case-server.ts';

/** Time of a case: it stands still, except that requests and pauses let it go on. */
export type CaseClock = { now(): Instant; advance(ms: number): void };

export type CaseAnswersDeps = {
  readonly server: CaseServer;
  readonly mapper: CaseMapper;
  readonly memory: HpaMemory;
  readonly clock: CaseClock;
  readonly latencyMs: number;
  readonly events: CaseEvents;
  /** Told of every event as it is emitted. */
  readonly emitted: (event: HpaEvent) => void;
  /** The pod cache. */
  readonly pods: () => readonly PodFacts[];
};

export class CaseAnswers {
  readonly #deps: CaseAnswersDeps;

  constructor(deps: CaseAnswersDeps) {
    this.#deps = deps;
  }

  answer(request: HpaRequest, hpa: HorizontalPodAutoscaler): HpaResults[keyof HpaResults] {
    const { mapper, memory, clock } = this.#deps;
    switch (request.kind) {
      case 'discover':
        return mapper.kinds();
      case 'get-scale':
        return this.#sendIf(getScale(request.resource, request.key));
      case 'claim-pods': {
        const { key, selector } = request;
        return memory.selectors.claim(key, selector, this.#podsOf(key.namespace, selector));
      }
      case 'list-pod-metrics':
        return this.#send(listPodMetrics(request.namespace, request.labelSelector));
      case 'find-custom-metrics': {
        const version = mapper.customMetrics();
        return version.ok ? { ok: true, value: undefined } : version;
      }
      case 'list-pods-metric':
        return this.#customMetric({ ...request, resource: 'pods', name: '*' });
      case 'get-object-metric': {
        const { name, ...query } = request;
        return this.#customMetric(
          request.resource === 'namespaces' ? { ...query, resource: 'metrics' } : { ...query, name },
        );
      }
      case 'list-external-metric':
        return this.#sendIf(externalMetric(request));
      case 'list-pods':
        return this.#podsOf(request.namespace, request.selector);
      case 'put-scale': {
        const broken = mapper.scaleKind(request.resource);
        if (broken !== undefined) return { ok: false, error: broken };
        return this.#send(putScale(request.resource, request.key, request.scale));
      }
      case 'pause':
        clock.advance(request.afterMs); // the original draws up to a tenth more at random
        return undefined;
      case 'emit-event':
        return this.#emit(hpa, request.event);
      case 'put-status': {
        const answer = this.#send(putStatus(request.hpa));
        if (answer.ok) memory.wroteStatus(answer.value);
        return answer;
      }
    }
  }

  #customMetric(query: Omit<CustomMetricQuery, 'version'>): HpaResults['get-object-metric'] {
    const version = this.#deps.mapper.customMetrics();
    return version.ok ? this.#sendIf(customMetric({ ...query, version: version.value })) : version;
  }

  #emit(hpa: HorizontalPodAutoscaler, event: HpaEvent): undefined {
    const { namespace = '', name, uid = '' } = hpa.metadata;
    this.#deps.emitted(event);
    this.#deps.events.emit({ namespace, name, uid }, event, this.#deps.clock.now().wall);
    return undefined;
  }

  #podsOf(namespace: string, selector: Selector): readonly PodFacts[] {
    return this.#deps
      .pods()
      .filter((pod) => pod.namespace === namespace && matchesSelector(selector, pod.labels))
      .toSorted((a, b) => compareText(a.name, b.name));
  }

  /** What cannot be sent takes no time. */
  #sendIf<T>(exchange: Result<Exchange<T>, Failure>): Result<T, Failure> {
    return exchange.ok ? this.#send(exchange.value) : exchange;
  }

  #send<T>(exchange: Exchange<T>): Result<T, Failure> {
    this.#deps.clock.advance(this.#deps.latencyMs);
    return exchange.send(this.#deps.server);
  }
}
