/** Where a Python with Ray is, what it is, and how it is asked to time a case. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rayVenv } from '../../test/conformance/ray-venv.ts';
import type { Clock, Program } from '../measure/child.ts';

const SCRIPT = fileURLToPath(new URL('original.py', import.meta.url));

export type RealScheduler =
  | { readonly kind: 'found'; readonly python: string; readonly rayVersion: string; readonly pythonVersion: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** `given`: a Python to use instead of the bed's. */
export function findRealScheduler(given: string | undefined): RealScheduler {
  const venv = given === undefined ? rayVenv() : undefined;
  if (venv?.kind === 'missing') return venv;
  const python = given ?? venv?.python ?? '';
  const { status, stdout, stderr, error } = spawnSync(python, [SCRIPT, '--versions'], { encoding: 'utf8' });
  if (error !== undefined || status !== 0) {
    const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    return { kind: 'missing', reason: `${python} has no Ray that can be asked: ${why}` };
  }
  const said = JSON.parse(stdout) as { readonly ray: string; readonly python: string }; // our own script's form
  return { kind: 'found', python, rayVersion: said.ray, pythonVersion: said.python };
}

export function timingProgram(
  python: string,
  caseFile: string,
  { rounds, enoughS, clock }: { readonly rounds: number; readonly enoughS: number; readonly clock: Clock },
): Program {
  return {
    command: python,
    args: [SCRIPT, caseFile, String(rounds), String(enoughS), clock],
    env: { PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1' },
  };
}
