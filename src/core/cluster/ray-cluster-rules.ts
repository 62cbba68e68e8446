/**
 * What KubeRay's operator refuses although the API server accepted it. A refusal is an event on the object; no pod is made or
 * deleted until the next edit. The wording is ours, the meaning upstream's.
 */

import type { RayCluster, RayGroupSpec, WorkerGroupSpec } from '../kube/ray.ts';
import { keyProblems, valueProblems } from '../selector/label-syntax.ts';

const MAX_NAME = 53;
const DNS_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** `reason` is the event's. */
export type RayClusterRefusal = {
  readonly reason: 'InvalidRayClusterMetadata' | 'InvalidRayClusterSpec';
  readonly message: string;
};

/**
 * The first thing that keeps the operator from working on the cluster; undefined when there is none. Cost: O(groups x labels).
 * Spec: kuberay 1.1, 2.12. Source: ray-operator/controllers/ray/utils/validation.go (KubeRay 1.7).
 */
export function checkRayCluster(cluster: RayCluster): RayClusterRefusal | undefined {
  const name = metadataProblem(cluster.metadata.name);
  if (name !== undefined) return { reason: 'InvalidRayClusterMetadata', message: name };
  const spec = specProblem(cluster);
  return spec === undefined ? undefined : { reason: 'InvalidRayClusterSpec', message: spec };
}

function metadataProblem(name: string): string | undefined {
  if (name.length > MAX_NAME) {
    return `the name has ${name.length} characters, at most ${MAX_NAME} are allowed: pods and services get longer names from it`;
  }
  if (DNS_1035.test(name)) return undefined;
  return `the name ${name} is no DNS-1035 label: start with a small letter, then small letters, digits and '-', no dot`;
}

function specProblem(cluster: RayCluster): string | undefined {
  const { spec } = cluster;
  if (spec.headGroupSpec.template.spec.containers.length === 0) return 'headGroupSpec has no container';
  const idle = spec.autoscalerOptions?.idleTimeoutSeconds;
  if (idle !== undefined && idle < 0) return `autoscalerOptions.idleTimeoutSeconds is ${idle}, it must not be negative`;
  const v2Env = headEnvV2(cluster);
  if (v2Env !== undefined && spec.autoscalerOptions?.version !== undefined) {
    return 'autoscalerOptions.version and the environment variable RAY_enable_autoscaler_v2 of the head are both set: keep one';
  }
  if (isTrue(v2Env) && spec.enableInTreeAutoscaling !== true) {
    return 'RAY_enable_autoscaler_v2 is on in the head, but enableInTreeAutoscaling is off';
  }
  const head = groupProblem(cluster, spec.headGroupSpec);
  if (head !== undefined) return `headGroupSpec: ${head}`;
  for (const group of spec.workerGroupSpecs ?? []) {
    const problem = workerGroupProblem(cluster, group);
    if (problem !== undefined) return `worker group ${group.groupName}: ${problem}`;
  }
  return undefined;
}

function workerGroupProblem(cluster: RayCluster, group: WorkerGroupSpec): string | undefined {
  const { minReplicas = 0, maxReplicas = 0 } = group;
  if (group.template.spec.containers.length === 0) return 'it has no container';
  if (minReplicas < 0) return `minReplicas is ${minReplicas}, it must not be negative`;
  if (maxReplicas < 0) return `maxReplicas is ${maxReplicas}, it must not be negative`;
  if (minReplicas > maxReplicas) return `minReplicas ${minReplicas} is above maxReplicas ${maxReplicas}`;
  if (group.suspend === true && cluster.spec.enableInTreeAutoscaling === true) {
    return 'suspend does not go together with enableInTreeAutoscaling: resume the group or switch autoscaling off';
  }
  if (group.idleTimeoutSeconds !== undefined) {
    if (group.idleTimeoutSeconds < 0)
      return `idleTimeoutSeconds is ${group.idleTimeoutSeconds}, it must not be negative`;
    if (!isExplicitV2(cluster)) return 'idleTimeoutSeconds of a group needs autoscalerOptions.version: v2';
  }
  if ((group.priority ?? 0) !== 0 && !(isExplicitV2(cluster) && rayVersionAtLeast(cluster.spec.rayVersion, [2, 56]))) {
    return 'priority needs autoscalerOptions.version: v2 and rayVersion 2.56 or newer';
  }
  return groupProblem(cluster, group);
}

const RESOURCE_PARAMS: readonly string[] = ['num-cpus', 'num-gpus', 'memory', 'resources'];

function groupProblem(cluster: RayCluster, group: RayGroupSpec): string | undefined {
  const params = group.rayStartParams ?? {};
  const doubled = RESOURCE_PARAMS.find((name) => params[name] !== undefined);
  if (doubled !== undefined && Object.keys(group.resources ?? {}).length > 0) {
    return `resources and rayStartParams.${doubled} both describe Ray resources: keep one`;
  }
  if (params['labels'] !== undefined) return "rayStartParams.labels is not supported: use the group's labels";
  for (const [key, value] of Object.entries(group.labels ?? {})) {
    const problem = [...keyProblems(key), ...valueProblems(value)][0];
    if (problem !== undefined) return `label ${key}=${value}: ${problem}`;
  }
  const policy = group.template.spec.restartPolicy;
  // the API server fills in Always nowhere in a template of a custom resource: only what the user wrote is here
  if (isExplicitV2(cluster) && policy !== undefined && policy !== '' && policy !== 'Never') {
    return `restartPolicy is ${policy}, the autoscaler v2 needs Never or none`;
  }
  return undefined;
}

/** Whether the operator itself was told to use Ray's autoscaler v2. Spec: kuberay 2.5, 2.12. */
export function isExplicitV2(cluster: RayCluster): boolean {
  return cluster.spec.autoscalerOptions?.version === 'v2' || isTrue(headEnvV2(cluster));
}

function headEnvV2(cluster: RayCluster): string | undefined {
  const env = cluster.spec.headGroupSpec.template.spec.containers[0]?.['env'];
  if (!Array.isArray(env)) return undefined;
  const variables = env as readonly { readonly name?: string; readonly value?: string }[]; // checked by the kind's schema
  return variables.find(({ name }) => name === 'RAY_enable_autoscaler_v2')?.value;
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function rayVersionAtLeast(version: string | undefined, [major, minor]: readonly [number, number]): boolean {
  const match = /^(\d+)\.(\d+)/.exec(version ?? '');
  if (match === null) return false;
  const found = Number(match[1]);
  return found > major || (found === major && Number(match[2]) >= minor);
}
