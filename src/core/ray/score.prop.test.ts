import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cube } from './score.ts';

/** u^3 rounded once, by exact arithmetic on the 53-bit significand. */
function exactCube(u: number): number {
  if (u === 0) return 0;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, u);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn) - 1075;
  const significand = (bits & 0xf_ffff_ffff_ffffn) | 0x10_0000_0000_0000n;
  const product = significand ** 3n;
  const shift = product.toString(2).length - 53;
  const half = 1n << BigInt(shift - 1);
  const rest = product & ((1n << BigInt(shift)) - 1n);
  const down = product >> BigInt(shift);
  const rounded = rest > half || (rest === half && down % 2n === 1n) ? down + 1n : down;
  return Number(rounded) * 2 ** (3 * exponent + shift);
}

test('RAY-13.1 the cube of a used share is rounded once', () => {
  const share = fc
    .tuple(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }))
    .map(([a, b]) => Math.min(a, b) / Math.max(a, b));
  fc.assert(
    fc.property(share, (u) => {
      expect(cube(u)).toBe(exactCube(u));
    }),
    { numRuns: 5000 },
  );
});

test('RAY-13.1 multiplying twice would not do', () => {
  const shares = Array.from({ length: 200 }, (_, i) => (i + 1) / 201);
  expect(shares.filter((u) => u * u * u !== cube(u)).length).toBeGreaterThan(20);
});
