/** Cases answered by the original controller: ours must answer alike, requests, status, conditions and texts included. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../src/lib/json.ts';
import { outOfScope, type HpaCase } from '../../../src/sim/hpa-cases-scope.ts';
import { runReconcileCase } from '../../../src/sim/hpa-cases.ts';
import { comparable, hasRandomText, isJittered, type HpaWant } from '../../support/hpa-cases.ts';

type Vector = { readonly case: HpaCase; readonly want: HpaWant };

describe.each([
  { file: 'examples.ndjson', minimum: 65 },
  { file: 'generated.ndjson', minimum: 70 },
])('equal to the controller of Kubernetes 1.37.2: $file', ({ file, minimum }) => {
  const [head, ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  // the file's form is asserted by the first test below
  const vectors = lines.map((line) => JSON.parse(line) as Vector);
  const covered = vectors.filter((vector) => outOfScope(vector.case) === undefined);

  test('the file is the one that was made with it, and enough of it is covered', () => {
    expect(JSON.parse(head ?? '')).toMatchObject({ oracle: 'kubernetes 1.37.2', cases: vectors.length });
    const counts = new Map<string, number>();
    for (const vector of vectors) {
      const reason = outOfScope(vector.case) ?? 'covered';
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    process.stdout.write(`${file}: ${[...counts].map(([reason, count]) => `${count} ${reason}`).join(', ')}\n`);
    expect(covered.length).toBeGreaterThanOrEqual(minimum);
  });

  test.each(covered.map((vector) => [vector.case.id, vector] as const))('[%s]', (_id, { case: given, want }) => {
    const how = { random: hasRandomText(want), jittered: isJittered(want) };
    expect(comparable(runReconcileCase(deepFreeze(given)), how)).toEqual(comparable(want, how));
  });
});
