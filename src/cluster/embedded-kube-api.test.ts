import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { abortScope } from '../controllers/deps.ts';
import { DEPLOYMENTS, PODS } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import type { Random } from '../ports/random.ts';
import { KubeError, type WatchEvent, type WatchQuery } from '../ports/kube-api.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { podNamed, WRITER } from '../../test/support/store.ts';
import { EmbeddedKubeApi } from './embedded-kube-api.ts';
import { DEFAULT_NETWORK, type NetworkModel } from './network-model.ts';
import { ObjectStore } from './store.ts';

/** 10 ms each way, events 5 ms late, watches of an hour, bookmarks each minute: no chance. */
const STEADY: NetworkModel = {
  oneWay: { minMs: 10, maxMs: 10 },
  watchLag: { minMs: 5, maxMs: 5 },
  watchTimeout: { minMs: 3_600_000, maxMs: 3_600_000 },
  bookmarkInterval: { minMs: 60_000, maxMs: 60_000 },
};

type World = {
  readonly clock: EventClock;
  readonly store: ObjectStore;
  readonly api: EmbeddedKubeApi;
  readonly scope: AbortController;
  /** How often the network's stream was asked. */
  readonly draws: () => number;
  /** Milliseconds since the start. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Collects what a watch tells, as text, until it ends. */
  readonly collect: (query: WatchQuery) => { readonly lines: string[]; readonly done: Promise<void> };
};

function run(
  options: { readonly network?: NetworkModel; readonly seed?: number },
  play: (world: World) => Promise<void>,
): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(36_000) });
  const seeded = new SeededRandom(options.seed ?? 1);
  let drawn = 0;
  const counted = { next: () => (drawn++, seeded.stream('network/test').next()) };
  const random: Random = { stream: (name) => (name === 'network/test' ? counted : seeded.stream(name)) };
  const store = new ObjectStore({ clock, random, historySize: 100 });
  const api = new EmbeddedKubeApi({ store, clock, random, manager: 'test', network: options.network ?? STEADY });
  const scope = abortScope();
  const now = (): number => clock.now() - DEMO_START;
  const collect = (query: WatchQuery): { readonly lines: string[]; readonly done: Promise<void> } => {
    const lines: string[] = [];
    const done = (async () => {
      for await (const event of api.watch(PODS, query, { signal: scope.signal }))
        lines.push(`${now()} ${lineOf(event)}`);
    })();
    return { lines, done };
  };
  const sleep = (ms: number): Promise<void> =>
    clock.sleepUntil(epochMs(clock.now() + ms), new AbortController().signal);
  return clock.run(() => play({ clock, store, api, scope, draws: () => drawn, now, sleep, collect }));
}

function lineOf(event: WatchEvent<Pod>): string {
  return event.type === 'BOOKMARK'
    ? `BOOKMARK ${event.resourceVersion}`
    : `${event.type} ${event.object.metadata.name}`;
}

describe('a request', () => {
  test('is applied on arrival and answered one more way later', () =>
    run({}, async ({ api, store, scope, now, sleep }) => {
      const answer = api.create(PODS, podNamed('p'), { signal: scope.signal });
      await sleep(9);
      expect(store.list(PODS).items).toHaveLength(0);
      await sleep(1);
      expect(store.list(PODS).items).toHaveLength(1);
      expect((await answer).metadata.name).toBe('p');
      expect(now()).toBe(20);
    }));

  test('that is refused is refused after both ways', () =>
    run({}, async ({ api, scope, now }) => {
      const read = api.get(PODS, { namespace: 'default', name: 'p' }, { signal: scope.signal });
      await expect(read).rejects.toMatchObject({ code: 'TANDEM_KUBE_NOT_FOUND', message: 'pods "p" not found' });
      expect(now()).toBe(20);
    }));

  test.each([
    { name: 'on the way there did not happen', after: 5, happened: 0 },
    { name: 'on the way back did', after: 15, happened: 1 },
  ])('given up $name', ({ after, happened }) =>
    run({}, async ({ api, store, scope, sleep }) => {
      const answer = api.create(PODS, podNamed('p'), { signal: scope.signal }).then(
        () => 'answered',
        (error: unknown) => error,
      );
      await sleep(after);
      const reason = new Error('gave up');
      scope.abort(reason);
      expect(await answer).toBe(reason);
      await sleep(100);
      expect(store.list(PODS).items).toHaveLength(happened);
    }),
  );

  test('with a signal that is aborted already is not even sent', () =>
    run({}, async ({ api, scope, now }) => {
      scope.abort(new Error('over'));
      await expect(api.list(PODS, {}, { signal: scope.signal })).rejects.toThrow('over');
      expect(now()).toBe(0);
    }));

  test('carries the name of its manager and the subresource', () =>
    run({}, async ({ api, scope: { signal } }) => {
      const pod = await api.create(PODS, podNamed('p'), { signal });
      const status = { phase: 'Running' } as const;
      const next = await api.update(PODS, { ...pod, status }, { signal, subresource: 'status' });
      expect(next.metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource])).toEqual([
        ['test', undefined],
        ['test', 'status'],
      ]);
    }));

  test('takes a delay of its own, and the same seed the same ones', async () => {
    const times = async (seed: number): Promise<readonly number[]> => {
      const out: number[] = [];
      await run({ network: DEFAULT_NETWORK, seed }, async ({ api, scope: { signal }, now }) => {
        for (let i = 0; i < 30; i++) {
          const before = now();
          await api.list(PODS, {}, { signal });
          out.push(now() - before);
        }
      });
      return out;
    };
    const first = await times(1);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...first)).toBeLessThanOrEqual(10);
    expect(new Set(first).size).toBeGreaterThan(3);
    expect(await times(1)).toEqual(first);
    expect(await times(2)).not.toEqual(first);
  });
});

describe('a watch', () => {
  test('tells late, in order, and ends with its signal', () =>
    run({}, async ({ store, collect, scope, sleep }) => {
      store.create(PODS, podNamed('before'), WRITER);
      const { lines, done } = collect({});
      await sleep(100);
      store.create(PODS, podNamed('p'), WRITER);
      store.delete(PODS, { namespace: 'default', name: 'p' }, {});
      await sleep(100);
      scope.abort(new Error('end'));
      await done;
      store.create(PODS, podNamed('after'), WRITER);
      expect(lines).toEqual(['20 ADDED before', '105 ADDED p', '105 MODIFIED p', '105 DELETED p']);
    }));

  test('events never overtake each other, however the lag is drawn', () =>
    run({ network: DEFAULT_NETWORK }, async ({ store, collect, scope, sleep }) => {
      const { lines, done } = collect({});
      await sleep(50);
      const names = Array.from({ length: 200 }, (_, i) => `p${i}`);
      for (const name of names) {
        store.create(PODS, podNamed(name), WRITER);
        await sleep(1);
      }
      await sleep(100);
      scope.abort(new Error('end'));
      await done;
      expect(lines.map((line) => line.split(' ')[2])).toEqual(names);
      const lags = lines.map((line, i) => Number(line.split(' ')[0]) - (50 + i));
      expect(Math.min(...lags)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...lags)).toBeLessThanOrEqual(20);
    }));

  test('from a version that is gone throws 410 when it is opened', () =>
    run({}, async ({ api, scope, store }) => {
      for (let i = 0; i < 101; i++) store.update(PODS, podFor(store, i), WRITER);
      const first = api.watch(PODS, { resourceVersion: '3' }, { signal: scope.signal })[Symbol.asyncIterator]().next();
      const error: unknown = await first.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(KubeError);
      expect(error).toMatchObject({ status: { code: 410, reason: 'Expired' } });
    }));

  test('is ended by the server; what came meanwhile is told to the next', () =>
    run({}, async ({ store, collect, now }) => {
      const watch = collect({});
      await watch.done;
      expect(now()).toBe(3_600_010);
      const from = store.resourceVersion;
      store.create(PODS, podNamed('p'), WRITER);
      const next = collect({ resourceVersion: from });
      await next.done;
      expect(next.lines).toEqual(['3600030 ADDED p']);
    }));

  test('bookmarks come each minute when the version moved, and shortly before the end; only when asked for', () =>
    run({}, async ({ store, collect, sleep }) => {
      const marked = collect({ allowWatchBookmarks: true });
      const plain = collect({});
      await sleep(90_000);
      store.create(PODS, podNamed('p'), WRITER);
      const version = store.resourceVersion;
      await sleep(3_599_000 - 90_000 - 2_000);
      store.delete(PODS, { namespace: 'default', name: 'p' }, {});
      await marked.done;
      await plain.done;
      expect(marked.lines).toEqual([
        '90005 ADDED p',
        `120015 BOOKMARK ${version}`,
        '3597005 MODIFIED p',
        '3597005 DELETED p',
        `3598015 BOOKMARK ${store.resourceVersion}`,
      ]);
      expect(plain.lines).toEqual(['90005 ADDED p', '3597005 MODIFIED p', '3597005 DELETED p']);
    }));

  test('a client that stops reading loses the watch instead of filling the memory', () =>
    run({}, async ({ store, api, scope, sleep }) => {
      const watch = api.watch(PODS, {}, { signal: scope.signal })[Symbol.asyncIterator]();
      const first = watch.next();
      await sleep(50);
      store.create(PODS, podNamed('first'), WRITER);
      expect((await first).value).toMatchObject({ type: 'ADDED' });
      for (let i = 0; i < 10_001; i++) store.update(PODS, podFor(store, i), WRITER);
      expect(await watch.next()).toMatchObject({ done: true });
    }));

  test('that is left by its reader is closed', () =>
    run({}, async ({ store, api, scope, clock, draws, sleep }) => {
      store.create(PODS, podNamed('p'), WRITER);
      for await (const event of api.watch(PODS, {}, { signal: scope.signal })) {
        expect(lineOf(event)).toBe('ADDED p');
        break;
      }
      const { fired } = clock;
      const drawn = draws();
      store.create(PODS, podNamed('q'), WRITER);
      expect(draws()).toBe(drawn); // nobody listens, so no lag was drawn
      await sleep(7_200_000);
      expect(clock.fired - fired).toBe(1); // the sleep itself
    }));
});

test('discovery names every kind with its subresources', () =>
  run({}, async ({ api, scope: { signal } }) => {
    const found = await api.discover({ signal });
    const of = (kind: string): readonly string[] | undefined =>
      found.find((entry) => entry.kind === kind)?.subresources;
    expect(of('Pod')).toEqual(['status', 'binding', 'eviction']);
    expect(of('Deployment')).toEqual(['status', 'scale']);
    expect(of('RayCluster')).toEqual(['status']);
    expect(of('Event')).toEqual([]);
    expect(found.find((entry) => entry.kind === 'Deployment')).toMatchObject({ ...DEPLOYMENTS, preferred: true });
  }));

/** The one pod of these tests, changed once more. */
function podFor(store: ObjectStore, i: number): Pod {
  if (store.list(PODS).items.length === 0) store.create(PODS, podNamed('p'), WRITER);
  const [pod] = store.list(PODS).items;
  return podNamed(pod?.metadata.name ?? 'p', { labels: { step: String(i) } });
}
