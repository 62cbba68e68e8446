// The original HPA controller against ours: `npm run bench -- hpa`, or `node bench/hpa.bench.mjs` on a build that is there. --help shows
// the options.

import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const at = fileURLToPath(new URL('./hpa/main.ts', import.meta.url));
const { module } = await runnerImport(at, { configFile: false, logLevel: 'error' });
process.exitCode = await module.main(process.argv.slice(2));
