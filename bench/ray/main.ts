/** What ray.bench.mjs runs: every world once as a case, put to this core and to the real scheduler, told as a table. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RayResult } from '../../src/sim/ray-cases.types.ts';
import { RAY_VERSION } from '../../test/conformance/ray-venv.ts';
import { differences } from '../../test/support/ray-compare.ts';
import { measure, type Measured, type Program } from '../measure/child.ts';
import type { Row } from '../measure/comparison.ts';
import { coreToPin, machineText, pinned } from '../measure/machine.ts';
import { runComparison } from '../measure/run.ts';
import { HELP, readOptions, type Options } from './options.ts';
import { findRealScheduler, timingProgram, type RealScheduler } from './real-scheduler.ts';
import { describe, lineOf, sizeOf, type World } from './worlds.ts';

const OURS = fileURLToPath(new URL('ours.mjs', import.meta.url));
/** Warm rounds end when all rounds together took this long. */
const ENOUGH_MS = 3000;
const ORIGINAL_ENOUGH_S = 10;
const ORIGINAL_ROUNDS = 4;

/** The exit code: that of `runComparison`, or 2 when nothing was run. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = readOptions(argv);
  if (command.kind === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (command.kind === 'wrong') {
    process.stderr.write(`${command.problem}\n\n${HELP}`);
    return 2;
  }
  const { options } = command;
  if (command.kind === 'emit') {
    for (const world of options.worlds) process.stdout.write(`${lineOf(world, sizeOf(world, options.shrink))}\n`);
    return 0;
  }
  const real: RealScheduler =
    options.original === 'with' ? findRealScheduler(options.python) : { kind: 'missing', reason: 'not asked for' };
  if (real.kind === 'missing' && options.original === 'with' && options.python !== undefined) {
    process.stderr.write(`${real.reason}\n`);
    return 2;
  }
  return await measureAll(options, real);
}

async function measureAll(options: Options, real: RealScheduler): Promise<number> {
  const core = options.cores === 'one' ? coreToPin() : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  try {
    return await runComparison({
      worlds: options.worlds,
      rowOf: (world, signal) => rowOf(world, { options, real, core, folder, signal }),
      original: `Ray ${real.kind === 'found' ? real.rayVersion : RAY_VERSION}`,
      header: headerLines(options, real, core),
      form: options.form,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function headerLines(options: Options, real: RealScheduler, core: number | undefined): readonly string[] {
  const clock = options.clock === 'wall' ? 'the clock on the wall' : 'time of the processor, all threads';
  const cores = core === undefined ? '' : ', each on one core';
  return [
    `${machineText(new Date())}${real.kind === 'found' ? `; Ray ${real.rayVersion} on Python ${real.pythonVersion}` : ''}`,
    `a process per world and side${cores}; ${clock}; a first round is stopped after ${options.limitS} s`,
    ...(options.shrink === 1 ? [] : [`worlds are ${options.shrink} times smaller than those of the goals`]),
    ...(real.kind === 'missing' ? [`our side only, the real scheduler is left out: ${real.reason}`] : []),
    ...(real.kind === 'found' && real.rayVersion !== RAY_VERSION
      ? [`this core decides as Ray ${RAY_VERSION}: the answers of Ray ${real.rayVersion} may differ`]
      : []),
  ];
}

type Run = {
  readonly options: Options;
  readonly real: RealScheduler;
  readonly core: number | undefined;
  readonly folder: string;
  readonly signal: AbortSignal;
};

async function rowOf(world: World, { options, real, core, folder, signal }: Run): Promise<Row> {
  const { clock } = options;
  const size = sizeOf(world, options.shrink);
  const file = join(folder, `${world.name}.json`);
  writeFileSync(file, lineOf(world, size));
  const limited = (program: Program): Promise<Measured> =>
    measure(pinned(program, core), { limitMs: options.limitS * 1000, signal, clock });
  const ours = await limited({
    command: process.execPath,
    args: [...heapFlags(world), OURS, file, String(options.rounds), String(ENOUGH_MS), clock],
  });
  const original =
    real.kind === 'missing'
      ? ({ kind: 'absent' } as const)
      : await limited(timingProgram(real.python, file, { rounds: ORIGINAL_ROUNDS, enoughS: ORIGINAL_ENOUGH_S, clock }));
  rmSync(file);
  return {
    ...describe(world, size),
    goal: world.goal,
    ours: withoutAnswer(ours),
    original: original.kind === 'absent' ? original : withoutAnswer(original),
    differences: differencesOf(ours, original),
  };
}

function heapFlags({ heapMib }: World): readonly string[] {
  return heapMib === undefined ? [] : [`--max-old-space-size=${heapMib}`];
}

/** Rows outlive their answers, which can be large. */
function withoutAnswer(side: Measured): Measured {
  return side.kind === 'timed' ? { ...side, answer: undefined } : side;
}

function differencesOf(ours: Measured, original: Row['original']): readonly string[] | undefined {
  if (ours.kind !== 'timed' || original.kind !== 'timed') return undefined;
  // both are results of the case form, told by our own programs
  return differences(original.answer as RayResult, ours.answer as RayResult, { strict: true });
}
