/** Reading the quantities of a target, and printing what was measured. */

import { assert } from '../../lib/assert.ts';
import { milliValue, parseJsonQuantity, quantityFromMilli, quantityText } from '../quantity/quantity.ts';

/** Thousandths of a quantity that the API server has accepted; overflow as HPA-18.5 and HPA-18.6 have it. */
export function targetMilli(text: string): bigint {
  const quantity = parseJsonQuantity(text);
  assert(quantity.ok, `a stored target is no quantity: ${text}`);
  return milliValue(quantity.value);
}

/** As status prints it: memory by powers of 1024, everything else by powers of 1000. Spec: HPA-5.26, HPA-10.7, HPA-18.12. */
export function milliText(milli: bigint, resource = ''): string {
  return quantityText(quantityFromMilli(milli, resource === 'memory' ? 'BinarySI' : 'DecimalSI'));
}
