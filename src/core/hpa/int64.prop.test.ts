import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add64, divide64, int64, multiply64, type Int64 } from './int64.ts';

const near = (...centres: readonly bigint[]): fc.Arbitrary<bigint> =>
  fc.tuple(fc.constantFrom(...centres), fc.bigInt({ min: -3n, max: 3n })).map(([centre, by]) => centre + by);
const value = fc
  .oneof(
    near(0n, 2n ** 53n, -(2n ** 53n), 2n ** 63n, -(2n ** 63n), 2n ** 32n, 94_906_266n, 3n ** 33n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
    fc.bigInt({ min: -1000n, max: 1000n }),
  )
  .map((x) => BigInt.asIntN(64, x));
const wrapped = (x: bigint): bigint => BigInt.asIntN(64, x);

/** The one form of a value: what a bigint of 64 bits comes to. */
function expectInt64(got: Int64, want: bigint): void {
  expect(BigInt(got)).toBe(want);
  expect(typeof got).toBe(Number.isSafeInteger(Number(want)) && BigInt(Number(want)) === want ? 'number' : 'bigint');
  expect(Object.is(got, -0)).toBe(false);
}

test('HPA-22.1 sums, products and quotients are those of 64 bits', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [x, y] = [int64(a), int64(b)];
      expectInt64(x, a);
      expectInt64(add64(x, y), wrapped(a + b));
      expectInt64(multiply64(x, y), wrapped(a * b));
      if (b !== 0n) expectInt64(divide64(x, y), wrapped(a / b));
    }),
    { numRuns: 3000 },
  );
});

test('HPA-22.7 as a double it is the nearest one', () => {
  fc.assert(
    fc.property(value, (a) => {
      expect(Number(int64(a))).toBe(Number(a));
    }),
  );
});
