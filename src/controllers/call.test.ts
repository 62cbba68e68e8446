import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { abortScope } from './deps.ts';
import { callWithin } from './call.ts';

const clockOf = (): EventClock => new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(600) });

describe('a call with a deadline', () => {
  test('answers what the call answers, and leaves no timer that keeps time going', async () => {
    const clock = clockOf();
    await clock.run(async () => {
      const { signal } = abortScope();
      const value = await callWithin('question', { clock, timeout: seconds(10), signal }, async (options) => {
        await clock.sleepUntil(epochMs(clock.now() + 9_999), options.signal);
        return 42;
      });
      expect(value).toBe(42);
    });
    expect(clock.now() - DEMO_START).toBe(9_999);
  });

  test('is given up after the time-out, and the call is told', async () => {
    const clock = clockOf();
    let told: unknown;
    await clock.run(async () => {
      const { signal } = abortScope();
      const call = callWithin('list of pods', { clock, timeout: seconds(10), signal }, (options) => {
        options.signal.addEventListener('abort', () => (told = options.signal.reason));
        return new Promise(() => undefined);
      });
      await expect(call).rejects.toMatchObject({
        code: 'TANDEM_DEADLINE',
        message: 'list of pods was not answered within 10 s',
      });
    });
    expect(clock.now() - DEMO_START).toBe(10_000);
    expect(told).toMatchObject({ code: 'TANDEM_DEADLINE' });
  });

  test('that says it is alive has its time from then on', async () => {
    const clock = clockOf();
    await clock.run(async () => {
      const { signal } = abortScope();
      const deadline = { clock, timeout: seconds(10), signal };
      const call = callWithin('long list', deadline, async (options, alive) => {
        for (let piece = 0; piece < 3; piece++) {
          await clock.sleepUntil(epochMs(clock.now() + 9_000), options.signal);
          alive();
        }
        return new Promise(() => undefined);
      });
      await expect(call).rejects.toMatchObject({ code: 'TANDEM_DEADLINE' });
    });
    expect(clock.now() - DEMO_START).toBe(37_000);
  });

  test('ends with the reason when the caller is aborted', async () => {
    const clock = clockOf();
    await clock.run(async () => {
      const scope = abortScope();
      const deadline = { clock, timeout: seconds(10), signal: scope.signal };
      const call = callWithin('question', deadline, () => new Promise(() => undefined));
      scope.abort(new Error('shutting down'));
      await expect(call).rejects.toThrow('shutting down');
      await expect(callWithin('question', deadline, () => Promise.resolve(1))).rejects.toThrow('shutting down');
    });
  });
});
