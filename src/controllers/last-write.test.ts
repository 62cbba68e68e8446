import { expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { callWithin } from './call.ts';
import { outlive } from './last-write.ts';

async function onClock(play: (clock: EventClock) => Promise<void>): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1000) });
  await clock.run(() => play(clock));
}

const never = new AbortController().signal;
const wait = (clock: EventClock, ms: number): Promise<void> => clock.sleepUntil(epochMs(clock.now() + ms), never);

test('it is aborted a while after the stop, with the same reason', async () => {
  await onClock(async (clock) => {
    const stop = new AbortController();
    const { signal } = outlive(stop.signal, { clock, within: seconds(4) });
    const reason = new Error('SIGTERM');
    stop.abort(reason);
    await wait(clock, 3999);
    expect(signal.aborted).toBe(false);
    await wait(clock, 1);
    expect(signal.reason).toBe(reason);
  });
});

test('a stop that came before counts from now on', async () => {
  await onClock(async (clock) => {
    const { signal } = outlive(AbortSignal.abort(new Error('SIGTERM')), { clock, within: seconds(4) });
    expect(signal.aborted).toBe(false);
    await wait(clock, 4000);
    expect(signal.aborted).toBe(true);
  });
});

test('after its end it aborts nothing and leaves no timer behind', async () => {
  for (const ended of ['before the stop', 'after the stop']) {
    await onClock(async (clock) => {
      const stop = new AbortController();
      const last = outlive(stop.signal, { clock, within: seconds(4) });
      if (ended === 'before the stop') last.end();
      stop.abort(new Error('SIGTERM'));
      if (ended === 'after the stop') last.end();
      await wait(clock, 10_000);
      expect(last.signal.aborted).toBe(false);
    });
  }
});

test('a call on it is answered after the stop, or rejects with its own deadline', async () => {
  await onClock(async (clock) => {
    const stop = new AbortController();
    const { signal } = outlive(stop.signal, { clock, within: seconds(4) });
    const write = (ms: number): Promise<string> =>
      callWithin('the write', { clock, timeout: seconds(2), signal }, async () => {
        await wait(clock, ms);
        return 'written';
      });
    const [quick, slow] = [write(1000), write(3000)];
    stop.abort(new Error('SIGTERM'));
    await expect(quick).resolves.toBe('written');
    await expect(slow).rejects.toThrow('not answered within 2 s');
  });
});
