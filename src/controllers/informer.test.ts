import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { PODS } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import type { KubeApi, WatchEvent } from '../ports/kube-api.ts';
import { abortScope } from './deps.ts';
import { Informer } from './informer.ts';

const BOOKMARK: WatchEvent<Pod> = { type: 'BOOKMARK', resourceVersion: '7' };

/** What the server does with one watch: sends events, and ends it after so many milliseconds. */
type Served = { readonly lastsMs: number; readonly events?: readonly WatchEvent<Pod>[] };

/** Runs an informer against a server that serves each watch as told, the last of them over and over; ends it after `forMs`. */
async function play(
  watches: readonly Served[],
  forMs: number,
): Promise<{ readonly opened: readonly number[]; readonly warnings: readonly string[]; readonly lists: number }> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const scope = abortScope();
  const { signal } = scope;
  const opened: number[] = [];
  const warnings: string[] = [];
  let lists = 0;
  async function* watch(): AsyncGenerator<WatchEvent<Pod>> {
    const served = watches[Math.min(opened.length, watches.length - 1)];
    opened.push(clock.now() - DEMO_START);
    yield* served?.events ?? [];
    const end = epochMs(clock.now() + (served?.lastsMs ?? 0));
    await clock.sleepUntil(end, signal).catch(() => undefined); // an aborted watch ends without an error
  }
  const list = async (): Promise<unknown> => {
    lists += 1;
    return { items: [], resourceVersion: '5' };
  };
  const api = { list, watch } as unknown as KubeApi; // an informer calls nothing else
  const log = { warn: (text: string) => warnings.push(text), info: (text: string) => warnings.push(text) };
  const informer = new Informer({ api, clock, random: new SeededRandom(1), log, signal }, PODS);
  await clock.run(async () => {
    const running = informer.run();
    await clock.sleepUntil(epochMs(DEMO_START + forMs), abortScope().signal);
    scope.abort(new Error('end'));
    await running;
  });
  return { opened, warnings, lists };
}

function gaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, i) => time - (times[i] ?? 0));
}

describe('an informer whose watch ends', () => {
  test('opens the next one at once when it had lasted, or had brought anything', async () => {
    const { opened, warnings } = await play(
      [{ lastsMs: 1000 }, { lastsMs: 0, events: [BOOKMARK] }, { lastsMs: 5000 }],
      11_500,
    );
    expect(opened).toEqual([0, 1000, 1000, 6000, 11_000]);
    expect(warnings).toEqual([]);
  });

  test('backs off while watches end at once without an event, and goes on from the same list', async () => {
    const { opened, warnings, lists } = await play([{ lastsMs: 0 }], 120_000);
    expect(lists).toBe(1);
    expect(warnings).toHaveLength(opened.length);
    expect(warnings[0]).toMatch(
      /^list or watch of pods failed, next try in \d+ ms: the watch ended at once, without an event$/,
    );
    const bounds = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
    const waits = gaps(opened);
    expect(waits.length).toBeGreaterThanOrEqual(6);
    waits.forEach((wait, i) => {
      expect(wait).toBeGreaterThanOrEqual(bounds[i] ?? Infinity);
      expect(wait).toBeLessThanOrEqual((bounds[i] ?? 0) * 1.2);
    });
  });

  test('forgets the failures once a watch brings something', async () => {
    const short = { lastsMs: 999 };
    const { opened } = await play(
      [short, short, { lastsMs: 0, events: [BOOKMARK] }, short, { lastsMs: 60_000 }],
      20_000,
    );
    const [, second = 0, , , after = 0] = opened.map((time, i) => time - (opened[i - 1] ?? 0) - 999);
    expect(second).toBeGreaterThanOrEqual(500);
    expect(second).toBeLessThanOrEqual(600);
    expect(after).toBeGreaterThanOrEqual(500);
    expect(after).toBeLessThanOrEqual(600);
  });

  test('says that it works again, and after how long', async () => {
    const { warnings } = await play(
      [{ lastsMs: 0 }, { lastsMs: 0 }, { lastsMs: 0, events: [BOOKMARK] }, { lastsMs: 60_000 }],
      10_000,
    );
    expect(warnings).toHaveLength(3);
    expect(warnings[2]).toMatch(/^list and watch of pods works again after [12] s$/);
  });

  test('says nothing when it was told to end', async () => {
    const { opened, warnings } = await play([{ lastsMs: 60_000 }], 10);
    expect({ opened, warnings }).toEqual({ opened: [0], warnings: [] });
  });
});
