/** Events on their way to the server: in order, one at a time, again where no answer came. */

import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { hpa } from '../../test/support/hpa.ts';
import { overriding } from '../../test/support/hpa-process.ts';
import { EmbeddedKubeApi } from '../cluster/embedded-kube-api.ts';
import { ObjectStore } from '../cluster/store.ts';
import { EVENTS } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import { KubeError, type KubeApi } from '../ports/kube-api.ts';
import { abortScope } from './deps.ts';
import { HpaEvents } from './hpa-events.ts';

const LOST = new KubeError({ code: 0, reason: '', message: 'connection refused' });
const warning = (reason: string) => ({ type: 'Warning', reason, message: 'm' }) as const;

type Stage = {
  readonly clock: EventClock;
  readonly store: ObjectStore;
  readonly events: HpaEvents;
  readonly warnings: readonly string[];
  /** When each request was made, in seconds since the start. */
  readonly asked: readonly number[];
  readonly stop: AbortController;
  readonly wait: (s: number) => Promise<void>;
  readonly reasons: () => readonly string[];
};

/** `answers` stands for the first requests: an error instead of the server's answer, or after it. */
async function onStage(
  answers: readonly { readonly error?: Error; readonly when?: 'instead' | 'after' }[],
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const stop = abortScope();
  const asked: number[] = [];
  const warnings: string[] = [];
  const faulty = async <T>(write: () => Promise<T>): Promise<T> => {
    const { error, when = 'instead' } = answers[asked.length] ?? {};
    asked.push((clock.now() - DEMO_START) / 1000);
    if (error !== undefined && when === 'instead') throw error;
    const answer = await write();
    if (error !== undefined) throw error;
    return answer;
  };
  const real = new EmbeddedKubeApi({ store, clock, random, manager: 'tandem-hpa' });
  const api: KubeApi = overriding(real, {
    create: (...args) => faulty(() => real.create(...args)),
    patch: (...args) => faulty(() => real.patch(...args)),
  });
  const log = { warn: (text: string) => void warnings.push(text) };
  await clock.run(async () => {
    const events = new HpaEvents({ api, clock, random, log, signal: stop.signal, writes: abortScope().signal });
    const wait = (s: number): Promise<void> => clock.sleepUntil(epochMs(clock.now() + s * 1000), abortScope().signal);
    const reasons = (): readonly string[] =>
      store
        .list(EVENTS)
        .items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .map(({ reason, count = 0 }) => `${reason} x${count}`);
    await play({ clock, store, events, warnings, asked, stop, wait, reasons });
    await events.idle();
  });
}

describe('HPA-21.17', () => {
  test('what got no answer is tried again: first within ten seconds, then every ten', async () => {
    await onStage(Array(4).fill({ error: LOST }), async ({ events, asked, wait, reasons, warnings }) => {
      events.emit(hpa(), warning('A'));
      await wait(60);
      expect(reasons()).toEqual(['A x1']);
      const pauses = asked.slice(1).map((at, i) => at - (asked[i] ?? 0));
      expect(pauses[0]).toBeGreaterThan(0);
      expect(pauses[0]).toBeLessThan(10);
      expect(pauses.slice(1).map(Math.round)).toEqual([10, 10, 10]);
      expect(warnings).toEqual([]);
    });
  });

  test('twelve times at most; what comes after waits, and is written then', async () => {
    await onStage(Array(12).fill({ error: LOST }), async ({ events, asked, wait, reasons, warnings }) => {
      events.emit(hpa(), warning('A'));
      await wait(1);
      events.emit(hpa(), warning('B'));
      await wait(95);
      expect(reasons()).toEqual([]);
      await wait(30);
      expect(asked).toHaveLength(13);
      expect(reasons()).toEqual(['B x1']);
      expect(warnings).toEqual(['event A of HorizontalPodAutoscaler default/web was not written: connection refused']);
    });
  });

  test.each([403, 409, 500])('a refusal with %i is an answer: not again', async (code) => {
    const refusal = new KubeError({ code, reason: 'Whatever', message: 'no' });
    await onStage([{ error: refusal }], async ({ events, asked, wait, warnings }) => {
      events.emit(hpa(), warning('A'));
      await wait(60);
      expect(asked).toHaveLength(1);
      expect(warnings).toEqual(['event A of HorizontalPodAutoscaler default/web was not written: no']);
    });
  });

  test('an event whose reply was lost is there: the second try finds it, and nobody is told', async () => {
    await onStage([{ error: LOST, when: 'after' }], async ({ events, asked, wait, reasons, warnings }) => {
      events.emit(hpa(), warning('A'));
      await wait(60);
      expect(asked).toHaveLength(2);
      expect(reasons()).toEqual(['A x1']);
      expect(warnings).toEqual([]);
    });
  });

  test('a stop ends the pause: one more try, then it is given up', async () => {
    await onStage(Array(12).fill({ error: LOST }), async ({ events, asked, wait, stop, clock }) => {
      events.emit(hpa(), warning('A'));
      await wait(25);
      const before = asked.length;
      const told = clock.now();
      stop.abort(new Error('SIGTERM'));
      await events.idle();
      expect(asked).toHaveLength(before + 1);
      expect(clock.now() - told).toBeLessThan(1000);
    });
  });
});

test('HPA-21.11 a repeat raises the count, and one whose event is gone is written anew with that count', async () => {
  await onStage([], async ({ events, store, wait, reasons, asked }) => {
    for (const count of [1, 2]) {
      events.emit(hpa(), warning('A'));
      await wait(1);
      expect(reasons()).toEqual([`A x${count}`]);
    }
    const [event] = store.list(EVENTS).items;
    store.delete(EVENTS, { namespace: 'default', name: event?.metadata.name ?? '' }, {});
    events.emit(hpa(), warning('A'));
    await wait(1);
    expect(reasons()).toEqual(['A x3']);
    expect(asked).toHaveLength(4);
  });
});
