/**
 * What one sync asks of the world and what it is told: requests and answers as values. Who answers (a cluster, a simulation, a table,
 * a recording) is not known here, and no clock is read: the instants of a sync are those of its answers.
 */

import { assert } from '../../lib/assert.ts';
import type { Result } from '../../lib/result.ts';
import type { Scale } from '../kube/apps.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../kube/hpa.ts';
import type { PodMetrics } from '../kube/metrics.ts';
import type { ObjectKey } from '../kube/object.ts';
import type { GroupVersionResource } from '../kube/resource.ts';
import type { Selector } from '../selector/selector.ts';
import type { DurationMs, Instant } from '../time/time.ts';

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
  | { readonly kind: 'ambiguous'; readonly claimants: readonly [string, string] };

/** An event on the HPA, as it is emitted: how repeats are counted and written is the receiver's matter. Spec: HPA-21. */
export type HpaEvent = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

/** Everything a sync may ask for, reads and writes alike. Spec: HPA-2.26. */
export type HpaRequest =
  | { readonly kind: 'discover' }
  | { readonly kind: 'get-scale'; readonly resource: GroupVersionResource; readonly key: ObjectKey }
  | { readonly kind: 'claim-pods'; readonly key: ObjectKey; readonly selector: Selector }
  | { readonly kind: 'list-pod-metrics'; readonly namespace: string; readonly labelSelector: string }
  /** From the pod cache. */
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
  readonly 'list-pods': readonly Pod[];
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
