// Cases at random through our scheduler and the real one, by hand:
//   node test/conformance/decide-ray.mjs [--families gangs,labels] [--cases 500] [--seed 1] [--show 3]
//   node test/conformance/decide-ray.mjs --list         the families
//   node test/conformance/decide-ray.mjs --emit ...     prints the cases instead of running them (not those of `rounds`)
//   node test/conformance/decide-ray.mjs --rows ...     prints them with the real scheduler's answers: rows for test/vectors/ray
//   node test/conformance/decide-ray.mjs --file F       the cases of a file, one per line
// Every difference is shrunk and printed as a row for test/vectors/ray.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values } = parseArgs({
  options: {
    families: { type: 'string' },
    cases: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: '3' },
    file: { type: 'string' },
    list: { type: 'boolean', default: false },
    emit: { type: 'boolean', default: false },
    rows: { type: 'boolean', default: false },
  },
});
const at = fileURLToPath(new URL('./decide-ray-main.ts', import.meta.url));
const { module } = await runnerImport(at, { configFile: false, logLevel: 'error' });
process.exitCode = await module.main(values);
