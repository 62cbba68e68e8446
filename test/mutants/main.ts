/** What scripts/mutants.mjs runs. */

import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HPA } from './hpa.ts';
import type { Mutant, Subject } from './mutant.ts';
import { netsOf, type Catch, type Effort, type Net } from './nets.ts';
import { RAY } from './ray.ts';
import { lineOf, pageOf, summaryOf, type Outcome } from './report.ts';
import { Scratch } from './scratch.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SUBJECTS: readonly Subject[] = [RAY, HPA];

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      list: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const subject = SUBJECTS.find(({ name }) => name === positionals[0]);
  if (subject === undefined || positionals.length > 1)
    return refused(`name one of ${SUBJECTS.map(({ name }) => name).join(', ')}`);
  const only = values.only?.split(',') ?? subject.mutants.map(({ id }) => id);
  const unknown = only.filter((id) => !subject.mutants.some((mutant) => mutant.id === id));
  if (unknown.length > 0) return refused(`no mutation ${unknown.join(', ')}: see --list`);
  if (values.write && values.only !== undefined) return refused('--write keeps a whole run: leave --only out');
  const mutants = subject.mutants.filter(({ id }) => only.includes(id));
  if (values.list) {
    for (const { id, rule, file, about } of mutants) say(`${id.padEnd(36)} ${rule.padEnd(10)} ${file}: ${about}`);
    return 0;
  }
  setPriority(10); // the processes below inherit it
  const outcomes = await runAll(subject, mutants, values.all ? 'thorough' : 'quick');
  if (typeof outcomes === 'string') return refused(outcomes);
  say(summaryOf(outcomes));
  if (values.write) writeFileSync(join(ROOT, 'test', 'mutants', `${subject.name}.md`), pageOf(subject, outcomes));
  return outcomes.every(({ isRight }) => isRight) ? 0 : 1;
}

/** The outcomes in the order of the mutants, or why the nets cannot be used. */
async function runAll(
  subject: Subject,
  mutants: readonly Mutant[],
  effort: Effort,
): Promise<readonly Outcome[] | string> {
  const scratch = new Scratch(ROOT);
  const stop = (): void => {
    scratch.remove();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const nets: { readonly net: Net; readonly limitMs: number }[] = [];
    for (const net of netsOf(subject)) {
      const started = performance.now();
      const verdict = await net.cast({ scratch, limitMs: 300_000, effort });
      if (verdict.kind === 'broken') return `${net.name}, nothing broken yet: ${verdict.why}`;
      if (verdict.kind === 'noticed') return `${net.name}: fails with nothing broken: ${verdict.by.tests.join(', ')}`;
      const tookMs = performance.now() - started;
      say(`${net.name}: nothing to notice with nothing broken (${(tookMs / 1000).toFixed(1)} s)`);
      nets.push({ net, limitMs: Math.max(30_000, 10 * tookMs) });
    }
    const outcomes: Outcome[] = [];
    for (const mutant of mutants) {
      const outcome = await outcomeOf(mutant, { scratch, nets, effort });
      outcomes.push(outcome);
      say(lineOf(outcome));
    }
    return outcomes;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    scratch.remove();
  }
}

type Run = {
  readonly scratch: Scratch;
  readonly nets: readonly { readonly net: Net; readonly limitMs: number }[];
  readonly effort: Effort;
};

async function outcomeOf(mutant: Mutant, { scratch, nets, effort }: Run): Promise<Outcome> {
  const catches: Catch[] = [];
  const ran = await scratch.broken(mutant, async () => {
    for (const { net, limitMs } of nets) {
      const verdict = await net.cast({ scratch, limitMs, effort });
      if (verdict.kind === 'broken') return verdict.why;
      if (verdict.kind === 'noticed') catches.push(verdict.by);
      if (catches.length > 0 && effort === 'quick') break;
    }
    return undefined;
  });
  const fault = ran.ok ? ran.value : ran.error;
  const isRight = fault === undefined && catches.length > 0 === (mutant.equivalent === undefined);
  return { mutant, fault, catches, isRight };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function refused(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}
