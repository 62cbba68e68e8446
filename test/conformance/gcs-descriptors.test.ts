/** Every message, field, enum and method of proto/ is, by name, number, type and label, what the real wheel of Ray says. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { flatten, type FileSet } from './descriptors.ts';
import { rayVenv } from './ray-venv.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const venv = rayVenv();

function printed(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): FileSet {
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8', env, maxBuffer: 2 ** 26 })) as FileSet; // checked by use
}

function ours(): FileSet {
  const cache = mkdtempSync(join(tmpdir(), 'tandem-buf-'));
  try {
    const buf = at('../../node_modules/@bufbuild/buf/bin/buf');
    const args = [buf, 'build', at('../../proto'), '-o', '-#format=json'];
    return printed(process.execPath, args, { ...process.env, BUF_CACHE_DIR: cache });
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

describe('messages of the GCS', () => {
  if (venv.kind === 'missing') {
    test('as in the real wheel', ({ skip }) => skip(venv.reason));
    return;
  }
  const theirs = flatten(printed(venv.python, [at('./gcs-descriptors.py')]));
  const mine = flatten(ours());

  test('each of ours is there, and equal', () => {
    const different = [...mine].filter(([name, form]) => theirs.get(name) !== form);
    expect(different.map(([name, form]) => `${name}: ${form}, in the wheel ${theirs.get(name) ?? 'absent'}`)).toEqual(
      [],
    );
  });

  test('enough was seen', () => {
    const names = [...mine.keys()];
    expect(names.filter((name) => name.includes('/')).length).toBeGreaterThan(120);
    expect(names.filter((name) => /Service\//.test(name))).toHaveLength(11);
    expect(theirs.size).toBeGreaterThan(1000);
  });

  test('an enum that is used has all its values', () => {
    const enums = [...mine].filter(([, form]) => form === 'enum').map(([name]) => name);
    const missing = [...theirs.keys()].filter((key) => enums.includes(key.split('/')[0] ?? '') && !mine.has(key));
    expect(missing).toEqual([]);
    expect(enums).toHaveLength(4);
  });
});
