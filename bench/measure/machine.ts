/** Where and on what a bench runs, and how a process is kept on one core. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Program } from './child.ts';

/** Day, machine, how busy it is, and Node: `2026-11-28, 2 x AMD EPYC, x64, 24 GiB, load 0.3; Node v20.20.2`. */
export function machineText(now: Date): string {
  const model = (cpus()[0]?.model ?? 'unknown processor').trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${now.toISOString().slice(0, 10)}, ${cpus().length} x ${model}, ${process.arch}, ${memory} GiB, load ${load}; Node ${process.version}`;
}

/** A core to measure on: the last one this process may use. Undefined: processes cannot be pinned here (no Linux, no taskset). */
export function coreToPin(): number | undefined {
  try {
    const core = lastAllowedCore(readFileSync('/proc/self/status', 'utf8'));
    if (core === undefined || spawnSync('taskset', ['-c', String(core), 'true']).status !== 0) return undefined;
    return core;
  } catch {
    return undefined; // there is no /proc
  }
}

/** The last number of `Cpus_allowed_list: 0-1,3` in /proc/PID/status. */
export function lastAllowedCore(status: string): number | undefined {
  const last = /^Cpus_allowed_list:.*?(\d+)\s*$/m.exec(status)?.[1];
  return last === undefined ? undefined : Number(last);
}

/** The same program with all its threads on `core`. */
export function pinned(program: Program, core: number | undefined): Program {
  if (core === undefined) return program;
  return { ...program, command: 'taskset', args: ['-c', String(core), program.command, ...program.args] };
}
