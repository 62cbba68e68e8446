/**
 * What the API server makes of an HPA that is sent to it: read in its version, filled in, prepared and judged. The result is the object
 * as it would be stored, whether or not it is refused.
 */

import type { HorizontalPodAutoscaler } from '../../kube/hpa.ts';
import type { ObjectMeta } from '../../kube/object.ts';
import { err, ok, type FieldError, type Result } from '../../../lib/result.ts';
import { invalidField, requiredField } from '../field-errors.ts';
import { nameProblems, validateMetadata } from '../metadata.ts';
import { keyProblems } from '../../selector/label-syntax.ts';
import { pathSegmentProblems } from './hpa-field-checks.ts';
import { fromV1, withoutRoundTrip, type HpaV1 } from './hpa-conversion.ts';
import { withHpaDefaults } from './hpa.ts';
import { HPA_V1 } from './hpa-v1-types.ts';
import { validateHpaSpec, validateHpaStatus } from './hpa-validation.ts';
import { HPA_V2, HPA_V2_SPEC } from './hpa-wire-types.ts';
import { isRecord } from './schema.ts';
import { readTypeMeta } from './type-meta.ts';
import { meansSame, readWire } from './wire-type.ts';

/** Upstream's gates that the API server looks at. Spec: HPA-24.2, HPA-24.3. */
export type HpaApiGates = { readonly HPAScaleToZero: boolean; readonly HPAGeneration: boolean };

/** An object after defaults and strategy, and everything that is wrong with it. */
export type Admitted = { readonly object: HorizontalPodAutoscaler; readonly errors: readonly FieldError[] };

const GROUP = 'autoscaling';

/**
 * Reads an object of either version, with that version's defaults. `version` counts where the object names none. The error is in the
 * words of the original's decoder.
 *
 * Spec: HPA-13, HPA-15.7.   Source: apimachinery pkg/runtime/serializer (v0.37.2), pkg/apis/autoscaling/{v1,v2}/defaults.go (v1.37.2).
 */
export function decodeHpa(value: unknown, version: 'v1' | 'v2'): Result<HorizontalPodAutoscaler, string> {
  if (!isRecord(value)) return err(notAnObject(value));
  const type = readTypeMeta({
    ...value,
    kind: value['kind'] ?? 'HorizontalPodAutoscaler',
    apiVersion: value['apiVersion'] ?? `${GROUP}/${version}`,
  });
  if (!type.ok) return type;
  const { kind, apiVersion } = type.value;
  const known = kind === 'HorizontalPodAutoscaler' && (apiVersion === `${GROUP}/v1` || apiVersion === `${GROUP}/v2`);
  if (!known)
    return err(`no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`);
  const isV1 = apiVersion === `${GROUP}/v1`;
  const read = readWire(isV1 ? HPA_V1 : HPA_V2, value);
  if (!read.ok) return read;
  // read by these very types; absent members are what validation is for
  const object = isV1 ? decodedV1(read.value as HpaV1) : decodedV2(read.value as Decoded);
  return ok(object);
}

function notAnObject(value: unknown): string {
  if (value === undefined) return 'unexpected end of JSON input';
  const what = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
}

function decodedV1(hpa: HpaV1): HorizontalPodAutoscaler {
  const { minReplicas = 1 } = hpa.spec ?? {};
  return withNamespace(fromV1({ ...hpa, spec: { ...hpa.spec, minReplicas } as NonNullable<HpaV1['spec']> }));
}

/** As it is read: every member may be absent. */
type Decoded = Partial<Omit<HorizontalPodAutoscaler, 'metadata'>> & { readonly metadata?: Partial<ObjectMeta> };

function decodedV2({ metadata, spec, status }: Decoded): HorizontalPodAutoscaler {
  return withHpaDefaults(
    withNamespace({
      apiVersion: `${GROUP}/v2`,
      kind: 'HorizontalPodAutoscaler',
      metadata: withoutRoundTrip({ name: '', ...metadata }),
      spec: spec ?? ({} as HorizontalPodAutoscaler['spec']), // for validation to name
      ...(status === undefined ? {} : { status }),
    }),
  );
}

function withNamespace(hpa: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { namespace = '' } = hpa.metadata;
  return namespace === '' ? { ...hpa, metadata: { ...hpa.metadata, namespace: 'default' } } : hpa;
}

/** POST. Spec: HPA-14.43, HPA-14.1.   Source: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go (v1.37.2). */
export function admitCreate(hpa: HorizontalPodAutoscaler, gates: HpaApiGates): Admitted {
  const { status: _, ...sent } = hpa;
  const metadata = { ...hpa.metadata, ...(gates.HPAGeneration ? { generation: 1 } : {}) };
  const object = { ...sent, metadata };
  return { object, errors: [...validateHpaMetadata(metadata), ...validateHpaSpec(object.spec, optionsOf(gates))] };
}

/** PUT. `old` is the stored object. Spec: HPA-14.41, HPA-14.43. */
export function admitUpdate(hpa: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler, gates: HpaApiGates): Admitted {
  const { status: _, ...sent } = hpa;
  const moved = gates.HPAGeneration && !meansSame(HPA_V2_SPEC, hpa.spec, old.spec);
  const generation = (old.metadata.generation ?? 0) + (moved ? 1 : 0);
  const object = {
    ...sent,
    metadata: updatedMetadata(hpa.metadata, old.metadata, generation),
    ...(old.status === undefined ? {} : { status: old.status }),
  };
  const errors = [
    ...validateMetadataChange(object.metadata, old.metadata),
    ...validateHpaSpec(object.spec, { ...optionsOf(gates), old: old.spec }),
  ];
  return { object, errors };
}

/** PUT of the status. Spec: HPA-14.42. */
export function admitStatusUpdate(hpa: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler): Admitted {
  const metadata = updatedMetadata(hpa.metadata, old.metadata, old.metadata.generation ?? 0);
  const object = { ...hpa, metadata, spec: old.spec };
  return { object, errors: [...validateMetadataChange(metadata, old.metadata), ...validateHpaStatus(hpa.status)] };
}

function optionsOf(gates: HpaApiGates): { readonly minReplicasFloor: 0 | 1 } {
  return { minReplicasFloor: gates.HPAScaleToZero ? 0 : 1 };
}

/** What a client cannot change is as it was. */
function updatedMetadata(sent: ObjectMeta, old: ObjectMeta, generation: number): ObjectMeta {
  const uid = (sent.uid ?? '') === '' ? old.uid : sent.uid;
  return {
    ...sent,
    generation,
    ...(uid === undefined ? {} : { uid }),
    ...(old.creationTimestamp === undefined ? {} : { creationTimestamp: old.creationTimestamp }),
    ...(old.deletionTimestamp === undefined ? {} : { deletionTimestamp: old.deletionTimestamp }),
  };
}

/** Spec: HPA-14.2.   Source: apimachinery pkg/api/validation/objectmeta.go (v0.37.2), pkg/apis/core/validation (v1.37.2). */
function validateHpaMetadata(metadata: ObjectMeta): readonly FieldError[] {
  return validateMetadataParts(metadata, nameProblems(metadata.name, 'dns-1123-subdomain'));
}

/** Of an update only what the path of the object is made of is asked of the name. Spec: HPA-14.41. */
function validateMetadataChange(next: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const immutable = (['name', 'namespace', 'uid'] as const).flatMap((field) =>
    (next[field] ?? '') === (old[field] ?? '')
      ? []
      : [invalidField(`metadata.${field}`, next[field] ?? '', 'field is immutable')],
  );
  return [...validateMetadataParts(next, pathSegmentProblems(next.name)), ...immutable];
}

function validateMetadataParts(metadata: ObjectMeta, ofName: readonly string[]): readonly FieldError[] {
  const { name, namespace = '', finalizers = [], ...others } = metadata;
  const named =
    name === ''
      ? [requiredField('metadata.name', 'name or generateName is required')]
      : ofName.map((problem) => invalidField('metadata.name', name, problem));
  const ofNamespace = nameProblems(namespace, 'dns-1123-label').map((problem) =>
    invalidField('metadata.namespace', namespace, problem),
  );
  const rest = validateMetadata({ ...others, name: PLACEHOLDER }, 'dns-1123-subdomain');
  return [...named, ...ofNamespace, ...rest, ...validateFinalizers(finalizers)];
}

/** A name that nothing is wrong with. */
const PLACEHOLDER = 'x';
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function validateFinalizers(finalizers: readonly string[]): readonly FieldError[] {
  const unqualified = 'name is neither a standard finalizer name nor is it fully qualified';
  return [
    ...finalizers.flatMap((finalizer) =>
      keyProblems(finalizer).map((problem) => invalidField('metadata.finalizers', finalizer, problem)),
    ),
    ...finalizers.flatMap((finalizer, i) =>
      finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)
        ? []
        : [invalidField(`metadata.finalizers[${i}]`, finalizer, unqualified)],
    ),
  ];
}
