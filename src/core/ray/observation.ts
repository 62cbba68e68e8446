/** What a round has read: the RayCluster with its config, its pods, the GCS's state; and what follows from them without deciding. */

import type { RayCluster } from '../kube/ray.ts';
import type { Instant } from '../time/time.ts';
import type { ClusterResourceState } from './cluster-state.ts';
import type { RayConfig, WorkerGroup } from './config.ts';
import type { RayPod } from './pods.ts';

/** The Kubernetes side; read again before a patch is planned anew. */
export type ClusterView = {
  readonly cluster: RayCluster;
  readonly config: RayConfig;
  readonly pods: readonly RayPod[];
};

export type Observation = ClusterView & { readonly state: ClusterResourceState; readonly at: Instant };

/** A worker group's numbers, in pods unless said otherwise. */
export type GroupCount = {
  readonly group: WorkerGroup;
  /** `spec.replicas`, in replicas. */
  readonly replicas: number;
  /** Worker pods that are there and not named for deletion. */
  readonly observed: number;
  /** Pods the operator will make without being asked again: what it wants less what is there. */
  readonly owed: number;
  /** Names in `workersToDelete`. */
  readonly named: readonly string[];
  /** Whether a pod named for deletion is still there. */
  readonly deleting: boolean;
};

/**
 * Per worker group: what is there and what is on its way.
 *
 * The operator wants replicas brought within its limits, times the hosts; pods on their way out are not listed and not counted.
 * Cost: O(pods + groups).
 * Spec: RAY-27.3, RAY-27.4, RAY-27.9.   Source: v2 kuberay cloud_provider.py _initialize_scale_request (Ray 2.60.0).
 */
export function countGroups({ cluster, config, pods }: ClusterView): readonly GroupCount[] {
  const specs = cluster.spec.workerGroupSpecs ?? [];
  const named = new Set(specs.flatMap((spec) => spec.scaleStrategy?.workersToDelete ?? []));
  const listed = new Set(pods.map(({ name }) => name));
  const observed = new Map<string, number>();
  for (const pod of pods) {
    if (pod.kind === 'WORKER' && !named.has(pod.name)) observed.set(pod.group, (observed.get(pod.group) ?? 0) + 1);
  }
  return config.groups.map((group) => {
    const spec = specs[group.index];
    const replicas = spec?.replicas ?? 0;
    const names = spec?.scaleStrategy?.workersToDelete ?? [];
    const here = observed.get(group.groupName) ?? 0;
    const wanted = Math.max(group.minReplicas, Math.min(replicas, group.maxReplicas)) * group.numOfHosts;
    return {
      group,
      replicas,
      observed: here,
      owed: Math.max(0, wanted - here),
      named: names,
      deleting: names.some((name) => listed.has(name)),
    };
  });
}

/** Whether nothing may be written any more: the RayCluster is going, or is put to sleep as a whole. Spec: RAY-27.10. */
export function isAtRest({ metadata, spec }: RayCluster): boolean {
  return metadata.deletionTimestamp !== undefined || spec.suspend === true;
}
