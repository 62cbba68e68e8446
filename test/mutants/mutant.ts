/** A rule of a core broken on purpose, as data: which text of which file becomes which other text. */

import { err, ok, type Result } from '../../src/lib/result.ts';

export type Mutant = {
  readonly id: string;
  /** The rule of the specification that is broken. */
  readonly rule: string;
  /** From the root of the repository. */
  readonly file: string;
  /** What is wrong now, for a reader of the table. */
  readonly about: string;
  /** Stands exactly once in the file: short, so that neighbouring changes leave it alone. */
  readonly find: string;
  readonly replace: string;
  /** Why no answer can tell it from the original. Without it a mutation that nobody notices is a fault. */
  readonly equivalent?: string;
};

/** A core, what may notice that it is broken, and how it is broken. */
export type Subject = {
  readonly name: string;
  /** Where the rules stand. */
  readonly spec: string;
  /** A module that exports `rows`: recorded answers, replayed in one process. */
  readonly replay: string;
  /** Where vitest looks for tests when the rows have noticed nothing. */
  readonly unit: readonly string[];
  readonly mutants: readonly Mutant[];
};

/** One recorded answer. `isSame` asks again; what it throws counts as another answer. */
export type Row = { readonly id: string; isSame(): boolean | Promise<boolean> };

/** What a replay module exports. */
export type Replay = { rows(): readonly Row[] };

/** Mutations of one file. */
export function mutantsOf(file: string, mutants: readonly Omit<Mutant, 'file'>[]): readonly Mutant[] {
  return mutants.map((mutant) => ({ ...mutant, file }));
}

/** The file with the rule broken, or why that cannot be done. */
export function applied({ id, file, find, replace }: Mutant, source: string): Result<string, string> {
  const times = source.split(find).length - 1;
  if (times !== 1) return err(`${id}: its text stands ${times} times in ${file}, not once`);
  return find === replace ? err(`${id}: changes nothing`) : ok(source.replace(find, () => replace));
}
