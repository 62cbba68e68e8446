/** The original controller's own bench of one world: started, limited in time, and read. */

import { spawn } from 'node:child_process';
import type { Measured, Program } from '../measure/child.ts';
import type { World } from './worlds.ts';

export type OriginalOptions = { readonly limitMs: number; readonly signal: AbortSignal };

/** What its bench prints of one world; seconds. */
type Told = {
  readonly bench: readonly { readonly roundSeconds: readonly number[]; readonly check: string }[];
  readonly peakMib: number;
};

const ROUNDS = 5;

/** Five rounds of the original with one worker; undefined for a world that its bench does not know. */
export function originalProgram(
  oracle: string,
  { hpas, podsPerHpa, namespaces, original }: World,
): Program | undefined {
  if (original === undefined) return undefined;
  const which = ['-only', `${hpas}x${podsPerHpa}`, '-modes', original.mode, '-workers', '1'];
  const how = ['-namespaces', namespaces, '-variants', 'steady', '-rounds', String(ROUNDS)];
  return { command: oracle, args: ['bench', ...which, ...how] };
}

/** All rounds are warm: it makes two before those that it times. The limit is that of the whole run. */
export async function measureOriginal(program: Program, options: OriginalOptions): Promise<Measured> {
  const { output, end } = await run(program, options);
  if (end === 'out of time') return { kind: 'stopped', limitMs: options.limitMs };
  if (end !== '') return { kind: 'failed', reason: end };
  const { bench, peakMib } = JSON.parse(output) as Told; // its own form
  const [told] = bench;
  if (told === undefined) return { kind: 'failed', reason: 'it told of no round' };
  const warmMs = told.roundSeconds.map((seconds) => seconds * 1000);
  return {
    kind: 'timed',
    coldMs: warmMs[0] ?? 0,
    warmMs,
    peakMib: { first: peakMib, all: peakMib },
    counted: {},
    answer: answerIn(told.check),
  };
}

/** `desired=10 util=60` as ours tells it. */
export function answerIn(check: string): { readonly desired: number; readonly utilization: number } | undefined {
  const found = /^desired=(\d+) util=(\d+)$/.exec(check);
  return found === null ? undefined : { desired: Number(found[1]), utilization: Number(found[2]) };
}

type Ended = { readonly output: string; readonly end: string };

function run({ command, args }: Program, { limitMs, signal }: OriginalOptions): Promise<Ended> {
  return new Promise((resolve) => {
    let output = '';
    let complaints = '';
    let outOfTime = false;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    const timer = setTimeout(() => {
      outOfTime = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (complaints = (complaints + text.toString()).slice(-500)));
    const ended = (end: string): void => {
      clearTimeout(timer);
      resolve({ output, end: outOfTime ? 'out of time' : end });
    };
    child.on('error', (error) => ended(error.name === 'AbortError' ? 'interrupted' : error.message));
    child.on('close', (code) => ended(code === 0 ? '' : `it ended with ${code}: ${complaints}`));
  });
}
