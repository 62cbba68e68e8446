/** The command line of the Ray bench. */

import { parseArgs } from 'node:util';
import type { Clock } from '../measure/child.ts';
import type { Form } from '../measure/table.ts';
import { WORLDS, type World } from './worlds.ts';

export type Options = {
  readonly worlds: readonly World[];
  /** Worlds are made this many times smaller. */
  readonly shrink: number;
  /** Of the first round of either side. */
  readonly limitS: number;
  /** Warm rounds of ours, at most. */
  readonly rounds: number;
  readonly python: string | undefined;
  readonly original: 'with' | 'without';
  readonly cores: 'one' | 'all';
  readonly clock: Clock;
  readonly form: Form;
};

export type Command =
  | { readonly kind: 'measure' | 'emit'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string };

export const HELP = `npm run bench -- ray [WORLD ...] [options]

One round of the Ray scheduler in each world, by this core and by the real scheduler where a Python with Ray is present;
the call alone is timed, each side in a process of its own, and the answers are compared. Without names: all worlds.

  --limit SECONDS   a first round that takes longer is stopped (60)
  --rounds N        warm rounds of this core at most, or as many as 3 s hold (50)
  --shrink N        worlds N times smaller (1)
  --python PATH     a Python with Ray instead of the bed's
  --ours            without the real scheduler
  --all-cores       do not keep each process on one core
  --processor       time of the processor instead of the clock on the wall, for a machine with other work
  --markdown        the tables as Markdown
  --emit            print the worlds as cases for \`tandem decide ray\`, measure nothing
  --help

Worlds: ${WORLDS.map(({ name }) => name).join(', ')}
`;

export function readOptions(argv: readonly string[]): Command {
  let parsed;
  try {
    parsed = parse(argv);
  } catch (error) {
    return { kind: 'wrong', problem: (error as Error).message }; // parseArgs throws nothing else
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'help' };
  const unknown = positionals.find((name) => !WORLDS.some((world) => world.name === name));
  if (unknown !== undefined) return { kind: 'wrong', problem: `there is no world ${unknown}` };
  const numbers = { limit: Number(values.limit), rounds: Number(values.rounds), shrink: Number(values.shrink) };
  const bad = Object.entries(numbers).find(([, value]) => !(Number.isFinite(value) && value > 0));
  if (bad !== undefined) return { kind: 'wrong', problem: `--${bad[0]} must be a number above 0` };
  return {
    kind: values.emit ? 'emit' : 'measure',
    options: {
      worlds: positionals.length === 0 ? WORLDS : WORLDS.filter(({ name }) => positionals.includes(name)),
      shrink: numbers.shrink,
      limitS: numbers.limit,
      rounds: numbers.rounds,
      python: values.python,
      original: values.ours ? 'without' : 'with',
      cores: values['all-cores'] ? 'all' : 'one',
      clock: values.processor ? 'processor' : 'wall',
      form: values.markdown ? 'markdown' : 'text',
    },
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      limit: { type: 'string', default: '60' },
      rounds: { type: 'string', default: '50' },
      shrink: { type: 'string', default: '1' },
      python: { type: 'string' },
      ours: { type: 'boolean', default: false },
      'all-cores': { type: 'boolean', default: false },
      processor: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      emit: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}
