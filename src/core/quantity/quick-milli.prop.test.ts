import fc from 'fast-check';
import { expect, test } from 'vitest';
import { milliValue, parseQuantity } from './quantity.ts';
import { quickMilli } from './quick-milli.ts';

const SUFFIXES = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'x', ' '];
const digits = fc.oneof(
  fc.nat({ max: 2_000_000_000 }).map(String),
  fc.bigInt({ min: 0n, max: 10n ** 19n }).map(String),
  fc.tuple(fc.nat({ max: 999_999 }), fc.nat({ max: 9 })).map(([a, zeros]) => `${a}${'0'.repeat(zeros)}`),
  fc.constantFrom('', '-1', '+1', '1.5', '.5', '000', '007', '9007199254740', '9007199254741', '999999999999999'),
);

test('HPA-18.5 where it answers, it answers what the exact reading does', () => {
  let answered = 0;
  fc.assert(
    fc.property(digits, fc.constantFrom(...SUFFIXES), (number, suffix) => {
      const quick = quickMilli(number + suffix);
      if (quick === undefined) return;
      answered++;
      const exact = parseQuantity(number + suffix);
      expect(exact.ok && milliValue(exact.value)).toBe(BigInt(quick));
    }),
    { numRuns: 5000 },
  );
  expect(answered).toBeGreaterThan(500);
});

test('it answers what metrics servers send', () => {
  expect(['12345n', '1000001n', '0', '250m', '65536Ki', '104857600'].map(quickMilli)).toEqual([
    1, 2, 0, 250, 67_108_864_000, 104_857_600_000,
  ]);
});
