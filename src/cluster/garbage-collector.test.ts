import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { abortScope } from '../controllers/deps.ts';
import type { KubeEvent, KubeNode } from '../core/kube/core-v1.ts';
import type { KubeObject, OwnerReference } from '../core/kube/object.ts';
import { DEPLOYMENTS, EVENTS, NODE_CLAIMS, NODES, PODS, RAY_CLUSTERS, type Resource } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import { deploymentNamed, podNamed, rayClusterNamed, WRITER } from '../../test/support/store.ts';
import { EmbeddedKubeApi } from './embedded-kube-api.ts';
import { garbageCollector } from './garbage-collector.ts';
import { ObjectStore } from './store.ts';

type World = {
  readonly store: ObjectStore;
  readonly clock: EventClock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly names: (resource: Resource<KubeObject>) => string;
};

/** Plays against a store that only the garbage collector shares. Returns its warnings. */
async function play(scene: (world: World) => Promise<void>): Promise<readonly string[]> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(10 * 3600) });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const api = new EmbeddedKubeApi({ store, clock, random, manager: 'garbage-collector' });
  const warnings: string[] = [];
  await clock.run(async () => {
    const { signal, abort } = detached();
    const log = { warn: (message: string): unknown => warnings.push(message) };
    const running = garbageCollector({ api, clock, random, recorder: { record: () => undefined }, log, signal });
    const sleep = (ms: number): Promise<void> => clock.sleepUntil(epochMs(clock.now() + ms), signal);
    const names = (resource: Resource<KubeObject>): string =>
      store
        .list(resource)
        .items.map(({ metadata }) => metadata.name)
        .join(' ');
    await sleep(100);
    await scene({ store, clock, sleep, names });
    abort();
    await running;
  });
  return warnings;
}

function detached(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const scope = abortScope();
  return { signal: scope.signal, abort: () => scope.abort(new Error('end')) };
}

const ownerOf = (object: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', ...more };
};

describe('owners', () => {
  test('a hundred pods go within a second of their owner, and nothing else does', async () => {
    const warnings = await play(async ({ store, sleep, names }) => {
      const ray = store.create(RAY_CLUSTERS, rayClusterNamed('ray'), WRITER);
      for (let i = 0; i < 100; i++) store.create(PODS, podNamed(`p${i}`, { ownerReferences: [ownerOf(ray)] }), WRITER);
      store.create(PODS, podNamed('free'), WRITER);
      await sleep(60_000);
      expect(store.list(PODS).items).toHaveLength(101);
      store.delete(RAY_CLUSTERS, { namespace: 'default', name: 'ray' }, {});
      await sleep(1000);
      expect(names(PODS)).toBe('free');
    });
    expect(warnings).toEqual([]);
  });

  test('chains are collected to the end', async () => {
    await play(async ({ store, sleep, names }) => {
      const top = store.create(RAY_CLUSTERS, rayClusterNamed('ray'), WRITER);
      const middle = store.create(DEPLOYMENTS, deploymentNamed('web', { ownerReferences: [ownerOf(top)] }), WRITER);
      store.create(PODS, podNamed('p', { ownerReferences: [ownerOf(middle)] }), WRITER);
      await sleep(1000);
      store.delete(RAY_CLUSTERS, { namespace: 'default', name: 'ray' }, {});
      await sleep(1000);
      expect(names(DEPLOYMENTS) + names(PODS)).toBe('');
    });
  });

  test('an owner of the same name and another uid is another owner', async () => {
    await play(async ({ store, sleep, names }) => {
      const old = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
      store.create(PODS, podNamed('p', { ownerReferences: [ownerOf(old)] }), WRITER);
      store.delete(DEPLOYMENTS, { namespace: 'default', name: 'web' }, {});
      store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
      await sleep(1000);
      expect(names(PODS)).toBe('');
    });
  });

  test('what comes after its owner has gone goes too', async () => {
    await play(async ({ store, sleep, names }) => {
      const old = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
      store.delete(DEPLOYMENTS, { namespace: 'default', name: 'web' }, {});
      await sleep(1000);
      store.create(PODS, podNamed('late', { ownerReferences: [ownerOf(old)] }), WRITER);
      await sleep(1000);
      expect(names(PODS)).toBe('');
    });
  });

  test('an owner in another namespace counts as absent, one without a namespace does not', async () => {
    await play(async ({ store, sleep, names }) => {
      const elsewhere = store.create(DEPLOYMENTS, deploymentNamed('web', { namespace: 'kube-system' }), WRITER);
      const node = store.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, WRITER);
      store.create(PODS, podNamed('a', { ownerReferences: [ownerOf(elsewhere)] }), WRITER);
      store.create(PODS, podNamed('b', { ownerReferences: [ownerOf(node)] }), WRITER);
      await sleep(1000);
      expect(names(PODS)).toBe('b');
    });
  });

  test('what cannot be looked up is never taken for gone', async () => {
    await play(async ({ store, sleep, names }) => {
      const unknown = { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u' };
      const impossible = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'u' };
      store.create(PODS, podNamed('p', { ownerReferences: [unknown] }), WRITER);
      const node: KubeNode = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', ownerReferences: [impossible] } };
      store.create(NODES, node, WRITER);
      await sleep(5000);
      expect(names(PODS) + names(NODES)).toBe('pn');
    });
  });

  test('one owner that is left keeps a dependent, which forgets the others', async () => {
    await play(async ({ store, sleep }) => {
      const a = store.create(DEPLOYMENTS, deploymentNamed('a'), WRITER);
      const b = store.create(DEPLOYMENTS, deploymentNamed('b'), WRITER);
      store.create(PODS, podNamed('p', { ownerReferences: [ownerOf(a), ownerOf(b)] }), WRITER);
      await sleep(1000);
      store.delete(DEPLOYMENTS, { namespace: 'default', name: 'a' }, {});
      await sleep(1000);
      const pod = store.get(PODS, { namespace: 'default', name: 'p' });
      expect(pod.metadata.ownerReferences).toEqual([ownerOf(b)]);
    });
  });

  test('deleted in the foreground, an owner waits for dependents that block it', async () => {
    await play(async ({ store, sleep, names }) => {
      const owner = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
      const ownerReferences = [ownerOf(owner, { blockOwnerDeletion: true })];
      store.create(PODS, podNamed('fast', { ownerReferences }), WRITER);
      store.create(PODS, podNamed('slow', { ownerReferences, finalizers: ['a/b'] }), WRITER);
      await sleep(1000);
      store.delete(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { propagationPolicy: 'Foreground' });
      await sleep(1000);
      expect(names(PODS)).toBe('slow');
      expect(names(DEPLOYMENTS)).toBe('web');
      const value = { metadata: { finalizers: null } };
      store.patch(PODS, { namespace: 'default', name: 'slow' }, { type: 'merge', value }, WRITER);
      await sleep(1000);
      expect(names(PODS) + names(DEPLOYMENTS)).toBe('');
    });
  });

  test('deleted as orphans, dependents stay and forget their owner', async () => {
    await play(async ({ store, sleep, names }) => {
      const owner = store.create(DEPLOYMENTS, deploymentNamed('web'), WRITER);
      store.create(PODS, podNamed('p', { ownerReferences: [ownerOf(owner)] }), WRITER);
      await sleep(1000);
      store.delete(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { propagationPolicy: 'Orphan' });
      await sleep(1000);
      expect(names(DEPLOYMENTS)).toBe('');
      expect(store.get(PODS, { namespace: 'default', name: 'p' }).metadata.ownerReferences).toBeUndefined();
    });
  });

  test('custom resources without a namespace are collected as well', async () => {
    await play(async ({ store, sleep, names }) => {
      const node = store.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, WRITER);
      const spec = {
        nodeClassRef: { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'default' },
        requirements: [],
      };
      const metadata = { name: 'claim', ownerReferences: [ownerOf(node)] };
      store.create(NODE_CLAIMS, { apiVersion: 'karpenter.sh/v1', kind: 'NodeClaim', metadata, spec }, WRITER);
      await sleep(1000);
      store.delete(NODES, { namespace: '', name: 'n' }, {});
      await sleep(1000);
      expect(names(NODE_CLAIMS)).toBe('');
    });
  });
});

describe('sweeps', () => {
  test('an event goes an hour after it was last seen', async () => {
    await play(async ({ store, sleep, names }) => {
      const event = (name: string, lastTimestamp: string): KubeEvent => ({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: 'default' },
        involvedObject: {},
        type: 'Normal',
        reason: 'r',
        message: 'm',
        lastTimestamp,
      });
      store.create(EVENTS, event('early', '2026-01-01T00:00:00Z'), WRITER);
      store.create(EVENTS, event('later', '2026-01-01T00:30:00Z'), WRITER);
      await sleep(3_590_000);
      expect(names(EVENTS)).toBe('early later');
      await sleep(120_000);
      expect(names(EVENTS)).toBe('later');
      await sleep(1_800_000);
      expect(names(EVENTS)).toBe('');
    });
  });

  test('pods go some 40 seconds after their node, and not while it is away for less', async () => {
    const warnings = await play(async ({ store, sleep, names }) => {
      const node = (name: string): KubeNode => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
      for (const name of ['gone', 'back']) {
        store.create(NODES, node(name), WRITER);
        store.create(PODS, podNamed(`on-${name}`), WRITER);
        store.bindPod({ namespace: 'default', name: `on-${name}` }, name, WRITER);
      }
      store.create(PODS, podNamed('nowhere'), WRITER);
      await sleep(60_000);
      store.delete(NODES, { namespace: '', name: 'gone' }, {});
      store.delete(NODES, { namespace: '', name: 'back' }, {});
      await sleep(30_000);
      store.create(NODES, node('back'), WRITER);
      expect(names(PODS)).toBe('nowhere on-back on-gone');
      await sleep(50_000);
      expect(names(PODS)).toBe('nowhere on-back');
    });
    expect(warnings).toEqual([]);
  });

  test('a pod that is held without a node is said to have failed', async () => {
    const warnings = await play(async ({ store, sleep, names }) => {
      const held = { finalizers: ['example.com/hold'] };
      for (const name of ['leaves', 'stays']) store.create(PODS, podNamed(name, held), WRITER);
      store.delete(PODS, { namespace: 'default', name: 'leaves' }, {});
      await sleep(25_000);
      const phases = store.list(PODS).items.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`);
      expect(phases).toEqual(['leaves Failed', 'stays Pending']);
      const { resourceVersion } = store;
      await sleep(60_000);
      expect(store.resourceVersion).toBe(resourceVersion);
      const freed = { metadata: { finalizers: null } };
      store.patch(PODS, { namespace: 'default', name: 'leaves' }, { type: 'merge', value: freed }, WRITER);
      expect(names(PODS)).toBe('stays');
    });
    expect(warnings).toEqual([]);
  });
});

test('it ends when it is told to, before it has read anything too', async () => {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(60) });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const api = new EmbeddedKubeApi({ store, clock, random, manager: 'garbage-collector' });
  await clock.run(async () => {
    const { signal, abort } = detached();
    const log = { warn: (): void => undefined };
    const running = garbageCollector({ api, clock, random, recorder: { record: () => undefined }, log, signal });
    abort();
    await running;
  });
  expect(clock.now() - DEMO_START).toBeLessThan(1000);
});
