import { describe, expect, test } from 'vitest';
import type { Pod } from '../core/kube/core-v1.ts';
import { DEPLOYMENTS, NAMESPACES, PODS, type Resource } from '../core/kube/resource.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { ObjectStore } from './store.ts';
import { deploymentNamed, newStore, podNamed, refusal, STATUS_WRITER, WRITER } from '../../test/support/store.ts';

const key = (name: string, namespace = 'default'): { readonly namespace: string; readonly name: string } => ({
  namespace,
  name,
});

function boundPod(store: ObjectStore, name: string, phase: 'Pending' | 'Running' | 'Failed' = 'Running'): Pod {
  store.create(PODS, podNamed(name), WRITER);
  store.bindPod(key(name), 'n1', WRITER);
  const pod = store.get(PODS, key(name));
  return store.update(PODS, { ...pod, status: { ...pod.status, phase } }, STATUS_WRITER);
}

/** Types of the events of one kind, with versions relative to the first. */
function watched<T extends KubeObject>(store: ObjectStore, resource: Resource<T>): string[] {
  const events: string[] = [];
  const from = Number(store.resourceVersion);
  store.watch(resource, { resourceVersion: store.resourceVersion }, ({ type, object }) =>
    events.push(`${type} ${object.metadata.name} +${Number(object.metadata.resourceVersion) - from}`),
  );
  return events;
}

describe('delete', () => {
  test('of what has no grace and no finalizers removes it; the event carries the version of the deletion', () => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const events = watched(store, DEPLOYMENTS);
    expect(store.delete(DEPLOYMENTS, key('web'), {}).kind).toBe('removed');
    expect(events).toEqual(['DELETED web +1']);
    expect(refusal(() => store.get(DEPLOYMENTS, key('web'))).message).toBe('deployments.apps "web" not found');
    expect(refusal(() => store.delete(DEPLOYMENTS, key('web'), {})).code).toBe(404);
  });

  test('of a running pod marks it, and the kubelet finishes it with a uid', () => {
    const { store } = newStore();
    const pod = boundPod(store, 'p');
    const events = watched(store, PODS);
    const { kind, object } = store.delete(PODS, key('p'), {});
    expect(kind).toBe('pending');
    expect(object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    const other = { gracePeriodSeconds: 0, preconditions: { uid: 'another' } };
    expect(refusal(() => store.delete(PODS, key('p'), other))).toMatchObject({ code: 409, reason: 'Conflict' });
    store.delete(PODS, key('p'), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid ?? '' } });
    expect(events).toEqual(['MODIFIED p +1', 'MODIFIED p +2', 'DELETED p +3']);
  });

  test.each<{ readonly name: string; readonly make: (store: ObjectStore) => void; readonly grace?: number }>([
    { name: 'without a node', make: (store) => store.create(PODS, podNamed('p'), WRITER), grace: 30 },
    { name: 'on a node, with grace 0', make: (store) => boundPod(store, 'p'), grace: 0 },
    { name: 'that has ended', make: (store) => boundPod(store, 'p', 'Failed') },
  ])('of a pod $name removes it at once, and tells first that it goes', ({ make, grace }) => {
    const { store } = newStore();
    make(store);
    const told: unknown[] = [];
    store.watch(PODS, { resourceVersion: store.resourceVersion }, (event) => told.push(event));
    const options = grace === undefined ? {} : { gracePeriodSeconds: grace };
    const { kind, object } = store.delete(PODS, key('p'), options);
    expect(kind).toBe('removed');
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, generation: 2 };
    expect(told).toMatchObject([
      { type: 'MODIFIED', object: { metadata } },
      { type: 'DELETED', object: { metadata: { ...metadata, resourceVersion: store.resourceVersion } } },
    ]);
    expect(object.metadata.resourceVersion).toBe(store.resourceVersion);
    expect(refusal(() => store.get(PODS, key('p'))).code).toBe(404);
  });

  test('with an old version as precondition conflicts', () => {
    const { store } = newStore();
    const pod = store.create(PODS, podNamed('p'), WRITER);
    store.update(PODS, podNamed('p', { labels: { a: 'b' } }), WRITER);
    const preconditions = { resourceVersion: pod.metadata.resourceVersion ?? '' };
    expect(refusal(() => store.delete(PODS, key('p'), { preconditions })).code).toBe(409);
  });

  test('waits for finalizers; the update that takes the last one removes the object', () => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web', { finalizers: ['a/b', 'c/d'] }), WRITER);
    const events = watched(store, DEPLOYMENTS);
    expect(store.delete(DEPLOYMENTS, key('web'), {}).kind).toBe('pending');
    store.patch(DEPLOYMENTS, key('web'), { type: 'merge', value: { metadata: { finalizers: ['c/d'] } } }, WRITER);
    const added = { metadata: { finalizers: ['c/d', 'e/f'] } };
    expect(refusal(() => store.patch(DEPLOYMENTS, key('web'), { type: 'merge', value: added }, WRITER))).toMatchObject({
      code: 422,
      message: expect.stringContaining('metadata.finalizers: Forbidden: no new finalizers can be added'),
    });
    const last = store.patch(
      DEPLOYMENTS,
      key('web'),
      { type: 'merge', value: { metadata: { finalizers: null } } },
      WRITER,
    );
    expect(last.metadata.finalizers).toBeUndefined();
    expect(events).toEqual(['MODIFIED web +1', 'MODIFIED web +2', 'DELETED web +3']);
    expect(refusal(() => store.get(DEPLOYMENTS, key('web'))).code).toBe(404);
  });

  test('a client can neither set nor lift a deletionTimestamp', () => {
    const { store } = newStore();
    boundPod(store, 'p');
    store.delete(PODS, key('p'), {});
    const pod = store.get(PODS, key('p'));
    const { deletionTimestamp, ...metadata } = pod.metadata;
    const next = store.update(PODS, { ...pod, metadata: { ...metadata, labels: { a: 'b' } } }, WRITER);
    expect(next.metadata.deletionTimestamp).toBe(deletionTimestamp);
  });
});

describe('eviction', () => {
  test('of a running pod says so in a condition and deletes it with its grace', () => {
    const { store } = newStore();
    boundPod(store, 'p');
    store.evictPod(key('p'));
    const pod = store.get(PODS, key('p'));
    expect(pod.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(pod.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
    );
  });

  test('of a pod that does not run yet is a plain deletion', () => {
    const { store } = newStore();
    boundPod(store, 'p', 'Pending');
    store.evictPod(key('p'));
    const conditions = store.get(PODS, key('p')).status?.conditions ?? [];
    expect(conditions.map(({ type }) => type)).toEqual(['PodScheduled']);
  });

  test('of nothing is not found', () => {
    const { store } = newStore();
    expect(refusal(() => store.evictPod(key('p'))).message).toBe('pods "p" not found');
  });
});

describe('namespaces', () => {
  const withNamespace = (): ReturnType<typeof newStore> => {
    const made = newStore();
    made.store.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, WRITER);
    return made;
  };

  test('the first ones are there', () => {
    const { store } = newStore();
    expect(store.list(NAMESPACES).items.map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
  });

  test.each(['default', 'kube-system', 'kube-public'])('%s stays', (name) => {
    const { store } = newStore();
    expect(refusal(() => store.delete(NAMESPACES, key(name, ''), {}))).toMatchObject({
      code: 403,
      message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    });
  });

  test('one without content goes at once, after it was marked', () => {
    const { store } = withNamespace();
    const events = watched(store, NAMESPACES);
    store.delete(NAMESPACES, key('shop', ''), {});
    expect(events).toEqual(['MODIFIED shop +1', 'DELETED shop +2']);
  });

  test('one with content takes it along, waits for what needs time, and takes in nothing new', () => {
    const { store } = withNamespace();
    store.create(DEPLOYMENTS, deploymentNamed('web', { namespace: 'shop' }), WRITER);
    store.create(PODS, podNamed('slow', { namespace: 'shop', finalizers: ['a/b'] }), WRITER);
    store.create(PODS, podNamed('elsewhere'), WRITER);
    store.delete(NAMESPACES, key('shop', ''), {});
    expect(store.list(DEPLOYMENTS, { namespace: 'shop' }).items).toEqual([]);
    expect(store.get(NAMESPACES, key('shop', '')).status).toEqual({ phase: 'Terminating' });
    expect(refusal(() => store.create(PODS, podNamed('new', { namespace: 'shop' }), WRITER))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
    store.patch(PODS, key('slow', 'shop'), { type: 'merge', value: { metadata: { finalizers: null } } }, WRITER);
    expect(refusal(() => store.get(NAMESPACES, key('shop', ''))).code).toBe(404);
    expect(store.list(PODS).items.map(({ metadata }) => metadata.name)).toEqual(['elsewhere']);
  });

  test('finalizers of its own hold it beyond its content', () => {
    const { store } = withNamespace();
    const patch = (finalizers: readonly string[] | null): unknown =>
      store.patch(NAMESPACES, key('shop', ''), { type: 'merge', value: { metadata: { finalizers } } }, WRITER);
    patch(['a/b']);
    store.delete(NAMESPACES, key('shop', ''), {});
    expect(store.get(NAMESPACES, key('shop', '')).status?.phase).toBe('Terminating');
    patch(null);
    expect(refusal(() => store.get(NAMESPACES, key('shop', ''))).code).toBe(404);
  });
});
