/** What the command line has of the machine: where it writes, what the environment says, and when it must stop. Nothing else reads either. */

import { once } from 'node:events';
import { addAbortSignal } from 'node:stream';
import { RealClock } from '../clock/real-clock.ts';
import type { Clock } from '../ports/clock.ts';

export type TextOutput = {
  write(text: string): void;
  /** Resolves when the reader has kept up with what was written; absent: it always has. */
  readonly drained?: () => Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal in columns; undefined when there is none. */
  readonly columns: number | undefined;
};

export type Host = {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** What is piped in, as bytes; absent: nothing is. */
  readonly stdin?: () => AsyncIterable<Uint8Array>;
  readonly environment: Environment;
  /** Environment variables, for commands whose flags have upstream's variables beside them. */
  readonly variables: Variables;
  /** Aborted with a {@link Interrupted} when the program is told to stop. */
  readonly signal: AbortSignal;
  /** Wall time: for notes about work that takes long, never for what is played. */
  readonly clock: Clock;
};

export type Variables = Readonly<Record<string, string | undefined>>;

export type Environment = {
  /** Whether colour may be used at all. */
  readonly colour: 'allowed' | 'forbidden';
  /** Whether the terminal can show more than ASCII. */
  readonly charset: 'unicode' | 'ascii';
};

/** The one place where environment variables are read. */
export function readEnvironment(variables: Variables): Environment {
  const set = (name: string): boolean => (variables[name] ?? '') !== '';
  const dumb = variables['TERM'] === 'dumb';
  // the first of these that is set decides, as for the C library; none set is common in containers and says nothing
  const locale = [variables['LC_ALL'], variables['LC_CTYPE'], variables['LANG']].find((text) => (text ?? '') !== '');
  const ascii = dumb || variables['TERM'] === 'linux' || (locale !== undefined && !/utf-?8/i.test(locale));
  return { colour: set('NO_COLOR') || dumb ? 'forbidden' : 'allowed', charset: ascii ? 'ascii' : 'unicode' };
}

/** Why the program stops early, and the exit code that says so. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(why);
    this.exitCode = exitCode;
  }
}

/** Ctrl-C and its relatives. */
const INTERRUPTED_EXIT_CODE = 130;
/** Whoever read our output has gone: as for a program that the broken pipe ended. */
const BROKEN_PIPE_EXIT_CODE = 141;
/** npm passes on what the terminal has sent already, so a second signal this soon is the same one. */
const SAME_SIGNAL_MS = 1000;
/** After this the program ends whether everything has stopped or not. */
const STOP_WITHIN_MS = 5000;

/** The process as a host. Installs signal handlers: call once. */
export function processHost(): Host {
  const clock = new RealClock();
  const stop = new AbortController();
  let stoppedAt: number | undefined;
  const interrupt = (why: string, exitCode: number): void => {
    const now = clock.instant().mono;
    if (stoppedAt === undefined) {
      stoppedAt = now;
      setTimeout(() => process.exit(exitCode), STOP_WITHIN_MS).unref();
      stop.abort(new Interrupted(why, exitCode));
    } else if (now - stoppedAt > SAME_SIGNAL_MS) process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupt(signal, INTERRUPTED_EXIT_CODE));
  }
  const output = (stream: NodeJS.WriteStream): TextOutput => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      interrupt('nobody reads the output', BROKEN_PIPE_EXIT_CODE);
    });
    return {
      write: (text) => void stream.write(text),
      drained: async () => {
        if (stream.writableNeedDrain) await once(stream, 'drain', { signal: stop.signal });
      },
      isTerminal: stream.isTTY,
      get columns() {
        // a terminal that does not tell its width says 0
        return stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
      },
    };
  };
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    stdin: () => addAbortSignal(stop.signal, process.stdin) as AsyncIterable<Uint8Array>, // without an encoding: bytes
    environment: readEnvironment(process.env),
    variables: process.env,
    signal: stop.signal,
    clock,
  };
}
