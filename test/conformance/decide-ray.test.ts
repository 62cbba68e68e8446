/**
 * Fresh scheduling cases through the code of `tandem decide ray` and through the real scheduler: the same answers, texts, error classes
 * and final nodes included. The seed comes from the commit; TANDEM_SEED=<n> repeats a run, TANDEM_CONFORMANCE=all makes it long.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { testSeed } from '../support/seed.ts';
import { ALL_FAMILIES, runDifferential, type DifferentialReport } from './ray-differential.ts';
import { reportText } from './ray-differential-text.ts';
import { RayOracle } from './ray-oracle.ts';
import { rayVenv } from './ray-venv.ts';

const isLong = process.env['TANDEM_CONFORMANCE'] === 'all';
const CASES = isLong ? 200_000 : 3000;
const LIMIT_MS = isLong ? 85 * 60_000 : 7 * 60_000;
/** A family that comes up less often than this shows nothing; the rarest is expected about 20 times in a short run. */
const FEWEST = 5;

/** The cube of C itself differs from machine to machine in about one of 1400; few of those decide anything. */
const MOST_LAST_BITS = 10_000;

const venv = rayVenv();
const seed = testSeed();

describe('decide ray', () => {
  if (venv.kind === 'missing') {
    test('answers as the real scheduler', ({ skip }) => skip(venv.reason));
    return;
  }
  const oracle = new RayOracle(venv.python);
  afterAll(() => oracle.close());
  let told = 0;
  const progress = ({ cases, different }: DifferentialReport): void => {
    if (!isLong || cases - told < 10_000) return;
    told = cases;
    process.stdout.write(`decide ray: ${cases} of ${CASES} cases, ${different} different\n`);
  };

  test(`answers as the real scheduler: ${CASES} cases, seed ${seed}`, { timeout: LIMIT_MS }, async () => {
    const report = await runDifferential(oracle, { seed, cases: CASES, families: ALL_FAMILIES, show: 5, progress });
    process.stdout.write(`${reportText(report)}\n`);
    expect({ cases: report.cases, different: report.different }).toEqual({ cases: CASES, different: 0 });
    expect(report.lastBits).toBeLessThanOrEqual(Math.ceil(CASES / MOST_LAST_BITS));
    const scarce = ALL_FAMILIES.filter((name) => (report.families.get(name)?.cases ?? 0) < FEWEST);
    expect(scarce).toEqual([]);
    expect(report.aborted).toBeGreaterThan(CASES / 100);
  });
});
