import { describe, expect, test } from 'vitest';
import {
  averageValueCalculator,
  isWithinTolerance,
  proposeReplicas,
  utilizationCalculator,
  type Proposal,
} from './replicas.ts';

const TOLERANCE = { down: 0.1, up: 0.1 };
const map = (values: Readonly<Record<string, bigint>>): ReadonlyMap<string, bigint> => new Map(Object.entries(values));

type Row = {
  readonly name: string;
  readonly currentReplicas: number;
  readonly values: Readonly<Record<string, bigint>>;
  readonly unready?: readonly string[];
  readonly missing?: readonly string[];
  /** Percent of a request of 100m each, unless `requests` says otherwise. */
  readonly target: number;
  readonly requests?: Readonly<Record<string, bigint>>;
  readonly want: Partial<Proposal> & { readonly replicas: number };
};

const ROWS: readonly Row[] = [
  {
    name: 'HPA-5.12 above target: ratio times ready pods, rounded up',
    currentReplicas: 2,
    values: { a: 90n, b: 95n },
    target: 60,
    want: { replicas: 4, podCount: 2, first: { ratio: 92 / 60, averageMilli: 92n, utilizationPercent: 92 } },
  },
  {
    name: 'HPA-7.3 110 of 100 stays',
    currentReplicas: 2,
    values: { a: 110n, b: 110n },
    target: 100,
    want: { replicas: 2, kept: 'within-tolerance' },
  },
  {
    name: 'HPA-7.3 111 of 100 scales',
    currentReplicas: 2,
    values: { a: 111n, b: 111n },
    target: 100,
    want: { replicas: 3 },
  },
  {
    name: 'HPA-5.7 the percentage is truncated before the ratio is made',
    currentReplicas: 1,
    values: { a: 1069n },
    requests: { a: 1000n },
    target: 100,
    want: { replicas: 1, first: { ratio: 1.06, averageMilli: 1069n, utilizationPercent: 106 } },
  },
  {
    name: 'HPA-5.16 without pods that did not report there is no check of the direction',
    currentReplicas: 2,
    values: { a: 50n, b: 50n, c: 50n, d: 50n, e: 50n, f: 50n },
    target: 100,
    want: { replicas: 3, podCount: 6 },
  },
  {
    name: 'HPA-5.13 a missing pod counts as idle on the way up',
    currentReplicas: 3,
    values: { a: 200n, b: 200n },
    missing: ['c'],
    target: 100,
    want: { replicas: 4, podCount: 3 },
  },
  {
    name: 'HPA-5.13 a missing pod counts as full on the way down',
    currentReplicas: 3,
    values: { a: 10n, b: 10n },
    missing: ['c'],
    target: 50,
    want: {
      replicas: 3,
      rebalanced: { ratio: 40 / 50, averageMilli: 40n, utilizationPercent: 40 },
    },
  },
  {
    name: 'HPA-5.13 a missing pod counts as the target when that is above 100 %',
    currentReplicas: 2,
    values: { a: 100n },
    missing: ['b'],
    target: 200,
    want: { replicas: 2, rebalanced: { ratio: 150 / 200, averageMilli: 150n, utilizationPercent: 150 } },
  },
  {
    name: 'HPA-5.13 at a ratio of exactly 1 missing pods are not added',
    currentReplicas: 2,
    values: { a: 100n },
    missing: ['b'],
    target: 100,
    want: { replicas: 2, kept: 'within-tolerance', podCount: 1 },
  },
  {
    name: 'HPA-5.11 an unready pod counts as idle on the way up',
    currentReplicas: 2,
    values: { a: 300n },
    unready: ['b'],
    target: 100,
    want: { replicas: 3, podCount: 2 },
  },
  {
    name: 'HPA-5.17 an unready pod is left out on the way down',
    currentReplicas: 2,
    values: { a: 10n },
    unready: ['b'],
    target: 100,
    want: { replicas: 1, podCount: 1 },
  },
  {
    name: 'HPA-5.14 damped to the other side of 1: nothing moves',
    currentReplicas: 2,
    values: { a: 150n },
    missing: ['b', 'c'],
    target: 100,
    want: { replicas: 2, kept: 'direction-changed' },
  },
  {
    name: 'HPA-5.14 a number against the ratio: nothing moves',
    currentReplicas: 7,
    values: { a: 300n, b: 300n },
    missing: ['c'],
    target: 100,
    want: { replicas: 7, kept: 'against-direction', podCount: 3 },
  },
  {
    name: 'HPA-5.15 samples of unknown pods count as entries, not in the ratio',
    currentReplicas: 3,
    values: { a: 300n, ghost: 900n },
    missing: ['b'],
    requests: { a: 100n, b: 100n },
    target: 100,
    want: { replicas: 5, podCount: 3 },
  },
];

describe('utilization', () => {
  test.each(ROWS)('$name', (row) => {
    const { currentReplicas, unready = [], missing = [], target, want } = row;
    const values = map(row.values);
    const names = [...values.keys(), ...unready, ...missing];
    const requests = row.requests === undefined ? new Map(names.map((name) => [name, 100n])) : map(row.requests);
    const ready = [...values.keys()].filter((name) => name !== 'ghost');
    const groups = { ready, unready, missing, ignored: [] };
    const calculator = utilizationCalculator(requests, target);
    const proposal = proposeReplicas({ currentReplicas, groups, values, calculator, tolerance: TOLERANCE });
    expect(proposal).toMatchObject({ ok: true, value: want });
  });

  test('HPA-5.10 requests of 0 give no ratio', () => {
    expect(utilizationCalculator(map({ a: 0n }), 50).ratioOf(map({ a: 5n }))).toEqual({
      ok: false,
      error: 'no metrics returned matched known pods',
    });
  });

  test('HPA-22.5 a percentage beyond int32 wraps', () => {
    const huge = utilizationCalculator(map({ a: 1n }), 50).ratioOf(map({ a: 42_949_673n }));
    expect(huge).toMatchObject({ ok: true, value: { utilizationPercent: 4 } });
  });
});

describe('average value', () => {
  const propose = (
    values: Readonly<Record<string, bigint>>,
    missing: readonly string[],
    targetMilli: bigint,
  ): unknown =>
    proposeReplicas({
      currentReplicas: 3,
      groups: { ready: Object.keys(values), unready: [], missing, ignored: [] },
      values: map(values),
      calculator: averageValueCalculator(targetMilli),
      tolerance: TOLERANCE,
    });

  test('HPA-5.20 the average is truncated before the ratio is made', () => {
    expect(propose({ a: 110n, b: 110n, c: 111n }, [], 100n)).toMatchObject({
      ok: true,
      value: { replicas: 3, kept: 'within-tolerance', first: { averageMilli: 110n, ratio: 1.1 } },
    });
  });

  test('HPA-5.18 a missing pod counts as the target on the way down', () => {
    expect(propose({ a: 10n, b: 10n }, ['c'], 100n)).toMatchObject({
      ok: true,
      value: { replicas: 2, rebalanced: { averageMilli: 40n } },
    });
  });
});

test.each([
  ['HPA-7.1 both ends belong to it: up', 1.1, true],
  ['HPA-7.1 both ends belong to it: down', 0.9, true],
  ['HPA-7.1 beyond the upper end', 1.1000000000000003, false],
  ['HPA-7.1 not a number', Number.NaN, false],
  ['HPA-7.1 infinite', Infinity, false],
  ['HPA-7.3 33 of 30', 33 / 30, true],
])('%s', (_name, ratio, want) => {
  expect(isWithinTolerance(ratio, TOLERANCE)).toBe(want);
});

test('HPA-7.5 a tolerance of 1 never scales down', () => {
  expect(isWithinTolerance(0, { down: 1, up: 0.1 })).toBe(true);
});
