/** Reading the quantities that metrics servers send, without building the exact number first. */

/** What one unit of each suffix is in thousandths; below 1 as a divisor. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1e3],
  ['m', 1],
  ['k', 1e6],
  ['M', 1e9],
  ['G', 1e12],
  ['Ki', 1000 * 2 ** 10],
  ['Mi', 1000 * 2 ** 20],
  ['Gi', 1000 * 2 ** 30],
]);
const DIVISORS: ReadonlyMap<string, number> = new Map([
  ['u', 1e3],
  ['n', 1e6],
]);

const MAX_DIGITS = 15;

/**
 * Thousandths of a quantity, where it is a plain whole number with a usual suffix and the result is a safe integer; undefined for all
 * others, which {@link parseQuantity} and {@link milliValue} must read. The two agree wherever this one answers.
 *
 * Cost: O(digits). Spec: HPA-18.3, HPA-18.5.
 */
export function quickMilli(text: string): number | undefined {
  let digits = 0;
  let value = 0;
  for (; digits < text.length; digits++) {
    const digit = text.charCodeAt(digits) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (digits === 0 || digits > MAX_DIGITS) return undefined;
  const suffix = digits === text.length ? '' : text.slice(digits);
  const unit = UNITS.get(suffix);
  if (unit !== undefined) {
    const milli = value * unit;
    return Number.isSafeInteger(milli) ? milli : undefined;
  }
  const divisor = DIVISORS.get(suffix);
  return divisor === undefined ? undefined : Math.ceil(value / divisor); // a remainder rounds away from zero
}
