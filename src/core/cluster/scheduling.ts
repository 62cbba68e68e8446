/**
 * Which node a pending pod gets: filters, then one score. Of the original's scores only the fit of resources is here, packed or
 * spread; soft taints, soft affinity, topology spread and preemption are absent.
 */

import { compareNumber, compareText } from '../../lib/compare.ts';
import { canonicalJson } from '../../lib/json.ts';
import type { KubeNode, Pod } from '../kube/core-v1.ts';
import { podRequests } from '../quantity/resources.ts';
import { milliAmounts, refusals, type NodeUse, type PodNeeds } from './node-fit.ts';
import { isPodFinished } from './pods.ts';

/** `LeastAllocated` spreads pods over nodes (the original's default), `MostAllocated` packs them. */
export type ScoringStrategy = 'LeastAllocated' | 'MostAllocated';

/** What a pod counts for in scores where it requests nothing. Source: pkg/scheduler/util/pod_resources.go (v1.37.2). */
const DEFAULT_SCORED: Readonly<Record<'cpu' | 'memory', bigint>> = { cpu: 100n, memory: 200n * 1024n * 1024n * 1000n };

/** The resources that count in scores, weight 1 each. */
const SCORED = ['cpu', 'memory'] as const;

/** The answer for one pod. */
export type Placement =
  | { readonly kind: 'node'; readonly name: string }
  /** `message` is the text of the condition and of the event FailedScheduling. */
  | { readonly kind: 'unschedulable'; readonly message: string };

type NodeState = {
  readonly node: KubeNode;
  readonly allocatable: ReadonlyMap<string, bigint>;
  readonly used: Map<string, bigint>;
  /** As `used`, with the defaults of {@link DEFAULT_SCORED}. */
  readonly scored: Map<string, bigint>;
  pods: number;
};

/** Nodes with what is used of them. Holds what is assumed within one pass; made anew for the next. */
export type Snapshot = { readonly nodes: readonly NodeState[]; readonly byName: ReadonlyMap<string, NodeState> };

/** A pod and the node it is on or is assumed to be on. */
export type PlacedPod = { readonly pod: Pod; readonly nodeName: string };

/** O(nodes log nodes + pods x resources). Finished pods use nothing. */
export function snapshotOf(nodes: Iterable<KubeNode>, placed: Iterable<PlacedPod>): Snapshot {
  const states = [...nodes]
    .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name))
    .map((node): NodeState => {
      const allocatable = milliAmounts(node.status?.allocatable ?? node.status?.capacity);
      return { node, allocatable, used: new Map(), scored: new Map(), pods: 0 };
    });
  const byName = new Map(states.map((state) => [state.node.metadata.name, state]));
  const snapshot = { nodes: states, byName };
  for (const { pod, nodeName } of placed) if (!isPodFinished(pod)) place(snapshot, needsOf(pod), nodeName);
  return snapshot;
}

/** Reads a pod's requests once, for all nodes. O(containers x resources). */
export function needsOf(pod: Pod): PodNeeds {
  return { pod, requests: podRequests(pod.spec) };
}

/** Counts the pod on a node from now on. A node that is not there is passed over. */
export function place(snapshot: Snapshot, needs: PodNeeds, nodeName: string): void {
  const state = snapshot.byName.get(nodeName);
  if (state === undefined) return;
  state.pods += 1;
  for (const [resource, request] of needs.requests) {
    state.used.set(resource, (state.used.get(resource) ?? 0n) + request);
  }
  for (const resource of SCORED) {
    state.scored.set(resource, (state.scored.get(resource) ?? 0n) + scoredRequest(needs, resource));
  }
}

function scoredRequest(needs: PodNeeds, resource: 'cpu' | 'memory'): bigint {
  return needs.requests.get(resource) ?? DEFAULT_SCORED[resource];
}

/**
 * The node for one pod: of those that take it the best score, of equals the first by name. Changes nothing.
 *
 * **Differs:** the original draws among equals; a stable order makes runs readable.
 * Cost: O(nodes x (taints + labels + resources)).
 * Spec: cluster-api 22.3.   Source: pkg/scheduler/schedule_one.go schedulePod, framework/types.go FitError (v1.37.2).
 */
export function schedule(needs: PodNeeds, snapshot: Snapshot, strategy: ScoringStrategy): Placement {
  if (snapshot.nodes.length === 0) return { kind: 'unschedulable', message: 'no nodes available to schedule pods' };
  const counts = new Map<string, number>();
  let best: { readonly name: string; readonly score: number } | undefined;
  for (const state of snapshot.nodes) {
    const use: NodeUse = { used: state.used, pods: state.pods };
    const reasons = refusals(needs, state.node, state.allocatable, use);
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (reasons.length > 0) continue;
    const score = scoreOf(needs, state, strategy);
    if (best === undefined || score > best.score) best = { name: state.node.metadata.name, score };
  }
  if (best !== undefined) return { kind: 'node', name: best.name };
  return { kind: 'unschedulable', message: refusalText(snapshot.nodes.length, counts) };
}

/** `0/5 nodes are available: 2 node(s) were unschedulable, 3 Insufficient cpu.`, sorted as text. */
function refusalText(nodes: number, counts: ReadonlyMap<string, number>): string {
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted(compareText);
  return `0/${nodes} nodes are available: ${reasons.join(', ')}.`;
}

/** 0 to 100: the mean share of cpu and memory that is left, or that is used, once the pod is there. */
function scoreOf(needs: PodNeeds, state: NodeState, strategy: ScoringStrategy): number {
  let total = 0n;
  let weights = 0n;
  for (const resource of SCORED) {
    const capacity = state.allocatable.get(resource) ?? 0n;
    if (capacity === 0n) continue;
    const used = (state.scored.get(resource) ?? 0n) + scoredRequest(needs, resource);
    const counted = strategy === 'LeastAllocated' ? capacity - used : used;
    // more than there is scores 0 either way: default requests may exceed a node that has room for real ones
    total += used > capacity ? 0n : (counted * 100n) / capacity;
    weights += 1n;
  }
  return weights === 0n ? 0 : Number(total / weights);
}

/** Higher priority first, then the one that waits longer, then by name. Source: queuesort/priority_sort.go (v1.37.2). */
export function compareQueued(a: Pod, b: Pod): number {
  return (
    compareNumber(b.spec.priority ?? 0, a.spec.priority ?? 0) ||
    compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareText(a.metadata.name, b.metadata.name)
  );
}

/** Waits for this scheduler: not placed, not gated, neither finished nor being deleted. */
export function isPending(pod: Pod, schedulerName: string): boolean {
  const { spec, metadata } = pod;
  const gates = spec['schedulingGates'];
  return (
    (spec.nodeName ?? '') === '' &&
    (spec.schedulerName ?? 'default-scheduler') === schedulerName &&
    metadata.deletionTimestamp === undefined &&
    !isPodFinished(pod) &&
    (!Array.isArray(gates) || gates.length === 0)
  );
}

/** Equal texts fit the same nodes: within a pass, where one found no place the next need not look. */
export function shapeOf(needs: PodNeeds): string {
  const { nodeSelector, tolerations } = needs.pod.spec;
  const affinity = needs.pod.spec['affinity'];
  return canonicalJson({ requests: Object.fromEntries(needs.requests), nodeSelector, tolerations, affinity });
}
