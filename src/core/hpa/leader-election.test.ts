import { describe, expect, test } from 'vitest';
import type { Lease } from '../kube/lease.ts';
import { durationMs, epochMs, parseRfc3339, seconds, type Instant } from '../time/time.ts';
import { err, ok } from '../../lib/result.ts';
import type { Failure } from './conversation.ts';
import {
  givenBack,
  isInForce,
  leads,
  tryToLead,
  type Attempt,
  type Candidate,
  type LeaseRequest,
  type Observed,
} from './leader-election.ts';

const START = parseRfc3339('2026-03-01T00:00:00Z') ?? epochMs(0);
const A: Candidate = {
  key: { namespace: 'kube-system', name: 'tandem-hpa' },
  identity: 'a_1',
  leaseDurationMs: seconds(15),
};
const B: Candidate = { ...A, identity: 'b_2' };

const at = (s: number, skew = 0): Instant => ({ wall: epochMs(START + (s + skew) * 1000), mono: seconds(s) });

const lease = (spec: Lease['spec'], resourceVersion = '7'): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'tandem-hpa', namespace: 'kube-system', resourceVersion, uid: 'u' },
  ...(spec === undefined ? {} : { spec }),
});

const HELD_BY_A = {
  holderIdentity: 'a_1',
  leaseDurationSeconds: 15,
  acquireTime: '2026-02-28T12:00:00.000000Z',
  renewTime: '2026-02-28T23:59:58.000000Z',
  leaseTransitions: 4,
};

const NOT_FOUND: Failure = { code: 404, reason: 'NotFound', message: 'leases "tandem-hpa" not found' };
const CONFLICT: Failure = { code: 409, reason: 'Conflict', message: 'the object has been modified' };
const LOST: Failure = { code: 0, reason: '', message: 'connection refused' };

type Scripted = Failure | Lease | 'as sent';

/** Plays one attempt; each request is answered by the next of `answers`, half a second later each. */
function play(
  candidate: Candidate,
  observed: Observed | undefined,
  { now, answers }: { readonly now: Instant; readonly answers: readonly Scripted[] },
): { readonly attempt: Attempt; readonly requests: readonly LeaseRequest[] } {
  const requests: LeaseRequest[] = [];
  const trying = tryToLead(candidate, observed, now);
  let next = trying.next();
  while (next.done !== true) {
    const request = next.value;
    requests.push(request);
    const answer = answers[requests.length - 1];
    if (answer === undefined) throw new Error(`no answer is scripted for ${request.kind}`);
    const later = { wall: epochMs(now.wall + 500), mono: durationMs(now.mono + 500) };
    const sent = request.kind === 'get-lease' ? lease(undefined) : request.lease;
    const result = answer === 'as sent' ? ok(sent) : 'code' in answer ? err(answer) : ok(answer);
    next = trying.next({ at: later, result });
  }
  return { attempt: next.value, requests };
}

describe('HPA-17.3 the first attempt', () => {
  test('where there is no lease it is made, in our name', () => {
    const { attempt, requests } = play(A, undefined, { now: at(0.25), answers: [NOT_FOUND, 'as sent'] });
    const time = '2026-03-01T00:00:00.250000Z';
    expect(requests[1]).toEqual({
      kind: 'create-lease',
      lease: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'tandem-hpa', namespace: 'kube-system' },
        spec: {
          holderIdentity: 'a_1',
          leaseDurationSeconds: 15,
          acquireTime: time,
          renewTime: time,
          leaseTransitions: 0,
        },
      },
    });
    expect(attempt).toMatchObject({ kind: 'held', observed: { at: 250 } });
  });

  test('a lease that somebody holds is waited out from when it was seen, whatever its times say', () => {
    const { attempt } = play(B, undefined, { now: at(100), answers: [lease(HELD_BY_A)] });
    expect(attempt).toMatchObject({ kind: 'taken', holder: 'a_1', observed: { at: 100_500 } });
  });

  test('one that was given back, or that nobody holds, is taken at once', () => {
    for (const spec of [
      undefined,
      { ...HELD_BY_A, holderIdentity: '' },
      { leaseDurationSeconds: 1, leaseTransitions: 4 },
    ]) {
      const { attempt, requests } = play(B, undefined, { now: at(0), answers: [lease(spec), 'as sent'] });
      expect(attempt.kind).toBe('held');
      const { leaseTransitions = 0 } = spec ?? {};
      expect(requests[1]).toMatchObject({
        kind: 'update-lease',
        lease: {
          metadata: { resourceVersion: '7' },
          spec: {
            holderIdentity: 'b_2',
            leaseDurationSeconds: 15,
            acquireTime: '2026-03-01T00:00:00.000000Z',
            renewTime: '2026-03-01T00:00:00.000000Z',
            leaseTransitions: leaseTransitions + 1,
          },
        },
      });
    }
  });

  test('the other one was faster: conflict, not ours', () => {
    for (const [answers, failure] of [
      [[NOT_FOUND, { ...CONFLICT, reason: 'AlreadyExists' }], { reason: 'AlreadyExists' }],
      [[lease({}), CONFLICT], CONFLICT],
      [[LOST], LOST],
    ] as const) {
      expect(play(B, undefined, { now: at(0), answers }).attempt).toMatchObject({ kind: 'failed', failure });
    }
  });
});

describe('HPA-17.3 waiting', () => {
  const seen: Observed = { lease: lease(HELD_BY_A), at: seconds(10) };

  test.each([
    ['before the end of its time', 24.9, 'taken'],
    ['at the end of its time', 25, 'held'],
  ] as const)('a record that does not change, %s', (_name, now, kind) => {
    // another version, the same record: somebody labelled it
    const { attempt } = play(B, seen, { now: at(now), answers: [lease(HELD_BY_A, '8'), 'as sent'] });
    expect(attempt.kind).toBe(kind);
  });

  test('a record that changed has its whole time again, by a clock that runs an hour behind or ahead', () => {
    for (const skew of [-3600, 3600]) {
      const renewed = { ...HELD_BY_A, renewTime: '2026-03-01T00:00:24.000000Z' };
      const { attempt } = play(B, seen, { now: at(24.9, skew), answers: [lease(renewed)] });
      expect(attempt).toMatchObject({ kind: 'taken', observed: { at: 25_400 } });
    }
  });

  test("the holder's duration counts, not ours", () => {
    const short = { lease: lease({ ...HELD_BY_A, leaseDurationSeconds: 1 }), at: seconds(10) };
    const { attempt } = play(B, short, { now: at(11), answers: [short.lease, 'as sent'] });
    expect(attempt.kind).toBe('held');
  });

  test('what was known stays known when an answer is none', () => {
    expect(play(B, seen, { now: at(30), answers: [LOST] }).attempt).toEqual({
      kind: 'failed',
      failure: LOST,
      observed: seen,
    });
  });
});

describe('HPA-17.3 renewing', () => {
  const own: Observed = { lease: lease(HELD_BY_A), at: seconds(10) };

  test('writes at once, without a look: acquire time and transitions stay', () => {
    const { attempt, requests } = play(A, own, { now: at(12), answers: ['as sent'] });
    expect(requests).toMatchObject([
      {
        kind: 'update-lease',
        lease: { metadata: { resourceVersion: '7' }, spec: { ...HELD_BY_A, renewTime: '2026-03-01T00:00:12.000000Z' } },
      },
    ]);
    expect(attempt).toMatchObject({ kind: 'held', observed: { at: 12_000 } });
  });

  test('a conflict is looked into: still ours, written on the newer version', () => {
    const { attempt, requests } = play(A, own, { now: at(12), answers: [CONFLICT, lease(HELD_BY_A, '9'), 'as sent'] });
    expect(requests.map(({ kind }) => kind)).toEqual(['update-lease', 'get-lease', 'update-lease']);
    expect(requests[2]).toMatchObject({ lease: { metadata: { resourceVersion: '9' }, spec: { leaseTransitions: 4 } } });
    expect(attempt.kind).toBe('held');
  });

  test('a conflict is looked into: somebody else has it', () => {
    const theirs = { ...HELD_BY_A, holderIdentity: 'b_2', leaseTransitions: 5 };
    const { attempt } = play(A, own, { now: at(12), answers: [CONFLICT, lease(theirs)] });
    expect(attempt).toMatchObject({ kind: 'taken', holder: 'b_2' });
  });

  test('after our own time it is read first, and renewed when nobody took it', () => {
    const { attempt, requests } = play(A, own, { now: at(26), answers: [lease(HELD_BY_A), 'as sent'] });
    expect(requests.map(({ kind }) => kind)).toEqual(['get-lease', 'update-lease']);
    expect(attempt.kind).toBe('held');
  });

  test('one that was deleted is made again', () => {
    const { attempt, requests } = play(A, own, { now: at(12), answers: [NOT_FOUND, NOT_FOUND, 'as sent'] });
    expect(requests.map(({ kind }) => kind)).toEqual(['update-lease', 'get-lease', 'create-lease']);
    expect(attempt.kind).toBe('held');
  });
});

test('giving back names no holder and keeps the count', () => {
  const back = givenBack({ lease: lease(HELD_BY_A), at: seconds(10) }, at(20).wall);
  const time = '2026-03-01T00:00:20.000000Z';
  expect(back.spec).toEqual({ leaseDurationSeconds: 1, acquireTime: time, renewTime: time, leaseTransitions: 4 });
  expect(back.metadata.resourceVersion).toBe('7');
});

test('leading and in force are two things', () => {
  const own: Observed = { lease: lease(HELD_BY_A), at: seconds(10) };
  expect([leads(A, own), leads(B, own)]).toEqual([true, false]);
  expect([isInForce(own, durationMs(24_999)), isInForce(own, seconds(25))]).toEqual([true, false]);
});
