/** The same cases through our controller and through the original: counts, and for every kind of difference one small case. */

import { decideHpaCase } from '../../src/sim/hpa-cases-line.ts';
import { differences, kindOf, type Answer, type Difference } from './hpa-differential-compare.ts';
import { FAMILY_NAMES, familyAt, generatedCase, type FamilyName } from './hpa-generator.ts';
import { caseLine, type HpaCase } from './hpa-generator-types.ts';
import type { HpaOracle } from './hpa-oracle.ts';
import { shrink } from './hpa-shrink.ts';

export type DifferentialOptions = {
  readonly seed: number;
  readonly cases: number;
  readonly families: readonly FamilyName[];
  /** How many differences are shrunk and told, one of each kind; the others are only counted. */
  readonly show: number;
  progress(report: DifferentialReport): void;
};

export type Found = {
  readonly differences: readonly Difference[];
  /** A row as in test/vectors/hpa. */
  readonly row: { readonly case: HpaCase; readonly want: Answer };
};

/**
 * `unsettled`: different, but the original asked again answered as we do: it contradicts itself; or a loop ended in the middle of a sync,
 * which the case form forbids. `refused`: the original could not play the case. `syncs`: keys synchronized by the original.
 */
export type Counts = {
  cases: number;
  same: number;
  different: number;
  unsettled: number;
  refused: number;
  syncs: number;
};

export type DifferentialReport = Counts & {
  readonly families: Map<string, Counts>;
  /** How often each set of kinds of differences came up. */
  readonly kinds: Map<string, number>;
  readonly found: Found[];
  readonly unsettledCases: HpaCase[];
  /** Time that our side took, without the original's. */
  oursMs: number;
  /** Time from asking the original to its last answer, ours beside it. */
  wallMs: number;
};

const CHUNK = 400;
/** The original is asked again so many times before a difference counts. */
const ASKED_AGAIN = 12;

/** Runs `cases` cases in chunks; one chunk is decided here while the original decides the same one. */
export async function runDifferential(oracle: HpaOracle, options: DifferentialOptions): Promise<DifferentialReport> {
  const report = noReport();
  for (let done = 0; done < options.cases; done += CHUNK) {
    const size = Math.min(CHUNK, options.cases - done);
    const cases = Array.from({ length: size }, (_, i) => caseAt(options, done + i));
    await runCases(oracle, cases, { report, options });
    options.progress(report);
  }
  return report;
}

/** The same for cases that are there already. */
export async function runGiven(
  oracle: HpaOracle,
  cases: readonly HpaCase[],
  options: DifferentialOptions,
): Promise<DifferentialReport> {
  const report = noReport();
  for (let done = 0; done < cases.length; done += CHUNK) {
    await runCases(oracle, cases.slice(done, done + CHUNK), { report, options });
    options.progress(report);
  }
  return report;
}

/** Cases with what the original answers. */
export async function answeredRows(
  oracle: HpaOracle,
  options: Pick<DifferentialOptions, 'seed' | 'cases' | 'families'>,
): Promise<readonly Found['row'][]> {
  const cases = Array.from({ length: options.cases }, (_, i) => caseAt(options, i));
  const wants = await oracle.answers(cases.map(caseLine));
  return cases.flatMap((given, i) => {
    const want = wants[i];
    return want === undefined || want['oracleError'] !== undefined ? [] : [{ case: given, want }];
  });
}

export function caseAt({ seed, families }: Pick<DifferentialOptions, 'seed' | 'families'>, index: number): HpaCase {
  return generatedCase(seed, familyAt(seed, index, families.length > 0 ? families : FAMILY_NAMES), index);
}

type Run = { readonly report: DifferentialReport; readonly options: DifferentialOptions };

async function runCases(oracle: HpaOracle, cases: readonly HpaCase[], run: Run): Promise<void> {
  const lines = cases.map(caseLine);
  const started = performance.now();
  const asked = oracle.answers(lines);
  const ours: Answer[] = [];
  for (const line of lines) ours.push(await ourAnswer(line));
  run.report.oursMs += performance.now() - started;
  const answers = await asked;
  run.report.wallMs += performance.now() - started;
  for (const [i, given] of cases.entries()) {
    const [want, got] = [answers[i], ours[i]];
    if (want !== undefined && got !== undefined) await judge(oracle, { given, want, got }, run);
  }
}

/** As `tandem decide hpa` would answer. A crash of ours is a difference like any other. */
async function ourAnswer(line: string): Promise<Answer> {
  try {
    return JSON.parse((await decideHpaCase(line)).line) as Answer; // our own form
  } catch (error) {
    return { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function judge(
  oracle: HpaOracle,
  { given, want, got }: { readonly given: HpaCase; readonly want: Answer; readonly got: Answer },
  { report, options }: Run,
): Promise<void> {
  const name = given.id.split('/')[0] ?? '';
  const family = report.families.get(name) ?? noCounts();
  report.families.set(name, family);
  const found = differences(want, got);
  const outcome = await outcomeOf(oracle, { given, want, got, found });
  const syncs = Array.isArray(want['syncs']) ? want['syncs'].length : 0;
  for (const counts of [report, family]) {
    counts.cases++;
    counts.syncs += syncs;
    counts[outcome]++;
  }
  if (outcome === 'unsettled') report.unsettledCases.push(given);
  if (outcome !== 'different') return;
  const kinds = new Set(found.map(kindOf));
  const all = [...kinds].toSorted().join(' ');
  const isNew = !report.kinds.has(all);
  report.kinds.set(all, (report.kinds.get(all) ?? 0) + 1);
  if (!isNew || report.found.length >= options.show) return;
  report.found.push(await told(oracle, await shrunk(oracle, given, kinds)));
}

async function outcomeOf(
  oracle: HpaOracle,
  {
    given,
    want,
    got,
    found,
  }: { readonly given: HpaCase; readonly want: Answer; readonly got: Answer; readonly found: readonly Difference[] },
): Promise<'same' | 'different' | 'unsettled' | 'refused'> {
  if (found.length === 0) return want['oracleError'] === undefined ? 'same' : 'refused';
  const again = await oracle.answers(Array.from({ length: ASKED_AGAIN }, () => caseLine(given)));
  const isSettled = again.every((answer) => differences(answer, got).length > 0);
  return isSettled && !(await endsWithinSync(oracle, given)) ? 'different' : 'unsettled';
}

/** Seconds. */
const LATER = [0.031, 0.067, 0.113];

/** Whether a loop that differs is the same when it ends a little later: then it ended in the middle of a sync, which the form forbids. */
async function endsWithinSync(oracle: HpaOracle, given: HpaCase): Promise<boolean> {
  const { kind, durationSeconds } = given;
  if (kind !== 'loop' || typeof durationSeconds !== 'number') return false;
  const lines = LATER.map((more) => caseLine({ ...given, durationSeconds: durationSeconds + more }));
  const wants = await oracle.answers(lines);
  const gots = await Promise.all(lines.map(ourAnswer));
  return wants.some((want, i) => differences(want, gots[i] ?? {}).length === 0);
}

/** Stays with the kinds of difference it started from. */
function shrunk(oracle: HpaOracle, given: HpaCase, kinds: ReadonlySet<string>): Promise<HpaCase> {
  return shrink(given, async (cases) => {
    const lines = cases.map(caseLine);
    const wants = await oracle.answers(lines);
    const gots = await Promise.all(lines.map(ourAnswer));
    return wants.map((want, i) => {
      const got = gots[i];
      if (got === undefined || (want['oracleError'] !== undefined && !kinds.has('oracleError'))) return false;
      return differences(want, got).some((one) => kinds.has(kindOf(one)));
    });
  });
}

async function told(oracle: HpaOracle, given: HpaCase): Promise<Found> {
  const line = caseLine(given);
  const [want] = await oracle.answers([line]);
  if (want === undefined) throw new Error('the original gave no answer');
  return { differences: differences(want, await ourAnswer(line)), row: { case: given, want } };
}

function noReport(): DifferentialReport {
  const lists = { families: new Map(), kinds: new Map(), found: [], unsettledCases: [] };
  return { ...noCounts(), ...lists, oursMs: 0, wallMs: 0 };
}

function noCounts(): Counts {
  return { cases: 0, same: 0, different: 0, unsettled: 0, refused: 0, syncs: 0 };
}
