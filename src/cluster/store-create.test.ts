import { describe, expect, test } from 'vitest';
import { DEPLOYMENTS, NODES, PODS } from '../core/kube/resource.ts';
import type { Deployment } from '../core/kube/apps.ts';
import type { KubeNode } from '../core/kube/core-v1.ts';
import { deploymentNamed, newStore, podNamed, refusal, WRITER } from '../../test/support/store.ts';

const key = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });

describe('create', () => {
  test('sets what only the server may set, whatever the client says', () => {
    const { store } = newStore();
    const sent: Deployment = {
      ...deploymentNamed('web', {
        uid: 'mine',
        generation: 9,
        creationTimestamp: '1999-01-01T00:00:00Z',
        deletionTimestamp: '1999-01-01T00:00:00Z',
        labels: {},
      }),
      status: { replicas: 9 },
    };
    const made = store.create(DEPLOYMENTS, sent, WRITER);
    expect(made.status).toBeUndefined();
    expect(made.metadata).toEqual({
      name: 'web',
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: store.resourceVersion,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [{ manager: 'test', operation: 'Update', apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z' }],
    });
    expect(store.get(DEPLOYMENTS, key('web'))).toBe(made);
  });

  test('shares nothing with the client, and what it returns is frozen', () => {
    const { store } = newStore();
    const labels: Record<string, string> = { app: 'a' };
    const made = store.create(PODS, podNamed('p', { labels }), WRITER);
    labels['app'] = 'changed afterwards';
    expect(store.get(PODS, key('p')).metadata.labels).toEqual({ app: 'a' });
    expect(Object.isFrozen(made.spec.containers[0])).toBe(true);
    expect(Object.isFrozen(labels)).toBe(false);
  });

  test('versions count all kinds together, one for each write', () => {
    const { store } = newStore();
    const before = Number(store.resourceVersion);
    expect(before).toBeGreaterThan(1);
    store.create(PODS, podNamed('a'), WRITER);
    store.create(DEPLOYMENTS, deploymentNamed('a'), WRITER);
    expect(store.create(PODS, podNamed('b'), WRITER).metadata.resourceVersion).toBe(String(before + 3));
  });

  test('a node registers with its capacity: its status is kept', () => {
    const { store } = newStore();
    const node: KubeNode = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      status: { capacity: { cpu: '4' } },
    };
    expect(store.create(NODES, node, WRITER).status).toEqual({ capacity: { cpu: '4' } });
  });

  test('generates a name once none is given', () => {
    const { store } = newStore();
    const made = store.create(PODS, podNamed('', { generateName: 'web-' }), WRITER);
    expect(made.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(made.metadata.generateName).toBe('web-');
  });

  test.each<{
    readonly name: string;
    readonly run: (store: ReturnType<typeof newStore>['store']) => unknown;
    readonly want: { readonly code: number; readonly reason: string; readonly message: string };
  }>([
    {
      name: 'a name that is taken',
      run: (store) => {
        store.create(PODS, podNamed('p'), WRITER);
        store.create(PODS, podNamed('p'), WRITER);
      },
      want: { code: 409, reason: 'AlreadyExists', message: 'pods "p" already exists' },
    },
    {
      name: 'a name that is taken by what leaves',
      run: (store) => {
        store.create(PODS, podNamed('p', { finalizers: ['a/b'] }), WRITER);
        store.delete(PODS, key('p'), {});
        store.create(PODS, podNamed('p'), WRITER);
      },
      want: { code: 409, reason: 'AlreadyExists', message: 'object is being deleted: pods "p" already exists' },
    },
    {
      name: 'neither name nor generateName',
      run: (store) => store.create(PODS, podNamed(''), WRITER),
      want: {
        code: 422,
        reason: 'Invalid',
        message: 'Pod "" is invalid: metadata.name: Required value: name or generateName is required',
      },
    },
    {
      name: 'a namespace that is not there',
      run: (store) => store.create(PODS, podNamed('p', { namespace: 'nowhere' }), WRITER),
      want: { code: 404, reason: 'NotFound', message: 'namespaces "nowhere" not found' },
    },
    {
      name: 'no namespace',
      run: (store) => store.create(PODS, podNamed('p', { namespace: '' }), WRITER),
      want: { code: 400, reason: 'BadRequest', message: 'an empty namespace may not be set during creation' },
    },
    {
      name: 'a namespace for what has none',
      run: (store) =>
        store.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', namespace: 'default' } }, WRITER),
      want: {
        code: 400,
        reason: 'BadRequest',
        message: 'the namespace of the provided object does not match the namespace sent on the request',
      },
    },
    {
      name: 'a resourceVersion',
      run: (store) => store.create(PODS, podNamed('p', { resourceVersion: '3' }), WRITER),
      want: { code: 500, reason: '', message: 'resourceVersion should not be set on objects to be created' },
    },
    {
      name: 'another version of the group',
      run: (store) => store.create(PODS, { ...podNamed('p'), apiVersion: 'v2' }, WRITER),
      want: {
        code: 400,
        reason: 'BadRequest',
        message: 'the API version in the data (v2) does not match the expected API version (v1)',
      },
    },
    {
      name: 'another kind',
      run: (store) => store.create(PODS, { ...podNamed('p'), kind: 'Node' }, WRITER),
      want: {
        code: 400,
        reason: 'BadRequest',
        message: 'the kind in the data (Node) does not match the expected kind (Pod)',
      },
    },
    {
      name: 'a field of a wrong JSON type in a built-in kind',
      run: (store) => {
        const spec = { ...deploymentNamed('d').spec, replicas: '3' as unknown as number }; // wrong on purpose
        store.create(DEPLOYMENTS, { ...deploymentNamed('d'), spec }, WRITER);
      },
      want: {
        code: 400,
        reason: 'BadRequest',
        message:
          'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal: spec.replicas: ',
      },
    },
    {
      name: 'an invalid object',
      run: (store) => store.create(PODS, { ...podNamed('p'), spec: { containers: [] } }, WRITER),
      want: { code: 422, reason: 'Invalid', message: 'Pod "p" is invalid: spec.containers: Required value' },
    },
    {
      name: 'a kind nobody serves',
      run: (store) => store.get({ ...PODS, resource: 'podz' }, key('p')),
      want: { code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' },
    },
  ])('refuses $name and changes nothing', ({ run, want }) => {
    const { store } = newStore();
    const status = refusal(() => run(store));
    expect({ code: status.code, reason: status.reason }).toEqual({ code: want.code, reason: want.reason });
    expect(status.message.startsWith(want.message), status.message).toBe(true);
    expect(store.list(NODES).items).toEqual([]);
    expect(store.list(PODS).items.length).toBeLessThanOrEqual(1);
  });
});
