import fc from 'fast-check';
import { expect, test } from 'vitest';
import { facts, START } from '../../../test/support/hpa.ts';
import { seconds } from '../time/time.ts';
import { DEFAULT_HPA_CONFIG } from './config.ts';
import { int64 } from './int64.ts';
import { sumPods } from './pod-sums.ts';
import { proposeReplicas } from './replicas.ts';

const usage = fc.array(fc.bigInt({ min: 0n, max: 1000n }), { minLength: 1, maxLength: 12 });

function propose(
  values: readonly bigint[],
  missing: number,
  currentReplicas: number,
  shuffled: 'as-is' | 'reversed',
): number {
  const named = values.map((value, i) => [`p${i}`, value] as const);
  const ordered = shuffled === 'reversed' ? named.toReversed() : named;
  const lost = Array.from({ length: missing }, (_, i) => `m${i}`);
  const target = { kind: 'utilization', percent: 50 } as const;
  const summed = sumPods({
    pods: [...ordered.map(([name]) => name), ...lost].map((name) => facts(name)), // each requests 100m
    samples: new Map(
      ordered.map(([name, value]) => [name, { usageMilli: int64(value), at: START, windowMs: seconds(30) }]),
    ),
    readiness: { resource: 'memory', now: START, config: DEFAULT_HPA_CONFIG },
    target,
    requests: { resource: 'cpu', podLevel: 'counts' },
  });
  if (!summed.ok) throw new Error(summed.error);
  const tolerance = { down: 0.1, up: 0.1 };
  const proposal = proposeReplicas({ currentReplicas, sums: summed.value.sums, target, tolerance });
  if (!proposal.ok) throw new Error(proposal.error);
  return proposal.value.replicas;
}

const inputs = [usage, fc.nat({ max: 5 }), fc.integer({ min: 1, max: 30 })] as const;

test('HPA-5.12 the order of the pods does not matter', () => {
  fc.assert(
    fc.property(...inputs, (values, missing, current) => {
      expect(propose(values, missing, current, 'reversed')).toBe(propose(values, missing, current, 'as-is'));
    }),
  );
});

test('HPA-5.14 with pods that did not report, the number never moves against the ratio of those that did', () => {
  fc.assert(
    fc.property(usage, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 }), (values, missing, current) => {
      const sum = values.reduce((total, value) => total + value, 0n);
      const percent = Number(sum / BigInt(values.length)); // of requests of 100m
      const proposal = propose(values, missing, current, 'as-is');
      if (percent > 50) expect(proposal).toBeGreaterThanOrEqual(current);
      else if (percent < 50) expect(proposal).toBeLessThanOrEqual(current);
      else expect(proposal).toBe(current);
    }),
  );
});

test('HPA-5.12 without missing pods more usage never proposes fewer replicas', () => {
  fc.assert(
    fc.property(usage, (values) => {
      const more = values.map((value) => value + 200n);
      const less = propose(values, 0, values.length, 'as-is');
      expect(propose(more, 0, values.length, 'as-is')).toBeGreaterThanOrEqual(less);
    }),
  );
});
