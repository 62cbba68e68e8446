import { describe, expect, test } from 'vitest';
import type { Scale } from '../core/kube/apps.ts';
import { DEPLOYMENTS, PODS, RAY_CLUSTERS, REPLICA_SETS } from '../core/kube/resource.ts';
import { deploymentNamed, newStore, podNamed, rayClusterNamed, refusal, WRITER } from '../../test/support/store.ts';

const key = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });

describe('scale', () => {
  test('reads and writes replicas; the write is a generation of the object', () => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const scale = store.getScale(DEPLOYMENTS, key('web'));
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=web' } });
    const next = store.updateScale(DEPLOYMENTS, key('web'), { ...scale, spec: { replicas: 6 } }, WRITER);
    expect(next.spec.replicas).toBe(6);
    const object = store.get(DEPLOYMENTS, key('web'));
    expect(object.spec.replicas).toBe(6);
    expect(object.metadata.generation).toBe(2);
    expect(object.metadata.managedFields?.at(-1)).toMatchObject({ manager: 'test', subresource: 'scale' });
    expect(next.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
  });

  test.each<{
    readonly name: string;
    readonly metadata?: Record<string, string>;
    readonly replicas?: number;
    readonly want: { readonly code: number; readonly message: string };
  }>([
    {
      name: 'fewer than 0',
      replicas: -1,
      want: {
        code: 422,
        message:
          'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      },
    },
    {
      name: 'an old version',
      metadata: { resourceVersion: '1' },
      want: { code: 409, message: 'the object has been modified' },
    },
    { name: 'another uid', metadata: { uid: 'x' }, want: { code: 409, message: 'UID in precondition: x' } },
    {
      name: 'another name',
      metadata: { name: 'x' },
      want: { code: 400, message: 'does not match the name on the URL (web)' },
    },
  ])('refuses $name', ({ metadata = {}, replicas = 3, want }) => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const scale = store.getScale(DEPLOYMENTS, key('web'));
    const sent = { ...scale, metadata: { ...scale.metadata, ...metadata }, spec: { replicas } };
    const status = refusal(() => store.updateScale(DEPLOYMENTS, key('web'), sent, WRITER));
    expect(status.code).toBe(want.code);
    expect(status.message).toContain(want.message);
  });

  test('is not there for every kind', () => {
    const { store } = newStore();
    store.create(PODS, podNamed('p'), WRITER);
    const none = { code: 404, message: 'the server could not find the requested resource', details: {} };
    expect(refusal(() => store.getScale(PODS, key('p')))).toMatchObject(none);
    expect(refusal(() => store.getScale(REPLICA_SETS, key('p'))).message).toBe('replicasets.apps "p" not found');
  });

  test('of a custom resource without one is missing as if the object were', () => {
    const { store } = newStore();
    store.create(RAY_CLUSTERS, rayClusterNamed('ray'), WRITER);
    for (const name of ['ray', 'not-there']) {
      const missing = {
        code: 404,
        reason: 'NotFound',
        message: `rayclusters.ray.io "${name}" not found`,
        details: { name, group: 'ray.io', kind: 'rayclusters' },
      };
      const scale: Scale = {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: key(name),
        spec: { replicas: 1 },
        status: { replicas: 0 },
      };
      expect(refusal(() => store.getScale(RAY_CLUSTERS, key(name)))).toEqual(missing);
      expect(refusal(() => store.updateScale(RAY_CLUSTERS, key(name), scale, WRITER))).toEqual(missing);
    }
  });
});

describe('binding', () => {
  test('puts a pod on a node, once, without a new generation', () => {
    const { store } = newStore();
    store.create(PODS, podNamed('p'), WRITER);
    store.bindPod(key('p'), 'n1', { manager: 'scheduler', operation: 'Update' });
    const pod = store.get(PODS, key('p'));
    expect(pod.spec.nodeName).toBe('n1');
    expect(pod.metadata.generation).toBe(1);
    expect(pod.status?.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]);
    expect(refusal(() => store.bindPod(key('p'), 'n2', WRITER))).toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    });
  });

  test('refuses a pod that is not there, that leaves, and no node', () => {
    const { store } = newStore();
    store.create(PODS, podNamed('p', { finalizers: ['a/b'] }), WRITER);
    expect(refusal(() => store.bindPod(key('q'), 'n', WRITER)).code).toBe(404);
    expect(refusal(() => store.bindPod(key('p'), '', WRITER)).code).toBe(422);
    store.delete(PODS, key('p'), {});
    expect(refusal(() => store.bindPod(key('p'), 'n', WRITER))).toMatchObject({ code: 409, reason: 'Conflict' });
  });
});
