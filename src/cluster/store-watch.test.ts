import { describe, expect, test } from 'vitest';
import { DEPLOYMENTS, PODS } from '../core/kube/resource.ts';
import type { WatchQuery } from '../ports/kube-api.ts';
import type { ObjectStore } from './store.ts';
import { deploymentNamed, newStore, podNamed, refusal, STATUS_WRITER, WRITER } from '../../test/support/store.ts';

const key = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });

/** Everything a watch tells: what it begins with, then what is heard live. */
function watched(store: ObjectStore, query: WatchQuery): { readonly events: string[]; stop(): void } {
  const events: string[] = [];
  const line = ({
    type,
    object,
  }: {
    readonly type: string;
    readonly object: { readonly metadata: { readonly name: string } };
  }): string => `${type} ${object.metadata.name}`;
  const watch = store.watch(PODS, query, (event) => events.push(line(event)));
  events.unshift(...watch.initial.map(line), '|');
  return { events, stop: () => watch.stop() };
}

describe('a watch', () => {
  test.each([undefined, '', '0'])('from version %j begins with what is there', (resourceVersion) => {
    const { store } = newStore();
    store.create(PODS, podNamed('b'), WRITER);
    store.create(PODS, podNamed('a'), WRITER);
    const { events } = watched(store, resourceVersion === undefined ? {} : { resourceVersion });
    store.create(PODS, podNamed('c'), WRITER);
    expect(events).toEqual(['ADDED a', 'ADDED b', '|', 'ADDED c']);
  });

  test('from a version begins with what happened since, of its kind only', () => {
    const { store } = newStore();
    store.create(PODS, podNamed('a'), WRITER);
    const from = store.resourceVersion;
    store.create(PODS, podNamed('b'), WRITER);
    store.create(DEPLOYMENTS, deploymentNamed('d'), WRITER);
    store.update(PODS, podNamed('a', { labels: { x: 'y' } }), WRITER);
    store.delete(PODS, key('b'), {});
    const { events } = watched(store, { resourceVersion: from });
    expect(events).toEqual(['ADDED b', 'MODIFIED a', 'MODIFIED b', 'DELETED b', '|']);
  });

  test('hears nothing once it is stopped', () => {
    const { store } = newStore();
    const watch = watched(store, {});
    watch.stop();
    store.create(PODS, podNamed('a'), WRITER);
    expect(watch.events).toEqual(['|']);
  });

  test('what enters a selection is ADDED, what leaves it is DELETED with what it last held', () => {
    const { store } = newStore();
    const seen: (readonly [string, string | undefined, boolean])[] = [];
    store.watch(PODS, { labelSelector: 'app=web' }, ({ type, object }) =>
      seen.push([type, object.metadata.labels?.['app'], object.metadata.resourceVersion === store.resourceVersion]),
    );
    store.create(PODS, podNamed('p', { labels: { app: 'other' } }), WRITER);
    store.update(PODS, podNamed('p', { labels: { app: 'web' } }), WRITER);
    store.update(PODS, podNamed('p', { labels: { app: 'web', more: 'x' } }), WRITER);
    store.update(PODS, podNamed('p', { labels: { app: 'other' } }), WRITER);
    store.delete(PODS, key('p'), {});
    expect(seen).toEqual([
      ['ADDED', 'web', true],
      ['MODIFIED', 'web', true],
      ['DELETED', 'web', true],
    ]);
  });

  test('by field and by namespace', () => {
    const { store } = newStore();
    const onNode = watched(store, { fieldSelector: 'spec.nodeName=n1' });
    const elsewhere = watched(store, { namespace: 'kube-system' });
    store.create(PODS, podNamed('p'), WRITER);
    store.bindPod(key('p'), 'n1', WRITER);
    const pod = store.get(PODS, key('p'));
    store.update(PODS, { ...pod, status: { ...pod.status, phase: 'Succeeded' } }, STATUS_WRITER);
    store.delete(PODS, key('p'), {});
    store.create(PODS, podNamed('q', { namespace: 'kube-system' }), WRITER);
    expect(onNode.events).toEqual(['|', 'ADDED p', 'MODIFIED p', 'MODIFIED p', 'DELETED p']);
    expect(elsewhere.events).toEqual(['|', 'ADDED q']);
  });

  test('from a version that is no longer kept is expired; one step later is not', () => {
    const { store } = newStore({ historySize: 3 });
    for (let i = 0; i < 5; i++) store.create(PODS, podNamed(`p${i}`), WRITER);
    const newest = Number(store.resourceVersion);
    expect(refusal(() => watched(store, { resourceVersion: String(newest - 4) }))).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: `too old resource version: ${newest - 4} (${newest - 3})`,
    });
    expect(watched(store, { resourceVersion: String(newest - 3) }).events).toEqual([
      'ADDED p2',
      'ADDED p3',
      'ADDED p4',
      '|',
    ]);
  });

  test('from the future is too early', () => {
    const { store } = newStore();
    expect(refusal(() => watched(store, { resourceVersion: '1000' }))).toMatchObject({ code: 504, reason: 'Timeout' });
  });

  test('a listener that writes is a defect, and is named', () => {
    const { store } = newStore();
    store.watch(PODS, {}, () => store.create(DEPLOYMENTS, deploymentNamed('d'), WRITER));
    expect(() => store.create(PODS, podNamed('p'), WRITER)).toThrow('a listener of the store wrote Deployment d');
  });
});
