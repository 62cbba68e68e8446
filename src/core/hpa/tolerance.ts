/** How far from its target a metric may be before anything moves. */

import { assert } from '../../lib/assert.ts';
import type { HorizontalPodAutoscalerSpec } from '../kube/hpa.ts';
import { approximateFloat, parseJsonQuantity } from '../quantity/quantity.ts';

/** How far below and above 1 a ratio may be; both ends belong to it. Spec: HPA-7.1, HPA-7.2. */
export type Tolerance = { readonly down: number; readonly up: number };

/** Spec: HPA-7.1, HPA-7.3. */
export function isWithinTolerance(ratio: number, tolerance: Tolerance): boolean {
  return 1.0 - tolerance.down <= ratio && ratio <= 1.0 + tolerance.up;
}

/** The flag's tolerance, or what `behavior` says, for each direction by itself. Spec: HPA-7.2, HPA-18.9. Source: horizontal.go tolerancesForHpa (v1.37.2). */
export function toleranceOf({ behavior }: HorizontalPodAutoscalerSpec, flag: number): Tolerance {
  return {
    down: ratioOf(behavior?.scaleDown?.tolerance) ?? flag,
    up: ratioOf(behavior?.scaleUp?.tolerance) ?? flag,
  };
}

function ratioOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const quantity = parseJsonQuantity(text);
  assert(quantity.ok, `a stored tolerance is no quantity: ${text}`);
  return approximateFloat(quantity.value);
}
