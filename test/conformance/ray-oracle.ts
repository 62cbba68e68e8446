/** The real scheduler as a process beside this one: case lines in, results out, in order. */

import { fileURLToPath } from 'node:url';
import type { RayResult } from '../../src/sim/ray-cases.types.ts';
import { LineProgram } from './line-program.ts';

const SCRIPT = fileURLToPath(new URL('./ray_oracle.py', import.meta.url));

export class RayOracle {
  readonly #program: LineProgram;

  constructor(python: string) {
    this.#program = new LineProgram('the real scheduler', [python, SCRIPT, '--trace'], { PYTHONHASHSEED: '0' });
  }

  /** One result per line. */
  async answers(lines: readonly string[]): Promise<readonly RayResult[]> {
    return (await this.#program.answers(lines)).map((line) => JSON.parse(line) as RayResult); // our own script's form
  }

  async close(): Promise<void> {
    await this.#program.close();
  }
}
