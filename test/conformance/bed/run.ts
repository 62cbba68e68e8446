/** Runs the programs of the bed: captured to the end, or left running with their output at hand. */

import { execFile, spawn } from 'node:child_process';

const MOST_OUTPUT = 256 * 1024 * 1024;
const DEFAULT_LIMIT_MS = 60_000;

export type RunOptions = {
  readonly env?: NodeJS.ProcessEnv;
  /** Text for standard input; nothing when left out. */
  readonly stdin?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

/** What a command left behind. */
export type Ran = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Runs a command to its end; an exit code other than 0 is an answer, a command that cannot run or takes too long is an error. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [file = '', ...args] = command;
  const { env, stdin = '', timeoutMs = DEFAULT_LIMIT_MS, signal } = options;
  return await new Promise((resolve, reject) => {
    const settings = { env, timeout: timeoutMs, maxBuffer: MOST_OUTPUT, ...(signal && { signal }) };
    const child = execFile(file, args, settings, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr });
      else if (error.killed === true && signal?.aborted !== true)
        reject(new Error(`${command.join(' ')}: no end after ${timeoutMs} ms\n${stderr}`, { cause: error }));
      else reject(new Error(`${command.join(' ')}: ${error.message}`, { cause: error }));
    });
    // a command that ends without reading is no fault of ours
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}

/** The same, where only success will do. */
export async function mustRun(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command, options);
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: exit code ${exitCode}\n${stderr}${stdout}`);
  return stdout;
}

/** A command that goes on. */
export type Started = {
  /** Everything it has written so far, both streams in order. */
  readonly output: () => string;
  /** Its exit code, once it and all that holds its output have ended. */
  readonly done: Promise<number>;
  /** SIGTERM, then waits for its end. */
  readonly stop: () => Promise<number>;
};

/** Starts a command and leaves it running. */
export function start(command: readonly string[], options: { readonly env?: NodeJS.ProcessEnv } = {}): Started {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: options.env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const done = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  const stop = async (): Promise<number> => {
    child.kill('SIGTERM');
    return await done;
  };
  return { output: () => output, done, stop };
}
