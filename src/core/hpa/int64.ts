/**
 * Go's int64 at the speed of a double: a plain number as long as it is exact, a bigint beyond that. Each value has one form, so equal
 * values are identical.
 */

/** A safe integer as a number, any other int64 as a bigint. */
export type Int64 = number | bigint;

/** The low 64 bits. Spec: HPA-22.1. */
export function int64(x: bigint): Int64 {
  const wrapped = BigInt.asIntN(64, x);
  return wrapped >= -MAX_SAFE && wrapped <= MAX_SAFE ? Number(wrapped) : wrapped;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Wraps on overflow. Spec: HPA-22.1. */
export function add64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return int64(BigInt(a) + BigInt(b));
}

/** Wraps on overflow. Spec: HPA-22.1. */
export function multiply64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0; // minus zero is zero
  }
  return int64(BigInt(a) * BigInt(b));
}

/** Toward zero. `b` is not 0. Spec: HPA-22.6. */
export function divide64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return int64(BigInt(a) / BigInt(b));
}
