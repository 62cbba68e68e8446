/**
 * The write pipelines: create, update, patch, scale (cluster-api 11, 14). Each runs from the request to the commit in one synchronous
 * step, or throws the API server's refusal and leaves nothing behind. Deletion is `store-deletes.ts`.
 */

import type { Scale } from '../core/kube/apps.ts';
import {
  keyOf,
  type AnyObject,
  type ManagedFieldsEntry,
  type ObjectKey,
  type ObjectMeta,
} from '../core/kube/object.ts';
import { isFinished } from '../core/cluster/deletion.ts';
import { invalidField, requiredField } from '../core/cluster/field-errors.ts';
import { movesGeneration } from '../core/cluster/generation.ts';
import { generatedName, uuidV4 } from '../core/cluster/identity.ts';
import { withManager, type Writer } from '../core/cluster/managed-fields.ts';
import { validateMetadata, validateMetadataUpdate } from '../core/cluster/metadata.ts';
import { mergePatch } from '../core/cluster/patch.ts';
import {
  alreadyExists,
  badRequest,
  invalid,
  nameNotGenerated,
  notFound,
  otherUid,
  resourceNotServed,
  staleVersion,
  versionOnCreate,
} from '../core/cluster/status-errors.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { toRfc3339 } from '../core/time/time.ts';
import { deepEqual } from '../lib/json.ts';
import { KubeError, type Patch } from '../ports/kube-api.ts';
import { jsonPatch } from './json-patch.ts';
import { removeObject } from './store-deletes.ts';
import { checkNamespace } from './store-namespaces.ts';
import { composedMeta, decoded, refuseInvalid, systemMetaOf, withoutUndefined, withStatus } from './store-objects.ts';
import type { StoreState } from './store-state.ts';

const NAME_TRIES = 8;

/** POST. */
export function createObject(state: StoreState, kind: AnyKind, body: unknown, writer: Writer): AnyObject {
  const object = decoded(kind, body);
  if ((object.metadata.resourceVersion ?? '') !== '') throw new KubeError(versionOnCreate());
  const namespace = namespaceFor(kind, object);
  if (namespace !== '') checkNamespace(state, kind, { namespace, name: object.metadata.name ?? '' });
  const name = nameFor(state, kind, namespace, object);
  const now = toRfc3339(state.clock.now());
  const system = {
    name,
    generateName: object.metadata.generateName,
    namespace: namespace === '' ? undefined : namespace,
    uid: uuidV4(state.uids),
    generation: kind.generation === 'none' ? undefined : 1,
    creationTimestamp: now,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  };
  const managed = withManager([], writer, { apiVersion: object.apiVersion, time: now });
  const stripped = kind.hasStatus && kind.statusOnCreate !== 'kept' ? withStatus(object, undefined) : object;
  const complete = kind.withDefaults({ ...stripped, metadata: composedMeta(system, object.metadata, managed) });
  refuseInvalid(kind, name, [...validateMetadata(complete.metadata, kind.nameRule), ...kind.validate(complete)]);
  const present = state.find(kind, keyOf(complete));
  if (present !== undefined) {
    const leaving = present.metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: ';
    throw new KubeError(alreadyExists(kind.resource, name, leaving));
  }
  return state.put(kind, complete);
}

function namespaceFor(kind: AnyKind, object: AnyObject): string {
  const namespace = object.metadata.namespace ?? '';
  if (kind.resource.namespaced && namespace === '') {
    throw new KubeError(badRequest('an empty namespace may not be set during creation'));
  }
  if (!kind.resource.namespaced && namespace !== '') {
    const message = 'the namespace of the provided object does not match the namespace sent on the request';
    throw new KubeError(badRequest(message));
  }
  return namespace;
}

function nameFor(state: StoreState, kind: AnyKind, namespace: string, { metadata }: AnyObject): string {
  const name = metadata.name ?? ''; // types say present, objects with generateName lack it
  if (name !== '') return name;
  const prefix = metadata.generateName ?? '';
  if (prefix === '') {
    const error = requiredField('metadata.name', 'name or generateName is required');
    throw new KubeError(invalid(kind.resource, '', [error]));
  }
  for (let i = 0; i < NAME_TRIES; i++) {
    const candidate = generatedName(prefix, state.names);
    if (state.find(kind, { namespace, name: candidate }) === undefined) return candidate;
  }
  throw new KubeError(nameNotGenerated(kind.resource, prefix));
}

/** PUT, of the object or of its status. */
export function updateObject(state: StoreState, kind: AnyKind, body: unknown, writer: Writer): AnyObject {
  const proposed = decoded(kind, body);
  return applyUpdate(state, kind, { old: state.get(kind, keyOf(proposed)), proposed, writer });
}

/** PATCH, of the object or of its status. What comes out passes the same pipeline as a PUT. */
export function patchObject(
  state: StoreState,
  kind: AnyKind,
  request: { readonly key: ObjectKey; readonly patch: Patch; readonly writer: Writer },
): AnyObject {
  const { key, patch, writer } = request;
  const old = state.get(kind, key);
  const patched = patch.type === 'json' ? jsonPatch(old, patch.operations) : mergePatch(old, patch.value);
  const proposed = decoded(kind, patched);
  if (keyOf(proposed).name !== key.name || keyOf(proposed).namespace !== key.namespace) {
    const message = `the name of the object (${proposed.metadata.name}) does not match the name on the URL (${key.name})`;
    throw new KubeError(badRequest(message));
  }
  return applyUpdate(state, kind, { old, proposed, writer });
}

type Update = { readonly old: AnyObject; readonly proposed: AnyObject; readonly writer: Writer };

function applyUpdate(state: StoreState, kind: AnyKind, update: Update): AnyObject {
  const { old, proposed, writer } = update;
  checkPreconditions(kind, old, proposed);
  const next = nextObject(kind, update);
  refuseInvalid(kind, next.metadata.name, [
    ...validateMetadata(next.metadata, kind.nameRule),
    ...validateMetadataUpdate(next, old),
    ...kind.validate(next, old),
  ]);
  // only what is valid by itself can be compared field by field
  refuseInvalid(kind, next.metadata.name, kind.validateUpdate(next, old));
  if (sameContent(next, old)) return old;
  const moves = movesGeneration(kind.generation, next, old, kind.sameSpec);
  const generation = moves ? (old.metadata.generation ?? 0) + 1 : undefined;
  const moved = generation === undefined ? next : { ...next, metadata: { ...next.metadata, generation } };
  return commitUpdate(state, kind, moved, writer);
}

/** Stores a changed object under its writer's name; removes it when only finalizers had kept it. */
export function commitUpdate(state: StoreState, kind: AnyKind, object: AnyObject, writer: Writer): AnyObject {
  const time = toRfc3339(state.clock.now());
  const managed = withManager(object.metadata.managedFields ?? [], writer, { apiVersion: object.apiVersion, time });
  const complete = { ...object, metadata: { ...object.metadata, managedFields: managed } };
  return isFinished(complete) ? removeObject(state, kind, complete) : state.put(kind, complete);
}

function checkPreconditions(kind: AnyKind, old: AnyObject, proposed: AnyObject): void {
  const { name, uid, resourceVersion } = old.metadata;
  const asked = proposed.metadata;
  if ((asked.uid ?? '') !== '' && asked.uid !== uid) {
    throw new KubeError(otherUid(kind.resource, name, { asked: asked.uid ?? '', is: uid ?? '' }));
  }
  if ((asked.resourceVersion ?? '') === '') {
    if (!kind.custom) return;
    const error = invalidField('metadata.resourceVersion', 0, 'must be specified for an update');
    throw new KubeError(invalid(kind.resource, name, [error]));
  }
  if (asked.resourceVersion !== resourceVersion) throw new KubeError(staleVersion(kind.resource, name));
}

/** The old object with the part that this way of writing may change. */
function nextObject(kind: AnyKind, { old, proposed, writer }: Update): AnyObject {
  const { resourceVersion: _, ...oldMeta } = old.metadata;
  // everything else stays the very same object, which also makes the comparisons below cheap
  if (writer.subresource === 'status') return withStatus({ ...old, metadata: oldMeta }, proposed.status);
  const managed = managedFieldsAfter(proposed.metadata.managedFields, oldMeta.managedFields ?? []);
  const metadata = composedMeta(systemMetaOf(old.metadata), proposed.metadata, managed);
  const content = kind.hasStatus ? withStatus(proposed, old.status) : proposed;
  return kind.withDefaults({ ...content, metadata });
}

/** A client may leave the entries out, send them back, or reset them with `[]` or `[{}]`. */
function managedFieldsAfter(
  sent: readonly ManagedFieldsEntry[] | undefined,
  old: readonly ManagedFieldsEntry[],
): readonly ManagedFieldsEntry[] {
  if (sent === undefined) return old;
  return sent.filter((entry) => entry.manager !== undefined && entry.operation !== undefined); // types say present, clients may send anything
}

function sameContent(next: AnyObject, old: AnyObject): boolean {
  const { resourceVersion: _, ...metadata } = old.metadata;
  return deepEqual(next, { ...old, metadata });
}

/** GET of the scale subresource. */
export function scaleOf(state: StoreState, kind: AnyKind, key: ObjectKey): Scale {
  const { scale, object } = scalable(state, kind, key);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = scale.selectorOf(object);
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: withoutUndefined<ObjectMeta>({ name, namespace, uid, resourceVersion, creationTimestamp }),
    spec: { replicas: scale.replicasOf(object) },
    status: { replicas: scale.statusReplicasOf(object), ...(selector === '' ? {} : { selector }) },
  };
}

/** PUT of the scale subresource: only the replicas count. */
export function updateScale(
  state: StoreState,
  kind: AnyKind,
  request: { readonly key: ObjectKey; readonly scale: Scale; readonly writer: Writer },
): Scale {
  const { key, scale: asked, writer } = request;
  const { scale, object } = scalable(state, kind, key);
  if (asked.metadata.name !== key.name) {
    const message = `the name of the object (${asked.metadata.name}) does not match the name on the URL (${key.name})`;
    throw new KubeError(badRequest(message));
  }
  const replicas: unknown = asked.spec.replicas ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const error = invalidField('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw new KubeError(invalid({ group: 'autoscaling', kind: 'Scale' }, key.name, [error]));
  }
  const { uid = '', resourceVersion = '' } = asked.metadata;
  if (uid !== '' && uid !== object.metadata.uid) {
    throw new KubeError(otherUid(kind.resource, key.name, { asked: uid, is: object.metadata.uid ?? '' }));
  }
  if (resourceVersion !== '' && resourceVersion !== object.metadata.resourceVersion) {
    throw new KubeError(staleVersion(kind.resource, key.name));
  }
  applyUpdate(state, kind, { old: object, proposed: scale.withReplicas(object, replicas), writer });
  return scaleOf(state, kind, key);
}

function scalable(
  state: StoreState,
  kind: AnyKind,
  key: ObjectKey,
): { readonly scale: NonNullable<AnyKind['scale']>; readonly object: AnyObject } {
  if (kind.scale === undefined) {
    // every path below a custom resource is served by one handler, which finds no scale where none is defined
    throw new KubeError(kind.custom ? notFound(kind.resource, key.name) : resourceNotServed());
  }
  return { scale: kind.scale, object: state.get(kind, key) };
}
