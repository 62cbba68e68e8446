import { expect, test } from 'vitest';
import { goFloatText } from './hpa-case-small.ts';

/** As Go's `%v` prints them. */
test.each([
  [0, '0'],
  [-0, '-0'],
  [1.5, '1.5'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [999_999, '999999'],
  [1e6, '1e+06'],
  [1.23456789e9, '1.23456789e+09'],
  [1e100, '1e+100'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('%d is %s', (value, text) => {
  expect(goFloatText(value)).toBe(text);
});
