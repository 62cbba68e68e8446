import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { durationMs, epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import { abortScope } from './deps.ts';
import { DONE, ReconcileLoop, type Requeue } from './reconcile-loop.ts';

async function play(
  reconcile: (key: string, at: number) => Promise<Requeue>,
  drive: (loop: ReconcileLoop, clock: EventClock) => void,
  forSeconds = 60,
): Promise<{ readonly seen: readonly string[]; readonly warnings: readonly string[] }> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const scope = abortScope();
  const seen: string[] = [];
  const warnings: string[] = [];
  const deps = {
    clock,
    random: new SeededRandom(1),
    log: { warn: (text: string) => warnings.push(text) },
    signal: scope.signal,
  };
  const loop = new ReconcileLoop(deps, {
    name: 'test',
    reconcile: (key) => {
      seen.push(`${key}@${clock.now() - DEMO_START}`);
      return reconcile(key, clock.now() - DEMO_START);
    },
  });
  await clock.run(async () => {
    const running = loop.run();
    drive(loop, clock);
    await clock.sleepUntil(epochMs(DEMO_START + forSeconds * 1000), abortScope().signal);
    scope.abort(new Error('end'));
    await running;
  });
  return { seen, warnings };
}

describe('reconcile loop', () => {
  test('a key queued many times is worked once, keys in the order they came', async () => {
    const { seen } = await play(
      async () => DONE,
      (loop) => {
        for (const key of ['b', 'a', 'b', 'b']) loop.enqueue(key);
      },
    );
    expect(seen).toEqual(['b@0', 'a@0']);
  });

  test('a key queued while it is worked is worked again afterwards', async () => {
    let again: (() => void) | undefined;
    const { seen } = await play(
      async (_key, at) => {
        if (at === 0 && again !== undefined) again();
        again = undefined;
        return DONE;
      },
      (loop) => {
        again = () => loop.enqueue('a');
        loop.enqueue('a');
      },
    );
    expect(seen).toEqual(['a@0', 'a@0']);
  });

  test('of two delayed additions the earlier one holds', async () => {
    const { seen } = await play(
      async () => DONE,
      (loop) => {
        loop.enqueueAfter('a', seconds(20));
        loop.enqueueAfter('a', seconds(10));
        loop.enqueueAfter('a', seconds(30));
      },
    );
    expect(seen).toEqual(['a@10000']);
  });

  test('asks to be called again', async () => {
    const { seen } = await play(
      async () => ({ kind: 'requeue', after: durationMs(25_000) }),
      (loop) => loop.enqueue('a'),
    );
    expect(seen).toEqual(['a@0', 'a@25000', 'a@50000']);
  });

  test('a failing key backs off alone and says so', async () => {
    const { seen, warnings } = await play(
      async (key) => {
        if (key === 'bad') throw new Error('refused');
        return DONE;
      },
      (loop, clock) => {
        loop.enqueue('bad');
        loop.enqueue('good');
        clock.timer(epochMs(DEMO_START + 500), () => loop.enqueue('good'));
      },
      10,
    );
    expect(seen.filter((entry) => entry.startsWith('good'))).toEqual(['good@0', 'good@500']);
    const failures = seen.filter((entry) => entry.startsWith('bad')).map((entry) => Number(entry.slice(4)));
    const gaps = failures.slice(1).map((at, i) => at - (failures[i] ?? 0));
    gaps.forEach((gap, i) => {
      expect(gap).toBeGreaterThanOrEqual(200 * 2 ** i);
      expect(gap).toBeLessThanOrEqual(240 * 2 ** i);
    });
    expect(failures.length).toBeGreaterThan(4);
    expect(warnings).toHaveLength(failures.length);
    expect(warnings[0]).toContain('bad failed');
  });
});
