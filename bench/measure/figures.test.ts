import { expect, test } from 'vitest';
import { atLeastRatioText, durationText, grouped, median, ratioText } from './figures.ts';

test.each([
  { values: [3], want: 3 },
  { values: [9, 1, 4], want: 4 },
  { values: [10, 2, 4, 1], want: 3 },
])('the median of $values', ({ values, want }) => {
  expect(median(values)).toBe(want);
});

test('no values have no median', () => {
  expect(() => median([])).toThrow(RangeError);
});

test.each([
  [0.04, '0.0 ms'],
  [4, '4.0 ms'],
  [9.94, '9.9 ms'],
  [9.96, '10 ms'],
  [19.4, '19 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [2_700, '2.7 s'],
  [9_960, '10 s'],
  [830_000, '830 s'],
  [3_600_000, '3,600 s'],
])('%d ms read as %s', (ms, want) => {
  expect(durationText(ms)).toBe(want);
});

test.each([
  [0.84, '0.8'],
  [9.34, '9.3'],
  [9.96, '10'],
  [1249.6, '1,250'],
])('a ratio of %d reads as %s', (ratio, want) => {
  expect(ratioText(ratio)).toBe(want);
});

test.each([
  [1.99, '> 1.9'],
  [9.99, '> 9.9'],
  [10.99, '> 10'],
  [3157.9, '> 3,157'],
])('a lower bound of %d is never rounded up: %s', (bound, want) => {
  expect(atLeastRatioText(bound)).toBe(want);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1337, '1,337'],
  [100_000, '100,000'],
  [1_234_567, '1,234,567'],
])('%d is grouped as %s', (whole, want) => {
  expect(grouped(whole)).toBe(want);
});
