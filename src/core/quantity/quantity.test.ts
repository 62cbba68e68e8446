import { describe, expect, test } from 'vitest';
import {
  addQuantities,
  approximateFloat,
  compareQuantity,
  integerValue,
  milliValue,
  parseJsonQuantity,
  parseQuantity,
  QUANTITY_NUMBER_ERROR,
  QUANTITY_SUFFIX_ERROR,
  QUANTITY_SYNTAX_ERROR,
  quantityEcho,
  quantityFromMilli,
  quantitySign,
  quantityText,
  type Quantity,
  type QuantityFormat,
} from './quantity.ts';

function quantity(text: string | number): Quantity {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.value;
}

function floatBits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

type Row = readonly [
  text: string,
  canonical: string,
  format: QuantityFormat,
  milli: bigint,
  value: bigint,
  floatBits: string,
];

/** Answers of apimachinery v0.37.2. */
const PARSED: readonly Row[] = [
  ['1', '1', 'DecimalSI', 1000n, 1n, '3ff0000000000000'],
  ['1.5', '1500m', 'DecimalSI', 1500n, 2n, '3ff8000000000000'],
  ['100m', '100m', 'DecimalSI', 100n, 1n, '3fb999999999999a'],
  ['0.1', '100m', 'DecimalSI', 100n, 1n, '3fb999999999999a'],
  ['0.0001', '100u', 'DecimalSI', 1n, 1n, '3f1a36e2eb1c432d'],
  ['1n', '1n', 'DecimalSI', 1n, 1n, '3e112e0be826d695'],
  ['1500u', '1500u', 'DecimalSI', 2n, 1n, '3f589374bc6a7efa'],
  ['12500n', '12500n', 'DecimalSI', 1n, 1n, '3eea36e2eb1c432d'],
  ['999999999n', '999999999n', 'DecimalSI', 1000n, 1n, '3fefffffff768fa1'],
  ['1k', '1k', 'DecimalSI', 1000000n, 1000n, '408f400000000000'],
  ['1Ki', '1Ki', 'BinarySI', 1024000n, 1024n, '4090000000000000'],
  ['1.5Gi', '1536Mi', 'BinarySI', 1610612736000n, 1610612736n, '41d8000000000000'],
  ['0.5Ki', '512', 'BinarySI', 512000n, 512n, '4080000000000000'],
  ['0.1Ki', '102400m', 'BinarySI', 102400n, 103n, '405999999999999a'],
  ['1.1Gi', '1181116006400m', 'BinarySI', 1181116006400n, 1181116007n, '41d199999999999a'],
  ['1e3', '1e3', 'DecimalExponent', 1000000n, 1000n, '408f400000000000'],
  ['1E3', '1e3', 'DecimalExponent', 1000000n, 1000n, '408f400000000000'],
  ['1E', '1E', 'DecimalSI', 0n, 1000000000000000000n, '43abc16d674ec800'],
  ['9E', '9E', 'DecimalSI', 0n, 9000000000000000000n, '43df399b1438a100'],
  ['8Ei', '9223372036854775807', 'BinarySI', -1000n, 9223372036854775807n, '43e0000000000000'],
  ['9223372036854775', '9223372036854775', 'DecimalSI', 9223372036854775000n, 9223372036854775n, '4340624dd2f1a9fc'],
  ['9223372036854776', '9223372036854776', 'DecimalSI', -9223372036854775616n, 9223372036854776n, '4340624dd2f1a9fc'],
  ['9223372036854775807', '9223372036854775807', 'DecimalSI', -1000n, 9223372036854775807n, '43e0000000000000'],
  ['9223372036854775808', '9223372036854775808', 'DecimalSI', 0n, -9223372036854775808n, '43e0000000000000'],
  ['-5', '-5', 'DecimalSI', -5000n, -5n, 'c014000000000000'],
  ['-0.0001', '-100u', 'DecimalSI', -1n, -1n, 'bf1a36e2eb1c432d'],
  ['-1500u', '-1500u', 'DecimalSI', -2n, -1n, 'bf589374bc6a7efa'],
  ['1e-3', '1e-3', 'DecimalExponent', 1n, 1n, '3f50624dd2f1a9fc'],
  ['1e-10', '1e-9', 'DecimalExponent', 1n, 1n, '3e112e0be826d695'],
  ['100500u', '100500u', 'DecimalSI', 101n, 1n, '3fb9ba5e353f7ced'],
  ['33m', '33m', 'DecimalSI', 33n, 1n, '3fa0e5604189374c'],
  ['0.033', '33m', 'DecimalSI', 33n, 1n, '3fa0e5604189374c'],
  ['0.57', '570m', 'DecimalSI', 570n, 1n, '3fe23d70a3d70a3e'],
  ['570m', '570m', 'DecimalSI', 570n, 1n, '3fe23d70a3d70a3e'],
  ['1.0', '1', 'DecimalSI', 1000n, 1n, '3ff0000000000000'],
  ['1000m', '1', 'DecimalSI', 1000n, 1n, '3ff0000000000000'],
  ['1024Ki', '1Mi', 'BinarySI', 1048576000n, 1048576n, '4130000000000000'],
  ['1000Ki', '1000Ki', 'BinarySI', 1024000000n, 1024000n, '412f400000000000'],
  ['1e400', '10e399', 'DecimalExponent', 0n, 0n, '7ff0000000000000'],
  ['.5', '500m', 'DecimalSI', 500n, 1n, '3fe0000000000000'],
  ['5.', '5', 'DecimalSI', 5000n, 5n, '4014000000000000'],
  ['+5', '5', 'DecimalSI', 5000n, 5n, '4014000000000000'],
  ['00012', '12', 'DecimalSI', 12000n, 12n, '4028000000000000'],
  ['1M', '1M', 'DecimalSI', 1000000000n, 1000000n, '412e848000000000'],
  ['1000000', '1M', 'DecimalSI', 1000000000n, 1000000n, '412e848000000000'],
  ['0.000000001', '1n', 'DecimalSI', 1n, 1n, '3e112e0be826d695'],
  ['0.0000000001', '1n', 'DecimalSI', 1n, 1n, '3e112e0be826d695'],
  ['1Mi', '1Mi', 'BinarySI', 1048576000n, 1048576n, '4130000000000000'],
  ['1048576', '1048576', 'DecimalSI', 1048576000n, 1048576n, '4130000000000000'],
  [
    '123456789012345678901234567890',
    '123456789012345678901234567890',
    'DecimalSI',
    8982045596877734992n,
    -4362896299872285998n,
    '45f8ee90ff6c373f',
  ],
  ['1.23456789e9', '1234567890', 'DecimalExponent', 1234567890000n, 1234567890n, '41d26580b4800000'],
  ['400Mi', '400Mi', 'BinarySI', 419430400000n, 419430400n, '41b9000000000000'],
  ['400M', '400M', 'DecimalSI', 400000000000n, 400000000n, '41b7d78400000000'],
  ['400m', '400m', 'DecimalSI', 400n, 1n, '3fd999999999999a'],
  ['0.3Gi', '322122547200m', 'BinarySI', 322122547200n, 322122548n, '41b3333333333334'],
  ['1e9', '1e9', 'DecimalExponent', 1000000000000n, 1000000000n, '41cdcd6500000000'],
  ['1E9', '1e9', 'DecimalExponent', 1000000000000n, 1000000000n, '41cdcd6500000000'],
  ['100k', '100k', 'DecimalSI', 100000000n, 100000n, '40f86a0000000000'],
  ['-1', '-1', 'DecimalSI', -1000n, -1n, 'bff0000000000000'],
  ['1.0000000001', '1000000001n', 'DecimalSI', 1001n, 2n, '3ff000000044b830'],
  ['171502796800m', '171502796800m', 'DecimalSI', 171502796800n, 171502797n, '41a471d99999999a'],
  ['0.1m', '100u', 'DecimalSI', 1n, 1n, '3f1a36e2eb1c432d'],
  ['1u', '1u', 'DecimalSI', 1n, 1n, '3eb0c6f7a0b5ed8d'],
  ['12e-1', '1200e-3', 'DecimalExponent', 1200n, 2n, '3ff3333333333334'],
  ['-15Ei', '-9223372036854775807', 'BinarySI', 1000n, -9223372036854775807n, 'c3e0000000000000'],
  ['9223372036854775807Ki', '9223372036854775807', 'BinarySI', -1000n, 9223372036854775807n, '43e0000000000000'],
  ['1e4294967297', '10', 'DecimalExponent', 10000n, 10n, '4024000000000000'],
];

describe('HPA-18.1 to HPA-18.9 parsed quantities: suffixes (HPA-18.3), both routes (HPA-18.4)', () => {
  test.each(PARSED)('%s', (text, canonical, format, milli, value, bits) => {
    const parsed = quantity(text);
    expect({
      canonical: quantityText(parsed),
      format: parsed.format,
      milli: milliValue(parsed),
      value: integerValue(parsed),
      floatBits: floatBits(approximateFloat(parsed)),
    }).toEqual({ canonical, format, milli, value, floatBits: bits });
    expect(quantitySign(parsed)).toBe(text.startsWith('-') ? -1 : 1);
  });
});

const REFUSED: readonly (readonly [text: string, error: string])[] = [
  ['', QUANTITY_SYNTAX_ERROR],
  ['1 k', QUANTITY_SYNTAX_ERROR],
  ['1kk', QUANTITY_SUFFIX_ERROR],
  ['K', QUANTITY_SUFFIX_ERROR],
  ['1i', QUANTITY_SUFFIX_ERROR],
  ['1e', QUANTITY_SUFFIX_ERROR],
  ['1ee3', QUANTITY_SUFFIX_ERROR],
  ['0x10', QUANTITY_SYNTAX_ERROR],
  ['400Mib', QUANTITY_SYNTAX_ERROR],
  ['400MiB', QUANTITY_SYNTAX_ERROR],
  ['400MB', QUANTITY_SYNTAX_ERROR],
  ['100K', QUANTITY_SUFFIX_ERROR],
  ['1,5', QUANTITY_SYNTAX_ERROR],
  [' 1', QUANTITY_SYNTAX_ERROR],
  ['1 Gi', QUANTITY_SYNTAX_ERROR],
  ['1_000', QUANTITY_SYNTAX_ERROR],
  ['2e3Mi', QUANTITY_SYNTAX_ERROR],
  ['1Ki1', QUANTITY_SUFFIX_ERROR],
  ['1e3000000000', QUANTITY_NUMBER_ERROR],
  ['1e99999999999999999999', QUANTITY_SUFFIX_ERROR],
];

describe('HPA-18.2 refused texts', () => {
  test.each(REFUSED)('%j', (text, error) => {
    expect(parseQuantity(text)).toEqual({ ok: false, error });
  });
});

const WRAPPED: readonly (readonly [text: string, milli: bigint])[] = [
  ['999999999999999999', 3875820019684211736n],
  ['9P', 9000000000000000000n],
  ['10P', 0n],
  ['1e18', 0n],
  ['16Ei', -1000n],
  ['7Ei', -9223372036854775808n],
  ['-0.00001Ki', -9n],
];

describe('HPA-18.6, HPA-18.7 overflow of thousandths is a number like any other', () => {
  test.each(WRAPPED)('%s', (text, milli) => {
    expect(milliValue(quantity(text))).toBe(milli);
  });
});

/** Answers of apimachinery v0.37.2. */
const ECHOED: readonly (readonly [text: string | number, printed: string])[] = [
  ['1.500', '1.500'],
  ['+5', '+5'],
  ['00012', '00012'],
  ['5.', '5.'],
  ['8', '8'],
  ['1.10', '1100m'],
  ['0.100', '100m'],
  ['100e-1', '10'],
  ['1e3', '1e3'],
  ['1.5Ki', '1536'],
  ['1000', '1k'],
  [1000, '1k'],
  ['333334Ki', '333334Ki'],
  ['12500n', '12500n'],
  ['8Ei', '9223372036854775807'],
];

describe('HPA-18.13 a quantity as it is printed after reading', () => {
  test.each(ECHOED)('%s', (given, printed) => {
    expect(quantityEcho(given)).toEqual({ ok: true, value: printed });
  });

  test('no quantity', () => {
    expect(quantityEcho('1kk')).toEqual({ ok: false, error: QUANTITY_SUFFIX_ERROR });
  });
});

const PRINTED: readonly (readonly [milli: bigint, format: 'DecimalSI' | 'BinarySI', text: string])[] = [
  [92n, 'DecimalSI', '92m'],
  [1000n, 'DecimalSI', '1'],
  [1500000n, 'DecimalSI', '1500'],
  [333334n, 'DecimalSI', '333334m'],
  [157286400000n, 'BinarySI', '150Mi'],
  [157286400001n, 'BinarySI', '157286400001m'],
  [500n, 'BinarySI', '500m'],
  [1024000n, 'BinarySI', '1Ki'],
  [1023000n, 'BinarySI', '1023'],
  [2048000000n, 'BinarySI', '2000Ki'],
  [0n, 'DecimalSI', '0'],
  [-9223372036854775808n, 'DecimalSI', '-9223372036854775808m'],
  [9223372036854775807n, 'DecimalSI', '9223372036854775807m'],
  [-1500n, 'DecimalSI', '-1500m'],
  [1000000000000n, 'DecimalSI', '1G'],
  [128000000n, 'BinarySI', '125Ki'],
  [131072000n, 'BinarySI', '128Ki'],
  [20972032000n, 'BinarySI', '20972032'],
  [20971520500n, 'BinarySI', '20971520500m'],
];

test.each([
  ['1000E', '1'],
  ['12000E', '12'],
  ['1e21', '1e21'],
  ['1000Ei', '9223372036854775807'],
])('HPA-18.11 %s is printed as %s', (text, printed) => {
  expect(quantityText(quantity(text))).toBe(printed);
});

describe('HPA-18.12, HPA-5.26 quantities made from thousandths', () => {
  test.each(PRINTED)('%s %s', (milli, format, text) => {
    expect(quantityText(quantityFromMilli(milli, format))).toBe(text);
  });
});

test('HPA-18.1 JSON values: white space is cut, null is zero, numbers count', () => {
  const text = (value: unknown): string => {
    const parsed = parseJsonQuantity(value);
    return parsed.ok ? quantityText(parsed.value) : parsed.error;
  };
  expect([text(' 1 '), text(null), text(0.5), text(true), text('+')]).toEqual([
    '1',
    '0',
    '500m',
    QUANTITY_SYNTAX_ERROR,
    '0',
  ]);
});

test('HPA-18.14 comparison is by exact value', () => {
  const rows = [
    ['1', '1000m', 0],
    ['1Ki', '1024', 0],
    ['1e400', '1E', 1],
    ['-1', '1n', -1],
    ['0', '-0', 0],
  ] as const;
  for (const [a, b, want] of rows) expect(compareQuantity(quantity(a), quantity(b)), `${a} and ${b}`).toBe(want);
});

test('sums are exact and keep the format of the first that is not zero', () => {
  const rows = [
    ['100m', '1n', '100000001n'],
    ['0', '1Ki', '1Ki'],
    ['1Ki', '1k', '2024'],
    ['9223372036854775807', '1', '9223372036854775808'],
  ] as const;
  for (const [a, b, want] of rows) expect(quantityText(addQuantities(quantity(a), quantity(b)))).toBe(want);
});
