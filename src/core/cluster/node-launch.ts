/** From a NodeClaim to a Node in use: the steps of a launch and what each makes of the two objects. */

import type { KubeNode } from '../kube/core-v1.ts';
import type { Condition } from '../kube/object.ts';
import type { NodeClaim } from '../kube/karpenter.ts';
import { epochMs, parseRfc3339, toRfc3339, type DurationMs, type EpochMs } from '../time/time.ts';
import { conditionOf, withCondition } from './conditions.ts';
import { EPHEMERAL_KEYS, isTrue, NOT_READY, taintKey, TERMINATION_FINALIZER, UNREGISTERED } from './node-claims.ts';
import { isNodeReady } from './node-fit.ts';
import { HOSTNAME } from './node-requirements.ts';

export const REGISTERED_LABEL = 'karpenter.sh/registered';
export const INITIALIZED_LABEL = 'karpenter.sh/initialized';

/** When the steps of one launch are due. */
export type LaunchTimetable = { readonly launchAt: EpochMs; readonly boot: DurationMs; readonly readiness: DurationMs };

/** `at`: not before. `settled`: nothing until something changes. */
export type LaunchStep =
  | { readonly kind: 'launch' | 'create-node' | 'register' | 'make-ready' | 'initialize'; readonly at: EpochMs }
  | { readonly kind: 'delete-claim'; readonly at: EpochMs }
  | { readonly kind: 'settled' };

/**
 * The next step of a claim that is not being deleted, read from the objects alone, so that a provisioner that starts anew goes on.
 * `create-node` and `make-ready` are the machine's doing, the others Karpenter's. A Node that somebody deletes takes its claim along.
 * Spec: karpenter 5. Source: pkg/controllers/nodeclaim/lifecycle (karpenter, August 2026).
 */
export function nextLaunchStep(claim: NodeClaim, node: KubeNode | undefined, timetable: LaunchTimetable): LaunchStep {
  const launched = conditionOf(claim.status?.conditions, 'Launched');
  if (launched?.status !== 'True') return { kind: 'launch', at: timetable.launchAt };
  const now = epochMs(0); // at once
  if (node === undefined) {
    if (isTrue(claim, 'Registered')) return { kind: 'delete-claim', at: now };
    const since = parseRfc3339(launched.lastTransitionTime ?? '') ?? timetable.launchAt;
    return { kind: 'create-node', at: epochMs(since + timetable.boot) };
  }
  if (node.metadata.deletionTimestamp !== undefined) return { kind: 'delete-claim', at: now };
  if (!isTrue(claim, 'Registered') || hasTaint(node, UNREGISTERED.key)) return { kind: 'register', at: now };
  if (!isNodeReady(node) || hasTaint(node, NOT_READY.key)) {
    const since = parseRfc3339(node.metadata.creationTimestamp ?? '') ?? timetable.launchAt;
    return isTrue(claim, 'Initialized')
      ? { kind: 'settled' }
      : { kind: 'make-ready', at: epochMs(since + timetable.readiness) };
  }
  if (isTrue(claim, 'Initialized') && node.metadata.labels?.[INITIALIZED_LABEL] === 'true') return { kind: 'settled' };
  const startup = new Set((claim.spec.startupTaints ?? []).map(taintKey));
  const waits = (node.spec?.taints ?? []).some(
    (taint) => EPHEMERAL_KEYS.has(taint.key) || startup.has(taintKey(taint)),
  );
  return waits ? { kind: 'settled' } : { kind: 'initialize', at: now };
}

/** The Node as its kubelet registers it: not ready, kept free by taints. */
export function bornNode(claim: NodeClaim, address: string, now: EpochMs): KubeNode {
  const { name } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { ...claim.metadata.labels, [HOSTNAME]: name },
      ...(claim.metadata.annotations === undefined ? {} : { annotations: claim.metadata.annotations }),
    },
    spec: {
      providerID: claim.status?.providerID ?? '',
      taints: [UNREGISTERED, NOT_READY, ...(claim.spec.taints ?? []), ...(claim.spec.startupTaints ?? [])],
    },
    status: {
      capacity: claim.status?.capacity ?? {},
      allocatable: claim.status?.allocatable ?? {},
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      conditions: [readyCondition('False', 'KubeletNotReady', 'the container runtime is starting', now)],
    },
  };
}

/** The Node once Karpenter has tied it to its claim. */
export function registeredNode(node: KubeNode, claim: NodeClaim): KubeNode {
  const { metadata, spec } = node;
  return {
    ...node,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...claim.metadata.labels, [REGISTERED_LABEL]: 'true' },
      finalizers: [...new Set([...(metadata.finalizers ?? []), TERMINATION_FINALIZER])],
      ownerReferences: [
        {
          apiVersion: 'karpenter.sh/v1',
          kind: 'NodeClaim',
          name: claim.metadata.name,
          uid: claim.metadata.uid ?? '',
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { ...spec, taints: (spec?.taints ?? []).filter(({ key }) => key !== UNREGISTERED.key) },
  };
}

/** The Node with kubelet's word that it is ready; its taint goes with a second write, to the spec. */
export function readyNode(node: KubeNode, now: EpochMs): KubeNode {
  const ready = readyCondition('True', 'KubeletReady', 'kubelet is posting ready status', now);
  return { ...node, status: { ...node.status, conditions: withCondition(node.status?.conditions, ready, now) } };
}

export function withoutNotReadyTaint(node: KubeNode): KubeNode {
  return {
    ...node,
    spec: { ...node.spec, taints: (node.spec?.taints ?? []).filter(({ key }) => key !== NOT_READY.key) },
  };
}

function readyCondition(status: 'True' | 'False', reason: string, message: string, now: EpochMs): Condition {
  return { type: 'Ready', status, reason, message, lastTransitionTime: toRfc3339(now) };
}

const STAGES = ['Launched', 'Registered', 'Initialized'] as const;

/** The claim's status with a stage reached; `Ready` follows when all three are. Spec: karpenter 3. */
export function withStage(
  claim: NodeClaim,
  stage: (typeof STAGES)[number],
  now: EpochMs,
): NonNullable<NodeClaim['status']> {
  let conditions = claim.status?.conditions;
  const { generation } = claim.metadata;
  const put = (type: string, status: Condition['status'], reason: string): void => {
    const seen = generation === undefined ? {} : { observedGeneration: generation };
    conditions = withCondition(conditions, { type, status, reason, message: '', ...seen }, now);
  };
  put(stage, 'True', stage);
  for (const type of STAGES)
    if (conditionOf(conditions, type) === undefined) put(type, 'Unknown', 'AwaitingReconciliation');
  const all = STAGES.every((type) => conditionOf(conditions, type)?.status === 'True');
  put('Ready', all ? 'True' : 'Unknown', all ? 'Ready' : 'ReconcilingDependents');
  return { ...claim.status, conditions: conditions ?? [] };
}

function hasTaint(node: KubeNode, key: string): boolean {
  return node.spec?.taints?.some((taint) => taint.key === key) ?? false;
}

/** The lowest address of 10.0.0.0/16 that no node has. */
export function freeNodeAddress(taken: ReadonlySet<string>): string {
  for (let n = 1; n < 65_535; n++) {
    const address = `10.0.${n >> 8}.${n & 255}`;
    if (!taken.has(address)) return address;
  }
  return '10.0.255.255'; // more nodes than addresses: the last one is shared
}
