/** Small objects for tests of the node layer's rules: what a test does not say has a plain default. */

import type { KubeNode, Pod, PodSpec, Taint } from '../../src/core/kube/core-v1.ts';
import type { NodeClaim } from '../../src/core/kube/karpenter.ts';
import { toRfc3339 } from '../../src/core/time/time.ts';
import { ago, pod } from './cluster-objects.ts';

const STAGES = ['Launched', 'Registered', 'Initialized'] as const;

export type ClaimText = {
  readonly name: string;
  /** The last stage reached; absent: just created. */
  readonly stage?: (typeof STAGES)[number];
  /** How many seconds ago it was reached. */
  readonly stageAge?: number;
  readonly podEventAge?: number;
  readonly deletedFor?: number;
  readonly spec?: Partial<NodeClaim['spec']>;
};

/** A claim of pool `default` for one s-4x-amd64-linux. */
export function claim(text: ClaimText): NodeClaim {
  const { name, stage, stageAge = 1000, podEventAge, deletedFor } = text;
  const reached = stage === undefined ? [] : STAGES.slice(0, STAGES.indexOf(stage) + 1);
  const lastTransitionTime = toRfc3339(ago(stageAge));
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodeClaim',
    metadata: {
      name,
      uid: name,
      labels: { 'karpenter.sh/nodepool': 'default' },
      finalizers: ['karpenter.sh/termination'],
      ...(deletedFor === undefined ? {} : { deletionTimestamp: toRfc3339(ago(deletedFor)) }),
    },
    spec: {
      nodeClassRef: { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'default' },
      requirements: [
        { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['s-4x-amd64-linux'] },
      ],
      ...text.spec,
    },
    status: {
      conditions: reached.map((type) => ({ type, status: 'True', lastTransitionTime })),
      ...(reached.length === 0 ? {} : { providerID: `embedded:///test-zone-a/${name}` }),
      ...(podEventAge === undefined ? {} : { lastPodEventTime: toRfc3339(ago(podEventAge)) }),
    },
  };
}

export type NodeText = {
  readonly name: string;
  readonly ready?: 'True' | 'False';
  readonly taints?: readonly Taint[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly age?: number;
  readonly deletedFor?: number;
};

/** A Node of a claim, ready. */
export function claimedNode(text: NodeText): KubeNode {
  const { name, ready = 'True', taints = [], labels = {}, annotations = {}, age = 1000, deletedFor } = text;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels,
      annotations,
      creationTimestamp: toRfc3339(ago(age)),
      finalizers: ['karpenter.sh/termination'],
      ...(deletedFor === undefined ? {} : { deletionTimestamp: toRfc3339(ago(deletedFor)) }),
    },
    spec: { taints },
    status: {
      capacity: { cpu: '4', memory: '16Gi', pods: '64' },
      allocatable: { cpu: '3900m', memory: '16374Mi', pods: '64' },
      conditions: [{ type: 'Ready', status: ready }],
    },
  };
}

/** A pod that requests this much. */
export function asking(name: string, cpu: string, spec: Partial<PodSpec> = {}): Pod {
  const resources = { requests: { cpu, memory: '1Gi' } };
  return pod({ name, spec: { containers: [{ name: 'app', image: 'app:1', resources }], ...spec } });
}

/** As {@link asking}, seen by the scheduler and not placed. */
export function unschedulable(name: string, cpu: string, spec: Partial<PodSpec> = {}): Pod {
  const base = asking(name, cpu, spec);
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] as const;
  return { ...base, status: { ...base.status, conditions } };
}
