/** Names of API resources. A `Resource<T>` says where objects of type T are served. */

import type { KubeObject } from './object.ts';
import type { Deployment, ReplicaSet } from './apps.ts';
import type { HorizontalPodAutoscaler } from './hpa.ts';
import type { NodeClaim, NodePool } from './karpenter.ts';
import type { KubeEvent, KubeNode, Namespace, Pod } from './core-v1.ts';
import type { Lease } from './lease.ts';
import type { RayCluster } from './ray.ts';

export type GroupResource = { readonly group: string; readonly resource: string };

export type GroupVersionResource = GroupResource & { readonly version: string };

/** `T` is only a mark for the compiler: nothing of it exists at run time. */
export type Resource<T extends KubeObject> = GroupVersionResource & {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly __object?: T;
};

export function apiVersionOf(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `deployments.apps`, or `pods` for the core group: as messages of the API name a resource. */
export function groupResourceText(resource: GroupResource): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
}

export const PODS: Resource<Pod> = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true };
export const NODES: Resource<KubeNode> = {
  group: '',
  version: 'v1',
  resource: 'nodes',
  kind: 'Node',
  namespaced: false,
};
export const NAMESPACES: Resource<Namespace> = {
  group: '',
  version: 'v1',
  resource: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
};
export const EVENTS: Resource<KubeEvent> = {
  group: '',
  version: 'v1',
  resource: 'events',
  kind: 'Event',
  namespaced: true,
};
export const DEPLOYMENTS: Resource<Deployment> = {
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
export const REPLICA_SETS: Resource<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  resource: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
};
export const HORIZONTAL_POD_AUTOSCALERS: Resource<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
};
export const LEASES: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  kind: 'Lease',
  namespaced: true,
};
export const RAY_CLUSTERS: Resource<RayCluster> = {
  group: 'ray.io',
  version: 'v1',
  resource: 'rayclusters',
  kind: 'RayCluster',
  namespaced: true,
};
export const NODE_POOLS: Resource<NodePool> = {
  group: 'karpenter.sh',
  version: 'v1',
  resource: 'nodepools',
  kind: 'NodePool',
  namespaced: false,
};
export const NODE_CLAIMS: Resource<NodeClaim> = {
  group: 'karpenter.sh',
  version: 'v1',
  resource: 'nodeclaims',
  kind: 'NodeClaim',
  namespaced: false,
};
