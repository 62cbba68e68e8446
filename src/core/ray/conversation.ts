/**
 * What one round asks of the world and what it is told: requests and answers as values. Who answers (a cluster, a simulation, a
 * table, a recording) is not known here, and no clock is read: the instants of a round are those of its answers.
 */

import { assert } from '../../lib/assert.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { ObjectKey } from '../kube/object.ts';
import type { RayCluster } from '../kube/ray.ts';
import type { Instant } from '../time/time.ts';
import type { AutoscalingState, ClusterResourceState, DrainNodeReply, DrainNodeRequest } from './cluster-state.ts';
import type { PatchOperation } from './plan-patch.ts';

/** A request that was refused or lost. `code` is the HTTP status, 0 when no answer came: a write may then have happened or not. */
export type Failure = { readonly code: number; readonly reason: string; readonly message: string };

/** Everything a round may ask for, reads and writes alike. */
export type RayRequest =
  | { readonly kind: 'get-ray-cluster'; readonly key: ObjectKey }
  /** All pods of the cluster. A list that is not there yet is a failure, never an empty list. */
  | { readonly kind: 'list-pods'; readonly key: ObjectKey }
  | { readonly kind: 'get-cluster-resource-state' }
  | { readonly kind: 'get-cluster-status' }
  | { readonly kind: 'patch-ray-cluster'; readonly key: ObjectKey; readonly operations: readonly PatchOperation[] }
  | { readonly kind: 'drain-node'; readonly request: DrainNodeRequest }
  | { readonly kind: 'stop-nodes'; readonly nodeIds: readonly string[] }
  | { readonly kind: 'report-autoscaling-state'; readonly state: AutoscalingState };

export type ClusterStatus = {
  readonly autoscalingState: AutoscalingState | undefined;
  readonly clusterResourceState: ClusterResourceState;
};

/** What each request is answered with. A failure is an answer too. */
export type RayResults = {
  readonly 'get-ray-cluster': Result<RayCluster, Failure>;
  readonly 'list-pods': Result<readonly Pod[], Failure>;
  readonly 'get-cluster-resource-state': Result<ClusterResourceState, Failure>;
  readonly 'get-cluster-status': Result<ClusterStatus, Failure>;
  readonly 'patch-ray-cluster': Result<RayCluster, Failure>;
  readonly 'drain-node': Result<DrainNodeReply, Failure>;
  /** The ids it handled. */
  readonly 'stop-nodes': Result<readonly string[], Failure>;
  readonly 'report-autoscaling-state': Result<void, Failure>;
};

/** An answer and the instant at which it was there. */
export type Answer<T> = { readonly at: Instant; readonly result: T };

export type RayAnswer = Answer<RayResults[keyof RayResults]>;

/** A part of a round that may ask, and then returns `T`. */
export type Asking<T> = Generator<RayRequest, T, RayAnswer>;

/** Where a conversation stands: the instant of the last answer, and how many requests it made of how many it may. */
export type Conversation = { now: Instant | undefined; asked: number; limit: number };

/**
 * Asks one request and returns its result, typed by the request; the answer's instant becomes the conversation's `now`.
 *
 * Bounds: more than `limit` requests are a defect of ours.
 */
export function* ask<R extends RayRequest>(conversation: Conversation, request: R): Asking<RayResults[R['kind']]> {
  conversation.asked++;
  assert(conversation.asked <= conversation.limit, `a round made more than ${conversation.limit} requests`);
  const answer = yield request;
  conversation.now = answer.at;
  // Whoever answers a request of kind K answers with RayResults[K]; generators cannot tie the two for the compiler.
  return answer.result as RayResults[R['kind']];
}

/** The instant of the last answer. */
export function instantOf(conversation: Conversation): Instant {
  assert(conversation.now !== undefined, 'a round needs the time before its first answer');
  return conversation.now;
}

/** A read that failed, with what it was for. */
export type ReadFailure = { readonly what: string; readonly failure: Failure };

/** `result`, its failure named. */
export function readOf<T>(what: string, result: Result<T, Failure>): Result<T, ReadFailure> {
  return result.ok ? ok(result.value) : err({ what, failure: result.error });
}
