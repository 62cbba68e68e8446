/** Where the process and the program meet: bin/tandem.js calls `main`, everything below gets its world handed in. */

import { processHost } from './host.ts';
import { runProgram } from './program.ts';

/** Runs the command line of this process and leaves its outcome in the exit code; the process ends when its output is written. */
export async function main(): Promise<void> {
  process.exitCode = await runProgram(process.argv.slice(2), processHost(), {
    // loaded when it is needed: the first line is on the screen by then
    runScenario: async (options) => (await import('../sim/scenario.ts')).runScenario(options),
  });
}
