/** Whether one node takes one pod: the scheduler's filters, each with the words of its refusal. */

import { assert } from '../../lib/assert.ts';
import type { KubeNode, Pod, ResourceMap, Taint, Toleration } from '../kube/core-v1.ts';
import { milliValue, parseQuantity } from '../quantity/quantity.ts';
import { toInt64 } from '../selector/requirement.ts';
import { conditionOf } from './conditions.ts';

const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const NOT_READY_TAINT: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** What is used of a node, in milli-units; `pods` counts pods. */
export type NodeUse = { readonly used: ReadonlyMap<string, bigint>; readonly pods: number };

/** The parts of a pod that its place depends on. */
export type PodNeeds = {
  readonly pod: Pod;
  /** Per resource in milli-units. */
  readonly requests: ReadonlyMap<string, bigint>;
};

/** Amounts of a resource map in milli-units. Quantities that the API server admitted always parse. */
export function milliAmounts(amounts: ResourceMap | undefined): Map<string, bigint> {
  const milli = new Map<string, bigint>();
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const quantity = parseQuantity(text);
    assert(quantity.ok, `a stored amount is no quantity: ${name}: ${text}`);
    milli.set(name, milliValue(quantity.value));
  }
  return milli;
}

/**
 * Why `node` does not take the pod: the reasons of the first filter that refuses, in the original's order and words; empty when it
 * does.
 *
 * Cost: O(taints x tolerations + labels + resources).
 * Spec: cluster-api 22.3.   Source: pkg/scheduler/framework/plugins (v1.37.2).
 */
export function refusals(
  needs: PodNeeds,
  node: KubeNode,
  allocatable: ReadonlyMap<string, bigint>,
  use: NodeUse,
): readonly string[] {
  const { spec } = needs.pod;
  const tolerations = spec.tolerations ?? [];
  if (node.spec?.unschedulable === true && !isTolerated(UNSCHEDULABLE_TAINT, tolerations)) {
    return ['node(s) were unschedulable'];
  }
  if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== node.metadata.name) {
    return ["node(s) didn't match the requested node name"];
  }
  if (!schedulingTaints(node).every((taint) => isTolerated(taint, tolerations))) {
    return ["node(s) had taints that the pod didn't tolerate"];
  }
  if (!matchesNode(needs.pod, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  return resourceRefusals(needs.requests, allocatable, use);
}

/** Taints that keep pods away, with the one that the node lifecycle controller puts on a node that is not ready. */
function schedulingTaints(node: KubeNode): readonly Taint[] {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
  return isNodeReady(node) ? taints : [...taints, NOT_READY_TAINT];
}

/** The condition Ready is True; a node that never said so is not. */
export function isNodeReady(node: KubeNode): boolean {
  return conditionOf(node.status?.conditions, 'Ready')?.status === 'True';
}

/** Source: component-helpers core/v1/corev1_helpers, toleration.go ToleratesTaint (v0.37.2). */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(({ key, operator, value, effect }) => {
    if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
    if (key !== undefined && key !== '' && key !== taint.key) return false;
    if (operator === 'Exists') return true;
    return (key ?? '') !== '' && (value ?? '') === (taint.value ?? '');
  });
}

/** Every resource of which too little is left. Nothing requested of a resource is nothing refused, however full the node is. */
function resourceRefusals(
  requests: ReadonlyMap<string, bigint>,
  allocatable: ReadonlyMap<string, bigint>,
  use: NodeUse,
): readonly string[] {
  const reasons: string[] = [];
  const slots = allocatable.get('pods');
  if (slots !== undefined && BigInt(use.pods + 1) * 1000n > slots) reasons.push('Too many pods');
  for (const [resource, request] of requests) {
    const free = (allocatable.get(resource) ?? 0n) - (use.used.get(resource) ?? 0n);
    if (request > 0n && request > free) reasons.push(`Insufficient ${resource}`);
  }
  return reasons;
}

type NodeTerm = {
  readonly matchExpressions?: readonly NodeExpression[];
  readonly matchFields?: readonly NodeExpression[];
};

type NodeExpression = { readonly key: string; readonly operator: string; readonly values?: readonly string[] };

/** `spec.affinity`, as far as it is required of nodes. */
type NodeAffinity = {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly NodeTerm[] };
  };
};

/** nodeSelector and required node affinity. Terms are alternatives; a term without expressions matches no node. */
export function matchesNode(pod: Pod, node: KubeNode): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[key] !== value) return false;
  // the API server admitted it, so it has the shape of an Affinity
  const affinity = pod.spec['affinity'] as NodeAffinity | undefined;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  return (required.nodeSelectorTerms ?? []).some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length === 0 && matchFields.length === 0) return false;
    return (
      matchExpressions.every((expression) => holds(expression, labels[expression.key])) &&
      matchFields.every((expression) => holds(expression, node.metadata.name))
    );
  });
}

function holds({ operator, values = [] }: NodeExpression, label: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
    case 'Lt': {
      const left = toInt64(label ?? '');
      const right = toInt64(values[0] ?? '');
      if (left === undefined || right === undefined) return false;
      return operator === 'Gt' ? left > right : left < right;
    }
    default:
      return false;
  }
}
