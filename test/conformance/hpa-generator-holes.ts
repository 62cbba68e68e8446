/** Cases with parts of their objects left out: what the decoder makes of them is a zero, an error, or a crash. */

import { isObject, type Fields, type Json } from './hpa-generator-types.ts';
import type { Dice } from './ray-dice.ts';

type Place = { readonly path: readonly (string | number)[]; readonly isMember: boolean };

/** Objects of the form itself must be whole; these are of others. */
const FOREIGN = ['hpas', 'pods', 'podMetrics', 'customMetrics', 'externalMetrics'];
/** Without these it is another case, or none. */
const KEPT = new Set(['items', 'path', 'name', 'metadata', 'spec', 'scaleTargetRef', 'error', 'query', 'code', 'body']);

/** One to three members of the objects in the first world, gone. */
export function withHoles(dice: Dice, made: Fields): Fields {
  const { world } = made;
  if (!isObject(world)) return made;
  let holed = world;
  for (let i = dice.whole(1, 3); i > 0; i--) {
    const places = FOREIGN.flatMap((field) => placesIn(holed[field], [field])).filter(({ isMember }) => isMember);
    if (places.length === 0) break;
    const changed = without(holed, dice.pick(places).path);
    if (isObject(changed)) holed = changed;
  }
  return { ...made, world: holed };
}

function placesIn(value: Json | undefined, path: readonly (string | number)[]): readonly Place[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, i) => placesIn(item, [...path, i])); // read-only still
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const at = [...path, key];
    return [{ path: at, isMember: !KEPT.has(key) }, ...placesIn(member, at)];
  });
}

function without(value: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  if (typeof first === 'number') {
    const list = Array.isArray(value) ? (value as readonly Json[]) : []; // Array.isArray forgets that it is read-only
    return list.with(first, without(list[first], rest) ?? null);
  }
  return isObject(value) ? { ...value, [first]: without(value[first], rest) } : value;
}
