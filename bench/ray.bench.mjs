// Ray's scheduler against ours: `npm run bench -- ray`, or `node bench/ray.bench.mjs` on a build that is there. --help shows the options.

import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const at = fileURLToPath(new URL('./ray/main.ts', import.meta.url));
const { module } = await runnerImport(at, { configFile: false, logLevel: 'error' });
process.exitCode = await module.main(process.argv.slice(2));
