import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, deepCopy, deepEqual, deepFreeze, detachedCopy, digest } from './json.ts';

describe('JSON values', () => {
  test('an absent member equals an undefined one, null does not', () => {
    expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(deepEqual({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(deepEqual({ a: null }, {})).toBe(false);
    expect(deepEqual([1, 2], [1, 2, 3])).toBe(false);
    expect(deepEqual([], {})).toBe(false);
    expect(deepEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  });

  test('freezes every part', () => {
    const value = deepFreeze({ a: [{ b: 1 }] });
    expect(() => Object.assign(value.a[0] ?? {}, { b: 2 })).toThrow(TypeError);
  });

  test('canonical text sorts members and drops undefined ones; bigint prints as digits', () => {
    expect(canonicalJson({ b: 1, a: [{ d: undefined, c: 10n }] })).toBe('{"a":[{"c":10}],"b":1}');
  });

  test('a copy is equal, shares nothing, and equal content has one digest whatever its order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const copy = deepCopy(deepFreeze(value));
        expect(deepEqual(copy, value)).toBe(true);
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(digest(reversed)).toBe(digest(value));
      }),
    );
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'an object with a member called %s is not one without',
    (name) => {
      const value: unknown = JSON.parse(`{"${name}":"a"}`);
      expect([deepEqual(value, {}), deepEqual({}, value), deepEqual(value, deepCopy(value))]).toEqual([
        false,
        false,
        true,
      ]);
    },
  );

  test('a member called __proto__ is copied like any other', () => {
    const value: unknown = JSON.parse('{"__proto__":null,"a":1}');
    for (const copy of [deepCopy(value), detachedCopy(value)]) {
      expect(JSON.stringify(copy)).toBe('{"__proto__":null,"a":1}');
      expect(deepEqual(copy, value)).toBe(true);
    }
  });

  test('a detached copy shares what is frozen and nothing else', () => {
    const frozen = deepFreeze({ b: [1] });
    const open = { c: [1] };
    const copy = detachedCopy({ frozen, open });
    expect(copy).toEqual({ frozen, open });
    expect(copy.frozen).toBe(frozen);
    expect(copy.open).not.toBe(open);
    expect(copy.open.c).not.toBe(open.c);
  });

  test('different content has different digests', () => {
    const seen = new Set(Array.from({ length: 5000 }, (_, i) => digest({ replicas: i })));
    expect(seen.size).toBe(5000);
  });
});
