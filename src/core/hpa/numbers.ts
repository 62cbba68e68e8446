/** Go's integer conversions on amd64, as far as decisions show them. */

const MIN_INT32 = -2_147_483_648;
const MIN_INT64 = -(2n ** 63n);

export const MAX_INT32 = 2_147_483_647;
export const MAX_INT64: bigint = 2n ** 63n - 1n;

/** int32(ceil(x)): NaN, infinities and values outside int32 give the smallest int32. Spec: HPA-22.2, HPA-22.4. */
export function ceilInt32(x: number): number {
  return truncInt32(Math.ceil(x));
}

/** int32(x), toward zero; NaN, infinities and values outside int32 give the smallest int32. Spec: HPA-22.2. */
export function truncInt32(x: number): number {
  const whole = Math.trunc(x);
  // Adding 0 turns minus zero into zero. NaN fails both comparisons.
  return whole >= MIN_INT32 && whole <= MAX_INT32 ? whole + 0 : MIN_INT32;
}

/** int64(ceil(x)): NaN, infinities and values outside int64 give the smallest int64. Spec: HPA-22.2, HPA-22.4. */
export function ceilInt64(x: number): bigint {
  const whole = Math.ceil(x);
  // Both ends are exact doubles; the upper one, 2^63, is outside. NaN fails both comparisons.
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : MIN_INT64;
}

/** The low 32 bits as int32. Spec: HPA-22.5. */
export function wrapInt32(x: bigint): number {
  return Number(BigInt.asIntN(32, x));
}

/** Sums and differences of int32 values: whole numbers far below 2^53, wrapped as int32. Spec: HPA-22.1. */
export function wrapSum32(x: number): number {
  return x | 0;
}

/** The low 64 bits as int64: what sums and products do on overflow. Spec: HPA-22.1. */
export function wrapInt64(x: bigint): bigint {
  return BigInt.asIntN(64, x);
}
