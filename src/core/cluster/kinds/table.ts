/** Every kind the embedded API server serves, and the ways to find one. A further kind is one more line here. */

import type { AnyObject, KubeObject } from '../../kube/object.ts';
import type { GroupVersionResource } from '../../kube/resource.ts';
import { DEPLOYMENT_KIND, REPLICA_SET_KIND } from './apps.ts';
import { LEASE_KIND } from './coordination.ts';
import { EVENT_KIND, NAMESPACE_KIND, NODE_KIND } from './core-v1.ts';
import { HPA_KIND } from './hpa.ts';
import { NODE_CLAIM_KIND, NODE_POOL_KIND } from './karpenter.ts';
import type { KindDefinition } from './kind.ts';
import { POD_KIND } from './pod.ts';
import { RAY_CLUSTER_KIND } from './ray.ts';

/** A definition whose object type is not known at compile time. */
export type AnyKind = KindDefinition<AnyObject>;

/** In the order of discovery. */
export const KINDS: readonly AnyKind[] = [
  entry(NAMESPACE_KIND),
  entry(NODE_KIND),
  entry(POD_KIND),
  entry(EVENT_KIND),
  entry(DEPLOYMENT_KIND),
  entry(REPLICA_SET_KIND),
  entry(HPA_KIND),
  entry(LEASE_KIND),
  entry(RAY_CLUSTER_KIND),
  entry(NODE_POOL_KIND),
  entry(NODE_CLAIM_KIND),
];

function entry<T extends KubeObject>(definition: KindDefinition<T>): AnyKind {
  // only objects that were found under the definition's own resource are handed to it
  return definition as unknown as AnyKind;
}

const BY_RESOURCE: ReadonlyMap<string, AnyKind> = new Map(KINDS.map((kind) => [resourceText(kind.resource), kind]));

const BY_GROUP_KIND: ReadonlyMap<string, AnyKind> = new Map(
  KINDS.filter((kind) => kind.preferredVersion).map((kind) => [groupKindText(kind.resource), kind]),
);

/** The kind served at a resource; undefined when nothing is. */
export function kindOfResource(resource: GroupVersionResource): AnyKind | undefined {
  return BY_RESOURCE.get(resourceText(resource));
}

/** The kind of a group in its preferred version, as owner references and scale targets name it. */
export function kindOfGroupKind(name: { readonly group: string; readonly kind: string }): AnyKind | undefined {
  return BY_GROUP_KIND.get(groupKindText(name));
}

/** The group of an `apiVersion`: '' for `v1`, `apps` for `apps/v1`. */
export function groupOfApiVersion(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function resourceText(resource: GroupVersionResource): string {
  return `${resource.group}/${resource.version}/${resource.resource}`;
}

function groupKindText(name: { readonly group: string; readonly kind: string }): string {
  return `${name.group}/${name.kind}`;
}
