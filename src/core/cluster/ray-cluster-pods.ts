/** The pods that KubeRay's operator makes of a RayCluster: names, labels, environment, owner, the autoscaler's sidecar. */

import type { Container, Pod, PodSpec } from '../kube/core-v1.ts';
import type { OwnerReference } from '../kube/object.ts';
import type { RayCluster, RayGroupSpec, WorkerGroupSpec } from '../kube/ray.ts';
import { defined } from '../../lib/assert.ts';
import { digest } from '../../lib/json.ts';
import { isPodReady } from './pods.ts';
import { isExplicitV2 } from './ray-cluster-rules.ts';

export const CLUSTER_LABEL = 'ray.io/cluster';
export const NODE_TYPE_LABEL = 'ray.io/node-type';
export const GROUP_LABEL = 'ray.io/group';
export const REPLICA_INDEX_LABEL = 'ray.io/worker-group-replica-index';
export const RECREATE_HASH_ANNOTATION = 'ray.io/upgrade-strategy-recreate-hash';
export const HEAD_GROUP = 'headgroup';
/** The init container of a worker that waits for the head. */
export const WAIT_FOR_HEAD_CONTAINER = 'wait-gcs-ready';

const MAX_PREFIX = 50;
const MAX_LABEL = 63;
const GCS_PORT = '6379';

/** The head pod, to be created with a generated name. Spec: kuberay 2.2, 2.4. Source: common/pod.go (KubeRay 1.7). */
export function headPod(cluster: RayCluster): Pod {
  const group = cluster.spec.headGroupSpec;
  const spec = rayPodSpec(cluster, group, [
    { name: 'RAY_ADDRESS', value: `127.0.0.1:${GCS_PORT}` },
    { name: 'RAY_USAGE_STATS_KUBERAY_IN_USE', value: '1' },
  ]);
  const containers =
    cluster.spec.enableInTreeAutoscaling === true ? [...spec.containers, sidecar(cluster)] : spec.containers;
  return pod(cluster, group, {
    prefix: podPrefix(cluster.metadata.name, 'head'),
    labels: podLabels(cluster, group, { nodeType: 'head', groupName: HEAD_GROUP }),
    annotations: { 'ray.io/kuberay-version': 'v1.7.0', [RECREATE_HASH_ANNOTATION]: recreateHash(cluster) },
    spec: { ...spec, containers },
  });
}

/** One worker pod of a group, to be created with a generated name. Spec: kuberay 2.4. */
export function workerPod(cluster: RayCluster, group: WorkerGroupSpec, replicaIndex: number): Pod {
  const { name, namespace = '' } = cluster.metadata;
  const service = `${name}-head-svc`;
  const address = `${service}.${namespace}.svc.cluster.local`;
  const spec = rayPodSpec(cluster, group, [
    { name: 'FQ_RAY_IP', value: address },
    { name: 'RAY_IP', value: service },
    { name: 'RAY_ADDRESS', value: `${address}:${GCS_PORT}` },
    { name: 'RAY_USAGE_STATS_KUBERAY_IN_USE', value: '1' },
  ]);
  return pod(cluster, group, {
    prefix: podPrefix(`${name}-${group.groupName}`, 'worker'),
    labels: {
      ...podLabels(cluster, group, { nodeType: 'worker', groupName: group.groupName }),
      [REPLICA_INDEX_LABEL]: String(replicaIndex),
    },
    annotations: {},
    spec: { ...spec, initContainers: [...(spec.initContainers ?? []), waitForHead(rayContainer(spec), address)] },
  });
}

/**
 * Whether a worker's init container is still waiting: until a head pod of its cluster is ready. Other pods never wait.
 * Cost: O(pods). Spec: kuberay 2.4.
 */
export function waitsForHead(pod: Pod, pods: Iterable<Pod>): boolean {
  if (pod.spec.initContainers?.some(({ name }) => name === WAIT_FOR_HEAD_CONTAINER) !== true) return false;
  const cluster = pod.metadata.labels?.[CLUSTER_LABEL];
  if (cluster === undefined) return false;
  for (const other of pods) {
    const { labels, namespace } = other.metadata;
    const isHead = labels?.[CLUSTER_LABEL] === cluster && labels[NODE_TYPE_LABEL] === 'head';
    if (isHead && namespace === pod.metadata.namespace && isPodReady(other)) return false;
  }
  return true;
}

/** `<prefix>-<type>-` in small letters, the prefix cut to its first 50 characters. Source: utils.PodName. */
export function podPrefix(prefix: string, nodeType: 'head' | 'worker'): string {
  return `${prefix.slice(0, MAX_PREFIX)}-${nodeType}-`.toLowerCase();
}

/** The last 63 characters; a leading sign becomes `r`. Source: utils.CheckLabel. */
export function labelValue(text: string): string {
  const tail = text.slice(-MAX_LABEL);
  return /^[-_.]/.test(tail) ? `r${tail.slice(1)}` : tail;
}

/**
 * Changes when pods must be made anew under `upgradeStrategy: Recreate`: numbers of replicas, names to delete, tolerations,
 * scheduling gates and the strategy itself do not count. Spec: kuberay 2.7 step 2. Cost: O(size of spec).
 */
export function recreateHash(cluster: RayCluster): string {
  const groups = (cluster.spec.workerGroupSpecs ?? []).map((group) => {
    const { replicas: _replicas, minReplicas: _min, maxReplicas: _max, scaleStrategy: _strategy, ...rest } = group;
    return { ...rest, template: withoutPlacement(group) };
  });
  const { upgradeStrategy: _upgrade, ...spec } = cluster.spec;
  const headGroupSpec = { ...spec.headGroupSpec, template: withoutPlacement(spec.headGroupSpec) };
  return digest({ ...spec, headGroupSpec, workerGroupSpecs: groups });
}

function withoutPlacement(group: RayGroupSpec): unknown {
  const { tolerations: _tolerations, schedulingGates: _gates, ...spec } = group.template.spec;
  return { ...group.template, spec };
}

/** The container that runs Ray: the first one. The API server refuses a template without containers. */
export function rayContainer(spec: PodSpec): Container {
  return defined(spec.containers[0], "a Ray pod's first container");
}

function pod(
  cluster: RayCluster,
  group: RayGroupSpec,
  made: {
    readonly prefix: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly spec: PodSpec;
  },
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: made.prefix,
      namespace: cluster.metadata.namespace ?? '',
      labels: made.labels,
      annotations: { ...group.template.metadata?.annotations, ...made.annotations },
      ownerReferences: [ownerReference(cluster)],
    },
    spec: made.spec,
  };
}

function ownerReference(cluster: RayCluster): OwnerReference {
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    name: cluster.metadata.name,
    uid: cluster.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The user's labels first: cluster, node type and group cannot be overridden. */
function podLabels(
  cluster: RayCluster,
  group: RayGroupSpec,
  node: { readonly nodeType: 'head' | 'worker'; readonly groupName: string },
): Readonly<Record<string, string>> {
  const { name } = cluster.metadata;
  return {
    'app.kubernetes.io/name': 'kuberay',
    'app.kubernetes.io/created-by': 'kuberay-operator',
    ...group.template.metadata?.labels,
    ...group.labels,
    'ray.io/is-ray-node': 'yes',
    'ray.io/identifier': labelValue(`${name}-${node.nodeType}`),
    [CLUSTER_LABEL]: name,
    [NODE_TYPE_LABEL]: node.nodeType,
    [GROUP_LABEL]: node.groupName,
  };
}

type EnvVar = { readonly name: string; readonly value?: string; readonly valueFrom?: unknown };

/** A Ray node tells the GCS its pod's name and its group: that is how the autoscaler finds the pod of a Ray node. */
const IDENTITY: readonly EnvVar[] = [
  { name: 'RAY_CLUSTER_NAME', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${CLUSTER_LABEL}']` } } },
  { name: 'RAY_CLUSTER_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  { name: 'RAY_CLOUD_INSTANCE_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'RAY_NODE_TYPE_NAME', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${GROUP_LABEL}']` } } },
  { name: 'RAY_PORT', value: GCS_PORT },
];

function rayPodSpec(cluster: RayCluster, group: RayGroupSpec, env: readonly EnvVar[]): PodSpec {
  const spec = group.template.spec;
  const [ray, ...others] = spec.containers;
  const first = defined(ray, "a Ray pod's first container");
  return {
    ...spec,
    containers: [withEnv(first, [...IDENTITY, ...env]), ...others],
    ...(isExplicitV2(cluster) ? { restartPolicy: 'Never' } : {}),
  };
}

/** Adds what the user has not set. */
function withEnv(container: Container, added: readonly EnvVar[]): Container {
  const own = Array.isArray(container['env']) ? (container['env'] as readonly EnvVar[]) : []; // checked by the kind's schema
  const names = new Set(own.map(({ name }) => name));
  return { ...container, env: [...own, ...added.filter(({ name }) => !names.has(name))] };
}

/** Workers wait for the GCS before Ray starts. */
function waitForHead(ray: Container, address: string): Container {
  return {
    name: WAIT_FOR_HEAD_CONTAINER,
    ...(ray.image === undefined ? {} : { image: ray.image }),
    command: ['/bin/bash', '-c', '--'],
    args: [`until ray health-check --address ${address}:${GCS_PORT}; do sleep 5; done`],
    env: [{ name: 'FQ_RAY_IP', value: address }],
    resources: { limits: { cpu: '200m', memory: '256Mi' }, requests: { cpu: '200m', memory: '256Mi' } },
  };
}

function sidecar(cluster: RayCluster): Container {
  const options = cluster.spec.autoscalerOptions ?? {};
  const image = options['image'] ?? rayContainer(cluster.spec.headGroupSpec.template.spec).image;
  const asked = { cpu: '500m', memory: '512Mi' };
  const resources = options['resources'] ?? { limits: asked, requests: asked };
  return {
    name: 'autoscaler',
    ...(typeof image === 'string' ? { image } : {}),
    command: ['/bin/bash', '-c', '--'],
    args: ['ray kuberay-autoscaler --cluster-name $(RAY_CLUSTER_NAME) --cluster-namespace $(RAY_CLUSTER_NAMESPACE)'],
    env: [
      ...IDENTITY.slice(0, 2),
      { name: 'RAY_HEAD_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'KUBERAY_CRD_VER', value: 'v1' },
    ],
    resources: resources as NonNullable<Container['resources']>, // checked by the kind's schema
  };
}
