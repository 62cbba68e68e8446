import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { deepCopy } from '../../lib/json.ts';
import { checkObject } from './check-object.ts';
import { sourceObject, type Fields } from './source.ts';

/** Objects that are right, to be spoilt. */
const GOOD: readonly Fields[] = parseAllDocuments(readFileSync('examples/guide.yaml', 'utf8')).map(
  (document) => document.toJS() as Fields, // our own file
);

type Key = string | number;

/** Every place below `value`, the lists' items included. */
function placesIn(value: unknown, at: readonly Key[] = []): readonly (readonly Key[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...parts.flatMap(([key, part]) => placesIn(part, [...at, key]))];
}

function spoilt(object: Fields, place: readonly Key[], value: unknown): Fields {
  const copy = deepCopy(object) as Record<Key, unknown>;
  let target = copy;
  for (const key of place.slice(0, -1)) target = target[key] as Record<Key, unknown>; // the place is in it
  target[place.at(-1) ?? ''] = value;
  return copy as Fields;
}

const spoiltObject = fc
  .constantFrom(...GOOD)
  .chain((object) =>
    fc.tuple(fc.constant(object), fc.constantFrom(...placesIn(object).filter((at) => at.length > 0)), fc.jsonValue()),
  )
  .map(([object, place, value]) => spoilt(object, place, value));

function check(object: Fields): ReturnType<typeof checkObject> {
  const text = JSON.stringify(object);
  const document = parseDocument(text);
  const placeAt = (offset: number) => ({ file: 'x', line: 1, column: offset + 1 });
  return checkObject(sourceObject({ document, placeAt, lineText: () => text }, document.contents, object));
}

test('good objects are good', () => {
  expect(GOOD.map((object) => check(object).ok)).toEqual([true, true, true, true]);
});

test('whatever stands in a field, the answer is an object or faults with a fix, never a crash', () => {
  let refused = 0;
  fc.assert(
    fc.property(spoiltObject, (object) => {
      const outcome = check(object);
      if (outcome.ok) return;
      refused++;
      expect(outcome.faults.length).toBeGreaterThan(0);
      for (const { problem, fix, place } of outcome.faults) {
        expect(problem).not.toBe('');
        expect(fix).not.toBe('');
        expect(place.column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(100);
});
