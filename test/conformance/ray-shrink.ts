/** The smallest case, as far as leaving things out finds it, that still shows a difference. */

import type { RayCase } from '../../src/sim/ray-cases.types.ts';

/** Which of these cases still differ. */
export type Differ = (cases: readonly RayCase[]) => Promise<readonly boolean[]>;

/** More questions than this are not asked. */
const MAX_STEPS = 400;

/** Tries all smaller variants of a case at once and goes on with the first that still differs. */
export async function shrink(given: RayCase, differ: Differ): Promise<RayCase> {
  let smallest = given;
  for (let step = 0; step < MAX_STEPS; step++) {
    const variants = [...smaller(smallest)] as readonly RayCase[]; // parts were left out or replaced by their like
    const found = (await differ(variants)).indexOf(true);
    const next = variants[found];
    if (next === undefined) return smallest;
    smallest = next;
  }
  return smallest;
}

/** Leaves out one part, halves of long lists first, then makes one number simpler. Ids stay, so that results can be matched. */
function* smaller(value: unknown, key = ''): Generator<unknown> {
  if (Array.isArray(value)) yield* smallerList(value);
  else if (typeof value === 'object' && value !== null)
    yield* smallerObject(value as Readonly<Record<string, unknown>>);
  else if (typeof value === 'number') yield* smallerNumber(value, key);
}

function* smallerList(list: readonly unknown[]): Generator<unknown> {
  if (list.length > 3) {
    const middle = Math.ceil(list.length / 2);
    yield list.slice(0, middle);
    yield list.slice(middle);
  }
  for (const i of list.keys()) yield list.toSpliced(i, 1);
  for (const [i, item] of list.entries()) for (const less of smaller(item)) yield list.with(i, less);
}

function* smallerObject(members: Readonly<Record<string, unknown>>): Generator<unknown> {
  for (const key of Object.keys(members)) {
    if (key === 'id') continue;
    const { [key]: _left, ...rest } = members;
    yield rest;
  }
  for (const [key, member] of Object.entries(members)) {
    if (key === 'id') continue;
    for (const less of smaller(member, key)) yield { ...members, [key]: less };
  }
}

function* smallerNumber(value: number, key: string): Generator<unknown> {
  if (key === 'count' && value > 1) yield 1;
  if (value > 1 && Number.isInteger(value)) yield value - 1;
  if (!Number.isInteger(value)) yield Math.trunc(value);
}
