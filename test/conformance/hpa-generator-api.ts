/** What the API server is asked about: may this object be stored, and what is it in the other version? */

import { CHANGES, ODD_TYPES, spoiled } from './hpa-generator-changes.ts';
import { ALPHA, makeObject, makeV1 } from './hpa-generator-objects.ts';
import { isObject, type Fields } from './hpa-generator-types.ts';
import type { Dice } from './ray-dice.ts';

export function makeValidate(dice: Dice): Fields {
  const object = makeObject(dice);
  const odd = dice.chance(0.15);
  const sent = spoiled(dice, object, odd ? [...ODD_TYPES, ...CHANGES] : CHANGES);
  const update = dice.perhaps(0.35, () => makeOld(dice, { object, sent }));
  const version = dice.perhaps(0.1, () => dice.pick(['v1', 'v1', 'v2']));
  return {
    kind: 'validate',
    ...(version === undefined ? {} : { version }),
    hpa: version === 'v1' ? makeV1(dice) : sent,
    ...(version === 'v1' ? {} : update),
    ...(dice.chance(0.15) ? { controller: { featureGates: makeGates(dice) } } : {}),
  };
}

/** What is stored: the same, nearly the same, or something else that was valid once. */
function makeOld(dice: Dice, { object, sent }: { readonly object: Fields; readonly sent: Fields }): Fields {
  const old = dice.pick([object, object, sent, spoiled(dice, object, CHANGES), makeObject(dice)]);
  const { metadata } = old;
  const versioned = dice.chance(0.3) && isObject(metadata);
  const stored = versioned
    ? { ...old, metadata: { ...metadata, generation: dice.pick([1, 7]), resourceVersion: '9' } }
    : old;
  return { old: stored, ...(dice.chance(0.25) ? { subresource: 'status' } : {}) };
}

function makeGates(dice: Dice): Fields {
  return Object.fromEntries(
    dice.some(['HPAScaleToZero', 'HPAGeneration'], 0.6).map((gate) => [gate, dice.chance(0.2)]),
  );
}

export function makeConvert(dice: Dice): Fields {
  if (dice.chance(0.4)) return { kind: 'convert', version: 'v1', hpa: makeV1(dice) };
  const object = dice.chance(0.4) ? spoiled(dice, makeObject(dice), CHANGES) : makeObject(dice);
  const { metadata } = object;
  const annotated = dice.chance(0.2) && isObject(metadata);
  const annotations = { [`${ALPHA}/metrics`]: '[]', [`${ALPHA}/behavior`]: '{}', other: 'stays' };
  const hpa = annotated ? { ...object, metadata: { ...metadata, annotations } } : object;
  return { kind: 'convert', ...(dice.chance(0.5) ? { version: 'v2' } : {}), hpa };
}
