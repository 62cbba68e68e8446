/** The same cases through our scheduler and through the real one: counts, and for every kind of difference one small case. */

import { decideRayCase } from '../../src/sim/ray-cases.ts';
import type { RayCase, RayResult } from '../../src/sim/ray-cases.types.ts';
import { differences, isSensitive } from '../support/ray-compare.ts';
import { caseLine, familyAt, FAMILY_NAMES, generatedCase, type FamilyName } from './ray-generator.ts';
import type { RayOracle } from './ray-oracle.ts';
import { Rounds } from './ray-rounds.ts';
import { shrink } from './ray-shrink.ts';

export type FamilyChoice = FamilyName | 'rounds';

export const ALL_FAMILIES: readonly FamilyChoice[] = [...FAMILY_NAMES, 'rounds'];

export type DifferentialOptions = {
  readonly seed: number;
  readonly cases: number;
  readonly families: readonly FamilyChoice[];
  /** How many differences are shrunk and told; the others are only counted. */
  readonly show: number;
  progress(report: DifferentialReport): void;
};

export type Difference = {
  readonly fields: readonly string[];
  /** A row as in test/vectors/ray. */
  readonly row: { readonly case: RayCase; readonly want: RayResult };
  /** Both with the final nodes. */
  readonly want: RayResult;
  readonly got: RayResult;
};

/**
 * `different`: not flagged. `lastBits`: different, and a choice hung on the last bits of a score, of which a right cube has next to none.
 * `sumOrder`: different, and the original itself adds in an order that changes from process to process.
 */
export type Counts = {
  cases: number;
  same: number;
  different: number;
  lastBits: number;
  sumOrder: number;
  aborted: number;
};

export type DifferentialReport = Counts & {
  readonly families: Map<string, Counts>;
  readonly differences: Difference[];
  /** Flagged cases that differ: to be looked at by a person. */
  readonly flagged: Difference[];
};

const CHUNK = 1000;
/** Of ten cases of a mixed run this many are rounds of a sequence. */
const ROUNDS_SHARE = 0.12;
const ROUNDS_LENGTH = 12;

/** Runs `cases` cases in chunks; one chunk is decided here while the real scheduler decides the same one. */
export async function runDifferential(oracle: RayOracle, options: DifferentialOptions): Promise<DifferentialReport> {
  const report = noReport();
  for (let done = 0; done < options.cases;) {
    const size = Math.min(CHUNK, options.cases - done);
    const { cases, rounds } = chunkAt(options, { from: done, size });
    await runCases(oracle, cases, { report, options });
    await runRounds(oracle, rounds, { report, options, from: done });
    done += size;
    options.progress(report);
  }
  return report;
}

/** The same for cases that are there already. */
export async function runGiven(
  oracle: RayOracle,
  cases: readonly RayCase[],
  options: DifferentialOptions,
): Promise<DifferentialReport> {
  const report = noReport();
  for (let done = 0; done < cases.length; done += CHUNK) {
    await runCases(oracle, cases.slice(done, done + CHUNK), { report, options });
    options.progress(report);
  }
  return report;
}

type Run = { readonly report: DifferentialReport; readonly options: DifferentialOptions };

async function runCases(oracle: RayOracle, cases: readonly RayCase[], run: Run): Promise<readonly RayResult[]> {
  const lines = cases.map(caseLine);
  const asked = oracle.answers(lines);
  const ours = lines.map(ourAnswer);
  const answers = await asked;
  for (const [i, given] of cases.entries()) {
    const [want, got] = [answers[i], ours[i]];
    if (want !== undefined && got !== undefined) await judge(oracle, { given, want, got }, run);
  }
  return answers;
}

async function runRounds(oracle: RayOracle, count: number, run: Run & { readonly from: number }): Promise<void> {
  const sequences = Array.from(
    { length: Math.ceil(count / ROUNDS_LENGTH) },
    (_, i) => new Rounds(run.options.seed, run.from + i),
  );
  for (let left = count; left > 0;) {
    const now = sequences.slice(0, left);
    const results = await runCases(
      oracle,
      now.map(({ current }) => current),
      run,
    );
    for (const [i, sequence] of now.entries()) {
      const result = results[i];
      if (result !== undefined) sequence.advance(result);
    }
    left -= now.length;
  }
}

/** Cases with what the real scheduler answers. Left out: sequences, and answers that change from process to process. */
export async function answeredRows(
  oracle: RayOracle,
  { seed, cases: count, families }: Pick<DifferentialOptions, 'seed' | 'cases' | 'families'>,
): Promise<readonly Difference['row'][]> {
  const { cases } = chunkAt({ seed, families }, { from: 0, size: count });
  const wants = await oracle.answers(cases.map(caseLine));
  return wants.flatMap((want, i) => {
    const given = cases[i];
    if (given === undefined || want.flags?.sum_order_sensitive === true) return [];
    return [{ case: given, want: bare(want) }];
  });
}

/** Without what is not part of the answer. */
function bare(result: RayResult): RayResult {
  const { flags: _flags, ...answer } = result;
  if (!answer.ok) return answer;
  const { trace: _trace, ...decided } = answer;
  return decided;
}

/** As `tandem decide ray --trace` would answer. A crash of ours is a difference like any other. */
function ourAnswer(line: string): RayResult {
  try {
    return JSON.parse(decideRayCase(line, { trace: true }).line) as RayResult; // our own form
  } catch (error) {
    return {
      id: null,
      ok: false,
      error: `crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    };
  }
}

async function judge(
  oracle: RayOracle,
  { given, want, got }: { readonly given: RayCase; readonly want: RayResult; readonly got: RayResult },
  { report, options }: Run,
): Promise<void> {
  const family = report.families.get(given.family ?? '') ?? noCounts();
  report.families.set(given.family ?? '', family);
  const fields = differences(want, got, { strict: true });
  const outcome = fields.length === 0 ? 'same' : kindOf(want);
  for (const counts of [report, family]) {
    counts.cases++;
    counts[outcome]++;
    if (!want.ok) counts.aborted++;
  }
  if (outcome === 'same') return;
  const found = outcome === 'different' ? report.differences : report.flagged;
  if (found.length >= options.show) return;
  const row = outcome === 'different' ? await shrunk(oracle, given, fields) : given;
  found.push(await difference(oracle, row));
}

/** The cases of a chunk, and how many rounds of sequences go with them. */
function chunkAt(
  { seed, families }: Pick<DifferentialOptions, 'seed' | 'families'>,
  { from, size }: { readonly from: number; readonly size: number },
): { readonly cases: readonly RayCase[]; readonly rounds: number } {
  const single = families.filter((name): name is FamilyName => name !== 'rounds');
  const share = !families.includes('rounds') ? 0 : single.length === 0 ? 1 : ROUNDS_SHARE;
  const rounds = Math.round(size * share);
  const at = Array.from({ length: size - rounds }, (_, i) => from + i);
  return { cases: at.map((index) => generatedCase(seed, familyAt(seed, index, single), index)), rounds };
}

function kindOf({ flags }: RayResult): 'different' | 'lastBits' | 'sumOrder' {
  if (flags?.sum_order_sensitive === true) return 'sumOrder';
  return flags?.ulp_sensitive === true ? 'lastBits' : 'different';
}

/** Stays with the kind of difference it started from, and away from cases that hang on the last bits. */
function shrunk(oracle: RayOracle, given: RayCase, fields: readonly string[]): Promise<RayCase> {
  return shrink(given, async (cases) => {
    const lines = cases.map(caseLine);
    const wants = await oracle.answers(lines);
    return wants.map((want, i) => {
      const malformed = !want.ok && want.error === 'BadCase';
      if (malformed || isSensitive(want)) return false;
      return differences(want, ourAnswer(lines[i] ?? ''), { strict: true }).some((field) => fields.includes(field));
    });
  });
}

async function difference(oracle: RayOracle, given: RayCase): Promise<Difference> {
  const line = caseLine(given);
  const [want] = await oracle.answers([line]);
  const got = ourAnswer(line);
  if (want === undefined) throw new Error('the real scheduler gave no answer');
  return { fields: differences(want, got, { strict: true }), row: { case: given, want: bare(want) }, want, got };
}

function noReport(): DifferentialReport {
  return { ...noCounts(), families: new Map(), differences: [], flagged: [] };
}

function noCounts(): Counts {
  return { cases: 0, same: 0, different: 0, lastBits: 0, sumOrder: 0, aborted: 0 };
}
