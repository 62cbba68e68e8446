/** `tandem hpa` as a process of the built program, and what a process has cost so far. It dies with the run that started it. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/tandem.js', import.meta.url));
/** Unit of CPU times in /proc, the same on all of Linux. */
const TICK_MS = 10;

/** How a process ended: `at` on the wall clock, as the audit log's times are. */
export type Ended = { readonly exitCode: number | null; readonly at: number; readonly ms: number };

export class HpaChild {
  readonly pid: number;
  readonly #process: ChildProcess;
  #output = '';

  /** `flags` follow the command's name. The environment is empty but for PATH: the flags say everything. */
  constructor(flags: readonly string[]) {
    // the kernel ends it with the thread that started it: also when the run is killed
    const command = ['--pdeathsig', 'KILL', process.execPath, PROGRAM, 'hpa', ...flags];
    const env = { PATH: process.env['PATH'] };
    const child = spawn('setpriv', command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.on('error', (error) => (this.#output += `${error.message}\n`));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.#process = child;
    this.pid = child.pid ?? 0;
  }

  /** Everything it has written so far. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** How often it has written `text` so far. */
  said(text: string): number {
    return this.#output.split(text).length - 1;
  }

  /** SIGTERM, as the kubelet sends it, and its end. */
  async terminate(): Promise<Ended> {
    if (!this.running) throw new Error(`tandem hpa has ended before it was told to:\n${this.#output}`);
    return this.#end('SIGTERM');
  }

  /** Stands still, as on a machine that is out of breath, until it is woken. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Goes on where it stood; the end that it is expected to come to. */
  async thaw(): Promise<Ended> {
    return this.#end('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<Ended> {
    const begin = performance.now();
    const exit = once(this.#process, 'exit');
    this.#process.kill(signal);
    await exit;
    return { exitCode: this.#process.exitCode, at: Date.now(), ms: Math.round(performance.now() - begin) };
  }

  /** At once, whatever it does; nothing when it has ended. */
  kill(): void {
    if (this.running) this.#process.kill('SIGKILL');
  }
}

export type ProcessCost = { readonly peakMemoryMib: number; readonly cpuMs: number };

/** The most memory a living process has held, and the processor time it has used. */
export function costOf(pid: number): ProcessCost {
  const peakKib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the program's name comes second, in parentheses, and may hold spaces
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  if (peakKib === undefined || user === undefined || system === undefined) throw new Error(`/proc/${pid} is not read`);
  return { peakMemoryMib: Math.round(Number(peakKib) / 102.4) / 10, cpuMs: (user + system) * TICK_MS };
}

/** The process of a program that works in a directory: a bed's part in its run directory. */
export function pidOf(program: string, directory: string): number {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [command] = readFileSync(join('/proc', entry, 'cmdline'), 'utf8').split('\0');
      if (command === program && readlinkSync(join('/proc', entry, 'cwd')) === directory) return Number(entry);
    } catch {
      continue; // it has ended in the meantime
    }
  }
  throw new Error(`no process ${program} in ${directory}`);
}
