/** The command `ray` that stands behind ours on the PATH: everything but the autoscaler is its business. */

import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * The first `ray` on the PATH after the folder of `own` (everywhere when that is not on it), as long as it is not `own` itself.
 * Looking only behind keeps two copies of us from calling each other for ever.
 */
export function findNextRay(path: string, own: string): string | undefined {
  const ours = realPath(own);
  const candidates = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'ray'));
  const at = candidates.findIndex((candidate) => realPath(candidate) === ours);
  return candidates.slice(at + 1).find((candidate) => isExecutable(candidate) && realPath(candidate) !== ours);
}

/** Runs it in our place: same arguments, same terminal. Resolves to its exit code, as a shell counts it. */
export function runInstead(command: string, args: readonly string[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('exit', (code, name) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + (name === null ? 0 : osConstants.signals[name]));
    });
  });
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // nothing is there
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // nothing is there, or not for us
  }
}
