/** HPAs as the API server reads and judges them, for tests. */

import { admitCreate, admitUpdate, decodeHpa } from '../../src/core/cluster/kinds/hpa-admission.ts';
import type { HorizontalPodAutoscaler } from '../../src/core/kube/hpa.ts';
import type { FieldError } from '../../src/lib/result.ts';
import { hpa } from './hpa.ts';

export const API_GATES = { HPAScaleToZero: true, HPAGeneration: true };
export const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

/** As it is read, with these members instead of those of a spec that is in order. */
export function readHpa(spec: object): HorizontalPodAutoscaler {
  const { maxReplicas, metrics } = hpa().spec;
  const given = { scaleTargetRef: TARGET, maxReplicas, metrics, ...spec };
  const read = decodeHpa({ metadata: { name: 'web' }, spec: given }, 'v2');
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

/** What is wrong with such a spec in a create or, where one is stored, in an update. */
export function problemsOf(spec: object, old?: object): readonly string[] {
  const object = readHpa(spec);
  return told(
    (old === undefined ? admitCreate(object, API_GATES) : admitUpdate(object, readHpa(old), API_GATES)).errors,
  );
}

export function told(errors: readonly FieldError[]): readonly string[] {
  return errors.map(({ path, message }) => `${path}: ${message}`);
}
