import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareCodePoints, compareText } from './compare.ts';

test('code points beyond U+FFFF come last, where code units put them before U+E000', () => {
  expect(compareText('\u{1F600}', '\uE000')).toBeLessThan(0);
  expect(compareCodePoints('\u{1F600}', '\uE000')).toBeGreaterThan(0);
});

test('the order by code point is that of the UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});
