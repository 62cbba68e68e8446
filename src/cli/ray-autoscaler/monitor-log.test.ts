import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLogDirectory, RotatingFile } from './monitor-log.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-log-'))));
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

describe('the file', () => {
  const contents = (): Record<string, string> =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

  test('is rotated before it grows too large, and only so many are kept', () => {
    const file = new RotatingFile({ path: join(folder, 'log'), maxBytes: 8, backups: 2 });
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'much longer than that\n', 'six\n'])
      file.write(line);
    expect(contents()).toEqual({ log: 'six\n', 'log.1': 'much longer than that\n', 'log.2': 'five\n' });
  });

  test('goes on where it was', () => {
    new RotatingFile({ path: join(folder, 'log'), maxBytes: 8, backups: 1 }).write('one\n');
    const file = new RotatingFile({ path: join(folder, 'log'), maxBytes: 8, backups: 1 });
    file.write('two\n');
    file.write('three\n');
    expect(contents()).toEqual({ log: 'three\n', 'log.1': 'one\ntwo\n' });
  });

  test('without backups only the newest lines are kept', () => {
    const file = new RotatingFile({ path: join(folder, 'log'), maxBytes: 5, backups: 0 });
    file.write('one\n');
    file.write('two\n');
    expect(contents()).toEqual({ log: 'two\n' });
  });

  test('that cannot be written costs nothing but its lines', () => {
    const file = new RotatingFile({ path: join(folder, 'none', 'log'), maxBytes: 8, backups: 1 });
    file.write('one\n');
    mkdirSync(join(folder, 'none'));
    file.write('two\n');
    expect(existsSync(join(folder, 'none', 'log'))).toBe(false);
  });
});

describe("Ray's log directory", () => {
  const session = (name: string): void => {
    mkdirSync(join(folder, name, 'logs'), { recursive: true });
    symlinkSync(name, join(folder, 'session_latest'));
  };

  test('is found through the latest session', () => {
    session('session_1');
    expect(findLogDirectory(folder, 'session_1')).toBe(join(folder, 'session_latest', 'logs'));
    expect(findLogDirectory(folder, undefined)).toBe(join(folder, 'session_latest', 'logs'));
  });

  test('of another session is not ours', () => {
    session('session_2');
    expect(findLogDirectory(folder, 'session_1')).toBeUndefined();
  });

  test('may not be there', () => {
    expect(findLogDirectory(join(folder, 'none'), 'session_1')).toBeUndefined();
    expect(findLogDirectory(folder, undefined)).toBeUndefined();
  });
});
