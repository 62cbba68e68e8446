import { describe, expect, test } from 'vitest';
import { durationMs, epochMs, seconds } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import { DEMO_START, EventClock, type Wall } from './event-clock.ts';

const never = new AbortController().signal;

function jumpClock(limitSeconds = 3600): EventClock {
  return new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(limitSeconds) });
}

/** A wall that moves only when somebody waits for it: pacing can be tested without waiting. */
function manualWall(): Wall & { at: number; readonly waits: number[] } {
  const wall = {
    at: 0,
    waits: [] as number[],
    elapsedMs: () => wall.at,
    after: (ms: number, fire: () => void) => {
      wall.waits.push(ms);
      let off = false;
      queueMicrotask(() => {
        if (off) return;
        wall.at += ms;
        fire();
      });
      return () => {
        off = true;
      };
    },
  };
  return wall;
}

describe('jump clock', () => {
  test('goes from timer to timer without waiting, ties in the order they were set', async () => {
    const clock = jumpClock();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.now() - DEMO_START}`);
    await clock.run(async () => {
      clock.timer(epochMs(DEMO_START + 2000), note('b'));
      clock.timer(epochMs(DEMO_START + 1000), note('a'));
      clock.timer(epochMs(DEMO_START + 2000), note('c'));
      await clock.sleepUntil(epochMs(DEMO_START + 3000), never);
    });
    expect(seen).toEqual(['a@1000', 'b@2000', 'c@2000']);
  });

  test('stands still while something outside is waited for, and goes on when it is there', async () => {
    const clock = jumpClock();
    const seen: string[] = [];
    await clock.run(async () => {
      clock.timer(epochMs(DEMO_START + 1000), () => seen.push('timer'));
      const release = clock.hold();
      const second = clock.hold();
      await new Promise<void>((resolve) => setTimeout(resolve, 5));
      release();
      release();
      await new Promise<void>((resolve) => setTimeout(resolve, 5));
      seen.push(`outside@${clock.now() - DEMO_START}`);
      second();
      await clock.sleepUntil(epochMs(DEMO_START + 2000), never);
    });
    expect(seen).toEqual(['outside@0', 'timer']);
  });

  test('drains promises between events: what an event started is done before the next one', async () => {
    const clock = jumpClock();
    const seen: string[] = [];
    const chain = async (name: string): Promise<void> => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      seen.push(name);
    };
    await clock.run(async () => {
      clock.timer(epochMs(DEMO_START + 1), () => void chain('first'));
      clock.timer(epochMs(DEMO_START + 1), () => seen.push('second'));
      await clock.sleepUntil(epochMs(DEMO_START + 2), never);
    });
    expect(seen).toEqual(['first', 'second']);
  });

  test('a cancelled timer does not fire and an aborted sleep rejects with the reason', async () => {
    const clock = jumpClock();
    const scope = new AbortController();
    const seen: string[] = [];
    await clock.run(async () => {
      clock.timer(epochMs(DEMO_START + 1), () => seen.push('cancelled')).cancel();
      const sleep = clock.sleepUntil(epochMs(DEMO_START + 1000), scope.signal);
      scope.abort(new Error('enough'));
      await expect(sleep).rejects.toThrow('enough');
      await expect(clock.sleepUntil(epochMs(DEMO_START + 1000), scope.signal)).rejects.toThrow('enough');
    });
    expect(seen).toEqual([]);
    expect(clock.now()).toBe(DEMO_START);
  });

  test('time never runs back: a timer in the past fires now', async () => {
    const clock = jumpClock();
    await clock.run(async () => {
      await clock.sleepUntil(epochMs(DEMO_START + 5000), never);
      await clock.sleepUntil(epochMs(DEMO_START + 1), never);
      expect(clock.instant()).toEqual({ wall: DEMO_START + 5000, mono: 5000 });
    });
  });

  test('says so when nothing could ever wake what is waited for', async () => {
    await expect(jumpClock().run(() => new Promise(() => undefined))).rejects.toMatchObject({
      code: 'TANDEM_CLOCK_STUCK',
    });
  });

  test('waiting for real time fails: the limit passes first', async () => {
    const clock = jumpClock(60);
    const tick = (): void => void clock.timer(epochMs(clock.now() + 1000), tick);
    const run = clock.run(async () => {
      tick();
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
    });
    await expect(run).rejects.toBeInstanceOf(TandemError);
  });

  test('an error in a callback ends the run', async () => {
    const clock = jumpClock();
    const run = clock.run(async () => {
      clock.timer(epochMs(DEMO_START + 1), () => {
        throw new Error('broken callback');
      });
      await clock.sleepUntil(epochMs(DEMO_START + 2), never);
    });
    await expect(run).rejects.toThrow('broken callback');
  });
});

describe('scaled clock', () => {
  test('waits speed times less than virtual time, and fires at exactly the timer instants', async () => {
    const wall = manualWall();
    const clock = new EventClock({
      start: DEMO_START,
      pace: { kind: 'scaled', speed: 20, wall },
      limit: durationMs(1e9),
    });
    const seen: number[] = [];
    await clock.run(async () => {
      for (let i = 1; i <= 4; i++) {
        await clock.sleepUntil(epochMs(DEMO_START + i * 1000), never);
        seen.push(clock.now() - DEMO_START);
      }
    });
    expect(seen).toEqual([1000, 2000, 3000, 4000]);
    expect(wall.at).toBeCloseTo(4000 / 20, 6);
  });

  test('gives the same sequence of events as the jump clock', async () => {
    const play = async (clock: EventClock): Promise<readonly string[]> => {
      const seen: string[] = [];
      const worker = async (name: string, period: number): Promise<void> => {
        for (let i = 0; i < 20; i++) {
          await clock.sleepUntil(epochMs(clock.now() + period), never);
          seen.push(`${name}@${clock.now() - DEMO_START}`);
        }
      };
      await clock.run(async () => {
        await Promise.all([worker('a', 7), worker('b', 11), worker('c', 7)]);
      });
      return seen;
    };
    const scaled = new EventClock({
      start: DEMO_START,
      pace: { kind: 'scaled', speed: 3, wall: manualWall() },
      limit: durationMs(1e9),
    });
    expect(await play(scaled)).toEqual(await play(jumpClock()));
  });

  test('between events virtual time goes on with the wall, never past the next timer', async () => {
    const wall = manualWall();
    const seen: number[] = [];
    const halting: Wall = {
      elapsedMs: () => wall.elapsedMs(),
      after: (ms, fire) => {
        wall.at += ms / 2;
        seen.push(clock.now() - DEMO_START);
        wall.at += ms;
        seen.push(clock.now() - DEMO_START);
        queueMicrotask(fire);
        return () => undefined;
      },
    };
    const pace = { kind: 'scaled', speed: 10, wall: halting } as const;
    const clock: EventClock = new EventClock({ start: DEMO_START, pace, limit: durationMs(1e9) });
    await clock.run(() => clock.sleepUntil(epochMs(DEMO_START + 1000), never));
    expect(seen).toEqual([500, 1000]);
  });
});
