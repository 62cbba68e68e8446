/** The real scheduler as a process beside this one: case lines in, results out, in order. */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { RayResult } from '../../src/sim/ray-cases.types.ts';

const SCRIPT = fileURLToPath(new URL('./ray_oracle.py', import.meta.url));

export class RayOracle {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: { readonly resolve: (line: string) => void; readonly reject: (why: Error) => void }[] = [];
  #said = '';

  constructor(python: string) {
    const environment = { ...process.env, PYTHONHASHSEED: '0' };
    this.#child = spawn('nice', ['-n', '10', python, SCRIPT, '--trace'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environment,
    });
    this.#child.stderr.on('data', (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-2000)));
    this.#child.stdin.on('error', () => undefined); // told by `exit`
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error(`the real scheduler ended with ${code}: ${this.#said}`));
      }
    });
  }

  /** One result per line. */
  async answers(lines: readonly string[]): Promise<readonly RayResult[]> {
    const results = lines.map(
      () => new Promise<string>((resolve, reject) => void this.#waiting.push({ resolve, reject })),
    );
    // all at once: a failure rejects every one of them, and each must have a listener by then
    const all = Promise.all(results);
    for (const line of lines)
      if (!this.#child.stdin.write(`${line}\n`)) await Promise.race([once(this.#child.stdin, 'drain'), all]);
    return (await all).map((line) => JSON.parse(line) as RayResult); // our own script's form
  }

  async close(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.stdin.end();
    await ended;
  }
}
