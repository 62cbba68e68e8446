/**
 * Who leads, told by a Lease: one attempt to take or to renew it, as a conversation. Expiry is counted on our own monotonic clock from when
 * we saw the record change, so the clocks of two candidates may differ.
 */

import { deepEqual } from '../../lib/json.ts';
import type { Result } from '../../lib/result.ts';
import type { Lease } from '../kube/lease.ts';
import type { ObjectKey } from '../kube/object.ts';
import { apiVersionOf, LEASES } from '../kube/resource.ts';
import { durationMs, toRfc3339, type DurationMs, type EpochMs, type Instant } from '../time/time.ts';
import type { Failure } from './conversation.ts';

/** Source: client-go tools/leaderelection/leaderelection.go JitterFactor (v0.37.2). */
export const RETRY_JITTER = 1.2;

export type Candidate = {
  /** Of the lease. */
  readonly key: ObjectKey;
  /** Ours, and nobody else's. */
  readonly identity: string;
  /** How long others wait after our last renewal; at least a second, whole seconds count. */
  readonly leaseDurationMs: DurationMs;
};

/**
 * What a candidate knows: the lease as last read or written, and since when its record is the same, by our monotonic clock: of others' from
 * when we saw it, of ours from before we wrote it, so that we take it for over no later than anybody else.
 */
export type Observed = { readonly lease: Lease; readonly at: DurationMs };

export type LeaseRequest =
  | { readonly kind: 'get-lease' }
  | { readonly kind: 'create-lease'; readonly lease: Lease }
  | { readonly kind: 'update-lease'; readonly lease: Lease };

export type LeaseAnswer = { readonly at: Instant; readonly result: Result<Lease, Failure> };

/** `held`: by us. `taken`: by somebody else whose time is not over. `failed`: an answer was none. */
export type Attempt = { readonly observed: Observed | undefined } & (
  | { readonly kind: 'held' }
  | { readonly kind: 'taken'; readonly holder: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
);

type Trying = Generator<LeaseRequest, Attempt, LeaseAnswer>;

/**
 * One attempt to take the lease, or to renew it where we hold it: then it is written at once, and only read when that fails.
 *
 * Bounds: at most three requests.
 * Spec: HPA-17.3.   Source: client-go tools/leaderelection/leaderelection.go tryAcquireOrRenew (v0.37.2).
 */
export function* tryToLead(candidate: Candidate, observed: Observed | undefined, now: Instant): Trying {
  if (observed !== undefined && leads(candidate, observed) && isInForce(observed, now.mono)) {
    const answer = yield { kind: 'update-lease', lease: renewed(candidate, observed.lease, now.wall) };
    if (answer.result.ok) return { kind: 'held', observed: { lease: answer.result.value, at: now.mono } };
  }
  const { at, result } = yield { kind: 'get-lease' };
  if (!result.ok) {
    if (result.error.code !== 404) return { kind: 'failed', failure: result.error, observed };
    return written(yield { kind: 'create-lease', lease: firstLease(candidate, now.wall) }, observed, now);
  }
  const seen = observe(observed, result.value, at.mono);
  if (!leads(candidate, seen) && holderOf(seen.lease) !== '' && isInForce(seen, now.mono))
    return { kind: 'taken', holder: holderOf(seen.lease), observed: seen };
  const next = leads(candidate, seen)
    ? renewed(candidate, seen.lease, now.wall)
    : taken(candidate, seen.lease, now.wall);
  return written(yield { kind: 'update-lease', lease: next }, seen, now);
}

function written({ result }: LeaseAnswer, observed: Observed | undefined, now: Instant): Attempt {
  return result.ok
    ? { kind: 'held', observed: { lease: result.value, at: now.mono } }
    : { kind: 'failed', failure: result.error, observed };
}

/** Whether the lease is in our name, expired or not. */
export function leads({ identity }: Candidate, { lease }: Observed): boolean {
  return holderOf(lease) === identity;
}

/** Whether the holder's time is not over: nobody else may take the lease before that. */
export function isInForce({ lease, at }: Observed, now: DurationMs): boolean {
  return durationMs(at + (lease.spec?.leaseDurationSeconds ?? 0) * 1000) > now;
}

/** The lease without a holder, for whoever comes next. Source: as above, release. */
export function givenBack({ lease }: Observed, now: EpochMs): Lease {
  const { leaseTransitions = 0 } = lease.spec ?? {};
  const time = toMicroTime(now);
  return { ...lease, spec: { leaseDurationSeconds: 1, acquireTime: time, renewTime: time, leaseTransitions } };
}

function holderOf({ spec }: Lease): string {
  return spec?.holderIdentity ?? '';
}

/** A record that is the same as before was not renewed, however often it is read. */
function observe(before: Observed | undefined, lease: Lease, at: DurationMs): Observed {
  return before !== undefined && deepEqual(before.lease.spec, lease.spec) ? { lease, at: before.at } : { lease, at };
}

function firstLease(candidate: Candidate, now: EpochMs): Lease {
  const { key } = candidate;
  return {
    apiVersion: apiVersionOf(LEASES),
    kind: LEASES.kind,
    metadata: { name: key.name, namespace: key.namespace },
    spec: { ...claimOf(candidate, now), acquireTime: toMicroTime(now), leaseTransitions: 0 },
  };
}

function renewed(candidate: Candidate, lease: Lease, now: EpochMs): Lease {
  const { acquireTime = toMicroTime(now), leaseTransitions = 0 } = lease.spec ?? {};
  return { ...lease, spec: { ...claimOf(candidate, now), acquireTime, leaseTransitions } };
}

function taken(candidate: Candidate, lease: Lease, now: EpochMs): Lease {
  const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + 1;
  return { ...lease, spec: { ...claimOf(candidate, now), acquireTime: toMicroTime(now), leaseTransitions } };
}

function claimOf({ identity, leaseDurationMs }: Candidate, now: EpochMs) {
  const leaseDurationSeconds = Math.trunc(leaseDurationMs / 1000);
  return { holderIdentity: identity, leaseDurationSeconds, renewTime: toMicroTime(now) };
}

/** `2026-01-01T00:00:00.250000Z`. */
function toMicroTime(at: EpochMs): string {
  const micros = Math.trunc((at - Math.floor(at / 1000) * 1000) * 1000);
  return `${toRfc3339(at).slice(0, -1)}.${String(micros).padStart(6, '0')}Z`;
}
