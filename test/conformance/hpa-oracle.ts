/** The original controller as a process beside this one, and where it lies on this machine. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer } from './hpa-differential-compare.ts';
import { LineProgram } from './line-program.ts';

const BUILD = fileURLToPath(new URL('./hpa-oracle/build.sh', import.meta.url));

export type FoundOracle =
  { readonly kind: 'found'; readonly program: string } | { readonly kind: 'missing'; readonly reason: string };

/** Only looks; `build: true` also builds it, which takes minutes the first time. */
export function findHpaOracle({ build }: { readonly build: boolean }): FoundOracle {
  const { status, stdout } = spawnSync(BUILD, build ? [] : ['--where'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const program = stdout.trim().split('\n').at(-1);
  if (status === 0 && program !== undefined) return { kind: 'found', program };
  return { kind: 'missing', reason: `the HPA oracle is not built: ${BUILD} builds it` };
}

export class HpaOracle {
  readonly #program: LineProgram;

  constructor(program: string) {
    this.#program = new LineProgram('the HPA oracle', [program], { GOGC: '400' });
  }

  /** One answer per case line. */
  async answers(lines: readonly string[]): Promise<readonly Answer[]> {
    return (await this.#program.answers(lines)).map((line) => JSON.parse(line) as Answer); // the case form's results are objects
  }

  async close(): Promise<void> {
    await this.#program.close();
  }
}
