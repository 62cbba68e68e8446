/** Cases answered by the originals: ours must answer alike, requests, statuses, events, errors, counters and texts included. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { differences, type Answer } from '../../conformance/hpa-differential-compare.ts';
import { memoryOf, pausesAtRandom } from '../../support/hpa-memory.ts';
import { HPA_VECTOR_FILES, ourHpaAnswer, readHpaVectors } from '../../support/hpa-vectors.ts';

describe.each(HPA_VECTOR_FILES)('equal to Kubernetes 1.37.2: $file', ({ file, minimum }) => {
  const { head, vectors } = readHpaVectors(file);

  test('HPA-1.1 the file is whole, and of that version', () => {
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

test('HPA-1.2 the original that answers is built of the modules of that version', () => {
  const modules = readFileSync(new URL('../../conformance/hpa-oracle/go.mod', import.meta.url), 'utf8');
  expect(modules).toMatch(/^\tk8s\.io\/kubernetes v1\.37\.2$/m);
  for (const name of ['api', 'apimachinery', 'client-go', 'component-base'])
    expect(modules).toMatch(new RegExp(`^\tk8s\\.io/${name} v0\\.37\\.2$`, 'm'));
});
