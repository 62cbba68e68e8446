import { describe, expect, test } from 'vitest';
import { NOW, pod, replicaSet } from '../../../test/support/cluster-objects.ts';
import { deepFreeze } from '../../lib/json.ts';
import type { Pod } from '../kube/core-v1.ts';
import { toRfc3339 } from '../time/time.ts';
import {
  BURST_REPLICAS,
  nextAvailability,
  planReplicaSet,
  podOf,
  podsByDeletionOrder,
  replicaSetStatus,
} from './replica-set.ts';

const running = (name: string, more: Partial<Parameters<typeof pod>[0]> = {}): Pod =>
  pod({ name, node: 'n1', readyFor: 500, ...more });

describe('which pod is given up first', () => {
  test.each([
    { name: 'not assigned', first: pod({ name: 'z' }), then: running('a') },
    { name: 'Pending before Running', first: pod({ name: 'z', node: 'n1', phase: 'Pending' }), then: running('a') },
    {
      name: 'Pending before Unknown',
      first: pod({ name: 'z', node: 'n1', phase: 'Pending' }),
      then: pod({ name: 'a', node: 'n1', phase: 'Unknown' }),
    },
    { name: 'Unknown before Running', first: pod({ name: 'z', node: 'n1', phase: 'Unknown' }), then: running('a') },
    { name: 'not ready before ready', first: pod({ name: 'z', node: 'n1' }), then: running('a') },
    { name: 'lower cost', first: running('z', { cost: '-5' }), then: running('a') },
    {
      name: 'a cost that is no 32-bit integer counts as 0',
      first: running('z', { cost: '-1' }),
      then: running('a', { cost: '-9999999999' }),
    },
    {
      name: 'cost before readiness time',
      first: running('z', { cost: '1' }),
      then: running('a', { cost: '2', readyFor: 1 }),
    },
    { name: 'ready for a shorter time', first: running('z', { readyFor: 10 }), then: running('a', { readyFor: 1000 }) },
    {
      name: 'times of one power of two are equal: the uid decides',
      first: running('z', { uid: '1', readyFor: 600 }),
      then: running('a', { uid: '2', readyFor: 700 }),
    },
    { name: 'more restarts', first: running('z', { restarts: 3 }), then: running('a', { restarts: 1 }) },
    { name: 'younger', first: running('z', { age: 600 }), then: running('a', { age: 5000 }) },
  ])('$name', ({ first, then }) => {
    for (const pods of [
      [first, then],
      [then, first],
    ]) {
      expect(podsByDeletionOrder(deepFreeze(pods), [], NOW)).toEqual([first, then]);
    }
  });

  test('the one with more related pods on its node, finished and terminating ones not counted', () => {
    const lonely = running('a', { node: 'n1' });
    const crowded = running('z', { node: 'n2' });
    const related = [
      lonely,
      crowded,
      running('x', { node: 'n2' }),
      running('t1', { deleting: true }),
      running('t2', { phase: 'Succeeded' }),
    ];
    expect(podsByDeletionOrder([lonely, crowded], related, NOW)).toEqual([crowded, lonely]);
  });
});

describe('how many', () => {
  test.each([
    { name: 'creates what is missing', replicas: 3, owned: [running('a')], want: { kind: 'create', count: 2 } },
    { name: 'does nothing at the right number', replicas: 1, owned: [running('a')], want: { kind: 'none' } },
    {
      name: 'replaces a terminating pod at once',
      replicas: 1,
      owned: [running('a', { deleting: true })],
      want: { kind: 'create', count: 1 },
    },
    {
      name: 'does not count a finished pod',
      replicas: 1,
      owned: [running('a', { phase: 'Failed' })],
      want: { kind: 'create', count: 1 },
    },
    {
      name: 'creates no more than a burst',
      replicas: 10_000,
      owned: [],
      want: { kind: 'create', count: BURST_REPLICAS },
    },
  ])('$name', ({ replicas, owned, want }) => {
    const input = { replicaSet: replicaSet({ name: 's', replicas }), owned };
    expect(planReplicaSet(deepFreeze(input))).toEqual(want);
  });

  test('gives up the surplus of active pods', () => {
    const owned = [running('a'), pod({ name: 'b' }), running('c', { deleting: true })];
    const plan = planReplicaSet({ replicaSet: replicaSet({ name: 's', replicas: 1 }), owned });
    expect(plan).toEqual({ kind: 'delete', count: 1, active: [owned[0], owned[1]] });
  });
});

describe('status', () => {
  const set = replicaSet({ name: 's', replicas: 3 });

  test('counts active pods; available only after minReadySeconds', () => {
    const labels = { app: 'web', 'pod-template-hash': 's' };
    const owned = [
      running('a', { labels }),
      running('b', { readyFor: 5 }),
      pod({ name: 'c' }),
      running('d', { deleting: true }),
    ];
    const input = { replicaSet: { ...set, spec: { ...set.spec, minReadySeconds: 10 } }, owned, now: NOW };
    expect(replicaSetStatus(input, undefined)).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 1,
      terminatingReplicas: 1,
      observedGeneration: 1,
    });
    expect(nextAvailability(input)).toBe(5000);
  });

  test('a refused creation is a condition, and goes with the next pass that has none', () => {
    const input = { replicaSet: set, owned: [], now: NOW };
    const failed = replicaSetStatus(input, { reason: 'FailedCreate', message: 'no' });
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'no' };
    expect(failed.conditions).toEqual([{ ...condition, lastTransitionTime: toRfc3339(NOW) }]);
    expect(
      replicaSetStatus({ ...input, replicaSet: { ...set, status: failed } }, undefined).conditions,
    ).toBeUndefined();
  });

  test('without minReadySeconds nothing is waited for', () => {
    expect(nextAvailability({ replicaSet: set, owned: [running('a', { readyFor: 0 })], now: NOW })).toBeUndefined();
  });
});

test('a pod carries the template and its owner', () => {
  const set = replicaSet({ name: 's', replicas: 1 });
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 's',
    uid: 's',
    controller: true,
    blockOwnerDeletion: true,
  };
  expect(podOf(set, 's-x')).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 's-x', namespace: 'default', labels: set.metadata.labels, ownerReferences: [owner] },
    spec: set.spec.template?.spec,
  });
});
