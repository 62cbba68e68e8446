/** Numbers as Python prints them. */

import type { NumberForm } from './case-read.ts';

/** `60` and `60.0` are the same number written in two forms. */
export function numberText(value: number, form: NumberForm): string {
  return form === 'float' ? floatText(value) : BigInt(value).toString();
}

/** The shortest digits that give the number back, always with a point or an exponent: `4.0`, `0.0001`, `1e-05`, `1e+16`. */
export function floatText(value: number): string {
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}
