// Cases at random through our HPA controller and the original, by hand:
//   node test/conformance/decide-hpa.mjs [--families zero,faults] [--cases 500] [--seed 1] [--show 3]
//   node test/conformance/decide-hpa.mjs --list         the families
//   node test/conformance/decide-hpa.mjs --emit ...     prints the cases instead of running them
//   node test/conformance/decide-hpa.mjs --rows ...     prints them with the original's answers: rows for test/vectors/hpa
//   node test/conformance/decide-hpa.mjs --file F       the cases of a file, one per line
// A difference of each kind is shrunk and printed as a row for test/vectors/hpa. The original is built on first use.

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
const at = fileURLToPath(new URL('./decide-hpa-main.ts', import.meta.url));
const { module } = await runnerImport(at, { configFile: false, logLevel: 'error' });
process.exitCode = await module.main(values);
