/** Scheduling cases answered by the real scheduler: ours must give the same answers, texts and error classes included. */

import { describe, expect, test } from 'vitest';
import { comparable } from '../../support/ray-compare.ts';
import { ourAnswer, RAY_VECTOR_FILES, readRayVectors } from '../../support/ray-vectors.ts';

describe.each(RAY_VECTOR_FILES)('equal to the scheduler of ray 2.60.0: $file', ({ file, minimum }) => {
  const { head, vectors } = readRayVectors(file);

  test('the file is whole', () => {
    expect(head).toMatchObject({ oracle: 'ray 2.60.0', cases: vectors.length });
    expect(vectors.length).toBeGreaterThanOrEqual(minimum);
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  });

  test.each(vectors.map((vector) => [vector.id, vector] as const))('[%s]', (_id, vector) => {
    expect(comparable(ourAnswer(vector), { strict: true })).toEqual(comparable(vector.want, { strict: true }));
  });
});
