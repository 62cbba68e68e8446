/** A copy of the working tree in which rules are broken, and processes that run there. */

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../../src/lib/result.ts';
import { applied, type Mutant } from './mutant.ts';

/** `ended: 'out of time'`: it was stopped. */
export type Ended = {
  readonly ended: number | 'signal' | 'out of time';
  readonly stdout: string;
  readonly stderr: string;
};

const COPIED = ['src', 'test', 'docs', 'package.json', 'vitest.config.ts'];

export class Scratch {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tandem-mutants-'));

  /** Packages are linked one by one, so that what tools leave beside them stays in here. */
  constructor(root: string) {
    for (const name of COPIED) cpSync(join(root, name), join(this.folder, name), { recursive: true });
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules')).filter((one) => !one.startsWith('.')))
      symlinkSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name));
  }

  /** Runs `inside` while one rule is broken; the file is as before afterwards. */
  async broken<T>(mutant: Mutant, inside: () => Promise<T>): Promise<Result<T, string>> {
    const path = join(this.folder, mutant.file);
    const source = readFileSync(path, 'utf8');
    const mutated = applied(mutant, source);
    if (!mutated.ok) return mutated;
    writeFileSync(path, mutated.value);
    try {
      return { ok: true, value: await inside() };
    } finally {
      writeFileSync(path, source);
    }
  }

  /** A Node process in here. The memory limit keeps a mutation that never ends from taking the machine. */
  run(args: readonly string[], limitMs: number): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--max-old-space-size=768', ...args], {
        cwd: this.folder,
        env: { ...process.env, TANDEM_SEED: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr, late] = ['', '', false];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, limitMs);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ ended: late ? 'out of time' : (code ?? 'signal'), stdout, stderr });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
