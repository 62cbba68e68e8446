/** Checks one object by itself: identity, kind, fields, and what the API server would say to it. The rules are the core's. */

import { metadataTypeErrors, validateMetadata } from '../../core/cluster/metadata.ts';
import type { AnyKind } from '../../core/cluster/kinds/table.ts';
import type { AnyObject } from '../../core/kube/object.ts';
import type { NodePool } from '../../core/kube/karpenter.ts';
import { NODE_POOLS, RAY_CLUSTERS } from '../../core/kube/resource.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import type { FieldError } from '../../lib/result.ts';
import { nodePoolErrors } from './check-node-pool.ts';
import { rayClusterErrors } from './check-ray-cluster.ts';
import type { ManifestFault } from './fault.ts';
import { fixFor, problemOf } from './fixes.ts';
import { unknownFields } from './known-fields.ts';
import { findKind } from './served.ts';
import { isFields, type Fields, type SourceObject } from './source.ts';
import { isTemplate, RENDER, UNRENDERED } from './yaml-syntax.ts';

/** An object that the embedded API server would accept, ready to be created, and where it came from. */
export type CheckedObject = { readonly object: AnyObject; readonly kind: AnyKind; readonly source: SourceObject };

export type CheckedOrFaults =
  | { readonly ok: true; readonly checked: CheckedObject }
  | { readonly ok: false; readonly faults: readonly ManifestFault[] };

/** What the API server fills in itself: exported objects carry it, new ones must not. */
const SERVER_SET: readonly string[] = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/** The object as it can be created, or everything that is wrong with it. */
export function checkObject(source: SourceObject): CheckedOrFaults {
  const fault = faultMaker(source);
  const { apiVersion, kind } = source.fields;
  const missing = (['apiVersion', 'kind'] as const).filter((field) => source.fields[field] === undefined);
  if (missing.length > 0) {
    const faults = missing.map((field) => fault(field, 'Required value', `add ${field}${IDENTITY_EXAMPLES[field]}`));
    return { ok: false, faults };
  }
  if (typeof apiVersion !== 'string')
    return refused(fault('apiVersion', 'must be text', 'write text, such as apps/v1'));
  if (typeof kind !== 'string') return refused(fault('kind', 'must be text', 'write text, such as Deployment'));
  const found = findKind(apiVersion, kind);
  if ('unserved' in found) return refused(fault(found.unserved.field, found.unserved.problem, found.unserved.fix));
  const name = nameFault(source);
  if (name !== undefined) return refused(name);
  const fields = withoutServerSet(source.fields);
  const unknown = unknownFields(kind, fields).map(({ path, name: wrong, meant }) => {
    const fix = meant === undefined ? 'leave it out, or check where it belongs' : `write ${meant}`;
    return fault(path, `unknown field ${JSON.stringify(wrong)}`, fix);
  });
  // what else is wrong mostly follows from these
  if (unknown.length > 0) return { ok: false, faults: unknown };
  const faults = fieldFaults(source, fieldErrors(found.served, fields));
  if (faults.length > 0) return { ok: false, faults };
  const object = fields as AnyObject; // its kind has been checked
  const later = fieldFaults(source, laterErrors(object));
  if (later.length > 0) return { ok: false, faults: later };
  return { ok: true, checked: { object, kind: found.served, source } };
}

/** What would go wrong only after the API server took the object. */
function laterErrors(object: AnyObject): readonly FieldError[] {
  switch (object.kind) {
    case RAY_CLUSTERS.kind:
      return rayClusterErrors(object as RayCluster); // by its kind
    case NODE_POOLS.kind:
      return nodePoolErrors(object as NodePool); // by its kind
    default:
      return [];
  }
}

const IDENTITY_EXAMPLES = { apiVersion: ', such as apiVersion: apps/v1', kind: ', such as kind: Deployment' } as const;

function refused(fault: ManifestFault): CheckedOrFaults {
  return { ok: false, faults: [fault] };
}

/** A fault of one object; where a template was not filled in, that is the fault. */
export function faultMaker(source: SourceObject): (field: string, problem: string, fix: string) => ManifestFault {
  return (field, problem, fix) => {
    const at = { place: source.placeOf(field), object: source.title, ...(field === '' ? {} : { field }) };
    return isTemplate(source.lineOf(field)) ? { ...at, problem: UNRENDERED, fix: RENDER } : { ...at, problem, fix };
  };
}

function nameFault(source: SourceObject): ManifestFault | undefined {
  const { metadata } = source.fields;
  const fault = faultMaker(source);
  if (metadata === undefined || metadata === null) {
    return fault('metadata', 'Required value', 'add metadata with a name, such as metadata: {name: web}');
  }
  if (!isFields(metadata)) return fault('metadata', 'must be an object', 'write name: below it, indented deeper');
  const { name } = metadata;
  if (name === undefined || name === null || name === '') {
    return fault('metadata.name', 'Required value', 'add a name, such as name: web');
  }
  return undefined;
}

function withoutServerSet(fields: Fields): Fields {
  const { status: _, metadata, ...rest } = fields;
  if (!isFields(metadata)) return fields;
  const kept = Object.entries(metadata).filter(([name]) => !SERVER_SET.includes(name));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

/** What the API server says to a create, in its order: types of the metadata, the metadata, then the kind's own rules. */
function fieldErrors(kind: AnyKind, fields: Fields): readonly FieldError[] {
  const types = metadataTypeErrors(fields['metadata']);
  if (types.length > 0) return types;
  const object = fields as AnyObject; // identity and the types of the metadata have been checked
  return [...validateMetadata(object.metadata, kind.nameRule), ...kind.validate(kind.withDefaults(object))];
}

/**
 * Field errors as faults, one per field. Where a whole part is missing that is said once, not for each field it would have had; and a
 * field that is missing is only that, whatever its default would break.
 */
function fieldFaults(source: SourceObject, errors: readonly FieldError[]): readonly ManifestFault[] {
  const parts = errors.map(({ path }) => missingPart(source, path));
  const byPath = new Map<string, FieldError>();
  for (const [i, error] of errors.entries()) {
    const part = parts[i];
    const whole = part !== undefined && parts.indexOf(part) !== parts.lastIndexOf(part);
    const said: FieldError = whole ? { path: part, type: 'FieldValueRequired', message: 'Required value' } : error;
    if (said.type === 'FieldValueRequired' || !byPath.has(said.path)) byPath.set(said.path, said);
  }
  return [...byPath.values()].map((error) => {
    const given = { value: source.valueAt(error.path), text: source.textAt(error.path) };
    return faultMaker(source)(error.path, problemOf(error, given.value), fixFor(error, given));
  });
}

/** The outermost object above `path` that the user did not write; undefined when all of them are there. */
function missingPart(source: SourceObject, path: string): string | undefined {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const part = path.slice(0, dot);
    // a dot may be part of a key (`nvidia.com/gpu`), which then is no part of its own
    const inside = path.indexOf('/', dot) < 0;
    if (inside && source.valueAt(part) === undefined) return part;
  }
  return undefined;
}
