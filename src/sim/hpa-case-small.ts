/** Cases of the kinds `quantity` and `selector`: texts in, what the core makes of them out. */

import {
  approximateFloat,
  integerValue,
  milliValue,
  parseQuantity,
  quantityEcho,
  quantityFromMilli,
  quantitySign,
  quantityText,
} from '../core/quantity/quantity.ts';
import { metricSelectorText } from '../core/hpa/metric-selector-text.ts';
import {
  matchesSelector,
  parseSelector,
  selectorFrom,
  selectorText,
  type Selector,
} from '../core/selector/selector.ts';
import type { Result } from '../lib/result.ts';
import type { MilliQuantity, QuantityCase, SelectorCase } from './hpa-cases.types.ts';

export function runQuantityCase({ id, quantities = [], milliQuantities = [] }: QuantityCase): unknown {
  return { id, quantities: quantities.map(quantityAnswer), milliQuantities: milliQuantities.map(milliAnswer) };
}

function quantityAnswer(text: string): unknown {
  const quantity = parseQuantity(text);
  if (!quantity.ok) return { in: text, error: quantity.error };
  const echo = quantityEcho(text);
  const float = approximateFloat(quantity.value);
  return {
    in: text,
    asGiven: echo.ok ? echo.value : '',
    canonical: quantityText(quantity.value),
    format: quantity.value.format,
    milli: milliValue(quantity.value).toString(),
    value: integerValue(quantity.value).toString(),
    sign: quantitySign(quantity.value),
    approxFloat: goFloatText(float),
    approxFloatBits: floatBits(float),
  };
}

function milliAnswer({ milli, format }: MilliQuantity): unknown {
  const printed = format === 'BinarySI' ? 'BinarySI' : 'DecimalSI';
  return { milli, format, string: quantityText(quantityFromMilli(BigInt(milli), printed)) };
}

/** As Go's `%v` prints a float64: the shortest digits, an exponent of two digits or more outside of 1e-4 to 1e6. */
export function goFloatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** What processors make of zero times infinity, as the original prints it. */
const NAN_BITS = 'fff8000000000000';

function floatBits(value: number): string {
  if (Number.isNaN(value)) return NAN_BITS; // here every NaN is the same
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

export function runSelectorCase({ id, selectors = [], labelSelectors = [], labels = [] }: SelectorCase): unknown {
  const answer = (given: unknown, selector: Result<Selector, string>, more = {}): unknown =>
    selector.ok
      ? {
          in: given,
          ...more,
          canonical: selectorText(selector.value),
          matches: labels.map((set) => matchesSelector(selector.value, set)),
        }
      : { in: given, ...more, error: selector.error };
  return {
    id,
    selectors: [
      ...selectors.map((text) => answer(text, parseSelector(text))),
      ...labelSelectors.map((structured) =>
        answer(structured, selectorFrom(structured), { goString: metricSelectorText(structured ?? undefined) }),
      ),
    ],
  };
}
