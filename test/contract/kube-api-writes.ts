/** The contract of `KubeApi`, writes: objects, patches, subresources, deletion. */

import { expect } from 'vitest';
import type { ReplicaSet } from '../../src/core/kube/apps.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import type { ObjectMeta } from '../../src/core/kube/object.ts';
import { DEPLOYMENTS, PODS, RAY_CLUSTERS, REPLICA_SETS } from '../../src/core/kube/resource.ts';
import {
  eventually,
  key,
  pod,
  rayCluster,
  refused,
  replicaSet,
  settledReplicaSet,
  toldUntil,
  type It,
  type KubeApiWorld,
} from './kube-api-support.ts';

export function objects(it: It): void {
  it('are created complete, read, replaced and deleted', async ({ api, namespace, signal }) => {
    const made = await api.create(PODS, pod(namespace, 'p', { labels: { app: 'web' } }), { signal });
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'Pod', spec: { restartPolicy: 'Always' } });
    expect(made.metadata).toMatchObject({
      name: 'p',
      namespace,
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^[1-9][0-9]*$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const read = await api.get(PODS, key(namespace, 'p'), { signal });
    expect(read.metadata.uid).toBe(made.metadata.uid);
    const metadata = { ...read.metadata, labels: { app: 'other' } };
    const replaced = await api.update(PODS, { ...read, metadata }, { signal });
    expect(replaced.metadata.labels).toEqual({ app: 'other' });
    expect(Number(replaced.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    await api.delete(PODS, key(namespace, 'p'), { signal, gracePeriodSeconds: 0 });
    await refused(api.get(PODS, key(namespace, 'p'), { signal }), 404, 'NotFound', 'pods "p" not found');
  });

  it('exist once', async ({ api, namespace, signal }) => {
    await api.create(PODS, pod(namespace, 'p'), { signal });
    const again = api.create(PODS, pod(namespace, 'p'), { signal });
    await refused(again, 409, 'AlreadyExists', 'pods "p" already exists');
  });

  it('get a name from generateName', async ({ api, namespace, signal }) => {
    const nameless = pod(namespace, '', { generateName: 'web-' });
    const [one, two] = [await api.create(PODS, nameless, { signal }), await api.create(PODS, nameless, { signal })];
    expect(one.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(two.metadata.name).not.toBe(one.metadata.name);
  });

  it('need a namespace that is there', async ({ api, namespace, signal }) => {
    const lost = api.create(PODS, pod(`${namespace}-not-there`, 'p'), { signal });
    await refused(lost, 404, 'NotFound', `namespaces "${namespace}-not-there" not found`);
  });

  it('that are invalid are refused with the field', async ({ api, namespace, signal }) => {
    const status = await refused(
      api.create(PODS, { ...pod(namespace, 'p'), spec: { containers: [] } }, { signal }),
      422,
      'Invalid',
      'Pod "p" is invalid: spec.containers: Required value',
    );
    expect(status.details?.causes).toMatchObject([{ reason: 'FieldValueRequired', field: 'spec.containers' }]);
  });

  it('are protected by their version: the second of two writers conflicts', async (world) => {
    const { api, namespace, signal } = world;
    const read = await settledReplicaSet(world, 'r');
    const labelled = (text: string): ReplicaSet => ({ ...read, metadata: { ...read.metadata, labels: { by: text } } });
    await api.update(REPLICA_SETS, labelled('first'), { signal });
    const error = await api.update(REPLICA_SETS, labelled('second'), { signal }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'TANDEM_KUBE_CONFLICT', retry: 'conflict', status: { reason: 'Conflict' } });
    const now = await api.get(REPLICA_SETS, key(namespace, 'r'), { signal });
    expect(now.metadata.labels).toEqual({ by: 'first' });
  });

  it('of another uid than the one that is written are not touched', async ({ api, namespace, signal }) => {
    await api.create(PODS, pod(namespace, 'p'), { signal });
    const stranger = pod(namespace, 'p', { uid: '00000000-0000-4000-8000-000000000000', labels: { a: 'b' } });
    await refused(api.update(PODS, stranger, { signal }), 409, 'Conflict', 'Precondition failed: UID in precondition');
  });

  it('keep their version through a write that changes nothing', async ({ api, namespace, signal }) => {
    const made = await api.create(PODS, pod(namespace, 'p', { labels: { app: 'web' } }), { signal });
    const same = await api.patch(
      PODS,
      key(namespace, 'p'),
      { type: 'merge', value: { metadata: { labels: { app: 'web' } } } },
      { signal },
    );
    expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('count generations of their spec, not of labels', async ({ api, namespace, signal }) => {
    const made = await api.create(REPLICA_SETS, replicaSet(namespace, 'r'), { signal });
    expect(made.metadata.generation).toBe(1);
    const merge = (value: unknown): Promise<ReplicaSet> =>
      api.patch(REPLICA_SETS, key(namespace, 'r'), { type: 'merge', value }, { signal });
    expect((await merge({ metadata: { labels: { a: 'b' } } })).metadata.generation).toBe(1);
    expect((await merge({ spec: { minReadySeconds: 5 } })).metadata.generation).toBe(2);
  });

  it('are found in discovery, with their subresources', async ({ api, signal }) => {
    const found = await api.discover({ signal });
    expect(found.find(({ group, resource }) => group === 'apps' && resource === 'deployments')).toMatchObject({
      ...DEPLOYMENTS,
      preferred: true,
      subresources: expect.arrayContaining(['scale', 'status']),
    });
    expect(found.find(({ group, resource }) => group === '' && resource === 'pods')?.namespaced).toBe(true);
    expect(found.find(({ group, resource }) => group === '' && resource === 'nodes')?.namespaced).toBe(false);
  });
}

export function patches(it: It): void {
  it('merge members and take away with null', async ({ api, namespace, signal }) => {
    await api.create(PODS, pod(namespace, 'p', { labels: { a: '1', b: '2' } }), { signal });
    const value = { metadata: { labels: { a: null, c: '3' } } };
    const next = await api.patch(PODS, key(namespace, 'p'), { type: 'merge', value }, { signal });
    expect(next.metadata.labels).toEqual({ b: '2', c: '3' });
  });

  it('by operations apply all or nothing; a failed test is 422', async ({ api, namespace, signal }) => {
    await api.create(REPLICA_SETS, replicaSet(namespace, 'r', { labels: { a: '1' } }), { signal });
    const guarded = (label: string): Promise<ReplicaSet> => {
      const operations = [
        { op: 'replace', path: '/metadata/labels/a', value: '2' },
        { op: 'test', path: '/spec/template/spec/containers/0/name', value: label },
      ] as const;
      return api.patch(REPLICA_SETS, key(namespace, 'r'), { type: 'json', operations }, { signal });
    };
    const status = await refused(guarded('other'), 422, 'Invalid', 'the server rejected our request');
    expect(status.code).toBe(422);
    expect((await api.get(REPLICA_SETS, key(namespace, 'r'), { signal })).metadata.labels).toEqual({ a: '1' });
    expect((await guarded('main')).metadata.labels).toEqual({ a: '2' });
  });

  it('replace an absent member by adding it', async ({ api, namespace, signal }) => {
    await api.create(REPLICA_SETS, replicaSet(namespace, 'r'), { signal });
    const operations = [{ op: 'replace', path: '/spec/minReadySeconds', value: 7 }] as const;
    const next = await api.patch(REPLICA_SETS, key(namespace, 'r'), { type: 'json', operations }, { signal });
    expect(next.spec).toMatchObject({ minReadySeconds: 7 });
  });

  it('with an old version in them conflict', async ({ api, namespace, signal }) => {
    const made = await api.create(PODS, pod(namespace, 'p'), { signal });
    const patch = (label: string): Promise<Pod> => {
      const value = { metadata: { resourceVersion: made.metadata.resourceVersion, labels: { a: label } } };
      return api.patch(PODS, key(namespace, 'p'), { type: 'merge', value }, { signal });
    };
    await patch('1');
    await refused(patch('2'), 409, 'Conflict', 'the object has been modified');
  });

  it('of what is not there are 404', async ({ api, namespace, signal }) => {
    await refused(
      api.patch(PODS, key(namespace, 'p'), { type: 'merge', value: {} }, { signal }),
      404,
      'NotFound',
      'pods "p"',
    );
  });
}

export function subresources(it: It): void {
  it('status: each side ignores the other', async ({ api, namespace, signal }) => {
    const made = await api.create(PODS, pod(namespace, 'p'), { signal });
    const both = { metadata: { labels: { a: 'b' } }, status: { message: 'written' } };
    const main = await api.patch(PODS, key(namespace, 'p'), { type: 'merge', value: both }, { signal });
    expect(main.status?.['message']).toBeUndefined();
    const value = { spec: { activeDeadlineSeconds: 5 }, status: { message: 'written' } };
    const side = await api.patch(
      PODS,
      key(namespace, 'p'),
      { type: 'merge', value },
      { signal, subresource: 'status' },
    );
    expect(side.status?.['message']).toBe('written');
    expect(side.spec['activeDeadlineSeconds']).toBeUndefined();
    expect(side.metadata.generation).toBe(made.metadata.generation);
  });

  it('scale: reads and writes replicas, guarded by the version', async (world) => {
    const { api, namespace, signal } = world;
    const made = await settledReplicaSet(world, 'r');
    const at = key(namespace, 'r');
    const scale = await api.getScale(REPLICA_SETS, at, { signal });
    expect(scale).toMatchObject({ kind: 'Scale', status: { replicas: 0, selector: 'app=r' } });
    expect(scale.spec.replicas ?? 0).toBe(0);
    expect(scale.metadata).toMatchObject({ name: 'r', namespace, uid: made.metadata.uid });
    const next = await api.updateScale(REPLICA_SETS, at, { ...scale, spec: { replicas: 2 } }, { signal });
    expect(next.spec.replicas).toBe(2);
    expect((await api.get(REPLICA_SETS, at, { signal })).spec.replicas).toBe(2);
    const late = api.updateScale(REPLICA_SETS, at, { ...scale, spec: { replicas: 3 } }, { signal });
    await refused(late, 409, 'Conflict', 'the object has been modified');
    const negative = { ...next, spec: { replicas: -1 }, metadata: { name: 'r', namespace } };
    const bad = api.updateScale(REPLICA_SETS, at, negative, { signal });
    await refused(bad, 422, 'Invalid', 'must be greater than or equal to 0');
  });

  it('scale: 404 for what is not there, and for kinds that have none', async ({ api, namespace, signal }) => {
    await refused(api.getScale(REPLICA_SETS, key(namespace, 'r'), { signal }), 404, 'NotFound', 'replicasets.apps "r"');
    const none = 'the server could not find the requested resource';
    await refused(api.getScale(PODS, key(namespace, 'p'), { signal }), 404, 'NotFound', none);
  });

  it('scale: a custom resource that has none is 404 as if it were not there', async ({ api, namespace, signal }) => {
    await api.create(RAY_CLUSTERS, rayCluster(namespace, 'r'), { signal });
    for (const name of ['r', 'not-there']) {
      const scale = api.getScale(RAY_CLUSTERS, key(namespace, name), { signal });
      await refused(scale, 404, 'NotFound', `rayclusters.ray.io "${name}" not found`);
    }
  });

  it('binding: puts a pod on a node, once', async ({ api, namespace, signal }) => {
    await api.create(PODS, pod(namespace, 'p'), { signal });
    await api.bindPod(key(namespace, 'p'), 'contract-node', { signal });
    const bound = await api.get(PODS, key(namespace, 'p'), { signal });
    expect(bound.spec.nodeName).toBe('contract-node');
    expect(bound.status?.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'True' }));
    const again = api.bindPod(key(namespace, 'p'), 'other-node', { signal });
    await refused(again, 409, 'Conflict', 'pod p is already assigned to node "contract-node"');
  });

  it('eviction: deletes a pod that no budget protects', async ({ api, namespace, signal }) => {
    await api.create(PODS, pod(namespace, 'p'), { signal });
    await api.bindPod(key(namespace, 'p'), 'contract-node', { signal });
    await api.evictPod(key(namespace, 'p'), { signal });
    const evicted = await api.get(PODS, key(namespace, 'p'), { signal });
    expect(evicted.metadata.deletionTimestamp).toBeDefined();
    await refused(api.evictPod(key(namespace, 'not-there'), { signal }), 404, 'NotFound', 'pods "not-there" not found');
  });
}

export function deletion(it: It): void {
  it('of a pod on a node is pending until the kubelet ends it, with its uid', async ({ api, namespace, signal }) => {
    const made = await api.create(PODS, pod(namespace, 'p'), { signal });
    const at = key(namespace, 'p');
    await api.bindPod(at, 'contract-node', { signal });
    await api.delete(PODS, at, { signal });
    const pending = await api.get(PODS, at, { signal });
    expect(pending.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: expect.any(String) });
    const end = (uid: string): Promise<void> =>
      api.delete(PODS, at, { signal, gracePeriodSeconds: 0, preconditions: { uid } });
    await refused(end('00000000-0000-4000-8000-000000000000'), 409, 'Conflict', '');
    await end(made.metadata.uid ?? '');
    await refused(api.get(PODS, at, { signal }), 404, 'NotFound', 'pods "p" not found');
  });

  it('of a pod tells that it goes and then that it is gone, even where nothing lies between', async (world) => {
    const { api, namespace, signal } = world;
    const at = key(namespace, 'p');
    const now = { signal, gracePeriodSeconds: 0 };
    const told = async (end: () => Promise<void>): Promise<readonly unknown[]> => {
      const { resourceVersion } = await api.list(PODS, { namespace }, { signal });
      await end();
      const events = await toldUntil(world, PODS, { namespace, resourceVersion }, 'DELETED p');
      return events.map((event) => {
        if (event.type === 'BOOKMARK') return event.type;
        const { deletionTimestamp, deletionGracePeriodSeconds: grace, generation } = event.object.metadata;
        return [event.type, deletionTimestamp === undefined ? 'stays' : 'leaves', { grace, generation }];
      });
    };
    const ended = [
      ['MODIFIED', 'leaves', { grace: 0, generation: 2 }],
      ['DELETED', 'leaves', { grace: 0, generation: 2 }],
    ];
    await api.create(PODS, pod(namespace, 'p'), { signal });
    expect(await told(() => api.delete(PODS, at, { signal }))).toEqual(ended);
    await api.create(PODS, pod(namespace, 'p'), { signal });
    await api.bindPod(at, 'contract-node', { signal });
    expect(await told(() => api.delete(PODS, at, now))).toEqual(ended);
    await api.create(PODS, pod(namespace, 'p'), { signal });
    await api.bindPod(at, 'contract-node', { signal });
    await api.delete(PODS, at, { signal });
    expect(await told(() => api.delete(PODS, at, now))).toEqual(ended);
  });

  it('waits for finalizers', async ({ api, namespace, signal }) => {
    const at = key(namespace, 'r');
    await api.create(REPLICA_SETS, replicaSet(namespace, 'r', { finalizers: ['example.com/hold'] }), { signal });
    await api.delete(REPLICA_SETS, at, { signal });
    const held = await api.get(REPLICA_SETS, at, { signal });
    expect(held.metadata.deletionTimestamp).toBeDefined();
    const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
    const adding = api.patch(REPLICA_SETS, at, { type: 'merge', value: more }, { signal });
    await refused(adding, 422, 'Invalid', 'no new finalizers can be added if the object is being deleted');
    await api.patch(REPLICA_SETS, at, { type: 'merge', value: { metadata: { finalizers: null } } }, { signal });
    await refused(api.get(REPLICA_SETS, at, { signal }), 404, 'NotFound', 'replicasets.apps "r" not found');
  });

  it('of what is not there is 404', async ({ api, namespace, signal }) => {
    await refused(api.delete(PODS, key(namespace, 'p'), { signal }), 404, 'NotFound', 'pods "p" not found');
  });
}

export async function dependentsGo(world: KubeApiWorld): Promise<void> {
  const { api, namespace, signal } = world;
  const [one, two] = [
    await api.create(REPLICA_SETS, replicaSet(namespace, 'one'), { signal }),
    await api.create(REPLICA_SETS, replicaSet(namespace, 'two'), { signal }),
  ];
  const ownerReferences = (owners: readonly ReplicaSet[]): ObjectMeta['ownerReferences'] =>
    owners.map(({ metadata: { name, uid = '' } }) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid }));
  const owned = async (name: string, owners: readonly ReplicaSet[]): Promise<void> => {
    await api.create(PODS, pod(namespace, name, { ownerReferences: ownerReferences(owners) ?? [] }), { signal });
  };
  await owned('of-one', [one]);
  await owned('of-two', [two]);
  await owned('of-both', [one, two]);
  await api.delete(REPLICA_SETS, key(namespace, 'one'), { signal, propagationPolicy: 'Background' });
  await eventually(world, 'the pod of the deleted owner is gone', async () => {
    const { items } = await api.list(PODS, { namespace }, { signal });
    const owners = items.map(({ metadata }) => [
      metadata.name,
      metadata.ownerReferences?.map(({ name }) => name).join(),
    ]);
    return (
      JSON.stringify(owners) ===
      JSON.stringify([
        ['of-both', 'two'],
        ['of-two', 'two'],
      ])
    );
  });
}
