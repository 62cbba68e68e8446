/**
 * Does the net of tests catch? Breaks one rule of a core at a time and says which test noticed.
 *
 *   npm run mutants -- ray                 all mutations of test/mutants/ray.ts, a line each
 *   npm run mutants -- ray --only ID,ID    these
 *   npm run mutants -- ray --list          names them, runs nothing
 *   npm run mutants -- ray --all           does not stop at the third test that notices: counts them, in all nets
 *   npm run mutants -- ray --write         keeps the outcome in test/mutants/ray.md
 *
 * The working tree stays as it is: mutations are made in a copy of it, in the folder for temporary files. The nets are tried from the
 * fastest to the slowest: the recorded answers of the original (test/vectors) in one process, then the unit tests. Nothing is type-checked.
 * Exit code: 0 when each mutation was noticed or is declared equivalent; 1 when one survived, was declared equivalent and is not, or does
 * not apply (its text must stand exactly once in its file); 2 when nothing was run.
 *
 * Another core is another `Subject` (test/mutants/mutant.ts) in the list of test/mutants/main.ts.
 */

import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const at = fileURLToPath(new URL('../test/mutants/main.ts', import.meta.url));
const { module } = await runnerImport(at, { configFile: false, logLevel: 'error' });
process.exitCode = await module.main(process.argv.slice(2));
