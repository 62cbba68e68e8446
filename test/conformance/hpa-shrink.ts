/** The smallest case, as far as leaving things out finds it, that still shows a difference. */

import { isObject, type Fields, type HpaCase, type Json } from './hpa-generator-types.ts';

/** Which of these cases still differ. */
export type Differ = (cases: readonly HpaCase[]) => Promise<readonly boolean[]>;

/** More rounds of questions than this are not asked. */
const MAX_ROUNDS = 600;
/** So many variants are asked for at once; few, since most cases lose big parts first. */
const AT_ONCE = 24;
/** Parts that a case keeps. Where a run ends is chosen with care: the end of a run within a sync is nobody's rule. */
const KEPT = new Set(['id', 'kind', 'durationSeconds']);

/** Goes on with the first smaller variant that still differs, until none does. */
export async function shrink(given: HpaCase, differ: Differ): Promise<HpaCase> {
  let smallest = given;
  let from = 0;
  let hasChanged = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const batch = [...smaller(smallest)].filter(isCase).slice(from, from + AT_ONCE);
    if (batch.length === 0) {
      if (!hasChanged) return smallest;
      [from, hasChanged] = [0, false]; // what could not be left out before perhaps can now
      continue;
    }
    const found = (await differ(batch)).indexOf(true);
    const next = batch[found];
    if (next === undefined) from += AT_ONCE;
    else [smallest, from, hasChanged] = [next, from + found, true];
  }
  return smallest;
}

function isCase(value: Json): value is HpaCase {
  return isObject(value) && typeof value['id'] === 'string' && typeof value['kind'] === 'string';
}

/** Leaves out one part, halves of long lists first, then makes one number or text simpler. */
function* smaller(value: Json): Generator<Json> {
  if (Array.isArray(value))
    yield* smallerList(value as readonly Json[]); // Array.isArray forgets that it is read-only
  else if (isObject(value)) yield* smallerObject(value);
  else if (typeof value === 'number') yield* smallerNumber(value);
}

function* smallerList(list: readonly Json[]): Generator<Json> {
  if (list.length > 3) {
    const middle = Math.ceil(list.length / 2);
    yield list.slice(0, middle);
    yield list.slice(middle);
  }
  for (const i of list.keys()) yield list.toSpliced(i, 1);
  for (const [i, item] of list.entries()) for (const less of smaller(item)) yield list.with(i, less);
}

function* smallerObject(members: Fields): Generator<Json> {
  for (const key of Object.keys(members)) {
    if (KEPT.has(key)) continue;
    const { [key]: _left, ...rest } = members;
    yield rest;
  }
  for (const [key, member] of Object.entries(members)) {
    if (KEPT.has(key) || member === undefined) continue;
    for (const less of smaller(member)) yield { ...members, [key]: less };
  }
}

function* smallerNumber(value: number): Generator<Json> {
  if (!Number.isInteger(value)) yield Math.trunc(value);
  if (value > 10 && Number.isInteger(value)) yield Math.trunc(value / 10);
  if (value > 0 && Number.isInteger(value)) yield value - 1;
}
