/** A log file in Ray's own log directory, where people and dashboards look for the autoscaler's words; kept within its size. */

import { accessSync, appendFileSync, constants, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TextOutput } from '../host.ts';

export type RotatingFileOptions = {
  readonly path: string;
  /** A file that would grow beyond it is put aside first. 0: never. */
  readonly maxBytes: number;
  /** How many files are kept aside, `path.1` being the youngest. */
  readonly backups: number;
};

/** A few lines a minute, so it writes at once and waits for it. An error ends the writing, not the program. */
export class RotatingFile implements TextOutput {
  readonly isTerminal = false;
  readonly columns = undefined;
  readonly #options: RotatingFileOptions;
  #bytes: number;
  #failed = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#bytes = sizeOf(options.path);
  }

  write(text: string): void {
    if (this.#failed) return;
    const { path, maxBytes } = this.#options;
    const bytes = Buffer.byteLength(text);
    try {
      if (maxBytes > 0 && this.#bytes > 0 && this.#bytes + bytes > maxBytes) this.#rotate();
      appendFileSync(path, text);
      this.#bytes += bytes;
    } catch {
      this.#failed = true; // a full or vanished volume: standard output has the same lines
    }
  }

  #rotate(): void {
    const { path, backups } = this.#options;
    if (backups === 0) rmSync(path, { force: true });
    for (let n = backups; n > 0; n--) {
      const from = n === 1 ? path : `${path}.${n - 1}`;
      if (sizeOf(from) > 0) renameSync(from, `${path}.${n}`);
    }
    this.#bytes = 0;
  }
}

/**
 * Ray's log directory on this machine; undefined when it is not there, not writable, or of another session than the one we scale: a
 * laptop that reaches a head through a forwarded port may run a Ray of its own.
 */
export function findLogDirectory(tempDir: string, sessionName: string | undefined): string | undefined {
  const session = join(tempDir, 'session_latest');
  try {
    if (sessionName !== undefined && basename(realpathSync(session)) !== sessionName) return undefined;
    const logs = join(session, 'logs');
    accessSync(logs, constants.W_OK | constants.X_OK);
    return logs;
  } catch {
    return undefined; // not there: nothing of Ray's runs here
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
