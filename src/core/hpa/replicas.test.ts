import { describe, expect, test } from 'vitest';
import { int64, type Int64 } from './int64.ts';
import type { PodSums } from './pod-sums.ts';
import { assumedUsage, proposeReplicas, type PodsTarget, type Proposal } from './replicas.ts';
import { isWithinTolerance } from './tolerance.ts';

const TOLERANCE = { down: 0.1, up: 0.1 };

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

type Given = {
  readonly values: Readonly<Record<string, bigint>>;
  readonly requests: (pod: string) => bigint;
  readonly unready?: readonly string[];
  readonly missing?: readonly string[];
  readonly target: PodsTarget;
};

/** Plain sums; `ghost` is the name of no pod. */
function sumsOf({ values, requests, unready = [], missing = [], target }: Given): PodSums {
  const total = (all: readonly bigint[]): Int64 => int64(all.reduce((sum, one) => sum + one, 0n));
  const ready = Object.keys(values).filter((name) => name !== 'ghost');
  const { ghost } = values;
  const usage = ready.map((name) => values[name] ?? 0n);
  const assumed = missing.map((name) => BigInt(assumedUsage(target, int64(requests(name)))));
  return {
    ready: { count: ready.length, usage: total(usage), request: total(ready.map(requests)) },
    unknown: { count: ghost === undefined ? 0 : 1, usage: int64(ghost ?? 0n) },
    unready: { count: unready.length, request: total(unready.map(requests)) },
    missing: { count: missing.length, request: total(missing.map(requests)), assumed: total(assumed) },
  };
}

const percentOf = (percent: number): PodsTarget => ({ kind: 'utilization', percent });

describe('utilization', () => {
  test.each(ROWS)(
    '$name',
    ({ currentReplicas, values, unready = [], missing = [], target: percent, requests, want }) => {
      const target = percentOf(percent);
      const sums = sumsOf({ values, unready, missing, target, requests: (pod) => requests?.[pod] ?? 100n });
      const proposal = proposeReplicas({ currentReplicas, sums, target, tolerance: TOLERANCE });
      expect(proposal).toMatchObject({ ok: true, value: want });
    },
  );

  const alone = (usage: bigint, request: bigint): unknown => {
    const target = percentOf(50);
    const sums = sumsOf({ values: { a: usage }, target, requests: () => request });
    return proposeReplicas({ currentReplicas: 1, sums, target, tolerance: TOLERANCE });
  };

  test('HPA-5.10 requests of 0 give no ratio', () => {
    expect(alone(5n, 0n)).toEqual({ ok: false, error: 'no metrics returned matched known pods' });
  });

  test('HPA-22.5 a percentage beyond int32 wraps', () => {
    expect(alone(42_949_673n, 1n)).toMatchObject({ ok: true, value: { first: { utilizationPercent: 4 } } });
  });

  test('HPA-5.3 a hundredfold usage beyond int64 wraps before it is divided', () => {
    const percent = Number(BigInt.asIntN(32, BigInt.asIntN(64, 2n ** 62n * 100n) / 3n));
    expect(alone(2n ** 62n, 3n)).toMatchObject({ ok: true, value: { first: { utilizationPercent: percent } } });
  });
});

describe('average value', () => {
  const propose = (values: Readonly<Record<string, bigint>>, missing: readonly string[], milli: bigint): unknown => {
    const target = { kind: 'average-value', milli } as const;
    const sums = sumsOf({ values, missing, target, requests: () => 0n });
    return proposeReplicas({ currentReplicas: 3, sums, target, tolerance: TOLERANCE });
  };

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

  test('HPA-5.15 samples of unknown pods count in the average', () => {
    expect(propose({ a: 100n, ghost: 300n }, [], 100n)).toMatchObject({
      ok: true,
      value: { replicas: 2, podCount: 1, first: { averageMilli: 200n } },
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
