/** What hpa.bench.mjs runs: every world by this controller and, where it is built, by the original, told as a table. */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findHpaOracle } from '../../test/conformance/hpa-oracle.ts';
import { deepEqual } from '../../src/lib/json.ts';
import { measure, type Clock, type Measured } from '../measure/child.ts';
import type { Row } from '../measure/comparison.ts';
import { grouped } from '../measure/figures.ts';
import { coreToPin, machineText, pinned } from '../measure/machine.ts';
import { runComparison } from '../measure/run.ts';
import type { Form } from '../measure/table.ts';
import { measureOriginal, originalProgram } from './original.ts';
import { WORLDS, type Layer, type World } from './worlds.ts';

const OURS = fileURLToPath(new URL('ours.mjs', import.meta.url));
const ORIGINAL = 'Kubernetes 1.37.2';

const HELP = `npm run bench -- hpa [WORLD ...] [options]

One round of the HPA controller in each world: every HPA synchronized once, nothing moves. Where the real controller is built
(test/conformance/hpa-oracle/build.sh) its own bench of the same world runs beside it. Without names: all worlds.

  --limit SECONDS   the original is stopped after this (300)
  --rounds N        warm rounds of ours at most, or as many as 10 s hold (30)
  --ours            without the original
  --all-cores       do not keep each process on one core
  --processor       time of the processor instead of the clock on the wall (ours only)
  --markdown        the tables as Markdown
  --help

Worlds: ${WORLDS.map(({ name }) => name).join(', ')}
`;

const ENOUGH_MS = 10_000;

type Options = {
  readonly worlds: readonly World[];
  readonly limitMs: number;
  readonly rounds: number;
  readonly original: 'with' | 'without';
  readonly cores: 'one' | 'all';
  readonly clock: Clock;
  readonly form: Form;
};

/** The exit code: that of `runComparison`, or 2 when nothing was run. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    const isHelp = options === HELP;
    (isHelp ? process.stdout : process.stderr).write(isHelp ? HELP : `${options}\n\n${HELP}`);
    return isHelp ? 0 : 2;
  }
  const oracle =
    options.original === 'with'
      ? findHpaOracle({ build: false })
      : ({ kind: 'missing', reason: 'not asked for' } as const);
  const core = options.cores === 'one' ? coreToPin() : undefined;
  return await runComparison({
    worlds: options.worlds,
    rowOf: (world, signal) =>
      rowOf(world, { options, oracle: oracle.kind === 'found' ? oracle.program : undefined, core, signal }),
    original: ORIGINAL,
    header: [
      machineText(new Date()),
      `a process per world and side${core === undefined ? '' : ', each on one core'}; ${options.clock === 'wall' ? 'the clock on the wall' : 'ours: time of the processor, all threads'}`,
      ...(oracle.kind === 'missing' ? [`our side only, the original is left out: ${oracle.reason}`] : []),
    ],
    form: options.form,
  });
}

/** The options, or what is to be said instead. */
function readOptions(argv: readonly string[]): Options | string {
  let parsed;
  try {
    parsed = parse(argv);
  } catch (error) {
    return (error as Error).message; // parseArgs throws nothing else
  }
  const { values, positionals } = parsed;
  if (values.help) return HELP;
  const unknown = positionals.find((name) => !WORLDS.some((world) => world.name === name));
  if (unknown !== undefined) return `there is no world ${unknown}`;
  const [limitS, rounds] = [Number(values.limit), Number(values.rounds)];
  if (!(limitS > 0 && rounds > 0)) return '--limit and --rounds must be numbers above 0';
  return {
    worlds: positionals.length === 0 ? WORLDS : WORLDS.filter(({ name }) => positionals.includes(name)),
    limitMs: limitS * 1000,
    rounds,
    original: values.ours ? 'without' : 'with',
    cores: values['all-cores'] ? 'all' : 'one',
    clock: values.processor ? 'processor' : 'wall',
    form: values.markdown ? 'markdown' : 'text',
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      limit: { type: 'string', default: '300' },
      rounds: { type: 'string', default: '30' },
      ours: { type: 'boolean', default: false },
      'all-cores': { type: 'boolean', default: false },
      processor: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

type Run = {
  readonly options: Options;
  readonly oracle: string | undefined;
  readonly core: number | undefined;
  readonly signal: AbortSignal;
};

async function rowOf(world: World, { options, oracle, core, signal }: Run): Promise<Row> {
  const { layer, hpas, podsPerHpa, namespaces, goal, name } = world;
  const size = [String(hpas), String(podsPerHpa), namespaces];
  const ours = await measure(
    pinned(
      {
        command: process.execPath,
        args: [OURS, layer, ...size, String(options.rounds), String(ENOUGH_MS), options.clock],
      },
      core,
    ),
    { limitMs: options.limitMs, signal },
  );
  const program = oracle === undefined ? undefined : originalProgram(oracle, world);
  const original =
    program === undefined
      ? ({ kind: 'absent' } as const)
      : await measureOriginal(pinned(program, core), { limitMs: options.limitMs, signal });
  return { world: name, about: describe(world), goal, ours, original, differences: differencesOf(ours, original) };
}

const LAYERS: Readonly<Record<Layer, string>> = {
  core: 'decisions alone',
  clients: 'with JSON in and out',
  decode: 'with reading the metrics',
  start: 'from nothing to all synchronized',
};

function describe({ layer, hpas, podsPerHpa, namespaces }: World): string {
  const where = namespaces === 'one' ? 'one namespace' : 'a namespace each';
  return `${grouped(hpas)} x ${grouped(podsPerHpa)} pods, ${where}: ${LAYERS[layer]}`;
}

/** What the last HPA of the world came to. */
function differencesOf(ours: Measured, original: Row['original']): readonly string[] | undefined {
  if (ours.kind !== 'timed' || original.kind !== 'timed') return undefined;
  return deepEqual(ours.answer, original.answer) ? [] : ['the status of the last HPA'];
}
