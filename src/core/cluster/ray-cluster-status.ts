/** Status of a RayCluster as KubeRay's operator computes it. Counts are pods; zero counts are left out, as upstream's `omitempty` does. */

import type { Pod, PodTemplate } from '../kube/core-v1.ts';
import type { Condition } from '../kube/object.ts';
import type { RayCluster, WorkerGroupSpec } from '../kube/ray.ts';
import { addQuantities, parseQuantity, quantityFromMilli, quantityText, type Quantity } from '../quantity/quantity.ts';
import { toRfc3339, type EpochMs } from '../time/time.ts';
import { deepEqual } from '../../lib/json.ts';
import { desiredPods } from './ray-cluster-pass.ts';
import { NODE_TYPE_LABEL, rayContainer } from './ray-cluster-pods.ts';

export type RayClusterStatus = NonNullable<RayCluster['status']>;

/** How the pass ended. `replicaFailure` carries upstream's reason for condition ReplicaFailure. */
export type RayPassOutcome =
  | { readonly kind: 'clean' }
  | { readonly kind: 'cut-short'; readonly message: string }
  | { readonly kind: 'replica-failure'; readonly reason: ReplicaFailureReason; readonly message: string };

export type ReplicaFailureReason =
  | 'FailedDeleteAllPods'
  | 'FailedDeleteHeadPod'
  | 'FailedCreateHeadPod'
  | 'FailedDeleteWorkerPod'
  | 'FailedCreateWorkerPod';

export type RayStatusInput = {
  readonly cluster: RayCluster;
  readonly pods: readonly Pod[];
  readonly outcome: RayPassOutcome;
  readonly now: EpochMs;
};

const MAX_INT32 = 2_147_483_647;

/**
 * The status to write, or undefined when nothing counts as changed: state, reason, counts, head and conditions do; amounts and
 * `observedGeneration` alone do not. Cost: O(pods + groups). Services are not modelled: no endpoints, no service address.
 * Spec: kuberay 1.5, 2.10. Source: raycluster_controller.go calculateStatus (KubeRay 1.7).
 */
export function rayClusterStatus(input: RayStatusInput): RayClusterStatus | undefined {
  const { cluster, pods, outcome, now } = input;
  const previous = cluster.status ?? {};
  const groups = cluster.spec.workerGroupSpecs ?? [];
  const workers = pods.filter((pod) => pod.metadata.labels?.[NODE_TYPE_LABEL] === 'worker');
  const head = pods.find((pod) => pod.metadata.labels?.[NODE_TYPE_LABEL] === 'head');
  const desired = groups.reduce((sum, group) => sum + desiredPods(group), 0);
  const conditions = nextConditions(input, head);
  const state = nextState(input, desired, conditions);
  const status: RayClusterStatus = {
    ...(state === undefined ? {} : { state }),
    ...(outcome.kind === 'clean' ? {} : { reason: outcome.message }),
    ...count('desiredWorkerReplicas', desired),
    ...count('minWorkerReplicas', bound(groups, 'minReplicas')),
    ...count('maxWorkerReplicas', bound(groups, 'maxReplicas')),
    ...count('availableWorkerReplicas', workers.filter(isRunning).length),
    ...count('readyWorkerReplicas', workers.filter((pod) => isRunning(pod) && isReady(pod)).length),
    ...(head === undefined ? {} : { head: { podName: head.metadata.name, podIP: head.status?.podIP ?? '' } }),
    conditions,
  };
  if (deepEqual(status, compared(previous))) return undefined;
  const times = previous['stateTransitionTimes'];
  const stateTransitionTimes =
    state === undefined || state === previous.state
      ? times
      : { ...(times as object | undefined), [state]: toRfc3339(now) };
  return {
    ...status,
    ...desiredResources(cluster),
    ...(stateTransitionTimes === undefined ? {} : { stateTransitionTimes }),
    lastUpdateTime: toRfc3339(now),
    ...(cluster.metadata.generation === undefined ? {} : { observedGeneration: cluster.metadata.generation }),
  };
}

const NOT_COMPARED: ReadonlySet<string> = new Set([
  'desiredCPU',
  'desiredMemory',
  'desiredGPU',
  'desiredTPU',
  'stateTransitionTimes',
  'lastUpdateTime',
  'observedGeneration',
]);

function compared(status: RayClusterStatus): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(status).filter(([name]) => !NOT_COMPARED.has(name)));
}

function count(name: string, value: number): Readonly<Record<string, number>> {
  return value === 0 ? {} : { [name]: Math.min(value, MAX_INT32) };
}

function bound(groups: readonly WorkerGroupSpec[], field: 'minReplicas' | 'maxReplicas'): number {
  const open = groups.filter((group) => group.suspend !== true);
  return open.reduce((sum, group) => sum + (group[field] ?? 0) * (group.numOfHosts ?? 1), 0);
}

/** `ready` means "was complete once": it never falls back, except to `suspended`. */
function nextState(input: RayStatusInput, desired: number, conditions: readonly Condition[]): string | undefined {
  const { cluster, pods, outcome } = input;
  const suspendedNow =
    isTrue(conditions, 'RayClusterSuspended') && !isTrue(cluster.status?.conditions, 'RayClusterSuspended');
  if (suspendedNow) return 'suspended';
  if (isTrue(conditions, 'RayClusterSuspended') || isTrue(conditions, 'RayClusterSuspending'))
    return cluster.status?.state;
  const complete = outcome.kind === 'clean' && pods.length === desired + 1 && allRunningAndReady(pods);
  return complete ? 'ready' : cluster.status?.state;
}

function nextConditions(input: RayStatusInput, head: Pod | undefined): readonly Condition[] {
  const { cluster, pods, outcome, now } = input;
  const before = cluster.status?.conditions ?? [];
  const suspension = nextSuspension(cluster, pods.length);
  const wasProvisioned = isTrue(before, 'RayClusterProvisioned');
  const provisioned = suspension !== 'suspended' && (wasProvisioned || allRunningAndReady(pods));
  const wanted: Condition[] = [
    headReady(head),
    provisioned
      ? {
          type: 'RayClusterProvisioned',
          status: 'True',
          reason: 'AllPodRunningAndReadyFirstTime',
          message: 'All Ray pods were running and ready for the first time',
        }
      : {
          type: 'RayClusterProvisioned',
          status: 'False',
          reason: 'RayClusterPodsProvisioning',
          message: 'The pods are being provisioned',
        },
    flag('RayClusterSuspending', suspension === 'suspending'),
    flag('RayClusterSuspended', suspension === 'suspended'),
  ];
  if (outcome.kind === 'replica-failure') {
    wanted.push({ type: 'ReplicaFailure', status: 'True', reason: outcome.reason, message: outcome.message });
  } else if (outcome.kind === 'cut-short') {
    const failure = before.find(({ type }) => type === 'ReplicaFailure');
    if (failure !== undefined) wanted.push(failure);
  }
  return wanted.map((condition) => withTransition(condition, before, now));
}

/** Suspending always ends in suspended, also when `suspend` is taken back in the middle. Spec: kuberay 2.8. */
function nextSuspension(cluster: RayCluster, podCount: number): 'none' | 'suspending' | 'suspended' {
  const before = cluster.status?.conditions;
  const wanted = cluster.spec.suspend === true;
  if (isTrue(before, 'RayClusterSuspending')) return podCount === 0 ? 'suspended' : 'suspending';
  if (isTrue(before, 'RayClusterSuspended')) return wanted ? 'suspended' : 'none';
  return wanted ? 'suspending' : 'none';
}

function headReady(head: Pod | undefined): Condition {
  const type = 'HeadPodReady';
  if (head === undefined) return { type, status: 'False', reason: 'HeadPodNotFound', message: 'Head pod not found' };
  if (isRunning(head) && isReady(head)) return { type, status: 'True', reason: 'HeadPodRunningAndReady', message: '' };
  const { name } = rayContainer(head.spec);
  const waiting = head.status?.containerStatuses?.find((status) => status.name === name)?.state?.waiting?.reason;
  const own = head.status?.conditions?.find((condition) => condition.type === 'Ready')?.reason;
  return { type, status: 'False', reason: waiting ?? own ?? 'Unknown', message: 'The head pod is not ready' };
}

function flag(type: string, on: boolean): Condition {
  return { type, status: on ? 'True' : 'False', reason: type, message: '' };
}

function withTransition(condition: Condition, before: readonly Condition[], now: EpochMs): Condition {
  const old = before.find(({ type }) => type === condition.type);
  const since = old?.status === condition.status ? old.lastTransitionTime : undefined;
  return { ...condition, lastTransitionTime: since ?? toRfc3339(now) };
}

function allRunningAndReady(pods: readonly Pod[]): boolean {
  return pods.length > 0 && pods.every((pod) => isRunning(pod) && isReady(pod));
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function isRunning(pod: Pod): boolean {
  return pod.status?.phase === 'Running';
}

function isReady(pod: Pod): boolean {
  return isTrue(pod.status?.conditions, 'Ready');
}

/** What head and workers ask for by `replicas` as written, not clamped; suspended groups and the sidecar do not count. */
function desiredResources(cluster: RayCluster): Readonly<Record<string, string>> {
  const total = new Map<string, Quantity>();
  addTemplate(total, cluster.spec.headGroupSpec.template, 1);
  for (const group of cluster.spec.workerGroupSpecs ?? []) {
    if (group.suspend !== true) addTemplate(total, group.template, (group.replicas ?? 0) * (group.numOfHosts ?? 1));
  }
  const text = (name: string): string => quantityText(total.get(name) ?? ZERO);
  return {
    desiredCPU: text('cpu'),
    desiredMemory: text('memory'),
    desiredGPU: text('gpu'),
    desiredTPU: text('google.com/tpu'),
  };
}

const ZERO = quantityFromMilli(0n, 'DecimalSI');

function addTemplate(total: Map<string, Quantity>, template: PodTemplate, times: number): void {
  for (const { resources } of template.spec.containers) {
    for (const [name, text] of Object.entries({ ...resources?.limits, ...resources?.requests })) {
      const quantity = parseQuantity(text);
      if (!quantity.ok) continue; // the kind's schema admits none that does not parse
      const key = isGpu(name) ? 'gpu' : name;
      total.set(key, addQuantities(total.get(key) ?? ZERO, multiplied(quantity.value, times)));
    }
  }
}

function isGpu(name: string): boolean {
  return name.endsWith('gpu') || /^nvidia\.com\/mig-\d+g\.\d+gb$/.test(name);
}

/** O(log times) additions. */
function multiplied(quantity: Quantity, times: number): Quantity {
  let sum = ZERO;
  let part = quantity;
  for (let left = Math.max(0, times); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) sum = addQuantities(sum, part);
    part = addQuantities(part, part);
  }
  return sum;
}
