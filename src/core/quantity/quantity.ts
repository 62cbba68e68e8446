/**
 * Kubernetes quantities, exactly: reading, printing, rounding to int64 and comparing as the original does, overflow included.
 * Nothing here knows what a quantity measures; units are the caller's.
 */

import { err, ok, type Result } from '../../lib/result.ts';

/** How a quantity was written, which decides how it is printed. `BinarySI`: powers of 1024; the others: powers of 1000. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/**
 * An exact number with a print format. Opaque: build it with {@link parseQuantity} or {@link quantityFromMilli}.
 *
 * The number is `value` x 10^`scale` with a scale >= -9; `small` has an int64 value, `big` one of any size. The two convert to int64
 * differently once they overflow, as one number at two scales does: the representation is part of the number.
 * Spec: HPA-18, HPA-18.4.   Source: apimachinery pkg/api/resource/{quantity,amount}.go (v0.37.2).
 */
export type Quantity = {
  readonly kind: 'small' | 'big';
  readonly value: bigint;
  /** Power of ten of `value`. */
  readonly scale: number;
  readonly format: QuantityFormat;
};

/** Text is not a quantity at all. Spec: HPA-18.2 (A). */
export const QUANTITY_SYNTAX_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** The unit behind the number is unknown. Spec: HPA-18.2 (S). */
export const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix";

/** The number itself cannot be read. Spec: HPA-18.2 (N). */
export const QUANTITY_NUMBER_ERROR = 'unable to parse numeric part of quantity';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** No quantity is finer than this power of ten. */
const FINEST_SCALE = -9;
const ONE_IN_FINEST = 10n ** 9n;

/** Exponents beyond this are refused: the original hangs on exponents of billions, and nobody measures in them. */
const MAX_EXPONENT = 10_000;

type Suffix = { readonly base: 2 | 10; readonly exponent: number; readonly format: QuantityFormat };

const DECIMAL_SUFFIXES: readonly (readonly [text: string, exponent: number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const BINARY_SUFFIXES: readonly string[] = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const SUFFIX_OF_TEXT: ReadonlyMap<string, Suffix> = new Map<string, Suffix>([
  ...DECIMAL_SUFFIXES.map(([text, exponent]) => [text, { base: 10, exponent, format: 'DecimalSI' }] as const),
  ...BINARY_SUFFIXES.map((text, i) => [text, { base: 2, exponent: 10 * (i + 1), format: 'BinarySI' }] as const),
]);
const TEXT_OF_DECIMAL_EXPONENT: ReadonlyMap<number, string> = new Map(
  DECIMAL_SUFFIXES.map(([text, exponent]) => [exponent, text]),
);

const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
const EXPONENT_SUFFIX = /^[eE]([+-]?\d+)$/;

/**
 * Reads a quantity. A number is read as its JSON text (`0.5`, `1e+21`). No white space is cut: see {@link parseJsonQuantity}.
 *
 * Returns the original's error text. **Differs:** an exponent beyond +-10000 is an error instead of a hang.
 * Cost: O(digits), bounded by the length of the text and the exponent.
 * Spec: HPA-18.1 to HPA-18.5.   Source: apimachinery pkg/api/resource/quantity.go ParseQuantity (v0.37.2).
 */
export function parseQuantity(text: string | number): Result<Quantity, string> {
  const match = text === '' ? null : SYNTAX.exec(String(text));
  if (match === null) return err(QUANTITY_SYNTAX_ERROR);
  const [, sign, digits = '', fraction = '', suffixText = ''] = match;
  const suffix = readSuffix(suffixText);
  if (!suffix.ok) return suffix;
  const whole = digits.replace(/^0+/, '') || '0';
  const magnitude = BigInt(whole + fraction);
  const read = suffix.value.base === 2 ? binary : decimal;
  const quantity = read(sign === '-' ? -magnitude : magnitude, whole, fraction, suffix.value);
  return quantity.kind === 'big' && digits === '' && fraction === '' ? err(QUANTITY_NUMBER_ERROR) : ok(quantity);
}

/** As the API server decodes a JSON value: white space around the text is cut, `null` is zero. Spec: HPA-18.1. */
export function parseJsonQuantity(value: unknown): Result<Quantity, string> {
  if (value === null) return ok(ZERO);
  if (typeof value === 'string') return parseQuantity(value.trim());
  return typeof value === 'number' ? parseQuantity(value) : err(QUANTITY_SYNTAX_ERROR);
}

const ZERO: Quantity = { kind: 'small', value: 0n, scale: 0, format: 'DecimalSI' };

function readSuffix(text: string): Result<Suffix, string> {
  const known = SUFFIX_OF_TEXT.get(text);
  if (known !== undefined) return ok(known);
  const exponentText = EXPONENT_SUFFIX.exec(text)?.[1];
  if (exponentText === undefined) return err(QUANTITY_SUFFIX_ERROR);
  const given = BigInt(exponentText.replace('+', ''));
  if (!fitsInt64(given)) return err(QUANTITY_SUFFIX_ERROR);
  const exponent = Number(BigInt.asIntN(32, given)); // cut to 32 bits, as the original does
  if (Math.abs(exponent) > MAX_EXPONENT) return err(QUANTITY_NUMBER_ERROR);
  return ok({ base: 10, exponent, format: 'DecimalExponent' });
}

function decimal(signed: bigint, whole: string, fraction: string, suffix: Suffix): Quantity {
  const scale = suffix.exponent - fraction.length;
  if (whole.length + fraction.length <= 18 && scale >= FINEST_SCALE) {
    return { kind: 'small', value: signed, scale, format: suffix.format };
  }
  return { ...big(signed, scale), format: suffix.format };
}

/** At the finest scale, unless it is zero. */
function big(value: bigint, scale: number): Omit<Quantity, 'format'> {
  const up = scale - FINEST_SCALE;
  if (value === 0n) return { kind: 'big', value, scale: Math.max(scale, FINEST_SCALE) };
  const finest = up >= 0 ? value * 10n ** BigInt(up) : divideAwayFromZero(value, 10n ** BigInt(-up));
  return { kind: 'big', value: finest, scale: FINEST_SCALE };
}

function binary(signed: bigint, whole: string, fraction: string, suffix: Suffix): Quantity {
  const factor = 2n ** BigInt(suffix.exponent);
  const precision = 15 - whole.length - Math.trunc((suffix.exponent * 3) / 10) - 1;
  if (fraction === '' && precision >= 0 && fitsInt64(signed * factor)) {
    return { kind: 'small', value: signed * factor, scale: 0, format: 'BinarySI' };
  }
  const number = big(signed * factor, -fraction.length);
  const magnitude = absolute(number.value);
  if (magnitude > MAX_INT64 * ONE_IN_FINEST) {
    return { kind: 'big', value: signed < 0n ? -MAX_INT64 : MAX_INT64, scale: 0, format: 'BinarySI' };
  }
  return { ...number, format: magnitude !== 0n && magnitude < ONE_IN_FINEST ? 'DecimalSI' : 'BinarySI' };
}

/**
 * Thousandths as int64: rounded away from zero, wrapping on overflow where the original wraps, 0 where it gives 0.
 *
 * Spec: HPA-18.5, HPA-18.6.   Source: apimachinery pkg/api/resource/quantity.go MilliValue, amount.go AsScaledInt64 (v0.37.2).
 */
export function milliValue(quantity: Quantity): bigint {
  return scaledInt64(quantity, -3);
}

/** Whole units as int64, rounded as {@link milliValue} rounds. Spec: HPA-18.5. Source: quantity.go Value (v0.37.2). */
export function integerValue(quantity: Quantity): bigint {
  return scaledInt64(quantity, 0);
}

function scaledInt64(quantity: Quantity, target: -3 | 0): bigint {
  const { kind, value, scale } = quantity;
  const steps = scale - target;
  if (kind === 'big') {
    return steps < 0 ? bigDivided(value, 10n ** BigInt(-steps)) : BigInt.asIntN(64, value * 10n ** BigInt(steps));
  }
  if (steps < 0) return divideAwayFromZero(value, 10n ** BigInt(-steps));
  const product = value * 10n ** BigInt(steps);
  if (fitsInt64(product)) return product;
  return steps === 1 || steps === 2 || steps === 3 || steps === 6 || steps === 9 ? BigInt.asIntN(64, product) : 0n;
}

/** Below the int64 range of the unscaled number the remainder pushes up, also for negatives; above it the quotient wraps. */
function bigDivided(unscaled: bigint, divisor: bigint): bigint {
  if (unscaled < MAX_INT64) {
    const low = BigInt.asIntN(64, unscaled);
    return low / divisor + (low % divisor === 0n ? 0n : 1n);
  }
  return BigInt.asIntN(64, unscaled / divisor + (unscaled % divisor === 0n ? 0n : 1n));
}

/**
 * The nearest float64, as the original computes it: used for tolerances only, which are ratios.
 *
 * Spec: HPA-18.9.   Source: apimachinery pkg/api/resource/quantity.go AsApproximateFloat64 (v0.37.2).
 */
export function approximateFloat(quantity: Quantity): number {
  const base = Number(quantity.value);
  // The literal of a power of ten is the double nearest to it; `10 ** scale` need not be.
  return quantity.scale === 0 ? base : base * Number(`1e${quantity.scale}`);
}

/** A quantity of `milli` thousandths. Spec: HPA-18.12. Source: quantity.go NewMilliQuantity (v0.37.2). */
export function quantityFromMilli(milli: bigint, format: 'DecimalSI' | 'BinarySI'): Quantity {
  return { kind: 'small', value: BigInt.asIntN(64, milli), scale: -3, format };
}

/**
 * The canonical text, as the API server prints the number.
 *
 * Spec: HPA-18.4 (printing), HPA-18.11, HPA-18.12.   Source: apimachinery pkg/api/resource/quantity.go CanonicalizeBytes (v0.37.2).
 */
export function quantityText(quantity: Quantity): string {
  if (quantity.value === 0n) return '0';
  return (quantity.format === 'BinarySI' ? binaryText(quantity) : undefined) ?? decimalText(quantity);
}

/**
 * The text as the API server prints a quantity that it has read: the given one where it is nearly canonical (`1.500`, `+5`), else the
 * canonical one. Errors as in {@link parseQuantity}.
 *
 * Spec: HPA-18.13.   Source: quantity.go ParseQuantity, MarshalJSON (v0.37.2).
 */
export function quantityEcho(given: string | number): Result<string, string> {
  const text = String(given);
  const quantity = parseQuantity(text);
  if (!quantity.ok) return quantity;
  return ok(isEchoed(text, quantity.value) ? text : quantityText(quantity.value));
}

/** A cheap test of the original's: not all of what passes is canonical. */
function isEchoed(text: string, { kind, format, scale }: Quantity): boolean {
  if (text === '0') return true;
  if (kind === 'big') return false;
  const [, , digits = '', fraction = ''] = SYNTAX.exec(text) ?? [];
  const significant = (digits.replace(/^0+/, '') || '0') + fraction;
  if (format === 'BinarySI') return BigInt(significant) % 8n !== 0n;
  return scale % 3 === 0 && !significant.endsWith('000') && !significant.startsWith('0');
}

function binaryText(quantity: Quantity): string | undefined {
  const nano = toNano(quantity);
  if (nano % 10n ** 9n !== 0n) return undefined;
  let whole = nano / 10n ** 9n;
  if (absolute(whole) < 1024n) return undefined;
  let power = 0;
  while (whole % 1024n === 0n) {
    whole /= 1024n;
    power++;
  }
  return `${whole}${power === 0 ? '' : (BINARY_SUFFIXES[power - 1] ?? '')}`;
}

function decimalText(quantity: Quantity): string {
  let { value, scale: exponent } = quantity;
  while (value % 10n === 0n) {
    value /= 10n;
    exponent++;
  }
  const over = ((exponent % 3) + 3) % 3;
  value *= 10n ** BigInt(over);
  exponent -= over;
  if (quantity.format === 'DecimalExponent') return exponent === 0 ? `${value}` : `${value}e${exponent}`;
  return `${value}${TEXT_OF_DECIMAL_EXPONENT.get(exponent) ?? ''}`;
}

/** Orders by exact value; the format does not matter. Spec: HPA-18.14. */
export function compareQuantity(a: Quantity, b: Quantity): number {
  const left = toNano(a);
  const right = toNano(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Spec: HPA-18.14. */
export function quantitySign(quantity: Quantity): -1 | 0 | 1 {
  return quantity.value < 0n ? -1 : quantity.value > 0n ? 1 : 0;
}

/**
 * The exact sum. The format is that of `a`, or of `b` when `a` is zero.
 *
 * Source: apimachinery pkg/api/resource/quantity.go Quantity.Add (v0.37.2).
 */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const format = a.value === 0n ? b.format : a.format;
  const scale = Math.min(a.scale, b.scale);
  const value = a.value * 10n ** BigInt(a.scale - scale) + b.value * 10n ** BigInt(b.scale - scale);
  const isSmall = a.kind === 'small' && b.kind === 'small' && fitsInt64(value);
  return { kind: isSmall ? 'small' : 'big', value, scale, format };
}

/** Exact. */
function toNano(quantity: Quantity): bigint {
  return quantity.value * 10n ** BigInt(quantity.scale - FINEST_SCALE);
}

function divideAwayFromZero(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

function fitsInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
