/** How an object changes on its way into the store: what the server sets, what a client may not, what is refused. */

import type { AnyObject, ManagedFieldsEntry, ObjectMeta } from '../core/kube/object.ts';
import { apiVersionOf } from '../core/kube/resource.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { isRecord } from '../core/cluster/kinds/schema.ts';
import { metadataTypeErrors } from '../core/cluster/metadata.ts';
import { badRequest, invalid } from '../core/cluster/status-errors.ts';
import { detachedCopy } from '../lib/json.ts';
import type { FieldError } from '../lib/result.ts';
import { KubeError } from '../ports/kube-api.ts';

/** What arrives over a network: a copy that shares nothing that can change, of the right kind. Throws 400 otherwise. */
export function decoded(kind: AnyKind, value: unknown): AnyObject {
  const { resource } = kind;
  const apiVersion = apiVersionOf(resource);
  if (!isRecord(value)) throw new KubeError(badRequest(`the body is not a ${resource.kind}`));
  if (value['apiVersion'] !== apiVersion) {
    const found = textOf(value['apiVersion']);
    const message = `the API version in the data (${found}) does not match the expected API version (${apiVersion})`;
    throw new KubeError(badRequest(message));
  }
  if (value['kind'] !== resource.kind) {
    const found = textOf(value['kind']);
    throw new KubeError(
      badRequest(`the kind in the data (${found}) does not match the expected kind (${resource.kind})`),
    );
  }
  const errors = metadataTypeErrors(value['metadata'] ?? {});
  if (errors.length > 0) throw new KubeError(undecodable(kind, errors));
  const { metadata, ...content } = detachedCopy(value);
  // kind, apiVersion and the types of metadata were checked
  return { apiVersion, kind: resource.kind, metadata: metadata ?? {}, ...content } as unknown as AnyObject;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Throws unless `errors` is empty: 422, or 400 where a built-in kind has a field of a wrong JSON type. */
export function refuseInvalid(kind: AnyKind, name: string, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const types = errors.filter((error) => error.type === 'FieldValueTypeInvalid');
  if (types.length > 0 && !kind.custom) throw new KubeError(undecodable(kind, types));
  throw new KubeError(invalid(kind.resource, name, errors));
}

function undecodable({ resource }: AnyKind, errors: readonly FieldError[]): ReturnType<typeof badRequest> {
  const texts = errors.map((error) => `${error.path}: ${error.message}`).join(', ');
  const what = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}`;
  return badRequest(`${what}: json: cannot unmarshal: ${texts}`);
}

/** What the server alone says about an object. `undefined` members are left out. */
export type SystemMeta = {
  readonly name: string;
  readonly generateName: string | undefined;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly creationTimestamp: string | undefined;
  readonly deletionTimestamp: string | undefined;
  readonly deletionGracePeriodSeconds: number | undefined;
};

export function systemMetaOf(metadata: ObjectMeta): SystemMeta {
  return {
    name: metadata.name,
    generateName: metadata.generateName,
    namespace: metadata.namespace,
    uid: metadata.uid,
    generation: metadata.generation,
    creationTimestamp: metadata.creationTimestamp,
    deletionTimestamp: metadata.deletionTimestamp,
    deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
  };
}

/** Metadata as stored: the server's part, and of the client's what clients may say. Empty maps and lists vanish. */
export function composedMeta(
  system: SystemMeta,
  client: ObjectMeta,
  managedFields: readonly ManagedFieldsEntry[],
): ObjectMeta {
  return withoutUndefined<ObjectMeta>({
    ...system,
    labels: unlessEmpty(client.labels),
    annotations: unlessEmpty(client.annotations),
    ownerReferences: unlessEmpty(client.ownerReferences),
    finalizers: unlessEmpty(client.finalizers),
    managedFields: unlessEmpty(managedFields),
  });
}

/** The members of `parts` that are there. */
export function withoutUndefined<T extends object>(parts: { readonly [K in keyof T]: T[K] | undefined }): T {
  const present = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as T; // the same members, the undefined ones left out
}

function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value === undefined || value === null || Object.keys(value).length === 0 ? undefined : value;
}

/** `object` with another status; undefined takes it away. */
export function withStatus(object: AnyObject, status: AnyObject['status']): AnyObject {
  const { status: _, ...rest } = object;
  return status === undefined ? rest : { ...rest, status };
}
