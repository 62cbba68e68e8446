import { expect, test } from 'vitest';
import { pathResource } from './path-resource.ts';

test.each([
  ['queue-length', 'queue-length'],
  ['AwsSqsLength', 'awssqslength'],
  ['ÄÖ', 'äö'],
  ['ΑΣ', 'ασ'],
  ['İ', 'i'],
  ['𐐀x', '𐐨x'],
])('HPA-20.5 %s is %s in a path', (resource, want) => {
  expect(pathResource(resource)).toBe(want);
});
