import { describe, expect, test } from 'vitest';
import { ago, NOW, replicaSet } from '../../../test/support/cluster-objects.ts';
import { deepFreeze } from '../../lib/json.ts';
import type { Deployment, ReplicaSet } from '../kube/apps.ts';
import type { Condition } from '../kube/object.ts';
import { durationMs, toRfc3339 } from '../time/time.ts';
import { planDeployment, type DeploymentPlan } from './deployment.ts';

function web(replicas: number, more: Partial<Deployment['spec']> = {}, status: Deployment['status'] = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      uid: 'd',
      namespace: 'default',
      generation: 1,
      annotations: { team: 'a', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...more,
    },
    status,
  };
}

/** As the controller leaves the set of the present template. */
function current(replicas: number, desired = replicas, available = replicas): ReplicaSet {
  const annotations = {
    team: 'a',
    'deployment.kubernetes.io/desired-replicas': String(desired),
    'deployment.kubernetes.io/max-replicas': String(desired + Math.ceil(desired / 4)),
    'deployment.kubernetes.io/revision': '2',
  };
  return replicaSet({ name: 'new', replicas, available, age: 10, annotations });
}

const old = (replicas: number, desired = replicas): ReplicaSet =>
  replicaSet({
    name: 'old',
    replicas,
    image: 'app:0',
    annotations: {
      'deployment.kubernetes.io/desired-replicas': String(desired),
      'deployment.kubernetes.io/revision': '1',
    },
  });

function plan(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  withPods: readonly string[] = [],
): DeploymentPlan {
  return planDeployment(deepFreeze({ deployment, replicaSets, setsWithPods: new Set(withPods), now: NOW }));
}

const sizes = ({ steps }: DeploymentPlan): readonly string[] =>
  steps.map((step) => `${step.kind} ${step.replicaSet.metadata.name} ${step.replicaSet.spec.replicas}`);

const condition = ({ status }: DeploymentPlan, type: string): Condition | undefined =>
  status.conditions?.find((one) => one.type === type);

describe('a new Deployment', () => {
  test('gets a ReplicaSet named after its template', () => {
    const result = plan(web(3), []);
    expect(result.steps).toHaveLength(1);
    const made = result.steps[0]?.replicaSet;
    const hash = made?.metadata.labels?.['pod-template-hash'] ?? '';
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
    expect(made).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        annotations: {
          team: 'a',
          'deployment.kubernetes.io/desired-replicas': '3',
          'deployment.kubernetes.io/max-replicas': '4',
          'deployment.kubernetes.io/revision': '1',
        },
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'd', controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
        template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
      },
    });
    expect(condition(result, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetCreated' });
    expect(result.after).toBe(601_000);
  });

  test('another name after a collision', () => {
    const [first] = plan(web(3), []).steps;
    const [second] = plan(web(3, {}, { collisionCount: 1 }), []).steps;
    expect(second?.replicaSet.metadata.name).not.toBe(first?.replicaSet.metadata.name);
  });
});

describe('a steady Deployment', () => {
  const settled: Condition = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' };

  test.each([
    { name: 'needs nothing', replicas: 3, sets: [current(3)], want: [] },
    { name: 'follows a new size up', replicas: 5, sets: [current(1)], want: ['update new 5'] },
    { name: 'follows a new size down', replicas: 1, sets: [current(5)], want: ['update new 1'] },
    { name: 'comes back from 0', replicas: 2, sets: [current(0, 0)], want: ['update new 2'] },
  ])('$name', ({ replicas, sets, want }) => {
    expect(sizes(plan(web(replicas, {}, { conditions: [settled] }), sets))).toEqual(want);
  });

  test('says how available it is', () => {
    expect(condition(plan(web(4), [current(4, 4, 3)]), 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
    });
    expect(condition(plan(web(4), [current(4, 4, 2)]), 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
    });
    expect(plan(web(4), [current(4, 4, 3)]).status).toMatchObject({
      replicas: 4,
      updatedReplicas: 4,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 1,
      observedGeneration: 1,
    });
  });

  test('is complete: Progressing is settled and nothing is awaited', () => {
    const result = plan(web(3), [current(3)]);
    expect(condition(result, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet "new" has successfully progressed.',
    });
    expect(result.after).toBeUndefined();
  });

  test('is left alone while it is being deleted', () => {
    const deployment = web(3);
    const metadata = { ...deployment.metadata, deletionTimestamp: toRfc3339(NOW) };
    expect(plan({ ...deployment, metadata }, []).steps).toEqual([]);
  });
});

describe('a rollout', () => {
  test.each([
    { name: 'starts with the surge', sets: [old(10)], want: [/^create web-\w+ 3$/] },
    {
      name: 'then old pods go as far as availability allows',
      sets: [current(3, 10, 0), old(10)],
      want: [/^update old 8$/],
    },
    { name: 'the new set grows into the room', sets: [current(3, 10, 3), old(5, 10)], want: [/^update new 8$/] },
    { name: 'waits', sets: [current(5, 10, 0), old(8, 10)], want: [] },
  ])('$name', ({ sets, want }) => {
    const result = sizes(plan(web(10), sets));
    expect(result).toHaveLength(want.length);
    want.forEach((pattern, i) => expect(result[i]).toMatch(pattern));
  });

  test('a size changed on the way is spread over both sets', () => {
    const sets = [
      current(3, 10),
      { ...old(10), metadata: { ...old(10).metadata, annotations: { ...current(10).metadata.annotations } } },
    ];
    expect(sizes(plan(web(20), sets)).toSorted()).toEqual(['update new 6', 'update old 19']);
  });

  test('a template that had a set before gets it back under a new revision', () => {
    const revision = (set: ReplicaSet, text: string): ReplicaSet => {
      const annotations = { ...set.metadata.annotations, 'deployment.kubernetes.io/revision': text };
      return { ...set, metadata: { ...set.metadata, annotations } };
    };
    const [step] = plan(web(4), [revision(old(4), '2'), revision(current(0, 4), '1')]).steps;
    expect(step?.replicaSet.metadata.name).toBe('new');
    expect(step?.replicaSet.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  test('Recreate: old down, wait for the last pod, then new', () => {
    const recreate = { strategy: { type: 'Recreate' as const } };
    expect(sizes(plan(web(3, recreate), [old(3)], ['old']))).toEqual(['update old 0']);
    expect(sizes(plan(web(3, recreate), [old(0)], ['old']))).toEqual([]);
    expect(sizes(plan(web(3, recreate), [old(0)]))[0]).toMatch(/^create web-\w+ 3$/);
  });

  test('paused: sizes follow, templates do not', () => {
    const result = plan(web(3, { paused: true }), [old(2)]);
    expect(sizes(result)).toEqual(['update old 3']);
    expect(condition(result, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
  });

  test('history beyond the limit is removed once complete, oldest first', () => {
    const olds = [1, 2, 3].map((i) => replicaSet({ name: `o${i}`, replicas: 0, image: `app:-${i}`, age: 5000 - i }));
    expect(sizes(plan(web(3, { revisionHistoryLimit: 1 }), [current(3), ...olds.toReversed()]))).toEqual([
      'delete o1 0',
      'delete o2 0',
    ]);
  });
});

describe('progress', () => {
  const since = (seconds: number): Condition => ({
    type: 'Progressing',
    status: 'True',
    reason: 'ReplicaSetUpdated',
    lastUpdateTime: toRfc3339(ago(seconds)),
  });

  test('is news although the reason stays', () => {
    const result = plan(web(4, {}, { readyReplicas: 1, conditions: [since(100)] }), [current(4, 4, 2)]);
    expect(condition(result, 'Progressing')).toMatchObject({
      reason: 'ReplicaSetUpdated',
      lastUpdateTime: toRfc3339(NOW),
    });
  });

  test.each([
    {
      name: 'is awaited until the deadline',
      seconds: 599,
      want: { status: 'True', reason: 'ReplicaSetUpdated' },
      after: 2000,
    },
    {
      name: 'has timed out after it',
      seconds: 601,
      want: { status: 'False', reason: 'ProgressDeadlineExceeded' },
      after: undefined,
    },
  ])('$name', ({ seconds, want, after }) => {
    const status = {
      replicas: 4,
      updatedReplicas: 4,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: [since(seconds)],
    };
    const result = plan(web(4, {}, status), [current(4, 4, 2)]);
    expect(condition(result, 'Progressing')).toMatchObject(want);
    expect(result.after).toBe(after === undefined ? undefined : durationMs(after));
  });
});
