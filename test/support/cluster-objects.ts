/** Small objects for tests of the cluster's rules: what a test does not say has a plain default. */

import type { ReplicaSet } from '../../src/core/kube/apps.ts';
import type { KubeNode, Pod, PodSpec, Taint } from '../../src/core/kube/core-v1.ts';
import { epochMs, toRfc3339, type EpochMs } from '../../src/core/time/time.ts';

/** The instant that rules are asked at. */
export const NOW: EpochMs = epochMs(1_767_225_600_000);

export function ago(seconds: number): EpochMs {
  return epochMs(NOW - seconds * 1000);
}

export type PodText = {
  readonly name: string;
  readonly uid?: string;
  readonly node?: string;
  readonly phase?: NonNullable<Pod['status']>['phase'];
  /** How long ago it became ready; absent: not ready. */
  readonly readyFor?: number;
  readonly age?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly deleting?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
};

export function pod(text: PodText): Pod {
  const { name, uid = name, node, phase = node === undefined ? 'Pending' : 'Running', readyFor, age = 1000 } = text;
  const ready = readyFor === undefined ? [] : [toRfc3339(ago(readyFor))];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid,
      namespace: 'default',
      creationTimestamp: toRfc3339(ago(age)),
      ...(text.labels === undefined ? {} : { labels: text.labels }),
      ...(text.cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': text.cost } }),
      ...(text.deleting === true ? { deletionTimestamp: toRfc3339(NOW), deletionGracePeriodSeconds: 30 } : {}),
    },
    spec: { containers: [{ name: 'app' }], ...(node === undefined ? {} : { nodeName: node }), ...text.spec },
    status: {
      phase,
      conditions: ready.map((lastTransitionTime) => ({ type: 'Ready', status: 'True', lastTransitionTime })),
      containerStatuses: [{ name: 'app', ready: ready.length > 0, restartCount: text.restarts ?? 0 }],
    },
  };
}

export type SetText = {
  readonly name: string;
  readonly replicas: number;
  readonly available?: number;
  readonly image?: string;
  readonly age?: number;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** A ReplicaSet whose pods are all there; `available` of them are available. */
export function replicaSet(text: SetText): ReplicaSet {
  const { name, replicas, available = replicas, image = 'app:1', age = 1000, annotations = {} } = text;
  const labels = { app: 'web', 'pod-template-hash': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      uid: name,
      namespace: 'default',
      generation: 1,
      creationTimestamp: toRfc3339(ago(age)),
      annotations,
      labels,
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } },
    },
    status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

export type NodeOptions = {
  readonly cpu?: string;
  readonly memory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly ready?: 'True' | 'False';
};

/** A node of 4 CPU and 16 GiB, ready. */
export function node(name: string, options: NodeOptions = {}): KubeNode {
  const { cpu = '4', memory = '16Gi', labels = {}, taints = [], unschedulable, ready = 'True' } = options;
  const resources = { cpu, memory, pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { taints, ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: { capacity: resources, allocatable: resources, conditions: [{ type: 'Ready', status: ready }] },
  };
}
