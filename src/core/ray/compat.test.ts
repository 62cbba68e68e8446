import { expect, test } from 'vitest';
import { COMPAT, COMPAT_ENTRIES } from './compat.ts';

test('every difference has its number and its words, in order', () => {
  expect(COMPAT_ENTRIES.map(({ id }) => id)).toEqual(COMPAT_ENTRIES.map((_, i) => `C${i + 1}`));
  expect(COMPAT_ENTRIES.map(({ field }) => field)).toEqual(Object.keys(COMPAT.default));
});

test('the presets differ in every entry: one that is equal in both is no difference', () => {
  for (const { field } of COMPAT_ENTRIES) expect(COMPAT.default[field]).not.toBe(COMPAT['ray-2.60'][field]);
});
