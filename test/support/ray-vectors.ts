/** Scheduling cases with the answers of the real scheduler: reading them, and asking our scheduler the same. */

import { readFileSync } from 'node:fs';
import { decideRayCase } from '../../src/sim/ray-cases.ts';
import type { RayCase, RayResult } from '../../src/sim/ray-cases.types.ts';

/** Files of test/vectors/ray, each with the fewest cases it must hold. */
export const RAY_VECTOR_FILES = [
  { file: 'examples.ndjson', minimum: 110 },
  { file: 'random.ndjson', minimum: 110 },
  { file: 'phases.ndjson', minimum: 110 },
  { file: 'families.ndjson', minimum: 110 },
  { file: 'aimed.ndjson', minimum: 30 },
] as const;

/** `text` is the case as it was written: texts of the answer show the literals of its numbers. */
export type RayVector = { readonly text: string; readonly id: string; readonly want: RayResult };

export function readRayVectors(file: string): { readonly head: unknown; readonly vectors: readonly RayVector[] } {
  const [head = '', ...lines] = readFileSync(new URL(`../vectors/ray/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return { head: JSON.parse(head), vectors: lines.map(vectorOf) };
}

function vectorOf(line: string): RayVector {
  const row = JSON.parse(line) as { readonly case: RayCase; readonly want: RayResult }; // the file's form: the first line says so
  const text = /^\{"case": ?(.*), ?"want": ?\{/s.exec(line)?.[1] ?? JSON.stringify(row.case);
  return { text, id: row.case.id ?? '', want: row.want };
}

export function ourAnswer({ text }: RayVector): RayResult {
  return JSON.parse(decideRayCase(text, { trace: false }).line) as RayResult; // our own form
}
