import { expect, test } from 'vitest';
import { ceilInt32, ceilInt64, truncInt32, wrapInt32, wrapInt64, wrapSum32 } from './numbers.ts';

const MIN = -2_147_483_648;

test.each([
  ['HPA-22.2 rounds up', ceilInt32(3.0000001), 4],
  ['HPA-22.2 truncates', truncInt32(-2.9), -2],
  ['HPA-22.4 minus a half is zero, without a sign', Object.is(ceilInt32(-0.5), 0), true],
  ['HPA-22.2 not a number', ceilInt32(Number.NaN), MIN],
  ['HPA-22.2, HPA-22.3 infinite: not the largest, as on arm64', truncInt32(Infinity), MIN],
  ['HPA-22.2 the largest fits', truncInt32(2_147_483_647.5), 2_147_483_647],
  ['HPA-22.2 one more does not', truncInt32(2_147_483_648), MIN],
  ['HPA-22.5 the low 32 bits', wrapInt32(4_294_967_297n), 1],
  ['HPA-22.1, HPA-22.11 the low 64 bits', wrapInt64(2n ** 63n), -(2n ** 63n)],
  ['HPA-22.1 a sum of int32', wrapSum32(2_147_483_647 + 1), MIN],
  ['HPA-22.2 int64 rounds up', ceilInt64(1.2), 2n],
  ['HPA-22.4 int64 minus a half is zero', ceilInt64(-0.5), 0n],
  ['HPA-22.2 int64 not a number', ceilInt64(Number.NaN), -(2n ** 63n)],
  ['HPA-22.2 int64 two to the 63rd does not fit', ceilInt64(2 ** 63), -(2n ** 63n)],
  ['HPA-22.2 int64 the largest double below it does', ceilInt64(2 ** 63 - 1024), 2n ** 63n - 1024n],
  ['HPA-22.2 int64 the smallest fits', ceilInt64(-(2 ** 63)), -(2n ** 63n)],
])('%s', (_name, got, want) => {
  expect(got).toBe(want);
});
