import { describe, expect, test } from 'vitest';
import { parseJson, type JsonDocument } from './case-json.ts';

function parsed(text: string): JsonDocument {
  const result = parseJson(text);
  if (!result.ok) throw new Error(`column ${result.error.column}: ${result.error.expected}`);
  return result.value;
}

describe('JSON of cases', () => {
  test.each([
    '{"a":[1,-2,0.5,1e3,-0],"b":{"c":null,"d":true,"e":false},"":""}',
    ' [ ] ',
    '{ "x" : { } , "y" : [ [ ] , { } ] }',
    String.raw`"a \"quoted\" \\ \u00e4 \ud83d\ude00 \n text"`,
    '"ä 😀"',
    '12',
    '{"a":1,"a":2}',
    '{"2":1,"1":2}',
  ])('reads what JSON.parse reads: %s', (text) => {
    expect(parsed(text).value).toEqual(JSON.parse(text));
  });

  test('a member named __proto__ is a member', () => {
    const { value } = parsed('{"__proto__":{"x":1}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('tells whole numbers that were written as fractions', () => {
    const document = parsed('{"a":60,"b":60.0,"c":6e1,"d":[1,1.0],"e":0.5}');
    const value = document.value as { readonly d: object };
    const written = ['a', 'b', 'c', 'e'].map((key) => document.writtenAsFraction(value, key));
    expect(written).toEqual([false, true, true, false]);
    expect([0, 1].map((i) => document.writtenAsFraction(value.d, i))).toEqual([false, true]);
  });

  test('of equal names the last one counts, in its own form', () => {
    const document = parsed('{"a":60.0,"a":60}');
    expect(document.writtenAsFraction(document.value as object, 'a')).toBe(false);
  });

  test.each([
    ['', 1, 'a value, but the line ends'],
    ['{"id":"e",', 11, 'a member name in double quotes'],
    ['{"id" 1}', 7, '`:` after a member name'],
    ['[1 2]', 4, '`,` or `]`'],
    ['{"a":1]', 7, '`,` or `}`'],
    ['{"a":01}', 7, '`,` or `}`'],
    ['[1,]', 4, 'a value'],
    ['{"a":NaN}', 6, 'a value'],
    ['{"a":1e999}', 6, 'a number that a double can hold'],
    ['{"a":"b}', 6, 'a string that ends on this line'],
    [String.raw`["\x"]`, 2, 'a string with valid escapes and without control characters'],
    ['{} {}', 4, 'nothing more on this line'],
    ['['.repeat(65), 65, 'at most 64 levels of nesting'],
  ])('says where and what was expected: %s', (text, column, expected) => {
    const result = parseJson(text);
    expect(result).toEqual({ ok: false, error: { column, expected } });
  });
});
