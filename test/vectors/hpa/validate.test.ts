/** Objects judged by the original API server: the embedded one must complain of the same fields in the same words, and store alike. */

import { describe, expect, test } from 'vitest';
import { HPA_KIND } from '../../../src/core/cluster/kinds/hpa.ts';
import { validateMetadata } from '../../../src/core/cluster/metadata.ts';
import type { HorizontalPodAutoscaler } from '../../../src/core/kube/hpa.ts';
import type { FieldError } from '../../../src/lib/result.ts';
import { readHpaVectors } from '../../support/hpa-vectors.ts';

type ValidateCase = {
  readonly id: string;
  readonly kind?: string;
  readonly hpa: HorizontalPodAutoscaler;
  readonly old?: HorizontalPodAutoscaler;
  readonly subresource?: string;
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

const vectors = ['examples.ndjson', 'reports.ndjson']
  .flatMap((file) => readHpaVectors(file).vectors as unknown as readonly Vector[]) // the form of these cases
  .filter(({ case: { kind } }) => kind === 'validate');
const served = vectors.filter(({ case: given }) => isServed(given));

/** The embedded API serves autoscaling/v2 alone, with every gate at its default. */
function isServed({ version, controller }: ValidateCase): boolean {
  return version !== 'v1' && controller?.featureGates === undefined;
}

function complaints({ hpa, old, subresource }: ValidateCase): readonly FieldError[] {
  const next = HPA_KIND.withDefaults(hpa);
  const before = old === undefined ? undefined : HPA_KIND.withDefaults(old);
  if (subresource === 'status' && before !== undefined) {
    return HPA_KIND.validateUpdate(
      { ...before, ...(next.status === undefined ? {} : { status: next.status }) },
      before,
    );
  }
  return [...validateMetadata(next.metadata, HPA_KIND.nameRule), ...HPA_KIND.validate(next, before)];
}

/** The server lists causes in no fixed order. */
function sorted(causes: readonly Cause[]): readonly string[] {
  return causes.map(({ field, reason, message }) => `${field} ${reason} ${message}`).toSorted();
}

describe('HPA-14.1 equal to the API server of Kubernetes 1.37.2', () => {
  test('most cases are of what is served', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(50);
    expect(served.length).toBeGreaterThanOrEqual(45);
  });

  test.each(served.map((vector) => [vector.case.id, vector] as const))('[%s]', (_id, { case: given, want }) => {
    const errors = complaints(given);
    if (want.decodeError !== undefined) {
      expect(errors).toMatchObject([
        { type: 'FieldValueTypeInvalid', message: expect.stringContaining(want.decodeError) },
      ]);
      return;
    }
    const got = errors.map(({ path, type, message }) => ({ field: path, reason: type, message }));
    expect(sorted(got)).toEqual(sorted(want.causes ?? []));
    // what is refused is not stored
    if (errors.length === 0) expect(HPA_KIND.withDefaults(given.hpa).spec).toEqual(want.stored?.spec);
  });

  test('every complaint about a spec says how to mend it', () => {
    const told = served.flatMap(({ case: { hpa } }) => HPA_KIND.validate(HPA_KIND.withDefaults(hpa)));
    expect(told.length).toBeGreaterThan(40);
    expect(told.filter((error) => error.fix === undefined)).toEqual([]);
  });
});
