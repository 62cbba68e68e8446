/** What decide-ray.mjs runs: a differential run with its options from the command line. */

import { readFileSync } from 'node:fs';
import type { RayCase } from '../../src/sim/ray-cases.types.ts';
import { ALL_FAMILIES, answeredRows, runDifferential, runGiven, type FamilyChoice } from './ray-differential.ts';
import { reportText, rowText } from './ray-differential-text.ts';
import { caseLine, familyAt, generatedCase, type FamilyName } from './ray-generator.ts';
import { RayOracle } from './ray-oracle.ts';
import { rayVenv } from './ray-venv.ts';

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
  const families = (flags.families?.split(',') ?? ALL_FAMILIES) as readonly FamilyChoice[]; // checked below
  const unknown = families.filter((name) => !ALL_FAMILIES.includes(name));
  if (flags.list || unknown.length > 0) {
    say(
      unknown.length > 0
        ? `no family ${unknown.join(', ')}; there are ${ALL_FAMILIES.join(', ')}`
        : ALL_FAMILIES.join('\n'),
    );
    return unknown.length > 0 ? 2 : 0;
  }
  if (flags.emit) {
    const single = families.filter((name): name is FamilyName => name !== 'rounds');
    for (let i = 0; i < cases; i++) say(caseLine(generatedCase(seed, familyAt(seed, i, single), i)));
    return 0;
  }
  const venv = rayVenv();
  if (venv.kind === 'missing') {
    say(venv.reason);
    return 2;
  }
  const oracle = new RayOracle(venv.python);
  try {
    const progress = ({ cases: done, different }: { readonly cases: number; readonly different: number }): void =>
      void process.stderr.write(`${done} cases, ${different} different\n`);
    const options = { seed, cases, families, show, progress };
    if (flags.rows) {
      for (const row of await answeredRows(oracle, { seed, cases, families })) say(rowText(row));
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

function casesOf(file: string): readonly RayCase[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as RayCase); // malformed ones are part of the form
}
