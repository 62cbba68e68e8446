/** What decide-hpa.mjs runs: a differential run with its options from the command line. */

import { readFileSync } from 'node:fs';
import { answeredRows, caseAt, runDifferential, runGiven, type DifferentialReport } from './hpa-differential.ts';
import { reportText, rowText } from './hpa-differential-text.ts';
import { FAMILY_NAMES, type FamilyName } from './hpa-generator.ts';
import { caseLine, type HpaCase } from './hpa-generator-types.ts';
import { findHpaOracle, HpaOracle } from './hpa-oracle.ts';

type Flags = {
  readonly families?: string;
  readonly cases: string;
  readonly seed: string;
  readonly show: string;
  readonly file?: string;
  readonly list: boolean;
  readonly emit: boolean;
  readonly rows: boolean;
};

/** The exit code: 0 all the same, 1 some difference, 2 nothing was run. */
export async function main(flags: Flags): Promise<number> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const [cases, seed, show] = [Number(flags.cases), Number(flags.seed), Number(flags.show)];
  const families = (flags.families?.split(',') ?? FAMILY_NAMES) as readonly FamilyName[]; // checked below
  const unknown = families.filter((name) => !FAMILY_NAMES.includes(name));
  if (flags.list || unknown.length > 0) {
    const names = FAMILY_NAMES.join(unknown.length > 0 ? ', ' : '\n');
    say(unknown.length > 0 ? `no family ${unknown.join(', ')}; there are ${names}` : names);
    return unknown.length > 0 ? 2 : 0;
  }
  if (flags.emit) {
    for (let i = 0; i < cases; i++) say(caseLine(caseAt({ seed, families }, i)));
    return 0;
  }
  const found = findHpaOracle({ build: true });
  if (found.kind === 'missing') {
    say(found.reason);
    return 2;
  }
  const oracle = new HpaOracle(found.program);
  try {
    const progress = ({ cases: done, different }: DifferentialReport): void =>
      void process.stderr.write(`${done} cases, ${different} different\n`);
    const options = { seed, cases, families, show, progress };
    if (flags.rows) {
      for (const row of await answeredRows(oracle, options)) say(rowText(row));
      return 0;
    }
    const report =
      flags.file === undefined
        ? await runDifferential(oracle, options)
        : await runGiven(oracle, casesOf(flags.file), options);
    say(reportText(report));
    return report.different > 0 ? 1 : 0;
  } finally {
    await oracle.close();
  }
}

/** Cases one per line, or rows of test/vectors/hpa. */
function casesOf(file: string): readonly HpaCase[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line) => {
    if (line.trim() === '') return [];
    const read = JSON.parse(line) as HpaCase & { readonly case?: HpaCase; readonly oracle?: string };
    if (read.oracle !== undefined) return []; // the head of a file of rows
    const given = read.case ?? read;
    return [{ ...given, kind: given.kind ?? 'reconcile' }];
  });
}
