/** The pods that the operator makes: names, labels, environment, sidecar (kuberay 2.2, 2.4). */

import { describe, expect, test } from 'vitest';
import { pod } from '../../../test/support/cluster-objects.ts';
import { rayCluster } from '../../../test/support/ray-and-nodes.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { RayCluster, WorkerGroupSpec } from '../kube/ray.ts';
import { headPod, labelValue, podPrefix, recreateHash, waitsForHead, workerPod } from './ray-cluster-pods.ts';

function workerOf(cluster: RayCluster, index = 0): Pod {
  const [group] = cluster.spec.workerGroupSpecs as readonly [WorkerGroupSpec]; // the test's cluster has one group
  return workerPod(cluster, group, index);
}

describe('names', () => {
  const rows = [
    { name: 'short', in: ['ray-small', 'worker'], want: 'ray-small-worker-' },
    {
      name: 'the prefix is cut to its first 50 characters',
      in: ['a'.repeat(60), 'worker'],
      want: `${'a'.repeat(50)}-worker-`,
    },
    { name: 'small letters', in: ['ray-GPU', 'worker'], want: 'ray-gpu-worker-' },
    { name: 'the head', in: ['ray', 'head'], want: 'ray-head-' },
  ] as const;
  test.each(rows)('$name', ({ in: [prefix, type], want }) => expect(podPrefix(prefix, type)).toBe(want));

  test('a label keeps its last 63 characters and does not begin with a sign', () => {
    expect(labelValue('ray-head')).toBe('ray-head');
    expect(labelValue(`xx-${'a'.repeat(62)}`)).toBe(`r${'a'.repeat(62)}`);
  });
});

describe('the head pod', () => {
  test('has the identity that the autoscaler reads', () => {
    const { metadata, spec } = headPod(rayCluster());
    expect(metadata.generateName).toBe('ray-head-');
    expect(metadata.labels).toMatchObject({
      'ray.io/cluster': 'ray',
      'ray.io/node-type': 'head',
      'ray.io/group': 'headgroup',
      'ray.io/identifier': 'ray-head',
      'ray.io/is-ray-node': 'yes',
    });
    const env = spec.containers[0]?.['env'] as readonly { readonly name: string; readonly valueFrom?: unknown }[];
    const fieldOf = (name: string): unknown => env.find((variable) => variable.name === name)?.valueFrom;
    expect(fieldOf('RAY_CLOUD_INSTANCE_ID')).toEqual({ fieldRef: { fieldPath: 'metadata.name' } });
    expect(fieldOf('RAY_NODE_TYPE_NAME')).toEqual({ fieldRef: { fieldPath: "metadata.labels['ray.io/group']" } });
  });

  test('carries the sidecar only with autoscaling', () => {
    const names = (cluster: RayCluster): readonly string[] => headPod(cluster).spec.containers.map(({ name }) => name);
    expect(names(rayCluster())).toEqual(['ray-head', 'autoscaler']);
    expect(names(rayCluster({}, { enableInTreeAutoscaling: false }))).toEqual(['ray-head']);
  });

  test('is never restarted under v2', () => {
    expect(headPod(rayCluster({}, { autoscalerOptions: { version: 'v2' } })).spec.restartPolicy).toBe('Never');
    expect(headPod(rayCluster()).spec.restartPolicy).toBeUndefined();
  });
});

describe('a worker pod', () => {
  test('is owned, numbered, and waits for the head', () => {
    const { metadata, spec } = workerOf(
      { ...rayCluster(), metadata: { name: 'ray', namespace: 'default', uid: 'u1' } },
      4,
    );
    expect(metadata.generateName).toBe('ray-small-worker-');
    expect(metadata.ownerReferences).toEqual([
      {
        apiVersion: 'ray.io/v1',
        kind: 'RayCluster',
        name: 'ray',
        uid: 'u1',
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(metadata.labels?.['ray.io/worker-group-replica-index']).toBe('4');
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['wait-gcs-ready']);
  });

  test("keeps the user's labels and variables, but not in the place of the operator's labels", () => {
    const env = [{ name: 'RAY_PORT', value: '7000' }];
    const template = {
      metadata: { labels: { team: 'a', 'ray.io/group': 'mine' } },
      spec: { containers: [{ name: 'w', env }] },
    };
    const { metadata, spec } = workerOf(rayCluster({ template }));
    expect(metadata.labels).toMatchObject({ team: 'a', 'ray.io/group': 'small' });
    const made = spec.containers[0]?.['env'] as readonly { readonly name: string; readonly value?: string }[];
    expect(made.filter(({ name }) => name === 'RAY_PORT')).toEqual(env);
  });

  test('waits until a head of its own cluster is ready', () => {
    const worker = { ...workerOf(rayCluster()), status: {} };
    const head = (name: string, cluster: string, readyFor?: number): Pod =>
      pod({
        name,
        node: 'n',
        labels: { 'ray.io/cluster': cluster, 'ray.io/node-type': 'head' },
        ...(readyFor === undefined ? {} : { readyFor }),
      });
    expect(waitsForHead(worker, [])).toBe(true);
    expect(waitsForHead(worker, [head('h', 'ray')])).toBe(true);
    expect(waitsForHead(worker, [head('h', 'other', 5)])).toBe(true);
    expect(waitsForHead(worker, [head('h', 'ray', 5)])).toBe(false);
    expect(waitsForHead(pod({ name: 'app' }), [])).toBe(false);
  });
});

describe('the hash of upgradeStrategy Recreate', () => {
  test('does not move with what the autoscaler writes', () => {
    const base = recreateHash(rayCluster());
    const scaled = { replicas: 5, minReplicas: 1, maxReplicas: 50, scaleStrategy: { workersToDelete: ['a'] } };
    expect(recreateHash(rayCluster(scaled))).toBe(base);
    expect(recreateHash(rayCluster({}, { upgradeStrategy: { type: 'Recreate' } }))).toBe(base);
  });

  test('moves with the image', () => {
    const template = { spec: { containers: [{ name: 'w', image: 'other' }] } };
    expect(recreateHash(rayCluster({ template }))).not.toBe(recreateHash(rayCluster()));
  });
});
