/** Scheduling cases answered by the real scheduler: ours must give the same answers, texts included. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../src/lib/json.ts';
import { comparable, outOfScope, resultOf, type RayCase, type RayResult } from '../../support/ray-cases.ts';

type Vector = { readonly case: RayCase; readonly want: RayResult };

function read(file: string): { readonly head: unknown; readonly vectors: readonly Vector[] } {
  const [head = '', ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  // the file's form is asserted below, by its first line
  return { head: JSON.parse(head), vectors: lines.map((line) => JSON.parse(line) as Vector) };
}

describe.each([
  { file: 'examples.ndjson', what: 'the worked examples', minimum: 60 },
  { file: 'random.ndjson', what: 'cases made at random', minimum: 200 },
])('equal to the scheduler of ray 2.60.0: $what', ({ file, minimum }) => {
  const { head, vectors } = read(file);
  const covered = vectors.filter((vector) => outOfScope(vector.case) === undefined);

  test('the file is whole, and most of it is covered', () => {
    expect(head).toMatchObject({ oracle: 'ray 2.60.0', cases: vectors.length });
    const reasons = new Map<string, number>();
    for (const vector of vectors) {
      const reason = outOfScope(vector.case) ?? 'covered';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    const summary = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ');
    process.stdout.write(`scheduler cases, ${file}: ${summary}\n`);
    expect(covered.length).toBeGreaterThanOrEqual(minimum);
  });

  test.each(covered.map((vector) => [vector.case.id, vector] as const))('[%s]', (_id, vector) => {
    expect(comparable(resultOf(deepFreeze(vector.case)))).toEqual(comparable(vector.want));
  });
});
