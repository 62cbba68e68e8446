/** A program beside this process that answers lines: cases in, results out, in order. */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export class LineProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: { readonly resolve: (line: string) => void; readonly reject: (why: Error) => void }[] = [];
  #said = '';

  /** `name` is what it is called when it fails. It runs with a lower priority than this process. */
  constructor(name: string, command: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn('nice', ['-n', '10', ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.stderr.on('data', (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-2000)));
    this.#child.stdin.on('error', () => undefined); // told by `exit`
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${name} ended with ${code}: ${this.#said}`));
    });
  }

  /** One answer per line. */
  async answers(lines: readonly string[]): Promise<readonly string[]> {
    const results = lines.map(
      () => new Promise<string>((resolve, reject) => void this.#waiting.push({ resolve, reject })),
    );
    // all at once: a failure rejects every one of them, and each must have a listener by then
    const all = Promise.all(results);
    for (const line of lines)
      if (!this.#child.stdin.write(`${line}\n`)) await Promise.race([once(this.#child.stdin, 'drain'), all]);
    return all;
  }

  async close(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.stdin.end();
    await ended;
  }
}
