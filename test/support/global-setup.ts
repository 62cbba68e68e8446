/** Runs once before all tests: fixes the seed and prints it. */

import type { TestProject } from 'vitest/node';
import { testSeed } from './seed.ts';

export function setup(project: TestProject): void {
  const seed = testSeed();
  project.provide('seed', seed);
  process.stderr.write(`seed of this run: ${seed} (repeat with TANDEM_SEED=${seed})\n`);
}

declare module 'vitest' {
  // vitest's own way to type what `provide` hands over
  interface ProvidedContext {
    seed: number;
  }
}
