/** Numbers as Python's JSON prints them. */

import { floatText } from '../lib/python-text.ts';
import type { NumberForm } from './case-read.ts';

/** `60` and `60.0` are the same number written in two forms. A sum that overflows is `Infinity`. */
export function numberText(value: number, form: NumberForm): string {
  if (!Number.isFinite(value)) return String(value);
  return form === 'float' ? floatText(value) : BigInt(value).toString();
}
