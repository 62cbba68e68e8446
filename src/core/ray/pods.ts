/** Pods of a RayCluster as the autoscaler reads them: by their labels, phase unseen. */

import type { Pod } from '../kube/core-v1.ts';

/** The label every pod of a RayCluster carries, with the cluster's name. */
export const CLUSTER_LABEL = 'ray.io/cluster';

export type RayPod = { readonly name: string; readonly kind: 'HEAD' | 'WORKER'; readonly group: string };

/**
 * Head and worker pods that are not being deleted, in list order. Others of the cluster (cleanup jobs) are none of ours.
 *
 * Spec: RAY-27.1.   Source: _private/kuberay/node_provider, v2 kuberay cloud_provider.py (Ray 2.60.0).
 */
export function rayPodsOf(pods: readonly Pod[]): readonly RayPod[] {
  return pods.flatMap(({ metadata }) => {
    const kind = KINDS.get(metadata.labels?.['ray.io/node-type'] ?? '');
    const group = metadata.labels?.['ray.io/group'];
    const ours = kind !== undefined && group !== undefined && metadata.deletionTimestamp === undefined;
    return ours ? [{ name: metadata.name, kind, group }] : [];
  });
}

const KINDS: ReadonlyMap<string, RayPod['kind']> = new Map([
  ['head', 'HEAD'],
  ['worker', 'WORKER'],
]);
