import { expect, test } from 'vitest';
import { durationMs } from '../time/time.ts';
import { changeWithin, storeScaleEvent, type ScaleEvent } from './scale-events.ts';

const NOW = durationMs(1_000_000);
const event = (change: number, ageSeconds: number, outdated = false): ScaleEvent => ({
  change,
  at: durationMs(1_000_000 - ageSeconds * 1000),
  outdated,
});
const rules = (
  ...periods: readonly number[]
): { policies: { type: 'Pods'; value: number; periodSeconds: number }[] } => ({
  policies: periods.map((periodSeconds) => ({ type: 'Pods', value: 1, periodSeconds })),
});

test.each([
  ['HPA-8.14 all within the period', [event(3, 10), event(2, 59.999)], 5],
  ['HPA-8.16 one exactly as old as the period does not count', [event(3, 10), event(2, 60)], 3],
  ['HPA-8.21 whether one is marked does not matter', [event(3, 10, true)], 3],
  ['HPA-22.1 the sum wraps', [event(2_147_483_647, 1), event(1, 1)], -2_147_483_648],
])('%s', (_name, events, want) => {
  expect(changeWithin(events, 60, NOW)).toBe(want);
});

test.each([
  ['the first', [], rules(60), [event(2, 0)]],
  [
    'HPA-8.20 one exactly as old as the longest period keeps its place',
    [event(1, 60)],
    rules(15, 60),
    [event(1, 60), event(2, 0)],
  ],
  ['HPA-8.19 the longest period counts', [event(1, 50)], rules(15, 60, 30), [event(1, 50), event(2, 0)]],
  ['HPA-8.20 an older one gives its place', [event(1, 61), event(4, 5)], rules(60), [event(2, 0), event(4, 5)]],
  [
    'HPA-8.20 of several the last, the others stay marked',
    [event(1, 80), event(4, 70), event(5, 5)],
    rules(60),
    [event(1, 80, true), event(2, 0), event(5, 5)],
  ],
  ['HPA-8.20 a mark is never taken back', [event(1, 50, true)], rules(600), [event(2, 0)]],
  ['HPA-8.19 without policies the period is 0', [event(1, 0.001)], {}, [event(2, 0)]],
  ['HPA-8.19 and an event of this very instant stays', [event(1, 0)], {}, [event(1, 0), event(2, 0)]],
])('HPA-8.22 one more event: %s', (_name, events, given, want) => {
  expect(storeScaleEvent(events, { change: 2, rules: given, now: NOW })).toEqual(want);
});

test('HPA-22.1 a change beyond int32 wraps', () => {
  const change = 2_000_000_000 + 2_147_483_648; // from 2000000000 to the smallest number
  expect(storeScaleEvent([], { change, rules: {}, now: NOW })).toEqual([event(-147_483_648, 0)]);
});
