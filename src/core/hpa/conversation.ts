/**
 * What one sync asks of the world and what it is told: requests and answers as values. Who answers (a cluster, a simulation, a table,
 * a recording) is not known here, and no clock is read: the instants of a sync are those of its answers.
 */

import { assert } from '../../lib/assert.ts';
import type { Result } from '../../lib/result.ts';
import type { Scale } from '../kube/apps.ts';
import type { HorizontalPodAutoscaler } from '../kube/hpa.ts';
import type { ExternalMetricValue, MetricValue, PodMetrics } from '../kube/metrics.ts';
import type { ObjectKey } from '../kube/object.ts';
import type { GroupVersionResource } from '../kube/resource.ts';
import type { Selector } from '../selector/selector.ts';
import type { DurationMs, Instant } from '../time/time.ts';
import type { PodFacts } from './pod-facts.ts';

/** A request that was refused or lost: the answer's words. `code` 0 and no reason when no answer came. */
export type Failure = { readonly code: number; readonly reason: string; readonly message: string };

/** One kind as one version of its API group serves it. Spec: HPA-3.1. */
export type DiscoveredKind = GroupVersionResource & {
  readonly kind: string;
  /** Whether this is the group's preferred version. */
  readonly preferred: boolean;
};

/** Who else claims the pods of a selector. `not-tracked`: this HPA was deleted meanwhile. Spec: HPA-3.19 to HPA-3.22. */
export type Claim =
  | { readonly kind: 'sole' }
  | { readonly kind: 'not-tracked' }
  /** At least two of them; all where the gate HPAOptimizedSelectorStore is off. Spec: HPA-3.23. */
  | { readonly kind: 'ambiguous'; readonly claimants: readonly string[] };

/** An event on the HPA, as it is emitted: how repeats are counted and written is the receiver's matter. Spec: HPA-21. */
export type HpaEvent = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

/** Everything a sync may ask for, reads and writes alike. Spec: HPA-2.26. */
export type HpaRequest =
  | { readonly kind: 'discover' }
  | { readonly kind: 'get-scale'; readonly resource: GroupVersionResource; readonly key: ObjectKey }
  | { readonly kind: 'claim-pods'; readonly key: ObjectKey; readonly selector: Selector }
  | { readonly kind: 'list-pod-metrics'; readonly namespace: string; readonly labelSelector: string }
  /** Whether custom.metrics.k8s.io can be spoken with at all: what is asked of it comes after that. Spec: HPA-20.8. */
  | { readonly kind: 'find-custom-metrics' }
  /** Of custom.metrics.k8s.io: one metric of all pods that match. Selectors are texts; '' asks for all. Spec: HPA-20.2. */
  | {
      readonly kind: 'list-pods-metric';
      readonly namespace: string;
      readonly metric: string;
      readonly labelSelector: string;
      readonly metricLabelSelector: string;
    }
  /** Of custom.metrics.k8s.io: one metric of one object. Spec: HPA-20.3, HPA-20.4. */
  | {
      readonly kind: 'get-object-metric';
      readonly namespace: string;
      /** `<resource>` or `<resource>.<group>`. `namespaces` is the namespace itself, and `name` does not count. */
      readonly resource: string;
      readonly name: string;
      readonly metric: string;
      readonly metricLabelSelector: string;
    }
  /** Of external.metrics.k8s.io. Spec: HPA-20.5. */
  | {
      readonly kind: 'list-external-metric';
      readonly namespace: string;
      readonly metric: string;
      readonly labelSelector: string;
    }
  /** From the pod cache, by name. */
  | { readonly kind: 'list-pods'; readonly namespace: string; readonly selector: Selector }
  | {
      readonly kind: 'put-scale';
      readonly resource: GroupVersionResource;
      readonly key: ObjectKey;
      readonly scale: Scale;
    }
  /** Wait `afterMs` x (1 + up to `jitter`, drawn by whoever answers). */
  | { readonly kind: 'pause'; readonly afterMs: DurationMs; readonly jitter: number }
  | { readonly kind: 'emit-event'; readonly event: HpaEvent }
  /** The whole object with the new status; only its status is taken. */
  | { readonly kind: 'put-status'; readonly hpa: HorizontalPodAutoscaler };

/** What each request is answered with. A failure is an answer too. */
export type HpaResults = {
  readonly discover: Result<readonly DiscoveredKind[], Failure>;
  readonly 'get-scale': Result<Scale, Failure>;
  readonly 'claim-pods': Claim;
  readonly 'list-pod-metrics': Result<readonly PodMetrics[], Failure>;
  readonly 'find-custom-metrics': Result<undefined, Failure>;
  readonly 'list-pods-metric': Result<readonly MetricValue[], Failure>;
  readonly 'get-object-metric': Result<readonly MetricValue[], Failure>;
  readonly 'list-external-metric': Result<readonly ExternalMetricValue[], Failure>;
  readonly 'list-pods': readonly PodFacts[];
  readonly 'put-scale': Result<Scale, Failure>;
  readonly pause: undefined;
  readonly 'emit-event': undefined;
  readonly 'put-status': Result<HorizontalPodAutoscaler, Failure>;
};

/** An answer and the instant at which it was there. */
export type Answer<T> = { readonly at: Instant; readonly result: T };

/** The answer that fits the request `R`. */
export type AnswerOf<R extends HpaRequest> = Answer<HpaResults[R['kind']]>;

export type HpaAnswer = Answer<HpaResults[keyof HpaResults]>;

/** A part of a sync that may ask, and then returns `T`. */
export type Asking<T> = Generator<HpaRequest, T, HpaAnswer>;

/** Where a conversation stands: the instant of the last answer, and how many more requests it may make. */
export type Conversation = { now: Instant | undefined; asked: number; readonly limit: number };

/**
 * Asks one request and returns its result, typed by the request; the answer's instant becomes the conversation's `now`.
 *
 * Bounds: more than `limit` requests are a defect of ours.
 */
export function* ask<R extends HpaRequest>(conversation: Conversation, request: R): Asking<HpaResults[R['kind']]> {
  conversation.asked++;
  assert(conversation.asked <= conversation.limit, `a sync made more than ${conversation.limit} requests`);
  const answer = yield request;
  conversation.now = answer.at;
  // Whoever answers a request of kind K answers with HpaResults[K]; generators cannot tie the two for the compiler.
  return answer.result as HpaResults[R['kind']];
}

/** The instant of the last answer. Spec: HPA-2.27: reads of the clock may be shared where no outside request lies between them. */
export function instantOf(conversation: Conversation): Instant {
  assert(conversation.now !== undefined, 'a sync needs the time before its first answer');
  return conversation.now;
}
