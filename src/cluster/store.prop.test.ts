import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PODS } from '../core/kube/resource.ts';
import { keyOf, keyText } from '../core/kube/object.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { KubeError, type ListQuery } from '../ports/kube-api.ts';
import type { ObjectStore } from './store.ts';
import { newStore, podNamed, WRITER } from '../../test/support/store.ts';

type Step = {
  readonly verb: 'create' | 'label' | 'delete';
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
};

const steps = fc.array(
  fc.record<Step>({
    verb: fc.constantFrom('create', 'create', 'label', 'delete'),
    namespace: fc.constantFrom('default', 'kube-system'),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    app: fc.constantFrom('x', 'y'),
  }),
  { maxLength: 60 },
);

const queries = fc.record<Pick<ListQuery, 'namespace' | 'labelSelector'>>(
  { namespace: fc.constantFrom('default', 'kube-system'), labelSelector: fc.constantFrom('app=x', 'app!=x') },
  { requiredKeys: [] },
);

/** Steps that the store refuses (already there, not there) are part of the play. */
function play(store: ObjectStore, { verb, namespace, name, app }: Step): void {
  const pod = podNamed(name, { namespace, labels: { app } });
  try {
    if (verb === 'create') store.create(PODS, pod, WRITER);
    else if (verb === 'label') store.update(PODS, pod, WRITER);
    else store.delete(PODS, { namespace, name }, {});
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
  }
}

const texts = (pods: Iterable<Pod>): readonly string[] =>
  [...pods].map((pod) => `${keyText(keyOf(pod))} ${pod.metadata.labels?.['app']} ${pod.metadata.resourceVersion}`);

test('every version that is kept can be listed as it was', () => {
  fc.assert(
    fc.property(steps, queries, (play_, query) => {
      const { store } = newStore({ historySize: 25 });
      const seen = new Map<string, readonly string[]>();
      seen.set(store.resourceVersion, texts(store.list(PODS, query).items));
      for (const step of play_) {
        play(store, step);
        seen.set(store.resourceVersion, texts(store.list(PODS, query).items));
      }
      const oldest = Number(store.resourceVersion) - 25;
      for (const [resourceVersion, want] of seen) {
        const list = (): readonly string[] =>
          texts(store.list(PODS, { ...query, resourceVersion, resourceVersionMatch: 'Exact' }).items);
        if (Number(resourceVersion) < oldest) expect(list).toThrow('too old resource version');
        else expect(list()).toEqual(want);
      }
    }),
  );
});

test('pages add up to the list, whatever is written between them', () => {
  fc.assert(
    fc.property(steps, steps, queries, fc.integer({ min: 1, max: 4 }), (before, between, query, limit) => {
      const { store } = newStore();
      for (const step of before) play(store, step);
      const want = texts(store.list(PODS, query).items);
      const got: string[] = [];
      let page = store.list(PODS, { ...query, limit });
      got.push(...texts(page.items));
      for (const step of between) {
        play(store, step);
        if (page.continue === undefined) break;
        page = store.list(PODS, { ...query, limit, continue: page.continue });
        got.push(...texts(page.items));
      }
      while (page.continue !== undefined) {
        page = store.list(PODS, { ...query, limit, continue: page.continue });
        got.push(...texts(page.items));
      }
      expect(got).toEqual(want);
    }),
  );
});

test('a copy kept by list and watch is the selection itself, from wherever the watch resumes', () => {
  fc.assert(
    fc.property(steps, steps, queries, (before, after, query) => {
      const { store } = newStore();
      for (const step of before) play(store, step);
      const list = store.list(PODS, query);
      const copy = new Map(list.items.map((pod) => [keyText(keyOf(pod)), pod]));
      const versions: number[] = [Number(list.resourceVersion)];
      const apply = ({ type, object }: { readonly type: string; readonly object: Pod }): void => {
        versions.push(Number(object.metadata.resourceVersion));
        const key = keyText(keyOf(object));
        expect(copy.has(key), `${type} ${key}`).toBe(type !== 'ADDED');
        if (type === 'DELETED') copy.delete(key);
        else copy.set(key, object);
      };
      const half = Math.floor(after.length / 2);
      for (const step of after.slice(0, half)) play(store, step);
      const watch = store.watch(PODS, { ...query, resourceVersion: list.resourceVersion }, apply);
      for (const event of watch.initial) apply(event);
      for (const step of after.slice(half)) play(store, step);
      watch.stop();
      const now = store.list(PODS, query).items;
      expect(texts(copy.values()).toSorted()).toEqual(texts(now).toSorted());
      expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    }),
  );
});
