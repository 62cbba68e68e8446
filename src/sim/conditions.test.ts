import { expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { seconds } from '../core/time/time.ts';
import { holdsOrSettles } from './conditions.ts';

type Case = {
  readonly name: string;
  /** By the second. */
  readonly condition: (second: number) => boolean;
  readonly value: (second: number) => number;
  readonly want: readonly [reached: string, second: number];
};

const cases: readonly Case[] = [
  { name: 'held for its time', condition: (s) => s >= 5, value: (s) => s, want: ['held', 15] },
  { name: 'a break begins anew', condition: (s) => s !== 8, value: (s) => s, want: ['held', 19] },
  { name: 'nothing changes any more', condition: () => false, value: (s) => Math.min(s, 20), want: ['settled', 50] },
  { name: 'it changes for ever', condition: () => false, value: (s) => s % 7, want: ['given-up', 100] },
  { name: 'it holds before it settles', condition: (s) => s >= 20, value: () => 1, want: ['held', 30] },
];

test.each(cases)('$name', async ({ condition, value, want }) => {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1000) });
  const second = (): number => (clock.now() - DEMO_START) / 1000;
  const reached = await clock.run(() =>
    holdsOrSettles(
      clock,
      {
        condition: () => condition(second()),
        heldFor: seconds(10),
        value: () => String(value(second())),
        settledFor: seconds(30),
      },
      { within: seconds(100), signal: new AbortController().signal },
    ),
  );
  expect([reached, second()]).toEqual(want);
});
