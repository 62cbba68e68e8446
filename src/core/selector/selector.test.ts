import { describe, expect, test } from 'vitest';
import type { LabelSelector } from '../kube/object.ts';
import { EVERYTHING, matchesSelector, NOTHING, parseSelector, selectorFrom, selectorText } from './selector.ts';

const LABELS: readonly Readonly<Record<string, string>>[] = [
  {},
  { a: 'b' },
  { a: 'c' },
  { a: '6' },
  { z: 'p' },
  { a: '1', b: '2' },
];

type Want = { readonly canonical: string; readonly matches: readonly number[] } | { readonly error: string };

/** Answers of apimachinery v0.37.2; `matches` are indices of LABELS. */
const TEXTS: readonly (readonly [text: string, want: Want])[] = [
  ['a=b', { canonical: 'a=b', matches: [1] }],
  ['a==b', { canonical: 'a==b', matches: [1] }],
  ['a!=b', { canonical: 'a!=b', matches: [0, 2, 3, 4, 5] }],
  ['a', { canonical: 'a', matches: [1, 2, 3, 5] }],
  ['!a', { canonical: '!a', matches: [0, 4] }],
  ['a in (c,b)', { canonical: 'a in (b,c)', matches: [1, 2] }],
  ['a notin (b)', { canonical: 'a notin (b)', matches: [0, 2, 3, 4, 5] }],
  ['a in ()', { canonical: 'a in ()', matches: [] }],
  ['a in (b', { error: "unable to parse requirement: found '', expected: ',' or ')'" }],
  ['', { canonical: '', matches: [0, 1, 2, 3, 4, 5] }],
  ['a=', { canonical: 'a=', matches: [] }],
  ['=b', { error: "found '=', expected: !, identifier, or 'end of string'" }],
  ['a>5', { canonical: 'a>5', matches: [3] }],
  ['a b', { error: "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt" }],
  ['b=1,a=2', { canonical: 'a=2,b=1', matches: [] }],
  ['a=1,a=2', { canonical: 'a=1,a=2', matches: [] }],
  [' x / y = z ', { error: "unable to parse requirement: found '/', expected: in, notin, =, ==, !=, gt, lt" }],
  ['a,', { error: "found '', expected: identifier after ','" }],
  ['a in (,)', { canonical: 'a in ()', matches: [] }],
  ['a in (,,)', { canonical: 'a in ()', matches: [] }],
  ['a in (c,,b)', { canonical: 'a in (,b,c)', matches: [1, 2] }],
  ['a in (,,=)', { error: "unable to parse requirement: found '=', expected: ',', or identifier" }],
  ['a in (c,)', { canonical: 'a in (,c)', matches: [2] }],
  ['a in (c,c,b)', { canonical: 'a in (b,c)', matches: [1, 2] }],
  ['a in b', { error: "unable to parse requirement: found 'b' expected: '('" }],
  ['a in (b c)', { error: "unable to parse requirement: found 'c', expected: ',' or ')'" }],
  ['a in (=)', { error: "unable to parse requirement: found '=', expected: ',', ')' or identifier" }],
  ['!', { error: "unable to parse requirement: found '', expected: identifier" }],
  ['!a=b', { error: "found '=', expected: ',' or 'end of string'" }],
  ['a=!b', { error: "unable to parse requirement: found '!', expected: identifier" }],
  [
    'a>x',
    {
      error:
        "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    },
  ],
  ['a<6', { canonical: 'a<6', matches: [5] }],
  ['in', { canonical: 'in', matches: [] }],
  ['  ', { canonical: '', matches: [0, 1, 2, 3, 4, 5] }],
];

const STRUCTURED: readonly (readonly [selector: LabelSelector | null, want: Want])[] = [
  [null, { canonical: '', matches: [] }],
  [{}, { canonical: '', matches: [0, 1, 2, 3, 4, 5] }],
  [{ matchLabels: { b: '2', a: '1' } }, { canonical: 'a=1,b=2', matches: [5] }],
  [
    {
      matchExpressions: [
        { key: 'z', operator: 'In', values: ['q', 'p'] },
        { key: 'y', operator: 'DoesNotExist' },
      ],
    },
    { canonical: '!y,z in (p,q)', matches: [4] },
  ],
  [
    { matchExpressions: [{ key: 'z', operator: 'Bogus', values: ['1'] }] } as unknown as LabelSelector,
    { error: '"Bogus" is not a valid label selector operator' },
  ],
  [
    { matchExpressions: [{ key: 'z', operator: 'In', values: [] }] },
    { error: "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty" },
  ],
];

describe('HPA-19.1 to HPA-19.5, HPA-19.8 text form: grammar (HPA-19.2), errors (HPA-19.4)', () => {
  test.each(TEXTS)('%j', (text, want) => {
    const parsed = parseSelector(text);
    if ('error' in want) return expect(parsed).toEqual({ ok: false, error: want.error });
    if (!parsed.ok) throw new Error(parsed.error);
    expect(selectorText(parsed.value)).toBe(want.canonical);
    expect(LABELS.flatMap((labels, i) => (matchesSelector(parsed.value, labels) ? [i] : []))).toEqual(want.matches);
  });
});

describe('HPA-19.6, HPA-19.7 structured form', () => {
  test.each(STRUCTURED)('%j', (structured, want) => {
    const selector = selectorFrom(structured);
    if ('error' in want) return expect(selector).toEqual({ ok: false, error: want.error });
    if (!selector.ok) throw new Error(selector.error);
    expect(selectorText(selector.value)).toBe(want.canonical);
    expect(LABELS.flatMap((labels, i) => (matchesSelector(selector.value, labels) ? [i] : []))).toEqual(want.matches);
  });
});

test('HPA-19.3 a key and a value that the API refuses', () => {
  const key = parseSelector('-a=b');
  const value = selectorFrom({ matchLabels: { a: 'b c' } });
  expect(key).toMatchObject({
    ok: false,
    error: expect.stringContaining('unable to parse requirement: <nil>: Invalid value: "-a": name part '),
  });
  expect(value).toMatchObject({
    ok: false,
    error: expect.stringContaining('values[0][a]: Invalid value: "b c": a valid label must be'),
  });
});

test('HPA-19.7 nothing and everything differ in what they match, not in their text', () => {
  expect([matchesSelector(NOTHING, { a: 'b' }), matchesSelector(EVERYTHING, undefined)]).toEqual([false, true]);
  expect([selectorText(NOTHING), selectorText(EVERYTHING)]).toEqual(['', '']);
});

test('a label name that every object has by inheritance is absent unless it was set', () => {
  const selector = parseSelector('constructor');
  if (!selector.ok) throw new Error(selector.error);
  expect(matchesSelector(selector.value, {})).toBe(false);
});
