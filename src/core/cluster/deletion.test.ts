import { describe, expect, test } from 'vitest';
import type { AnyObject, ObjectMeta } from '../kube/object.ts';
import { epochMs, parseRfc3339 } from '../time/time.ts';
import { deepFreeze } from '../../lib/json.ts';
import { isFinished, planDeletion, type DeletionRequest } from './deletion.ts';

const NOW = epochMs(parseRfc3339('2026-01-01T00:00:00Z') ?? 0);
const LATER = '2026-01-01T00:00:30Z';
/** Ten of thirty seconds are left. */
const SOON = '2026-01-01T00:00:10Z';

const object = (metadata: Partial<ObjectMeta> = {}): AnyObject =>
  deepFreeze({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', generation: 1, ...metadata } });

describe('a deletion', () => {
  test.each<{
    readonly name: string;
    readonly in: AnyObject;
    readonly request?: DeletionRequest;
    readonly grace?: number;
    readonly then?: 'removed';
    readonly want: 'remove' | 'none' | Partial<ObjectMeta>;
  }>([
    { name: 'of a kind without grace removes at once', in: object(), want: 'remove' },
    {
      name: 'of a kind without grace ignores a grace that is asked for',
      in: object(),
      request: { gracePeriodSeconds: 30 },
      want: 'remove',
    },
    {
      name: 'takes the grace that the kind grants',
      in: object(),
      grace: 30,
      want: { deletionTimestamp: LATER, deletionGracePeriodSeconds: 30, generation: 2 },
    },
    {
      name: 'with grace 0 is marked first and removed right after',
      in: object(),
      grace: 0,
      want: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, generation: 2 },
      then: 'removed',
    },
    {
      name: 'with negative grace waits a second',
      in: object(),
      request: { gracePeriodSeconds: -1 },
      grace: -1,
      want: { deletionTimestamp: '2026-01-01T00:00:01Z', deletionGracePeriodSeconds: 1, generation: 2 },
    },
    {
      name: 'waits for finalizers',
      in: object({ finalizers: ['a/b'] }),
      want: {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        generation: 2,
        finalizers: ['a/b'],
      },
    },
    {
      name: 'with grace 0 waits for finalizers',
      in: object({ finalizers: ['a/b'] }),
      grace: 0,
      want: {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        generation: 2,
        finalizers: ['a/b'],
      },
    },
    {
      name: 'gives no generation to what has none',
      in: deepFreeze({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'x', finalizers: ['a/b'] } }),
      want: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, finalizers: ['a/b'] },
    },
    {
      name: 'in the foreground adds its finalizer',
      in: object(),
      request: { propagationPolicy: 'Foreground' },
      want: {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        generation: 2,
        finalizers: ['foregroundDeletion'],
      },
    },
    {
      name: 'in the background takes the collector finalizers away',
      in: object({ finalizers: ['foregroundDeletion', 'orphan'] }),
      request: { propagationPolicy: 'Background' },
      want: 'remove',
    },
    {
      name: 'repeated changes nothing',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 30 }),
      grace: 30,
      want: 'none',
    },
    {
      name: 'repeated with a longer grace changes nothing',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 30 }),
      request: { gracePeriodSeconds: 60 },
      grace: 30,
      want: 'none',
    },
    {
      name: 'repeated with a shorter grace comes sooner, and is no new generation',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 30, generation: 2 }),
      request: { gracePeriodSeconds: 10 },
      grace: 30,
      want: { deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 10, generation: 2 },
    },
    {
      name: 'repeated with a grace that is over is due now, and still graceful',
      in: object({ deletionTimestamp: SOON, deletionGracePeriodSeconds: 30, generation: 2 }),
      request: { gracePeriodSeconds: 10 },
      grace: 30,
      want: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 1, generation: 2 },
    },
    {
      name: 'repeated with grace 0 is marked again, as due now, and removed right after',
      in: object({ deletionTimestamp: SOON, deletionGracePeriodSeconds: 30, generation: 2 }),
      request: { gracePeriodSeconds: 0 },
      grace: 0,
      want: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, generation: 2 },
      then: 'removed',
    },
    {
      name: 'repeated in the background changes no finalizer while the grace runs',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 30, finalizers: ['foregroundDeletion'] }),
      request: { propagationPolicy: 'Background' },
      grace: 30,
      want: 'none',
    },
    {
      name: 'repeated with grace 0 still waits for finalizers',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 30, finalizers: ['a/b'], generation: 2 }),
      request: { gracePeriodSeconds: 0 },
      grace: 30,
      want: {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        generation: 2,
        finalizers: ['a/b'],
      },
    },
    {
      name: 'repeated while finalizers hold it changes nothing',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 0, finalizers: ['a/b'] }),
      want: 'none',
    },
    {
      name: 'repeated in the background ends a wait for dependents',
      in: object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 0, finalizers: ['foregroundDeletion'] }),
      request: { propagationPolicy: 'Background' },
      want: 'remove',
    },
  ])('$name', ({ in: before, request = {}, grace, want, then = 'stays' }) => {
    const plan = planDeletion(before, request, { now: NOW, graceSeconds: grace });
    if (typeof want === 'string') expect(plan.kind).toBe(want);
    else expect(plan).toMatchObject({ kind: 'mark', object: { metadata: { name: 'x', ...want } }, then });
  });
});

test('an object is finished once it is due and nothing holds it', () => {
  expect(isFinished(object())).toBe(false);
  expect(isFinished(object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 30 }))).toBe(false);
  expect(isFinished(object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 0, finalizers: ['a/b'] }))).toBe(
    false,
  );
  expect(isFinished(object({ deletionTimestamp: LATER, deletionGracePeriodSeconds: 0 }))).toBe(true);
});
