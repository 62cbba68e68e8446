/** Wrong input on the command line: values of flags, and what the parser refuses, as one sentence with the nearest fix. */

import { InvalidArgumentError, type CommanderError } from 'commander';
import { TandemError } from '../lib/error.ts';
import type { Variables } from './host.ts';
import { demoCall } from './invocation.ts';

const MAX_SPEED = 1_000_000;

/** Virtual seconds per real second, or as fast as the machine can. */
export type Speed = number | 'max';

/** Reads `--speed`. */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max';
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (speed > 0 && speed <= MAX_SPEED) return speed;
  throw new InvalidArgumentError(
    `write a number above 0 and at most ${MAX_SPEED} (20 means 20 virtual seconds in one real second) or max`,
  );
}

/** Reads `--seed`. */
export function parseSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError('write a whole number of 0 or more, such as 1');
}

/** The parser's complaint as one sentence that ends with what to write instead. `variables` tell whether npm called. */
export function toUsageError(error: CommanderError, commandPath: string, variables: Variables = {}): TandemError {
  const start = demoCall(variables) === 'npm start --' ? 'npm start --' : commandPath;
  const text = sentence(error, `\`${start} --help\` shows what there is`, variables);
  return new TandemError('TANDEM_USAGE', text, { cause: error });
}

function sentence(error: CommanderError, help: string, variables: Variables): string {
  const [complaint = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const meant = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(suggestion ?? '')?.[1]?.replace(/, (?=[^,]*$)/, ' or ');
  if (meant !== undefined) return `${complaint}: did you mean ${meant}? ${help}`;
  switch (error.code) {
    case 'commander.optionMissingArgument':
      return `${complaint}: put a value behind it`;
    case 'commander.excessArguments':
      // -f is npm's own --force unless it stands behind --
      if (variables['npm_config_force'] === 'true' && variables['npm_lifecycle_event'] === 'start')
        return 'npm kept -f for itself: put -- before the flags, as in `npm start -- -f FILE`';
      if (commandOf(complaint) === "'demo'")
        return "'demo' takes no argument of its own: files are named with -f FILE, a trace with --trace FILE";
      return `${commandOf(complaint)} takes no argument of its own: ${help}`;
    case 'commander.conflictingOption':
      return `${complaint}: leave one out`;
    case 'commander.help':
      return `the command is not complete: ${help}`;
    case 'commander.invalidArgument':
      return `${complaint.replace('is invalid. ', 'is invalid: ').replace(/\.$/, '')}; nothing was started`;
    default:
      return `${complaint}: ${help}`;
  }
}

/** The command that a complaint about too many arguments names. */
function commandOf(complaint: string): string {
  return /for ('[^']+')/.exec(complaint)?.[1] ?? 'tandem';
}
