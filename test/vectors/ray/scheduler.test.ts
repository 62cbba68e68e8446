/** Scheduling cases answered by the real scheduler: ours must give the same answers, texts and error classes included. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decideRayCase } from '../../../src/sim/ray-cases.ts';
import type { RayCase, RayResult } from '../../../src/sim/ray-cases.types.ts';
import { comparable } from '../../support/ray-compare.ts';

/** `text` is the case as it was written: texts of the answer show the literals of its numbers. */
type Vector = { readonly text: string; readonly id: string; readonly want: RayResult };

function read(file: string): { readonly head: unknown; readonly vectors: readonly Vector[] } {
  const [head = '', ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return { head: JSON.parse(head), vectors: lines.map(vectorOf) };
}

function vectorOf(line: string): Vector {
  const row = JSON.parse(line) as { readonly case: RayCase; readonly want: RayResult }; // the file's form: the first line says so
  const text = /^\{"case": ?(.*), ?"want": ?\{/s.exec(line)?.[1] ?? JSON.stringify(row.case);
  return { text, id: row.case.id ?? '', want: row.want };
}

describe.each(['examples.ndjson', 'random.ndjson', 'phases.ndjson', 'families.ndjson'])(
  'equal to the scheduler of ray 2.60.0: %s',
  (file) => {
    const { head, vectors } = read(file);

    test('the file is whole', () => {
      expect(head).toMatchObject({ oracle: 'ray 2.60.0', cases: vectors.length });
      expect(vectors.length).toBeGreaterThanOrEqual(110);
    });

    test.each(vectors.map((vector) => [vector.id, vector] as const))('[%s]', (_id, { text, want }) => {
      const got = JSON.parse(decideRayCase(text, { trace: false }).line) as RayResult; // our own form
      expect(comparable(got, { strict: true })).toEqual(comparable(want, { strict: true }));
    });
  },
);
