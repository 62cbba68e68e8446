/** Cases of the kinds `validate` and `convert`: what the API server makes of an HPA, and how its versions say it. */

import {
  admitCreate,
  admitStatusUpdate,
  admitUpdate,
  decodeHpa,
  type Admitted,
} from '../core/cluster/kinds/hpa-admission.ts';
import { printV1, printV2 } from '../core/cluster/kinds/hpa-conversion.ts';
import { invalid } from '../core/cluster/status-errors.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import type { ObjectMeta } from '../core/kube/object.ts';
import { gatesOf } from './hpa-case-config.ts';
import { BrokenWorld } from './hpa-case-store.ts';
import type { ConvertCase, ValidateCase } from './hpa-cases.types.ts';

/** What a case fills in. */
const UID = 'uid';
const CREATED = '1970-01-01T00:00:00Z';
const OLD_VERSION = '5';

export function runConvertCase({ id, hpa, version }: ConvertCase): unknown {
  const decoded = decodeHpa(hpa, version === 'v1' ? 'v1' : 'v2');
  if (!decoded.ok) return { id, decodeError: decoded.error };
  return { id, v1: printV1(decoded.value), v2: printV2(decoded.value) };
}

export function runValidateCase(given: ValidateCase): unknown {
  const { id } = given;
  const version = given.version === 'v1' ? 'v1' : 'v2';
  const decoded = decodeHpa(given.hpa, version);
  if (!decoded.ok) return { id, decodeError: decoded.error };
  if (given.old !== undefined && given.old !== null) return answer(id, update(given, decoded.value));
  const { name, generateName = '' } = decoded.value.metadata;
  const created = withMetadata(decoded.value, { uid: UID, creationTimestamp: CREATED });
  if (name === '' && generateName !== '') return notGenerated(id, created);
  return answer(id, admitCreate(created, gatesOf(given.controller ?? {})));
}

function update(given: ValidateCase, hpa: HorizontalPodAutoscaler): Admitted {
  const decoded = decodeHpa(given.old, given.version === 'v1' ? 'v1' : 'v2');
  if (!decoded.ok) throw new BrokenWorld(`old: ${decoded.error}`);
  const { generation = 0, resourceVersion = '' } = decoded.value.metadata;
  const old = withMetadata(decoded.value, {
    uid: UID,
    creationTimestamp: CREATED,
    generation: generation === 0 ? 1 : generation,
    resourceVersion: resourceVersion === '' ? OLD_VERSION : resourceVersion,
  });
  const sent = hpa.metadata.resourceVersion ?? '';
  const next = sent === '' ? withMetadata(hpa, { resourceVersion: old.metadata.resourceVersion ?? '' }) : hpa;
  return given.subresource === 'status'
    ? admitStatusUpdate(next, old)
    : admitUpdate(next, old, gatesOf(given.controller ?? {}));
}

function withMetadata(hpa: HorizontalPodAutoscaler, more: Partial<ObjectMeta>): HorizontalPodAutoscaler {
  return { ...hpa, metadata: { ...hpa.metadata, ...more } };
}

const KIND = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' };

function answer(id: string, { object, errors }: Admitted): unknown {
  const stored = { generation: object.metadata.generation ?? 0, stored: printV2(object) };
  if (errors.length === 0) return { id, ...stored };
  const { code, message, details } = invalid(KIND, object.metadata.name, distinct(errors));
  return { id, code, error: message, causes: details?.causes, ...stored };
}

/** Said once. */
function distinct<T extends { readonly path: string; readonly message: string }>(errors: readonly T[]): readonly T[] {
  const said = new Map(errors.toReversed().map((error) => [`${error.path}: ${error.message}`, error]));
  return errors.filter((error) => said.get(`${error.path}: ${error.message}`) === error);
}

/** A server gives a name before it looks at the rest; a case has no such server. */
function notGenerated(id: string, hpa: HorizontalPodAutoscaler): unknown {
  const message = 'metadata.name was not generated';
  const causes = [{ message }];
  const error = `Internal error occurred: ${message}`;
  return { id, code: 500, error, causes, generation: hpa.metadata.generation ?? 0, stored: printV2(hpa) };
}
