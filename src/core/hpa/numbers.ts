/** Go's integer conversions on amd64, as far as decisions show them. */

const MIN_INT32 = -2_147_483_648;
const MAX_INT32 = 2_147_483_647;

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

/** The low 32 bits as int32. Spec: HPA-22.5. */
export function wrapInt32(x: bigint): number {
  return Number(BigInt.asIntN(32, x));
}

/** The low 64 bits as int64: what sums and products do on overflow. Spec: HPA-22.1. */
export function wrapInt64(x: bigint): bigint {
  return BigInt.asIntN(64, x);
}
