import { describe, expect, test } from 'vitest';
import {
  proposeByAverage,
  replicasForRatio,
  replicasFromZero,
  sumForAverage,
  sumForValue,
  valueRatio,
  type AverageInput,
} from './target-ratio.ts';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const TOLERANCE = { down: 0.1, up: 0.1 };

test.each([
  ['HPA-12.5 3 replicas, of which 2 are ready', 2, 2, 4],
  ['HPA-12.5 without ready pods', 2, 0, 0],
  ['HPA-22.2 the product is rounded up', 1.25, 3, 4],
  ['HPA-12.8 infinity is capped', Infinity, 2, 2_147_483_647],
  ['HPA-12.8 infinity times no pods is no number', Infinity, 0, -2_147_483_648],
  ['HPA-12.8 no number', NaN, 2, -2_147_483_648],
  ['HPA-22.2 beyond int32 it is capped', 1e9, 3, 2_147_483_647],
  ['HPA-22.2 below int32 it is the smallest', -1e9, 3, -2_147_483_648],
])('%s', (_name, ratio, readyPods, want) => {
  expect(replicasForRatio(ratio, readyPods)).toBe(want);
});

test.each([
  ['rounded up', 2.1, 3],
  ['HPA-22.10 nine quadrillion overflow to the smallest', 9e15, -2_147_483_648],
  ['minus one half is 0', -0.5, 0],
])('HPA-12.7 from zero: %s', (_name, ratio, want) => {
  expect(replicasFromZero(ratio)).toBe(want);
});

test('HPA-22.7 above 2^53 neighbouring values have one ratio', () => {
  expect(valueRatio(2n ** 53n + 1n, 1n)).toBe(valueRatio(2n ** 53n, 1n));
});

describe('a target per replica', () => {
  const row = (input: Partial<AverageInput>): AverageInput => ({
    source: 'External',
    valueMilli: 300_000n,
    targetMilli: 100_000n,
    statusReplicas: 2,
    tolerance: TOLERANCE,
    ...input,
  });
  test.each([
    ['HPA-12.11 without looking at pods', {}, { replicas: 3, ratio: 1.5, averageMilli: 150_000n }],
    [
      'HPA-12.9 within tolerance: the number that status shows',
      { statusReplicas: 3 },
      { replicas: 3, ratio: 1, averageMilli: 100_000n, kept: 'within-tolerance' },
    ],
    [
      'HPA-7.6 the tolerance is one of the ratio per replica',
      { valueMilli: 330_000n, statusReplicas: 3 },
      { replicas: 3, ratio: 1.1, averageMilli: 110_000n, kept: 'within-tolerance' },
    ],
    [
      'HPA-12.10 at 0 replicas: never within, and status shows the smallest number',
      { statusReplicas: 0 },
      { replicas: 3, ratio: Infinity, averageMilli: MIN },
    ],
    [
      'HPA-12.10 at 0 replicas with nothing to do',
      { statusReplicas: 0, valueMilli: 0n },
      { replicas: 0, ratio: NaN, averageMilli: MIN },
    ],
    ['the average is rounded up', { statusReplicas: 7 }, { averageMilli: 42_858n }],
    [
      'External: more than int32 holds is capped',
      { valueMilli: MAX, targetMilli: 1n },
      { replicas: 2_147_483_647, averageMilli: MAX },
    ],
    [
      'Object: more than int32 holds overflows, and so does the average of one replica',
      { source: 'Object', valueMilli: MAX, targetMilli: 1n, statusReplicas: 1 },
      { replicas: -2_147_483_648, averageMilli: MIN },
    ],
    [
      'Object: of two replicas it does not',
      { source: 'Object', valueMilli: MAX, targetMilli: 1n, statusReplicas: 2 },
      { replicas: -2_147_483_648, averageMilli: 2n ** 62n },
    ],
  ] as const)('%s', (_name, input, want) => {
    expect(proposeByAverage(row(input))).toMatchObject(want);
  });
});

test.each([
  ['a sum', [1n, 2n, 3n], 6n, 6n],
  ['HPA-12.20 one negative series', [5n, -9n, 10n], 6n, MAX],
  ['HPA-12.19 positive overflow', [MAX, 1n, -5n], MAX, MAX],
  ['HPA-12.19 exactly the largest is no overflow', [MAX - 1n, 1n, -5n], MAX - 5n, MAX - 5n],
  ['HPA-12.19 negative overflow wraps for a value', [MIN, -1n], MAX, MAX],
  ['HPA-12.20 negative sums stay negative for a value', [-3n, -4n], -7n, MAX],
])('HPA-12.19 %s', (_name, values, forValue, forAverage) => {
  expect(sumForValue(values)).toBe(forValue);
  expect(sumForAverage(values)).toBe(forAverage);
});
