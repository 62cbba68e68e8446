/**
 * Fresh HPA cases through the code of `tandem decide hpa` and through the original controller: the same writes, statuses, events, requests
 * and counters. The seed comes from the commit; TANDEM_SEED=<n> repeats a run, TANDEM_CONFORMANCE=all makes it long.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { testSeed } from '../support/seed.ts';
import { runDifferential, type DifferentialReport } from './hpa-differential.ts';
import { reportText } from './hpa-differential-text.ts';
import { FAMILY_NAMES } from './hpa-generator.ts';
import { findHpaOracle, HpaOracle } from './hpa-oracle.ts';

const isLong = process.env['TANDEM_CONFORMANCE'] === 'all';
const CASES = isLong ? 200_000 : 3000;
const LIMIT_MS = isLong ? 85 * 60_000 : 5 * 60_000;
/** A family that comes up less often than this shows nothing; the rarest is expected about 17 times in a short run. */
const FEWEST = 4;

/** The original contradicts itself where two things fall on one millisecond, next to never and only when its whole loop runs. */
const MOST_UNSETTLED = 10_000;

const original = findHpaOracle({ build: false });
const seed = testSeed();

describe('decide hpa', () => {
  if (original.kind === 'missing') {
    test('answers as the original controller', ({ skip }) => skip(original.reason));
    return;
  }
  const oracle = new HpaOracle(original.program);
  afterAll(() => oracle.close());
  let told = 0;
  const progress = ({ cases, different }: DifferentialReport): void => {
    if (!isLong || cases - told < 10_000) return;
    told = cases;
    process.stdout.write(`decide hpa: ${cases} of ${CASES} cases, ${different} different\n`);
  };

  test(`answers as the original controller: ${CASES} cases, seed ${seed}`, { timeout: LIMIT_MS }, async () => {
    const report = await runDifferential(oracle, { seed, cases: CASES, families: FAMILY_NAMES, show: 5, progress });
    process.stdout.write(`${reportText(report)}\n`);
    expect({ cases: report.cases, different: report.different }).toEqual({ cases: CASES, different: 0 });
    expect(report.unsettled).toBeLessThanOrEqual(Math.ceil(CASES / MOST_UNSETTLED));
    expect(report.refused).toBe(0);
    const scarce = FAMILY_NAMES.filter((name) => (report.families.get(name)?.cases ?? 0) < FEWEST);
    expect(scarce).toEqual([]);
  });
});
