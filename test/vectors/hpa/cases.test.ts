/** Cases answered by the originals: ours must answer alike, requests, statuses, events, errors, counters and texts included. */

import { describe, expect, test } from 'vitest';
import { differences, type Answer } from '../../conformance/hpa-differential-compare.ts';
import { memoryOf, pausesAtRandom } from '../../support/hpa-memory.ts';
import { HPA_VECTOR_FILES, ourHpaAnswer, readHpaVectors } from '../../support/hpa-vectors.ts';

describe.each(HPA_VECTOR_FILES)('equal to Kubernetes 1.37.2: $file', ({ file, minimum }) => {
  const { head, vectors } = readHpaVectors(file);

  test('the file is whole', () => {
    expect(head).toMatchObject({ oracle: 'kubernetes 1.37.2', cases: vectors.length });
    expect(vectors.length).toBeGreaterThanOrEqual(minimum);
    expect(new Set(vectors.map((vector) => vector.case.id)).size).toBe(vectors.length);
  });

  test.each(vectors.map((vector) => [vector.case.id, vector] as const))('[%s]', async (_id, vector) => {
    const [want, got] = [vector.want as Answer, (await ourHpaAnswer(vector)) as Answer]; // JSON that was read
    expect(differences(want, got)).toEqual([]);
    if (!pausesAtRandom(want)) expect(memoryOf(got)).toEqual(memoryOf(want));
  });
});
