/** Status of a RayCluster (kuberay 1.5, 2.10). */

import { describe, expect, test } from 'vitest';
import { NOW, pod } from '../../../test/support/cluster-objects.ts';
import { rayCluster } from '../../../test/support/ray-and-nodes.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { RayCluster } from '../kube/ray.ts';
import { rayClusterStatus, type RayClusterStatus, type RayPassOutcome } from './ray-cluster-status.ts';

const CLEAN: RayPassOutcome = { kind: 'clean' };

function rayPod(name: string, type: 'head' | 'worker', readiness: 'ready' | 'running' | 'pending'): Pod {
  const labels = { 'ray.io/cluster': 'ray', 'ray.io/node-type': type };
  return pod({
    name,
    labels,
    phase: readiness === 'pending' ? 'Pending' : 'Running',
    ...(readiness === 'ready' ? { readyFor: 5 } : {}),
  });
}

function statusOf(cluster: RayCluster, pods: readonly Pod[], outcome: RayPassOutcome = CLEAN): RayClusterStatus {
  return rayClusterStatus({ cluster, pods, outcome, now: NOW }) ?? {};
}

function conditions(status: RayClusterStatus): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (status.conditions ?? []).map(({ type, status: value, reason }) => [type, `${value} ${reason}`]),
  );
}

const HEAD = rayPod('h', 'head', 'ready');

describe('counts and amounts', () => {
  test('are pods; zeros are left out; amounts are always there', () => {
    const status = statusOf(rayCluster({ maxReplicas: 0 }), []);
    expect(Object.keys(status).filter((name) => name.endsWith('Replicas'))).toEqual([]);
    expect(status).toMatchObject({ desiredCPU: '1', desiredMemory: '2Gi', desiredGPU: '0', desiredTPU: '0' });
  });

  test('desired is clamped, amounts follow replicas as written', () => {
    const status = statusOf(rayCluster({ replicas: 5, maxReplicas: 3, minReplicas: 1, numOfHosts: 2 }), []);
    expect(status).toMatchObject({
      desiredWorkerReplicas: 6,
      minWorkerReplicas: 2,
      maxWorkerReplicas: 6,
      desiredCPU: '11',
    });
  });

  test('the sum of maxima stops at the largest int32', () => {
    expect(statusOf(rayCluster({ maxReplicas: 2_147_483_647, numOfHosts: 4 }), []).maxWorkerReplicas).toBe(
      2_147_483_647,
    );
  });

  test('available is Running, ready is Running and Ready', () => {
    const pods = [
      HEAD,
      rayPod('a', 'worker', 'ready'),
      rayPod('b', 'worker', 'running'),
      rayPod('c', 'worker', 'pending'),
    ];
    expect(statusOf(rayCluster({ replicas: 3 }), pods)).toMatchObject({
      availableWorkerReplicas: 2,
      readyWorkerReplicas: 1,
    });
  });
});

describe('state and conditions', () => {
  test('a cluster just created', () => {
    expect(conditions(statusOf(rayCluster(), []))).toEqual({
      HeadPodReady: 'False HeadPodNotFound',
      RayClusterProvisioned: 'False RayClusterPodsProvisioning',
      RayClusterSuspending: 'False RayClusterSuspending',
      RayClusterSuspended: 'False RayClusterSuspended',
    });
  });

  test('ready once every pod is there and ready', () => {
    const status = statusOf(rayCluster(), [HEAD]);
    expect(status.state).toBe('ready');
    expect(conditions(status)).toMatchObject({
      HeadPodReady: 'True HeadPodRunningAndReady',
      RayClusterProvisioned: 'True AllPodRunningAndReadyFirstTime',
    });
  });

  test('not ready while pods are missing or there are too many', () => {
    expect(statusOf(rayCluster({ replicas: 1 }), [HEAD]).state).toBeUndefined();
    expect(statusOf(rayCluster(), [HEAD, rayPod('a', 'worker', 'ready')]).state).toBeUndefined();
  });

  test('ready never falls back, and provisioned stays', () => {
    const before = statusOf(rayCluster(), [HEAD]);
    const status = statusOf({ ...rayCluster({ replicas: 1 }), status: before }, [
      HEAD,
      rayPod('a', 'worker', 'pending'),
    ]);
    expect(status.state).toBe('ready');
    expect(conditions(status)['RayClusterProvisioned']).toBe('True AllPodRunningAndReadyFirstTime');
  });

  test('the reason of a waiting container is that of the head', () => {
    const base = rayPod('h', 'head', 'pending');
    const containerStatuses = [
      { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } },
    ];
    const head = { ...base, status: { ...base.status, containerStatuses } };
    expect(conditions(statusOf(rayCluster(), [head]))['HeadPodReady']).toBe('False ImagePullBackOff');
  });

  test('a refused pod shows as ReplicaFailure until the first clean pass', () => {
    const failure: RayPassOutcome = { kind: 'replica-failure', reason: 'FailedCreateWorkerPod', message: 'quota' };
    const failed = statusOf(rayCluster({ replicas: 1 }), [HEAD], failure);
    expect(conditions(failed)['ReplicaFailure']).toBe('True FailedCreateWorkerPod');
    expect(failed['reason']).toBe('quota');
    const cut = statusOf({ ...rayCluster({ replicas: 1 }), status: failed }, [HEAD], {
      kind: 'cut-short',
      message: 'm',
    });
    expect(conditions(cut)['ReplicaFailure']).toBe('True FailedCreateWorkerPod');
    expect(
      conditions(statusOf({ ...rayCluster({ replicas: 1 }), status: failed }, [HEAD]))['ReplicaFailure'],
    ).toBeUndefined();
  });

  test('suspension goes through Suspending to Suspended and back', () => {
    const wanted = rayCluster({}, { suspend: true });
    const suspending = statusOf({ ...wanted, status: statusOf(rayCluster(), [HEAD]) }, [HEAD]);
    expect(conditions(suspending)['RayClusterSuspending']).toMatch(/^True/);
    // taken back in the middle: it is carried to its end all the same
    const suspended = statusOf({ ...rayCluster(), status: suspending }, []);
    expect(suspended.state).toBe('suspended');
    expect(conditions(suspended)).toMatchObject({
      RayClusterSuspending: 'False RayClusterSuspending',
      RayClusterSuspended: 'True RayClusterSuspended',
      RayClusterProvisioned: 'False RayClusterPodsProvisioning',
    });
    const resumed = statusOf({ ...rayCluster(), status: suspended }, []);
    expect(conditions(resumed)['RayClusterSuspended']).toMatch(/^False/);
    expect(statusOf({ ...rayCluster(), status: resumed }, [HEAD]).state).toBe('ready');
  });
});

describe('what is written', () => {
  test('nothing when only amounts or the generation changed', () => {
    const before = statusOf(rayCluster(), [HEAD]);
    const edited = {
      ...rayCluster(),
      metadata: { name: 'ray', generation: 7 },
      status: { ...before, desiredCPU: '99' },
    };
    expect(rayClusterStatus({ cluster: edited, pods: [HEAD], outcome: CLEAN, now: NOW })).toBeUndefined();
  });

  test('a state carries the time of its transition', () => {
    expect(statusOf(rayCluster(), [HEAD])['stateTransitionTimes']).toEqual({ ready: '2026-01-01T00:00:00Z' });
  });
});
