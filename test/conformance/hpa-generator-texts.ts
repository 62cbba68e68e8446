/** Many texts in one case: quantities and label selectors, well formed, nearly so, and not at all. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { BROKEN_SELECTORS, EXTREME_QUANTITIES, TINY_QUANTITIES } from './hpa-generator-parts.ts';
import type { Dice } from './ray-dice.ts';

const TEXTS = 25;
const SUFFIXES = [
  '',
  '',
  '',
  'n',
  'u',
  'm',
  'm',
  'k',
  'M',
  'G',
  'T',
  'P',
  'E',
  'Ki',
  'Ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
];
/** Exponents of billions would keep the original busy for ever; what an int32 makes of greater ones is small again. */
const EXPONENTS = [
  'e0',
  'e1',
  'E2',
  'e3',
  'e-3',
  'e+6',
  'E-9',
  'e-10',
  'e18',
  'e30',
  'e400',
  'e-400',
  'e4294967297',
  'e-4294967293',
  'e99999999999999999999',
];
const BAD_SUFFIXES = [
  'K',
  'ki',
  'i',
  'e',
  'mi',
  'kk',
  'Kim',
  ' k',
  'k ',
  '%',
  'e1.5',
  'e--1',
  'e+',
  'E+',
  '1e',
  'µ',
  'x',
];

function digits(dice: Dice): string {
  const count = dice.pick([0, 1, 1, 2, 3, 3, 4, 8, 15, 16, 17, 18, 19, 20, 30]);
  const kind = dice.pick(['any', 'any', 'nines', 'zeros', 'one and zeros']);
  return dice
    .times(count, (i) => {
      if (kind === 'nines') return '9';
      if (kind === 'any') return `${dice.whole(0, 9)}`;
      return kind === 'one and zeros' && i === 0 ? '1' : '0';
    })
    .join('');
}

export function quantityText(dice: Dice): string {
  if (dice.chance(0.15)) return dice.pick([...EXTREME_QUANTITIES, ...TINY_QUANTITIES]);
  const sign = dice.pick(['', '', '', '', '-', '-', '+', '--', '+-'].slice(0, dice.chance(0.95) ? 7 : 9));
  const whole = digits(dice);
  const number = dice.chance(0.55) ? whole : `${whole}.${digits(dice)}${dice.chance(0.02) ? '.1' : ''}`;
  const suffix = dice.chance(0.07)
    ? dice.pick(BAD_SUFFIXES)
    : dice.chance(0.2)
      ? dice.pick(EXPONENTS)
      : dice.pick(SUFFIXES);
  return sign + number + suffix;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** Near powers of ten and of 1024, near the ends, and anywhere. */
function milliText(dice: Dice): string {
  const power = dice.chance(0.5) ? 10n ** BigInt(dice.whole(0, 18)) : 1024n ** BigInt(dice.whole(0, 5)) * 1000n;
  const factor = BigInt(dice.pick([1, 1, 2, 3, 5, 10, 999, 1023, 1024]));
  const around = power * factor + BigInt(dice.pick([-1, 0, 0, 0, 1]));
  const any = BigInt(dice.whole(0, 2 ** 31)) * BigInt(dice.whole(0, 2 ** 31));
  const milli = dice.pick([around, around, any, MAX_INT64, MAX_INT64 - 1n, 0n]);
  const sized = milli > MAX_INT64 ? MAX_INT64 : milli;
  return `${dice.chance(0.2) ? -sized - BigInt(dice.pick([0, 0, 1])) : sized}`;
}

export function makeQuantities(dice: Dice): Fields {
  return {
    kind: 'quantity',
    quantities: dice.times(TEXTS, () => quantityText(dice)),
    milliQuantities: dice.times(10, () => ({ milli: milliText(dice), format: dice.pick(['DecimalSI', 'BinarySI']) })),
  };
}

const KEYS = ['a', 'app', 'tier', 'zone', 'n', 'in', 'notin', 'example.com/app', 'A_b.c-d', '1'];
const BAD_KEYS = [
  '-a',
  'a-',
  '',
  'a/b/c',
  '/a',
  'a/',
  'Ex.com/a',
  'a b',
  'ä',
  'x'.repeat(64),
  `${'y'.repeat(254)}/a`,
  'a..b/c',
  'a_b/c',
];
const GOOD_VALUES = ['', '1', '2', '10', 'web', 'x', 'A.b_c', '9223372036854775807', '01'];
/** Numbers for `>` and `<` among them that are no label values. */
const VALUES = [...GOOD_VALUES, '-5', '+1'];
const BAD_VALUES = ['-x', 'x-', 'a b', 'ä', 'x'.repeat(64), 'a/b', '9223372036854775808', '1.5'];
const PUNCTUATION = [
  '=',
  '==',
  '!=',
  '>',
  '<',
  '!',
  ',',
  '(',
  ')',
  ' in ',
  ' notin ',
  ' ',
  '\t',
  '=>',
  '!==',
  '<=',
  '((',
];

function key(dice: Dice): string {
  return dice.chance(0.05) ? dice.pick(BAD_KEYS) : dice.pick(KEYS);
}

function value(dice: Dice): string {
  return dice.chance(0.07) ? dice.pick(BAD_VALUES) : dice.pick(VALUES);
}

function requirement(dice: Dice): string {
  const list = (): string => `(${dice.times(dice.pick([0, 1, 2, 3]), () => value(dice)).join(dice.pick([',', ', ']))})`;
  const space = dice.pick(['', '', ' ']);
  return dice.pick([
    () => key(dice),
    () => `!${space}${key(dice)}`,
    () => `${key(dice)}${space}=${space}${value(dice)}`,
    () => `${key(dice)}==${value(dice)}`,
    () => `${key(dice)}!=${value(dice)}`,
    () => `${key(dice)} in ${list()}`,
    () => `${key(dice)} notin${space}${list()}`,
    () => `${key(dice)}>${value(dice)}`,
    () => `${key(dice)} < ${value(dice)}`,
  ])();
}

/** At most twelve requirements: of more the original does not keep those of one key in order. */
function selectorText(dice: Dice): string {
  if (dice.chance(0.05)) return dice.pick(BROKEN_SELECTORS);
  const text = dice
    .times(dice.pick([0, 1, 1, 2, 2, 3, 12]), () => requirement(dice))
    .join(dice.pick([',', ',', ', ', ' , ']));
  if (!dice.chance(0.25)) return text;
  const at = dice.whole(0, text.length);
  const cut = dice.pick([0, 0, 1, 2]);
  return text.slice(0, at) + dice.pick(['', ...PUNCTUATION, 'a']) + text.slice(at + cut);
}

/** Of matchLabels at most one is not valid: which of several is told of is random. */
function labelSelector(dice: Dice): Json {
  if (dice.chance(0.05)) return null;
  const labels = dice.some(KEYS, 0.15).map((name) => [name, dice.pick(GOOD_VALUES)] as const);
  const bad = dice.perhaps(0.08, () =>
    dice.chance(0.5) ? ([dice.pick(BAD_KEYS), '1'] as const) : (['z', dice.pick(BAD_VALUES)] as const),
  );
  const expressions = dice.times(dice.pick([0, 0, 1, 1, 2, 5]), () => ({
    key: key(dice),
    operator: dice.pick(
      ['In', 'In', 'NotIn', 'NotIn', 'Exists', 'DoesNotExist', 'in', 'Gt', ''].slice(0, dice.chance(0.9) ? 6 : 9),
    ),
    ...(dice.chance(0.75) ? { values: dice.times(dice.pick([0, 1, 1, 2, 3]), () => value(dice)) } : {}),
  }));
  const matchLabels = Object.fromEntries([...labels, ...(bad === undefined ? [] : [bad])]);
  return {
    ...(Object.keys(matchLabels).length > 0 || dice.chance(0.2) ? { matchLabels } : {}),
    ...(expressions.length > 0 || dice.chance(0.2) ? { matchExpressions: expressions } : {}),
  };
}

/** Label sets hold what the selectors name, numbers among them. */
export function makeSelectors(dice: Dice): Fields {
  const labels = dice.times(6, () =>
    Object.fromEntries(dice.some(KEYS, 0.45).map((name) => [name, dice.pick([...VALUES, ...BAD_VALUES])])),
  );
  return {
    kind: 'selector',
    selectors: dice.times(TEXTS, () => selectorText(dice)),
    labelSelectors: dice.times(10, () => labelSelector(dice)),
    labels,
  };
}
