/** Objects judged by the original API server: ours must complain of the same fields in the same words, and default alike. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HPA_KIND } from '../../../src/core/cluster/kinds/hpa.ts';
import { validateMetadata } from '../../../src/core/cluster/metadata.ts';
import type { HorizontalPodAutoscaler } from '../../../src/core/kube/hpa.ts';

type ValidateCase = {
  readonly id: string;
  readonly hpa: HorizontalPodAutoscaler;
  readonly old?: HorizontalPodAutoscaler;
  readonly version?: string;
  readonly controller?: { readonly featureGates?: unknown };
};
type Cause = { readonly reason: string; readonly message: string; readonly field: string };
type Want = {
  readonly decodeError?: string;
  readonly causes?: readonly Cause[];
  readonly stored?: HorizontalPodAutoscaler;
};
type Vector = { readonly case: ValidateCase; readonly want: Want };

const [head, ...lines] = readFileSync(new URL('validate.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');
// the file's form is asserted by the first test below
const vectors = lines.map((line) => JSON.parse(line) as Vector);
const covered = vectors.filter((vector) => outOfScope(vector.case) === undefined);

function outOfScope(given: ValidateCase): string | undefined {
  if (given.old !== undefined) return 'update';
  if (given.version === 'v1') return 'autoscaling/v1';
  return given.controller?.featureGates === undefined ? undefined : 'with feature gates';
}

/** The server lists causes in no fixed order. */
function sorted(causes: readonly Cause[]): readonly string[] {
  return causes.map(({ field, reason, message }) => `${field} ${reason} ${message}`).toSorted();
}

describe('HPA-14.1 equal to the API server of Kubernetes 1.37.2', () => {
  test('the file is the one that was made with it, and most of it is covered', () => {
    expect(JSON.parse(head ?? '')).toMatchObject({ oracle: 'kubernetes 1.37.2', cases: vectors.length });
    process.stdout.write(`validate.ndjson: ${covered.length} covered, ${vectors.length - covered.length} left out\n`);
    expect(covered.length).toBeGreaterThanOrEqual(40);
  });

  test.each(covered.map((vector) => [vector.case.id, vector] as const))('[%s]', (_id, { case: given, want }) => {
    const hpa = HPA_KIND.withDefaults(given.hpa);
    const errors = [...validateMetadata(hpa.metadata, HPA_KIND.nameRule), ...HPA_KIND.validate(hpa)];
    if (want.decodeError !== undefined) {
      expect(errors).toMatchObject([
        { type: 'FieldValueTypeInvalid', message: expect.stringContaining(want.decodeError) },
      ]);
      return;
    }
    const got = errors.map(({ path, type, message }) => ({ field: path, reason: type, message }));
    expect(sorted(got)).toEqual(sorted(want.causes ?? []));
    if (errors.length === 0) expect(hpa.spec).toEqual(want.stored?.spec); // what is refused is not stored
  });

  test('every complaint about a spec says how to mend it', () => {
    const complaints = covered.flatMap(({ case: given }) => HPA_KIND.validate(HPA_KIND.withDefaults(given.hpa)));
    expect(complaints.length).toBeGreaterThan(40);
    expect(complaints.filter((error) => error.fix === undefined)).toEqual([]);
  });
});
