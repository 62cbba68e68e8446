import { describe, expect, test } from 'vitest';
import { DEPLOYMENTS, NAMESPACES, PODS } from '../core/kube/resource.ts';
import type { ListQuery } from '../ports/kube-api.ts';
import type { ObjectStore } from './store.ts';
import { deploymentNamed, newStore, podNamed, refusal, WRITER } from '../../test/support/store.ts';

function filled(options: { readonly historySize?: number } = {}): ObjectStore {
  const { store } = newStore(options);
  store.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }, WRITER);
  const rows = [
    ['default', 'b', 'x'],
    ['a', 'z', 'x'],
    ['default', 'a', 'y'],
    ['a', 'z1', 'y'],
  ] as const;
  for (const [namespace, name, app] of rows) store.create(PODS, podNamed(name, { namespace, labels: { app } }), WRITER);
  return store;
}

const names = (store: ObjectStore, query: ListQuery = {}): readonly string[] =>
  store.list(PODS, query).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

describe('a list', () => {
  test.each<{ readonly name: string; readonly in: ListQuery; readonly want: readonly string[] }>([
    { name: 'comes by namespace, then by name', in: {}, want: ['a/z', 'a/z1', 'default/a', 'default/b'] },
    { name: 'of one namespace', in: { namespace: 'default' }, want: ['default/a', 'default/b'] },
    { name: 'of an empty namespace means all', in: { namespace: '' }, want: ['a/z', 'a/z1', 'default/a', 'default/b'] },
    { name: 'of a namespace that holds none', in: { namespace: 'kube-system' }, want: [] },
    { name: 'by label', in: { labelSelector: 'app=x' }, want: ['a/z', 'default/b'] },
    { name: 'by field', in: { fieldSelector: 'metadata.name=a' }, want: ['default/a'] },
    { name: 'by both', in: { labelSelector: 'app!=x', fieldSelector: 'metadata.namespace=a' }, want: ['a/z1'] },
  ])('$name', ({ in: query, want }) => {
    const store = filled();
    expect(names(store, query)).toEqual(want);
    expect(store.list(PODS, query).resourceVersion).toBe(store.resourceVersion);
  });

  test.each<{ readonly name: string; readonly in: ListQuery; readonly code: number; readonly text: string }>([
    {
      name: 'a label selector that does not parse',
      in: { labelSelector: 'a in' },
      code: 400,
      text: 'unable to parse requirement',
    },
    {
      name: 'a field that is not offered',
      in: { fieldSelector: 'spec.x=1' },
      code: 400,
      text: 'field label not supported: spec.x',
    },
    {
      name: 'a version that is none',
      in: { resourceVersion: 'x' },
      code: 422,
      text: 'ListOptions.meta.k8s.io "" is invalid: resourceVersion: ',
    },
    {
      name: 'a version from the future',
      in: { resourceVersion: '999' },
      code: 504,
      text: 'Too large resource version: 999, current: 10',
    },
    { name: 'a token that is none', in: { continue: '%%' }, code: 400, text: 'continue key is not valid' },
    {
      name: 'a token with a version',
      in: { continue: 'x', resourceVersion: '5' },
      code: 400,
      text: 'specifying resource version is not allowed when using continue',
    },
    {
      name: 'a match without a version',
      in: { resourceVersionMatch: 'Exact' },
      code: 422,
      text: 'resourceVersionMatch: Forbidden',
    },
    {
      name: 'exactly version 0',
      in: { resourceVersionMatch: 'Exact', resourceVersion: '0' },
      code: 422,
      text: 'resourceVersionMatch: Forbidden',
    },
    {
      name: 'an unknown match',
      in: { resourceVersionMatch: 'Roughly' as 'Exact', resourceVersion: '5' }, // wrong on purpose
      code: 422,
      text: 'resourceVersionMatch: Unsupported value: "Roughly"',
    },
  ])('refuses $name', ({ in: query, code, text }) => {
    const status = refusal(() => filled().list(PODS, query));
    expect(status.code).toBe(code);
    expect(status.message).toContain(text);
  });
});

describe('pages', () => {
  test('all show the snapshot of the first, whatever is written in between', () => {
    const store = filled();
    const first = store.list(PODS, { limit: 2 });
    expect(first.items).toHaveLength(2);
    expect(first.remainingItemCount).toBe(2);
    store.create(PODS, podNamed('aa'), WRITER);
    store.delete(PODS, { namespace: 'default', name: 'a' }, {});
    store.update(PODS, podNamed('b', { labels: { app: 'changed' } }), WRITER);
    const second = store.list(PODS, { limit: 2, continue: first.continue ?? '' });
    expect(second.resourceVersion).toBe(first.resourceVersion);
    expect(second.items.map(({ metadata }) => [metadata.name, metadata.labels?.['app']])).toEqual([
      ['a', 'y'],
      ['b', 'x'],
    ]);
    expect(second.continue).toBeUndefined();
    expect(names(store, { namespace: 'default' })).toEqual(['default/aa', 'default/b']);
  });

  test('do not count what is left when a selector narrows the list', () => {
    const page = filled().list(PODS, { limit: 1, labelSelector: 'app=x' });
    expect(page.continue).toBeDefined();
    expect(page.remainingItemCount).toBeUndefined();
  });

  test('cannot be continued once their snapshot is gone', () => {
    const store = filled({ historySize: 4 });
    const { continue: token = '' } = store.list(PODS, { limit: 1 });
    for (let i = 0; i < 4; i++) store.create(PODS, podNamed(`more-${i}`), WRITER);
    expect(store.list(PODS, { limit: 1, continue: token }).items).toHaveLength(1);
    store.create(PODS, podNamed('one-too-many'), WRITER);
    expect(refusal(() => store.list(PODS, { limit: 1, continue: token }))).toMatchObject({
      code: 410,
      reason: 'Expired',
    });
  });
});

describe('a version', () => {
  test('with Exact, or with a limit, is the state of then; otherwise it only has to be reached', () => {
    const store = filled();
    const then = store.resourceVersion;
    store.create(PODS, podNamed('c'), WRITER);
    const size = (query: ListQuery): number => store.list(PODS, { resourceVersion: then, ...query }).items.length;
    expect(size({ resourceVersionMatch: 'Exact' })).toBe(4);
    expect(size({ limit: 100 })).toBe(4);
    expect(size({})).toBe(5);
    expect(size({ resourceVersionMatch: 'NotOlderThan' })).toBe(5);
    expect(size({ resourceVersionMatch: 'NotOlderThan', limit: 100 })).toBe(5);
    expect(store.list(PODS, { resourceVersion: then, resourceVersionMatch: 'Exact' }).resourceVersion).toBe(then);
  });

  test('is not disturbed by what other kinds did since', () => {
    const store = filled();
    const then = store.resourceVersion;
    store.create(DEPLOYMENTS, deploymentNamed('a'), WRITER);
    expect(names(store, { resourceVersion: then, resourceVersionMatch: 'Exact' })).toEqual(names(store));
  });

  test('that is no longer kept is expired', () => {
    const store = filled({ historySize: 2 });
    const query: ListQuery = { resourceVersion: '3', resourceVersionMatch: 'Exact' };
    expect(refusal(() => store.list(PODS, query))).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'too old resource version: 3 (8)',
    });
  });
});
