/** The error catalogue: code, document and use stay equal. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../src/lib/error-codes.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const rows = readFileSync(`${ROOT}/docs/errors.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** Everything that can raise an error, without tests and without the list itself. */
const program = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'bin', 'scripts'],
  {
    cwd: ROOT,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => /\.(ts|js|cjs|mjs)$/.test(path) && !path.endsWith('.test.ts') && !path.endsWith('error-codes.ts'));

describe('error catalogue', () => {
  test('docs/errors.md has each code once, in the order of the list, with its retry advice', () => {
    const documented = rows.map(([code, retry]) => [code?.replaceAll('`', ''), retry]);
    expect(documented).toEqual(Object.entries(ERROR_CODES));
  });

  test('each code says when it happens and what to do', () => {
    expect(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell === ''))).toEqual([]);
    expect(rows.length).toBeGreaterThan(10);
  });

  test('each code is raised somewhere', () => {
    const text = program.map((path) => readFileSync(`${ROOT}/${path}`, 'utf8')).join('\n');
    const codes = Object.keys(ERROR_CODES);
    expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([]);
    expect(program.length).toBeGreaterThan(40);
  });
});
