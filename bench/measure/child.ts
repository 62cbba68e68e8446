/**
 * One measurement in a process of its own, with a limit of time. The process says what it does in lines of JSON:
 *
 *     {"kind":"ready", ...}     the input is there, the first round begins; other members tell what is measured
 *     {"kind":"cold","ms":1}    the first round is over
 *     {"kind":"timed","warmMs":[],"peakMib":{"first":1,"all":1},"counted":{},"answer":...}
 *
 * The limit is that of the first round: what is built before it and told after it has time of its own.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** What a process times its rounds with: the clock on the wall, or its own processor time, all threads of it. */
export type Clock = 'wall' | 'processor';

export type Timed = {
  readonly kind: 'timed';
  readonly coldMs: number;
  /** Of the rounds after the first. */
  readonly warmMs: readonly number[];
  /** Resident memory of the process at its highest, input included: after the first round, and after all of them. */
  readonly peakMib: { readonly first: number; readonly all: number };
  /** Work counted in one round, by name. */
  readonly counted: Readonly<Record<string, number>>;
  /** Of the first round. */
  readonly answer: unknown;
};
export type Stopped = {
  readonly kind: 'stopped';
  /** On the wall. */
  readonly limitMs: number;
  /** What the first round had taken by then of its processor, where rounds are timed by that. */
  readonly spentMs?: number;
};
export type Failed = { readonly kind: 'failed'; readonly reason: string };
export type Measured = Timed | Stopped | Failed;

export type MeasureOptions = {
  /** On the wall, whatever rounds are timed with. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** What the process times its rounds with. Default: wall. */
  readonly clock?: Clock;
};

/** What is not the first round may take this long. */
const ASIDE_MS = 300_000;

type Phase = 'building' | 'first round' | 'after it';

/** Runs `program` to its end and never throws; when `signal` is aborted the process is killed and the measurement has failed. */
export async function measure(program: Program, options: MeasureOptions): Promise<Measured> {
  const { limitMs, signal, clock = 'wall' } = options;
  if (signal.aborted) return { kind: 'failed', reason: 'interrupted' };
  const child = spawn(program.command, program.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...program.env },
    signal,
    killSignal: 'SIGKILL',
  });
  const seen: Seen = { phase: 'building', coldMs: 0, timed: undefined, stopped: undefined, stderr: '' };
  let usedBefore = 0;
  let timer: NodeJS.Timeout | undefined;
  const allow = (phase: Phase): void => {
    seen.phase = phase;
    usedBefore = processorMs(child.pid);
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        const spentMs = Math.max(0, processorMs(child.pid) - usedBefore);
        seen.stopped = { kind: 'stopped', limitMs, ...(clock === 'processor' ? { spentMs } : {}) };
        child.kill('SIGKILL');
      },
      phase === 'first round' ? limitMs : ASIDE_MS,
    );
  };
  allow('building');
  child.stderr.on('data', (text: Buffer) => (seen.stderr = (seen.stderr + text.toString()).slice(-2000)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = messageOf(line);
    if (message === undefined) return;
    if (message.kind === 'ready') allow('first round');
    else if (message.kind === 'cold') {
      seen.coldMs = message.ms;
      allow('after it');
    } else seen.timed = message;
  });
  const ended = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.name === 'AbortError' ? 'interrupted' : error.message));
    child.on('close', (code, killed) => resolve(code === 0 ? '' : `it ended with ${code ?? killed}`));
  });
  clearTimeout(timer);
  return outcomeOf(seen, ended);
}

type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'cold'; readonly ms: number }
  | ({ readonly kind: 'timed' } & Omit<Timed, 'coldMs'>);

type Seen = {
  phase: Phase;
  coldMs: number;
  timed: Omit<Timed, 'coldMs'> | undefined;
  stopped: Stopped | undefined;
  stderr: string;
};

/** Undefined: some other text on standard output, or a line that broke off. */
function messageOf(line: string): Message | undefined {
  if (!line.startsWith('{"kind":') && !line.startsWith('{"kind": ')) return undefined;
  try {
    return JSON.parse(line) as Message; // our own programs speak here
  } catch {
    return undefined;
  }
}

function outcomeOf({ phase, coldMs, timed, stopped, stderr }: Seen, ended: string): Measured {
  if (stopped !== undefined) {
    return phase === 'first round'
      ? stopped
      : { kind: 'failed', reason: `${phase}: no more was heard for ${ASIDE_MS / 1000} s` };
  }
  if (ended !== '' || timed === undefined) {
    const why = ended === '' ? 'it ended without a measurement' : ended;
    return { kind: 'failed', reason: stderr === '' ? why : `${why}: ${stderr.trim()}` };
  }
  return { ...timed, coldMs };
}

const MS_PER_TICK = 10; // /proc counts hundredths of a second on every Linux

/** Processor time of a process and its threads; 0 when it has ended or the system does not tell. */
function processorMs(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third on: the second may hold blanks
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return 0;
  }
}
