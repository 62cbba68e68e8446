import { expect, test } from 'vitest';
import { pod } from '../../test/support/hpa.ts';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { EVERYTHING } from '../core/selector/selector.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import { KubeError, type KubeApi, type WatchEvent } from '../ports/kube-api.ts';
import { abortScope } from './deps.ts';
import { PodCache } from './pod-cache.ts';

type List = { readonly pods: readonly Pod[]; readonly then?: 'breaks off' };

/** Runs a cache against a server with these lists, one after the other, each followed by a watch with these events that then expires. */
async function play(
  lists: readonly List[],
  events: readonly WatchEvent<Pod>[] = [],
): Promise<readonly (readonly string[])[]> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const scope = abortScope();
  const { signal } = scope;
  const seen: (readonly string[])[] = [];
  let listed = 0;
  const note = (): void => void seen.push(cache.select('default', EVERYTHING).map(({ name }) => name));
  const api = {
    listEach: async (_resource: unknown, _query: unknown, each: (object: Pod) => void) => {
      if (listed > 0) note();
      const list = lists[listed++];
      for (const one of list?.pods ?? []) each(one);
      if (list === undefined) {
        scope.abort(new Error('end'));
        signal.throwIfAborted();
      }
      if (list?.then === 'breaks off') throw new KubeError({ code: 0, reason: '', message: 'cut' });
      return String(listed);
    },
    async *watch() {
      note();
      yield* events;
      throw new KubeError({ code: 410, reason: 'Expired', message: 'too old' });
    },
  } as unknown as KubeApi; // a cache calls nothing else
  const log = { warn: () => undefined, info: () => undefined };
  const cache = new PodCache({ api, clock, random: new SeededRandom(1), log, signal });
  await clock.run(async () => {
    const running = cache.run();
    await cache.synced();
    await running;
    await clock.sleepUntil(epochMs(clock.now()), abortScope().signal);
  });
  return seen;
}

test('follows lists and events; a later list takes away what it does not show', async () => {
  const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string): WatchEvent<Pod> => ({
    type,
    object: pod(name),
  });
  const seen = await play(
    [{ pods: [pod('b'), pod('a')] }, { pods: [pod('a'), pod('c')] }],
    [event('ADDED', 'd'), event('MODIFIED', 'a'), event('DELETED', 'b')],
  );
  expect(seen).toEqual([
    ['a', 'b'], // the first list
    ['a', 'd'], // and its events
    ['a', 'c'], // the second list
    ['a', 'c', 'd'],
  ]);
});

test('a list that breaks off takes nothing away', async () => {
  const seen = await play([
    { pods: [pod('a'), pod('b')] },
    { pods: [pod('c')], then: 'breaks off' },
    { pods: [pod('c')] },
  ]);
  expect(seen).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b', 'c'], ['c'], ['c']]);
});
