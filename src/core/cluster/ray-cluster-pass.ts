/**
 * One pass of KubeRay's operator over the pods of a RayCluster, as a plan: what to create and delete, in order. The operator never
 * writes the spec: it neither clears `workersToDelete` nor lowers `replicas`. Groups of several hosts are counted in pods, as
 * operators do that have RayMultiHostIndexing off.
 */

import type { Pod } from '../kube/core-v1.ts';
import type { RayCluster, WorkerGroupSpec } from '../kube/ray.ts';
import { compareText } from '../../lib/compare.ts';
import {
  GROUP_LABEL,
  headPod,
  NODE_TYPE_LABEL,
  rayContainer,
  RECREATE_HASH_ANNOTATION,
  recreateHash,
  REPLICA_INDEX_LABEL,
  workerPod,
} from './ray-cluster-pods.ts';
import type { RayExpectation } from './ray-expectations.ts';

/** `group` is '' for the head. `why` is a clause for a person. */
export type RayPassStep =
  | { readonly kind: 'create-pod'; readonly group: string; readonly pod: Pod }
  | {
      readonly kind: 'delete-pod';
      readonly group: string;
      readonly podName: string;
      /** '' when the name is not among the cluster's pods. */
      readonly podUid: string;
      /** `all`: every pod of the cluster goes. */
      readonly scope: 'one' | 'all';
      readonly why: string;
    };

export type RayPass = {
  readonly steps: readonly RayPassStep[];
  /** `again`: the pass was cut short and must be repeated soon, even if nothing else happens. */
  readonly end: { readonly kind: 'complete' } | { readonly kind: 'again'; readonly why: string };
};

export type RayPassInput = {
  readonly cluster: RayCluster;
  /** The cluster's pods by label, terminating ones too. */
  readonly pods: readonly Pod[];
  /** Those still open. */
  readonly expectations: readonly RayExpectation[];
};

const COMPLETE = { kind: 'complete' } as const;

/**
 * The pass over a valid cluster. Pods are taken in the order of their names.
 *
 * Bounds: O(pods log pods + groups + pods created); the number of pods created is that of the spec.
 * Spec: kuberay 2.7. Source: raycluster_controller.go reconcilePods (KubeRay 1.7).
 */
export function planRayClusterPass(input: RayPassInput): RayPass {
  const { cluster } = input;
  const pods = input.pods.toSorted((a, b) => compareText(a.metadata.name, b.metadata.name));
  if (hasCondition(cluster, 'RayClusterSuspending')) return deleteAll(pods, 'the cluster is being suspended', COMPLETE);
  if (hasCondition(cluster, 'RayClusterSuspended') || cluster.spec.suspend === true)
    return { steps: [], end: COMPLETE };

  const heads = pods.filter((pod) => pod.metadata.labels?.[NODE_TYPE_LABEL] === 'head');
  const [head] = heads;
  if (head !== undefined && mustRecreate(cluster, head)) {
    return deleteAll(pods, 'the spec changed and upgradeStrategy is Recreate', COMPLETE);
  }
  const steps: RayPassStep[] = [];
  const openGroups = new Set(input.expectations.map(({ group }) => group));
  if (!openGroups.has('')) {
    if (head === undefined) steps.push({ kind: 'create-pod', group: '', pod: headPod(cluster) });
    else if (heads.length > 1) return { steps, end: again(`there are ${heads.length} head pods instead of one`) };
    else if (isTerminal(head)) {
      steps.push(deletion('', head, `the head pod is ${terminalText(head)}`));
      return { steps, end: again('the head pod has ended and is deleted') };
    }
  }
  return planGroups(cluster, pods, openGroups, steps);
}

function planGroups(
  cluster: RayCluster,
  pods: readonly Pod[],
  openGroups: ReadonlySet<string>,
  steps: RayPassStep[],
): RayPass {
  const podsByGroup = new Map<string, Pod[]>();
  for (const pod of pods) {
    const group = pod.metadata.labels?.[GROUP_LABEL] ?? '';
    const members = podsByGroup.get(group);
    if (members === undefined) podsByGroup.set(group, [pod]);
    else members.push(pod);
  }
  // Two groups of one name share their pods by label, as upstream without its webhook.
  for (const group of cluster.spec.workerGroupSpecs ?? []) {
    if (openGroups.has(group.groupName)) continue;
    const members = podsByGroup.get(group.groupName) ?? [];
    if (group.suspend === true) {
      for (const pod of members) steps.push(deletion(group.groupName, pod, 'its group is suspended'));
      continue;
    }
    const terminal = members.filter(isTerminal);
    if (terminal.length > 0) {
      for (const pod of terminal) steps.push(deletion(group.groupName, pod, `it is ${terminalText(pod)}`));
      return { steps, end: again(`${terminal.length} ended pods of group ${group.groupName} are deleted`) };
    }
    planDifference(cluster, group, members, steps);
  }
  return { steps, end: COMPLETE };
}

function planDifference(
  cluster: RayCluster,
  group: WorkerGroupSpec,
  members: readonly Pod[],
  steps: RayPassStep[],
): void {
  const named = new Set(group.scaleStrategy?.workersToDelete);
  const uidOf = new Map(members.map((pod) => [pod.metadata.name, pod.metadata.uid ?? '']));
  for (const podName of named) {
    const why = 'it is named in scaleStrategy.workersToDelete';
    steps.push({
      kind: 'delete-pod',
      group: group.groupName,
      podName,
      podUid: uidOf.get(podName) ?? '',
      scope: 'one',
      why,
    });
  }
  const running = members.filter((pod) => !named.has(pod.metadata.name));
  const difference = desiredPods(group) - running.length;
  if (difference > 0) {
    for (const index of freeIndexes(running, difference)) {
      steps.push({ kind: 'create-pod', group: group.groupName, pod: workerPod(cluster, group, index) });
    }
  } else if (cluster.spec.enableInTreeAutoscaling !== true) {
    const why = `its group wants ${desiredPods(group)} pods and has ${running.length}`;
    for (const pod of running.slice(0, -difference)) steps.push(deletion(group.groupName, pod, why));
  }
}

/** Pods that a group should have: `replicas` within its bounds, times hosts; none when suspended. Spec: ray-runtime 7.9. */
export function desiredPods(group: WorkerGroupSpec): number {
  if (group.suspend === true) return 0;
  const { replicas = 0, minReplicas = 0, maxReplicas = 2_147_483_647, numOfHosts = 1 } = group;
  return Math.min(Math.max(replicas, minReplicas), maxReplicas) * numOfHosts;
}

/** The lowest replica indexes that no pod has. */
function freeIndexes(pods: readonly Pod[], count: number): readonly number[] {
  const taken = new Set(pods.map((pod) => pod.metadata.labels?.[REPLICA_INDEX_LABEL]));
  const free: number[] = [];
  for (let index = 0; free.length < count; index++) if (!taken.has(String(index))) free.push(index);
  return free;
}

/** Failed or Succeeded, or Running while the Ray container has ended and will not be restarted. Spec: kuberay 2.7. */
export function isTerminal(pod: Pod): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Failed' || phase === 'Succeeded') return true;
  return phase === 'Running' && pod.spec.restartPolicy === 'Never' && rayExitCode(pod) !== undefined;
}

function terminalText(pod: Pod): string {
  const exitCode = rayExitCode(pod);
  const phase = pod.status?.phase ?? 'Unknown';
  return exitCode === undefined ? phase : `${phase}, its Ray container ended with exit code ${exitCode}`;
}

/** The kubelet orders statuses by name: the Ray container is found by its own. */
function rayExitCode(pod: Pod): number | undefined {
  const { name } = rayContainer(pod.spec);
  return pod.status?.containerStatuses?.find((status) => status.name === name)?.state?.terminated?.exitCode;
}

function mustRecreate(cluster: RayCluster, head: Pod): boolean {
  const strategy = cluster.spec['upgradeStrategy'] as { readonly type?: string } | undefined; // checked by the kind's schema
  if (strategy?.type !== 'Recreate') return false;
  return head.metadata.annotations?.[RECREATE_HASH_ANNOTATION] !== recreateHash(cluster);
}

function hasCondition(cluster: RayCluster, type: string): boolean {
  return (
    cluster.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  );
}

/** Pods that are terminating already are left alone: deleting them again changes nothing. */
function deleteAll(pods: readonly Pod[], why: string, end: RayPass['end']): RayPass {
  const left = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  return { steps: left.map((pod) => ({ ...deletion('', pod, why), scope: 'all' })), end };
}

function deletion(group: string, pod: Pod, why: string): RayPassStep & { readonly kind: 'delete-pod' } {
  const { name, uid = '' } = pod.metadata;
  return { kind: 'delete-pod', group, podName: name, podUid: uid, scope: 'one', why };
}

function again(why: string): RayPass['end'] {
  return { kind: 'again', why };
}
