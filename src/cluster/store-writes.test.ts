import { describe, expect, test } from 'vitest';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';
import type { Deployment } from '../core/kube/apps.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { hpa } from '../../test/support/hpa.ts';
import {
  deploymentNamed,
  newStore,
  podNamed,
  rayClusterNamed,
  refusal,
  STATUS_WRITER,
  WRITER,
} from '../../test/support/store.ts';

const key = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });

describe('update', () => {
  test('keeps what the server owns and the status; a change of spec is a generation', () => {
    const { store, clock } = newStore();
    const made = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    store.update(DEPLOYMENTS, { ...made, status: { replicas: 1 } }, STATUS_WRITER);
    clock.advance(5000);
    const sent: Deployment = {
      ...deploymentNamed('web', { uid: made.metadata.uid ?? '', labels: { a: 'b' } }),
      spec: { ...made.spec, replicas: 5 },
      status: { replicas: 99 },
    };
    const next = store.update(DEPLOYMENTS, sent, { manager: 'other', operation: 'Update' });
    expect(next.status).toEqual({ replicas: 1 });
    expect(next.spec.replicas).toBe(5);
    expect(next.metadata).toMatchObject({
      uid: made.metadata.uid,
      creationTimestamp: made.metadata.creationTimestamp,
      generation: 2,
      labels: { a: 'b' },
      resourceVersion: store.resourceVersion,
    });
    expect(next.metadata.managedFields?.map(({ manager, subresource, time }) => [manager, subresource, time])).toEqual([
      ['test', undefined, '2026-01-01T00:00:00Z'],
      ['test', 'status', '2026-01-01T00:00:00Z'],
      ['other', undefined, '2026-01-01T00:00:05Z'],
    ]);
  });

  test('of the status changes the status alone', () => {
    const { store } = newStore();
    const made = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const sent = {
      ...made,
      metadata: { ...made.metadata, labels: { a: 'b' } },
      spec: { ...made.spec, replicas: 9 },
      status: { replicas: 4 },
    };
    const next = store.update(DEPLOYMENTS, sent, STATUS_WRITER);
    expect(next.status).toEqual({ replicas: 4 });
    expect(next.spec).toEqual(made.spec);
    expect(next.metadata.labels).toBeUndefined();
    expect(next.metadata.generation).toBe(1);
  });

  test('that changes nothing keeps version and times, and tells nobody', () => {
    const { store, clock } = newStore();
    const made = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const events: unknown[] = [];
    store.watch(DEPLOYMENTS, { resourceVersion: store.resourceVersion }, (event) => events.push(event));
    clock.advance(60_000);
    const before = store.resourceVersion;
    expect(store.update(DEPLOYMENTS, deploymentNamed('web'), { manager: 'other', operation: 'Update' })).toBe(made);
    expect(store.update(DEPLOYMENTS, made, STATUS_WRITER)).toBe(made);
    expect(store.resourceVersion).toBe(before);
    expect(events).toEqual([]);
  });

  test('annotations of a Deployment are a generation, labels and status are not', () => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const labelled = store.update(DEPLOYMENTS, deploymentNamed('web', { labels: { a: 'b' } }), WRITER);
    expect(labelled.metadata.generation).toBe(1);
    const annotated = store.update(DEPLOYMENTS, deploymentNamed('web', { annotations: { a: 'b' } }), WRITER);
    expect(annotated.metadata.generation).toBe(2);
  });

  test.each([
    ['[]', []],
    ['[{}]', [{}]],
  ])('managedFields of %s reset the writers', (_, managedFields) => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web'), { manager: 'first', operation: 'Update' });
    const sent = deploymentNamed('web', { managedFields: managedFields as never }); // an entry without members is what clients send
    const next = store.update(DEPLOYMENTS, sent, WRITER);
    expect(next.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['test']);
  });

  test('an old resourceVersion conflicts, none writes over, for built-in kinds', () => {
    const { store } = newStore();
    const made = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    store.update(DEPLOYMENTS, deploymentNamed('web', { labels: { a: 'b' } }), WRITER);
    expect(
      refusal(() => store.update(DEPLOYMENTS, { ...made, spec: { ...made.spec, replicas: 2 } }, WRITER)),
    ).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining(
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified',
      ),
    });
  });

  test('HPA-14.44 none writes over an HPA, and an update makes none', () => {
    const { store } = newStore();
    const web = { ...hpa(), metadata: { name: 'web', namespace: 'default' } };
    expect(refusal(() => store.update(HORIZONTAL_POD_AUTOSCALERS, web, WRITER))).toMatchObject({ code: 404 });
    store.create(HORIZONTAL_POD_AUTOSCALERS, web, WRITER);
    const edited = { ...web, spec: { ...web.spec, maxReplicas: 12 } };
    expect(store.update(HORIZONTAL_POD_AUTOSCALERS, edited, WRITER).spec.maxReplicas).toBe(12);
  });

  test('custom resources need one', () => {
    const { store } = newStore();
    const made = store.create(RAY_CLUSTERS, rayClusterNamed('ray'), WRITER);
    expect(refusal(() => store.update(RAY_CLUSTERS, rayClusterNamed('ray'), WRITER))).toMatchObject({
      code: 422,
      message:
        'RayCluster.ray.io "ray" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    });
    const next = store.update(RAY_CLUSTERS, { ...made, spec: { ...made.spec, suspend: true } }, WRITER);
    expect(next.metadata.generation).toBe(2);
  });

  test.each<{
    readonly name: string;
    readonly change: (pod: Pod) => Pod;
    readonly want: { readonly code: number; readonly message: string };
  }>([
    {
      name: 'what is not there',
      change: () => podNamed('other'),
      want: { code: 404, message: 'pods "other" not found' },
    },
    {
      name: 'another uid',
      change: (pod) => ({ ...pod, metadata: { ...pod.metadata, uid: 'x' } }),
      want: {
        code: 409,
        message:
          'Operation cannot be fulfilled on pods "p": Precondition failed: UID in precondition: x, UID in object meta: ',
      },
    },
    {
      name: 'a field that does not change',
      change: (pod) => ({ ...pod, spec: { ...pod.spec, nodeName: 'n' } }),
      want: { code: 422, message: 'Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than' },
    },
    {
      name: 'a bad label',
      change: (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { a: '!' } } }),
      want: { code: 422, message: 'Pod "p" is invalid: metadata.labels: Invalid value: "!"' },
    },
  ])('refuses $name', ({ change, want }) => {
    const { store } = newStore();
    const pod = store.create(PODS, podNamed('p'), WRITER);
    const status = refusal(() => store.update(PODS, change(pod), WRITER));
    expect(status.code).toBe(want.code);
    expect(status.message.startsWith(want.message), status.message).toBe(true);
    expect(store.get(PODS, key('p'))).toBe(pod);
  });
});

describe('patch', () => {
  test('merges, with null taking away', () => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web', { labels: { a: 'b', c: 'd' } }), WRITER);
    const value = { metadata: { labels: { a: null } }, spec: { replicas: 4 } };
    const next = store.patch(DEPLOYMENTS, key('web'), { type: 'merge', value }, WRITER);
    expect(next.metadata.labels).toEqual({ c: 'd' });
    expect(next.spec.replicas).toBe(4);
    expect(next.metadata.generation).toBe(2);
  });

  test('applies operations behind a guard, and none of them when the guard fails', () => {
    const { store } = newStore();
    const made = store.create(RAY_CLUSTERS, rayClusterNamed('ray'), WRITER);
    const operations = (name: string): Parameters<typeof store.patch>[2] => ({
      type: 'json',
      operations: [
        { op: 'replace', path: '/spec/workerGroupSpecs/0/replicas', value: 3 },
        { op: 'test', path: '/spec/workerGroupSpecs/0/groupName', value: name },
        { op: 'replace', path: '/spec/workerGroupSpecs/0/scaleStrategy', value: { workersToDelete: ['w'] } },
      ],
    });
    expect(refusal(() => store.patch(RAY_CLUSTERS, key('ray'), operations('large'), WRITER))).toMatchObject({
      code: 422,
      reason: 'Invalid',
    });
    expect(store.get(RAY_CLUSTERS, key('ray'))).toBe(made);
    const next = store.patch(RAY_CLUSTERS, key('ray'), operations('small'), WRITER);
    expect(next.spec.workerGroupSpecs?.[0]).toMatchObject({ replicas: 3, scaleStrategy: { workersToDelete: ['w'] } });
  });

  test('of the status changes the status alone', () => {
    const { store } = newStore();
    const made = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    const value = { spec: { replicas: 7 }, status: { replicas: 2 } };
    const next = store.patch(DEPLOYMENTS, key('web'), { type: 'merge', value }, STATUS_WRITER);
    expect(next.status).toEqual({ replicas: 2 });
    expect(next.spec).toEqual(made.spec);
  });

  test('with a resourceVersion or uid in it is guarded by them', () => {
    const { store } = newStore();
    store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
    for (const metadata of [{ resourceVersion: '1' }, { uid: 'x' }]) {
      const value = { metadata, spec: { replicas: 4 } };
      expect(refusal(() => store.patch(DEPLOYMENTS, key('web'), { type: 'merge', value }, WRITER)).code).toBe(409);
    }
  });

  test('cannot rename', () => {
    const { store } = newStore();
    store.create(PODS, podNamed('p'), WRITER);
    const value = { metadata: { name: 'q' } };
    expect(refusal(() => store.patch(PODS, key('p'), { type: 'merge', value }, WRITER))).toMatchObject({
      code: 400,
      message: 'the name of the object (q) does not match the name on the URL (p)',
    });
  });

  test('may edit managedFields themselves', () => {
    const { store } = newStore();
    store.create(PODS, podNamed('p'), { manager: 'first', operation: 'Update' });
    const operations = [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }] as const;
    const next = store.patch(PODS, key('p'), { type: 'json', operations }, WRITER);
    expect(next.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['test']);
  });
});
