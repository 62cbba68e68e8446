/**
 * What would go wrong with a RayCluster after the API server took it: the operator refuses it, the API server refuses its pods, or the
 * autoscaler cannot read a group. Each would only show as workers that never come, so it is better said before anything starts.
 * The rules are those of the parts themselves.
 */

import { POD_SPEC } from '../../core/cluster/kinds/pod-schema.ts';
import { validatePodSpec } from '../../core/cluster/kinds/pod-validation.ts';
import { checkSchema } from '../../core/cluster/kinds/schema.ts';
import { validateLabels } from '../../core/cluster/metadata.ts';
import { CLUSTER_LABEL, GROUP_LABEL, headPod, workerPod } from '../../core/cluster/ray-cluster-pods.ts';
import { checkRayCluster, type RayClusterRefusal } from '../../core/cluster/ray-cluster-rules.ts';
import type { Pod } from '../../core/kube/core-v1.ts';
import type { RayCluster } from '../../core/kube/ray.ts';
import { COMPAT } from '../../core/ray/compat.ts';
import { configOf } from '../../core/ray/config.ts';
import type { FieldError } from '../../lib/result.ts';

/** The errors of the first part with errors, at the fields of the RayCluster. The API server must accept it. O(size of spec). */
export function rayClusterErrors(cluster: RayCluster): readonly FieldError[] {
  const refusal = checkRayCluster(cluster);
  if (refusal !== undefined) return [refusalError(cluster, refusal)];
  const groups = cluster.spec.workerGroupSpecs ?? [];
  const ofPods = [
    ...podErrors(headPod(cluster), 'spec.headGroupSpec'),
    ...groups.flatMap((group, i) => podErrors(workerPod(cluster, group, 0), `spec.workerGroupSpecs[${i}]`)),
  ];
  if (ofPods.length > 0 || cluster.spec.enableInTreeAutoscaling !== true) return ofPods;
  return configOf(cluster, COMPAT.default).warnings;
}

function refusalError(cluster: RayCluster, refusal: RayClusterRefusal): FieldError {
  const message = `${refusal.reason}: ${refusal.message}`;
  if (refusal.reason === 'InvalidRayClusterMetadata') {
    const name = dns1035(cluster.metadata.name);
    const fix = name === '' ? 'choose another name' : `choose another name, such as ${name}`;
    return { path: 'metadata.name', type: 'FieldValueInvalid', message, fix };
  }
  const groups = cluster.spec.workerGroupSpecs ?? [];
  const index = groups.findIndex(({ groupName }) => refusal.message.startsWith(`worker group ${groupName}:`));
  const path = index < 0 ? 'spec' : `spec.workerGroupSpecs[${index}]`;
  const fix = 'change it as said: KubeRay would take the object and then make no pod of it';
  return { path, type: 'FieldValueInvalid', message, fix };
}

/** What is left of a name as a label that KubeRay can lengthen; '' when that is nothing. */
function dns1035(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return plain
    .replace(/^[^a-z]+/, '')
    .slice(0, 53)
    .replace(/-+$/, '');
}

function podErrors(pod: Pod, group: string): readonly FieldError[] {
  const { [CLUSTER_LABEL]: _, [GROUP_LABEL]: groupName = '', ...labels } = pod.metadata.labels ?? {};
  const spec = `${group}.template.spec`;
  const types = checkSchema(POD_SPEC, pod.spec, spec);
  return [
    ...validateLabels({ [GROUP_LABEL]: groupName }, `${group}.groupName`),
    ...validateLabels(labels, `${group}.template.metadata.labels`),
    ...(types.length > 0 ? types : validatePodSpec(pod.spec, spec)),
  ];
}
