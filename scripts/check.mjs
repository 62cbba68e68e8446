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
  { name: 'types of the pure core', command: bin('tsc'), args: ['-p', 'tsconfig.core.json'] },
  { name: 'types', command: bin('tsc'), args: ['-p', 'tsconfig.json'] },
  { name: 'build', command: bin('tsc'), args: ['-p', 'tsconfig.build.json'] },
  { name: 'generated files', command: process.execPath, args: ['scripts/generate.mjs', '--check'] },
  {
    name: 'lint',
    command: bin('oxlint'),
    args: ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts', 'bench', 'bin'],
  },
  { name: 'format', command: bin('prettier'), args: ['--check', '--log-level=warn', '.'] },
];

let passed = 0;
let failed = 0;

for (const { name, command, args } of gates) {
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
