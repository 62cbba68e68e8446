/** The contract of `KubeApi`, reads: lists, watches, and calls that are given up. */

import { expect } from 'vitest';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import { PODS } from '../../src/core/kube/resource.ts';
import {
  key,
  lineOf,
  pod,
  refused,
  told,
  toldUntil,
  type ExpiredVersion,
  type It,
  type KubeApiWorld,
} from './kube-api-support.ts';

export function lists(it: It): void {
  it('select by label and by field, in order of names', async ({ api, namespace, signal }) => {
    for (const [name, app] of [
      ['c', 'x'],
      ['a', 'x'],
      ['b', 'y'],
    ] as const) {
      await api.create(PODS, pod(namespace, name, { labels: { app } }), { signal });
    }
    await api.bindPod(key(namespace, 'c'), 'contract-node', { signal });
    const names = async (query: {
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
    }): Promise<string> => {
      const { items } = await api.list(PODS, { namespace, ...query }, { signal });
      return items.map(({ metadata }) => metadata.name).join(' ');
    };
    expect(await names({})).toBe('a b c');
    expect(await names({ labelSelector: 'app=x' })).toBe('a c');
    expect(await names({ labelSelector: 'app notin (x)' })).toBe('b');
    expect(await names({ fieldSelector: 'metadata.name=b' })).toBe('b');
    expect(await names({ fieldSelector: 'spec.nodeName=contract-node' })).toBe('c');
    expect(await names({ labelSelector: 'app=x', fieldSelector: 'spec.nodeName!=contract-node' })).toBe('a');
    await refused(names({ labelSelector: 'app in' }), 400, 'BadRequest', 'unable to parse requirement');
    await refused(
      names({ fieldSelector: 'spec.nothing=1' }),
      400,
      'BadRequest',
      'field label not supported: spec.nothing',
    );
  });

  it('one by one are the same objects as at once', async ({ api, namespace, signal }) => {
    for (const name of ['b', 'a', 'c'])
      await api.create(PODS, pod(namespace, name, { labels: { app: name } }), { signal });
    const query = { namespace, labelSelector: 'app in (a,b)' };
    const whole = await api.list(PODS, query, { signal });
    const each: Pod[] = [];
    const version = await api.listEach(PODS, query, (object) => void each.push(object), { signal });
    expect(each).toEqual(whole.items);
    expect(each.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(Number(version)).toBeGreaterThanOrEqual(Number(whole.resourceVersion));
    const none = api.listEach(PODS, { namespace, labelSelector: 'app in' }, () => undefined, { signal });
    await refused(none, 400, 'BadRequest', 'unable to parse requirement');
  });

  it('in pages show one snapshot', async ({ api, namespace, signal }) => {
    for (const name of ['a', 'b', 'c']) await api.create(PODS, pod(namespace, name), { signal });
    const first = await api.list(PODS, { namespace, limit: 2 }, { signal });
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    await api.delete(PODS, key(namespace, 'c'), { signal, gracePeriodSeconds: 0 });
    const second = await api.list(PODS, { namespace, limit: 2, continue: first.continue ?? '' }, { signal });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['c']);
    expect(second.resourceVersion).toBe(first.resourceVersion);
    expect(second.continue ?? '').toBe('');
  });
}

export function watches(it: It): void {
  it('go on where a list ended, in the order of the writes', async (world) => {
    const { api, namespace, signal } = world;
    await api.create(PODS, pod(namespace, 'before'), { signal });
    const { resourceVersion } = await api.list(PODS, { namespace }, { signal });
    await api.create(PODS, pod(namespace, 'a'), { signal });
    await api.create(PODS, pod(namespace, 'b'), { signal });
    const label = { type: 'merge', value: { metadata: { labels: { x: 'y' } } } } as const;
    await api.patch(PODS, key(namespace, 'before'), label, { signal });
    await api.delete(PODS, key(namespace, 'a'), { signal, gracePeriodSeconds: 0 });
    const events = await toldUntil(world, PODS, { namespace, resourceVersion }, 'DELETED a');
    expect(events.map(lineOf)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED before', 'MODIFIED a', 'DELETED a']);
    const versions = events.map((event) =>
      Number(event.type === 'BOOKMARK' ? 0 : event.object.metadata.resourceVersion),
    );
    expect(versions).toEqual(versions.toSorted((x, y) => x - y));
    const resumed = { namespace, resourceVersion: String(versions[1]) };
    const rest = await toldUntil(world, PODS, resumed, 'DELETED a');
    expect(rest.map(lineOf)).toEqual(['MODIFIED before', 'MODIFIED a', 'DELETED a']);
  });

  it('without a version begin with what is there', async (world) => {
    const { api, namespace, signal } = world;
    await api.create(PODS, pod(namespace, 'a'), { signal });
    await api.create(PODS, pod(namespace, 'b'), { signal });
    const events = await told(world, PODS, { namespace }, 2);
    expect(events.map(lineOf).toSorted()).toEqual(['ADDED a', 'ADDED b']);
  });

  it('tell live what enters and leaves a selection', async (world) => {
    const { api, namespace, signal } = world;
    const { resourceVersion } = await api.list(PODS, { namespace }, { signal });
    const telling = told(world, PODS, { namespace, labelSelector: 'app=web', resourceVersion }, 3);
    const patch = (labels: unknown): Promise<Pod> =>
      api.patch(PODS, key(namespace, 'p'), { type: 'merge', value: { metadata: { labels } } }, { signal });
    await api.create(PODS, pod(namespace, 'p'), { signal });
    await patch({ app: 'web' });
    await patch({ more: 'x' });
    const last = await patch({ app: null });
    const events = await telling;
    expect(events.map(lineOf)).toEqual(['ADDED p', 'MODIFIED p', 'DELETED p']);
    const left = events.at(-1);
    expect(left?.type === 'DELETED' && left.object.metadata).toMatchObject({
      labels: { app: 'web', more: 'x' },
      resourceVersion: last.metadata.resourceVersion,
    });
  });
}

export function aborts(it: It): void {
  it('a call whose signal is aborted rejects with its reason', async ({ api, namespace }) => {
    const reason = new Error('given up');
    const early = AbortSignal.abort(reason);
    await expect(api.list(PODS, { namespace }, { signal: early })).rejects.toBe(reason);
    const scope = new AbortController();
    const call = api.list(PODS, { namespace }, { signal: scope.signal });
    scope.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it('a watch whose signal is aborted ends', async ({ api, namespace, sleep }) => {
    const scope = new AbortController();
    const events: unknown[] = [];
    const done = (async () => {
      for await (const event of api.watch(PODS, { namespace }, { signal: scope.signal })) events.push(event);
    })();
    await sleep(500);
    scope.abort(new Error('enough'));
    await done;
    expect(events).toEqual([]);
  });
}

export async function watchIsExpired(
  { api, namespace, signal }: KubeApiWorld,
  { resource, resourceVersion }: ExpiredVersion,
): Promise<void> {
  const watch = api.watch(resource, { namespace, resourceVersion }, { signal })[Symbol.asyncIterator]();
  await refused(watch.next(), 410, 'Expired', 'too old resource version');
}
