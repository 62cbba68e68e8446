/**
 * Everything that must hold before a change lands: types, lint, format, generated files, tests.
 * Ends with one line `N passed, N failed`; each gate counts as one, each test as one.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './layers.mjs';

const results = mkdtempSync(join(tmpdir(), 'tandem-check-'));
const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
const report = join(results, 'tests.json');

/** Cheap gates first: a broken type is told before the tests take their minutes. */
const gates = [
  ['types of the pure core', bin('tsc'), ['-p', 'tsconfig.core.json']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['build', bin('tsc'), ['-p', 'tsconfig.build.json']],
  ['generated files', process.execPath, ['scripts/generate.mjs', '--check']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts', 'bench', 'bin']],
  ['format', bin('prettier'), ['--check', '--log-level=warn', '.']],
];

let passed = 0;
let failed = 0;

for (const [name, command, args] of gates) {
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) passed++;
  else failed++;
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

const tests = spawnSync(
  bin('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
try {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests;
  if (numPassedTests === 0) failed++;
} catch {
  failed++;
}
if (tests.status !== 0 && failed === 0) failed++;
rmSync(results, { recursive: true, force: true });

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
