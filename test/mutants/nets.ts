/** The nets that may notice a broken rule: recorded answers in one process, then unit tests. */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Subject } from './mutant.ts';
import type { Ended, Scratch } from './scratch.ts';

/** Which tests noticed, in their order. */
export type Catch = { readonly net: string; readonly tests: readonly string[] };

/** `quick`: a net is left when three tests have noticed, and the next one is not tried. */
export type Effort = 'quick' | 'thorough';

export const ENOUGH = 3;

/** `broken`: the net did not come to judge, so that it says nothing of the rule. */
export type Verdict =
  | { readonly kind: 'noticed'; readonly by: Catch }
  | { readonly kind: 'unnoticed' }
  | { readonly kind: 'broken'; readonly why: string };

export type Cast = { readonly scratch: Scratch; readonly limitMs: number; readonly effort: Effort };

export type Net = { readonly name: string; cast(how: Cast): Promise<Verdict> };

/** From the fastest to the slowest. */
export function netsOf(subject: Pick<Subject, 'replay' | 'unit'>): readonly Net[] {
  return [
    { name: 'vectors', cast: (how) => replayed(subject.replay, how) },
    { name: 'unit tests', cast: (how) => tested(subject.unit, how) },
  ];
}

async function replayed(module: string, { scratch, limitMs, effort }: Cast): Promise<Verdict> {
  const most = effort === 'quick' ? ENOUGH : Infinity;
  const end = await scratch.run(['test/mutants/replay.mjs', module, String(most)], limitMs);
  const lines = end.stdout.split('\n');
  if (!lines.some((line) => /^loaded [1-9]/.test(line)))
    return { kind: 'broken', why: `the rows were not loaded: ${lastWords(end)}` };
  const others: string[] = [];
  let at = '';
  for (const line of lines) {
    if (line.startsWith('row ')) at = line.slice('row '.length);
    if (line === 'other') others.push(at);
  }
  if (!lines.includes('end'))
    others.push(`${at} (${end.ended === 'out of time' ? 'does not end' : 'ends the process'})`);
  if (others.length === 0) return { kind: 'unnoticed' };
  return { kind: 'noticed', by: { net: 'vectors', tests: others } };
}

/** What is read of vitest's report. */
type Report = {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};

async function tested(filters: readonly string[], { scratch, limitMs, effort }: Cast): Promise<Verdict> {
  const output = join(scratch.folder, 'report.json');
  rmSync(output, { force: true });
  const vitest = 'node_modules/vitest/vitest.mjs';
  const args = [vitest, 'run', ...filters, '--reporter=json', `--outputFile=${output}`];
  if (effort === 'quick') args.push(`--bail=${ENOUGH}`);
  const end = await scratch.run(args, limitMs);
  if (end.ended === 'out of time')
    return { kind: 'noticed', by: { net: 'unit tests', tests: ['the run does not end'] } };
  if (!existsSync(output)) return { kind: 'broken', why: `vitest told nothing: ${lastWords(end)}` };
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report; // vitest's form
  const failed = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(scratch.folder, name);
    const tests = assertionResults
      .filter((one) => one.status === 'failed')
      .map(({ fullName }) => `${file}: ${fullName}`);
    return tests.length === 0 && status === 'failed' ? [`${file}: ${message.split('\n')[0] ?? ''}`] : tests;
  });
  if (report.numPassedTests === 0) return { kind: 'broken', why: `no test ran: ${failed[0] ?? lastWords(end)}` };
  if (failed.length === 0) return { kind: 'unnoticed' };
  return { kind: 'noticed', by: { net: 'unit tests', tests: failed } };
}

function lastWords({ ended, stdout, stderr }: Ended): string {
  const text = (stderr.trim() || stdout.trim()).split('\n').slice(0, 6).join(' ');
  return `${ended}: ${text.slice(0, 600)}`;
}
