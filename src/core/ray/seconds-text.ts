/** Seconds in the words of the original, which prints numbers as Python does. */

import type { IdleTimeout } from './snapshot.ts';

/** Milliseconds as seconds: `61.0`, `60.001`. */
export function secondsText(ms: number): string {
  return floatText(ms / 1000);
}

/** A time-out that is a whole number where it comes from: `60`. */
export function wholeSeconds(seconds: number): IdleTimeout {
  return { seconds, text: String(seconds) };
}

/** A time-out that is a float where it comes from: `60.0`. */
export function floatSeconds(seconds: number): IdleTimeout {
  return { seconds, text: floatText(seconds) };
}

/** The shortest text that reads back as the same double, in Python's form: `1.0`, `1e+16`, `5e-05`, `inf`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16))
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}
