/** Small parts of generated HPA cases: instants, quantities, labels, selectors, behavior. Values crowd around the edges on purpose. */

import type { Dice } from './ray-dice.ts';
import type { Fields, Json } from './hpa-generator-types.ts';

/** Instants are milliseconds since 1970. */
export const START_MS = Date.UTC(2026, 2, 1);

/** RFC 3339; whole seconds without a fraction. `abroad`: with another zone's offset. */
export function instant(ms: number, abroad = false): string {
  const text = new Date(abroad ? ms + 5_400_000 : ms).toISOString().replace('.000Z', 'Z');
  return abroad ? text.replace('Z', '+01:30') : text;
}

export function aroundMs(dice: Dice): number {
  return dice.pick([-1000, -1, -1, 0, 0, 0, 1, 1, 1000, -30_000, 30_000]);
}

/**
 * A quantity of so many thousandths, in one of its spellings. `milli` may be anything that a double holds exactly; what is smaller than
 * a thousandth is rounded up to it when it is read.
 */
export function quantity(dice: Dice, milli: number): string {
  const sign = milli < 0 ? '-' : '';
  const size = Math.abs(milli);
  const whole = size % 1000 === 0;
  const spellings = [
    `${sign}${size}m`,
    `${sign}${size}m`,
    `${sign}${Math.trunc(size / 1000)}.${String(size % 1000).padStart(3, '0')}`,
    ...(whole ? [`${sign}${size / 1000}`, `${sign}${size / 1000}`, `${sign}${size / 1000}000m`] : []),
    ...(whole && size % 1_000_000 === 0 ? [`${sign}${size / 1_000_000}k`, `${sign}${size / 1_000_000}e3`] : []),
    ...(whole && (size / 1000) % 1024 === 0 ? [`${sign}${size / 1_024_000}Ki`] : []),
    ...(milli > 0 && size < 1e9 ? [`${size * 1000 - dice.pick([0, 1, 999])}u`] : []),
    ...(milli > 0 && size < 1e9 ? [`${size * 1_000_000 - dice.pick([0, 1, 500_000, 999_999])}n`] : []),
  ];
  return dice.pick(spellings);
}

/** What breaks, wraps or is cut when it becomes an int64 of thousandths. */
export const EXTREME_QUANTITIES = [
  '9223372036854775',
  '9223372036854775.807',
  '9223372036854776',
  '999999999999999999',
  '9223372036854775807',
  '9P',
  '10P',
  '1E',
  '1e18',
  '8Ei',
  '7Ei',
  '4Pi',
  '1G',
  '2147483647',
  '2147483648',
  '1e15',
  '5e12',
  '1000E',
  '123456789012345678',
];
export const TINY_QUANTITIES = ['1n', '1u', '999u', '1001u', '0', '0.0001', '1e-9', '1e-10', '500m', '1m'];

export const NAMESPACES = ['default', 'team-a'];

/** A selector as a scale prints it, with labels that it matches. */
export type Selection = { readonly text: string; readonly labels: Readonly<Record<string, string>> };

export function plainSelection(app: string): Selection {
  return { text: `app=${app}`, labels: { app } };
}

/** Spellings that the client library rewrites, and selectors of more than one requirement. */
export function makeSelection(dice: Dice, app: string): Selection {
  const labels = { app, tier: 'web', zone: 'a' };
  const text = dice.pick([
    `app=${app}`,
    `app==${app}`,
    ` app = ${app} `,
    `app in (${app})`,
    `app in (x,${app})`,
    `zone=a,app=${app}`,
    `app=${app},!gone`,
    `app=${app},tier`,
    `app=${app},tier notin (db)`,
    `tier,app=${app},zone in (b,a)`,
    `app=x,app=${app}`,
    `app=${app},app in (${app},y)`,
    `app notin (x),app=${app}`,
    `app=${app},zone`,
  ]);
  return { text, labels };
}

/** Selectors that a scale can carry but that do not work. */
export const BROKEN_SELECTORS = [
  '',
  '  ',
  'app!=x',
  'app=web,zone!=b',
  'zone>1',
  'zone<1,app=web',
  'app in',
  'app in (a',
  'app=web,',
  ',app=web',
  '!',
  'app=web app',
  '-bad=web',
  'app=-bad',
  'app in (a,-b)',
  'a/b/c=d',
  'app=web,app=x',
  '=web',
  'app=(web)',
];

/** A metric's own selector; nothing is one as well. `odd`: how likely it is not valid. */
export function makeMetricSelector(dice: Dice, odd: number): Json | undefined {
  if (dice.chance(odd)) return dice.pick(INVALID_METRIC_SELECTORS);
  return dice.pick<Json | undefined>([
    undefined,
    {},
    { matchLabels: { a: '1' } },
    { matchLabels: { b: '2', a: '1' } },
    { matchExpressions: [{ key: 'z', operator: 'In', values: ['q', 'p'] }] },
    { matchLabels: { z: 'p' }, matchExpressions: [{ key: 'a', operator: 'Exists' }] },
  ]);
}

const INVALID_METRIC_SELECTORS: readonly Json[] = [
  { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['x y'] }] },
  { matchExpressions: [{ key: 'a', operator: 'Like', values: ['x'] }] },
  { matchExpressions: [{ key: 'a', operator: 'In', values: [] }] },
  { matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: ['x'] }] },
  { matchLabels: { '-bad': 'x' } },
];

/** As a request carries it: empty when absent, empty or not valid. */
export function metricSelectorText(selector: Json | undefined): string {
  return SELECTOR_TEXTS.get(JSON.stringify(selector)) ?? '';
}

const SELECTOR_TEXTS = new Map([
  ['{"matchLabels":{"a":"1"}}', 'a=1'],
  ['{"matchLabels":{"b":"2","a":"1"}}', 'a=1,b=2'],
  ['{"matchExpressions":[{"key":"z","operator":"In","values":["q","p"]}]}', 'z in (p,q)'],
  ['{"matchLabels":{"z":"p"},"matchExpressions":[{"key":"a","operator":"Exists"}]}', 'a,z=p'],
]);

export const WINDOWS = [0, 0, 0, 0, 1, 15, 30, 60, 300, 3600];
export const PERIODS = [1, 15, 15, 30, 60, 60, 600, 1800];

export type Policy = { readonly type: string; readonly value: number; readonly periodSeconds: number };

function makePolicies(dice: Dice): readonly Policy[] {
  return dice.times(dice.pick([1, 1, 1, 2, 2, 3]), (): Policy => ({
    type: dice.pick(['Pods', 'Percent', 'Percent']),
    value: dice.pick([1, 2, 3, 4, 5, 10, 10, 30, 50, 90, 100, 100, 150, 200, 900]),
    periodSeconds: dice.pick(PERIODS),
  }));
}

/** Tolerances of one direction, also such that do not survive as decimals. */
const TOLERANCES = ['0', '100m', '0.1', '300m', '0.3', '570m', '0.57', '50m', '1n', '1', '1.5', '10m', '333m'];

function makeRules(dice: Dice): Fields {
  const policies = dice.perhaps(0.75, () => makePolicies(dice));
  const window = dice.perhaps(0.75, () => dice.pick(WINDOWS));
  const select = dice.perhaps(0.5, () => dice.pick(['Max', 'Max', 'Min', 'Min', 'Disabled']));
  const tolerance = dice.perhaps(0.25, () => dice.pick(TOLERANCES));
  return {
    stabilizationWindowSeconds: window,
    selectPolicy: select,
    policies: policies?.map((policy) => ({ ...policy })),
    tolerance,
  };
}

/** Either direction may be left to its defaults, or both. */
export function makeBehavior(dice: Dice): Fields {
  return {
    scaleUp: dice.perhaps(0.75, () => makeRules(dice)),
    scaleDown: dice.perhaps(0.75, () => makeRules(dice)),
  };
}

/** The next double after `x`, or before it. `x` is positive. */
export function nextDouble(x: number, by: 1 | -1): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(by));
  return view.getFloat64(0);
}
