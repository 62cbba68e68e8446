/**
 * HPA cases made at random, in families: each turns up what it is about and leaves the rest at rest. The same seed, family and index give
 * the same case on every machine.
 */

import type { Fields, HpaCase, HpaKind } from './hpa-generator-types.ts';
import { RECONCILE_FAMILIES } from './hpa-generator-reconcile.ts';
import { makeLoop } from './hpa-generator-loop.ts';
import { makeConvert, makeValidate } from './hpa-generator-api.ts';
import { makeQuantities, makeSelectors } from './hpa-generator-texts.ts';
import { Dice } from './ray-dice.ts';

/** `weight`: how often the family comes up in a mixed run. The kind is reconcile unless the case says otherwise. */
type Family = { readonly weight: number; readonly make: (dice: Dice) => Fields };

export const FAMILIES = {
  ...RECONCILE_FAMILIES,
  loop: { weight: 8, make: makeLoop },
  validate: { weight: 10, make: makeValidate },
  convert: { weight: 6, make: makeConvert },
  quantity: { weight: 4, make: makeQuantities },
  selector: { weight: 4, make: makeSelectors },
} satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly FamilyName[]; // the keys of the table above

/** The case `index` of a family. */
export function generatedCase(seed: number, family: FamilyName, index: number): HpaCase {
  const made = FAMILIES[family].make(new Dice(seed, `${family}/${index}`));
  const kind = (made['kind'] ?? 'reconcile') as HpaKind; // makers name kinds of the form
  return { id: `${family}/${seed}-${index}`, ...made, kind };
}

/** A family for each number, in proportion to the weights. */
export function familyAt(seed: number, index: number, among: readonly FamilyName[]): FamilyName {
  const sum = among.reduce((total, name) => total + FAMILIES[name].weight, 0);
  let left = new Dice(seed, `family/${index}`).whole(1, sum);
  for (const name of among) {
    left -= FAMILIES[name].weight;
    if (left <= 0) return name;
  }
  throw new Error('no family was named');
}
