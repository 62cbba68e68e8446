/** The outcome of a run in words: a line per mutation, a closing line, the page that is kept. */

import type { Mutant, Subject } from './mutant.ts';
import { ENOUGH, type Catch } from './nets.ts';

export type Outcome = {
  readonly mutant: Mutant;
  /** Why nothing can be said of it. */
  readonly fault: string | undefined;
  /** By net, those that noticed. */
  readonly catches: readonly Catch[];
  /** Noticed, or rightly declared equivalent. */
  readonly isRight: boolean;
};

export function lineOf(outcome: Outcome): string {
  return `${outcome.isRight ? ' ' : '!'} ${outcome.mutant.id.padEnd(36)} ${outcome.mutant.rule.padEnd(10)} ${wordOf(outcome)}`;
}

export function summaryOf(outcomes: readonly Outcome[]): string {
  const noticed = outcomes.filter(({ catches, isRight }) => isRight && catches.length > 0).length;
  const equivalent = outcomes.filter(({ catches, isRight }) => isRight && catches.length === 0).length;
  const wrong = outcomes.filter(({ isRight }) => !isRight).map(({ mutant }) => mutant.id);
  const told = wrong.length === 0 ? '' : `: ${wrong.join(', ')}`;
  return `${outcomes.length} mutations: ${noticed} noticed, ${equivalent} equivalent, ${wrong.length} wrong${told}`;
}

function wordOf({ mutant, fault, catches }: Outcome): string {
  if (fault !== undefined) return fault;
  if (catches.length > 0) {
    const by = catches.map(catchText).join('; ');
    return mutant.equivalent === undefined ? by : `declared equivalent, and noticed by ${by}`;
  }
  return mutant.equivalent === undefined ? 'SURVIVED' : `equivalent: ${mutant.equivalent}`;
}

function catchText({ net, tests }: Catch): string {
  const more = tests.length - ENOUGH;
  return `${net}: ${tests.slice(0, ENOUGH).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The page: how it was made, a table by file. */
export function pageOf(subject: Subject, outcomes: readonly Outcome[]): string {
  const files = [...new Set(outcomes.map(({ mutant }) => mutant.file))];
  return [
    `# Does the net catch? The ${subject.name} core, one rule broken at a time`,
    '',
    `Written by \`npm run mutants -- ${subject.name} --write\`. Each row is one change to the source that breaks a rule of [the specification](../../${subject.spec}),`,
    `and what noticed it: the recorded answers of the original (\`vectors\`, asked first), else the unit tests; three tests at most are named. ${summaryOf(outcomes)}.`,
    ...files.flatMap((file) => [
      '',
      `## ${file}`,
      '',
      '| Mutation | Rule | What is wrong | Noticed by |',
      '|---|---|---|---|',
      ...outcomes.filter(({ mutant }) => mutant.file === file).map(rowOf),
    ]),
    '',
  ].join('\n');
}

function rowOf(outcome: Outcome): string {
  const { id, rule, about } = outcome.mutant;
  const cells = [`\`${id}\``, rule, about, wordOf(outcome)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
