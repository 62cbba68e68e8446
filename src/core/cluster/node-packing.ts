/**
 * Which pending pods go where: onto nodes that exist or are on their way, and onto new nodes that must be launched for the rest.
 * Karpenter's greedy packing without topology; the same function serves provisioning and every "what if".
 */

import type { Pod, Taint, Toleration } from '../kube/core-v1.ts';
import { podRequests } from '../quantity/resources.ts';
import { compareNumber, compareText } from '../../lib/compare.ts';
import { fits, isCompatible, type Amounts, type InstanceType } from './instance-types.ts';
import { isTolerated } from './node-fit.ts';
import {
  emptyKey,
  intersection,
  labelRequirements,
  labelsSatisfy,
  undefinedKey,
  type Requirements,
} from './node-requirements.ts';

/** A node that exists or is on its way, as far as packing needs it. */
export type PackingNode = {
  readonly name: string;
  readonly initialized: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Without those that go away by themselves while a node starts. */
  readonly taints: readonly Taint[];
  /** Allocatable less what bound pods request, in milli-units. */
  readonly free: Amounts;
};

/** A pool that may launch nodes. Pools come in the order in which they are tried. */
export type PackingPool = {
  readonly name: string;
  /** Of the pool's template, its labels and its own name included. */
  readonly requirements: Requirements;
  readonly taints: readonly Taint[];
  /** Types within the requirements, cheapest first. */
  readonly types: readonly InstanceType[];
  /** Limits less what exists, in milli-units; a resource that is not named is not limited. `nodes` counts nodes. */
  readonly remaining: Amounts;
};

export type PackingInput = {
  readonly pods: readonly Pod[];
  readonly nodes: readonly PackingNode[];
  readonly pools: readonly PackingPool[];
};

/** A node to launch: every type in `types` can hold `requests` within the requirements. */
export type NewNode = {
  readonly pool: string;
  readonly pods: readonly Pod[];
  readonly requests: Amounts;
  readonly requirements: Requirements;
  readonly types: readonly InstanceType[];
};

export type Packing = {
  readonly placed: readonly { readonly pod: Pod; readonly node: string }[];
  readonly launches: readonly NewNode[];
  readonly failed: readonly { readonly pod: Pod; readonly reason: string }[];
};

type OpenNode = {
  readonly pool: PackingPool;
  readonly pods: Pod[];
  requests: Amounts;
  requirements: Requirements;
  types: readonly InstanceType[];
};

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** More candidate types are not worth carrying: the cheapest stay. */
const MAX_TYPES = 600;

/**
 * Pods in the order CPU request, memory request (both descending), age, uid. Each goes to the first that takes it: existing nodes
 * (initialised first, then by name), nodes opened in this round (fewest pods first), a new node of each pool in turn.
 *
 * Units: milli-units. Bounds: O(pods x (nodes + launches x types)); no pod is tried twice, since nothing it could wait for changes.
 * Spec: karpenter 4.3 to 4.5. Source: pkg/controllers/provisioning/scheduling (karpenter, August 2026).
 */
export function solve(input: PackingInput): Packing {
  const pods = input.pods.map((pod) => ({ pod, requests: packingRequests(pod) })).toSorted(beforeInQueue);
  const nodes = input.nodes
    .toSorted((a, b) => compareNumber(Number(b.initialized), Number(a.initialized)) || compareText(a.name, b.name))
    .map((node) => ({ ...node, free: new Map(node.free) }));
  const remaining = new Map(input.pools.map((pool) => [pool.name, new Map(pool.remaining)]));
  const open: OpenNode[] = [];
  const placed: { pod: Pod; node: string }[] = [];
  const failed: { pod: Pod; reason: string }[] = [];
  for (const { pod, requests } of pods) {
    const unknown = unknownConstraint(pod);
    if (unknown !== undefined) {
      failed.push({ pod, reason: unknown });
      continue;
    }
    const wanted = podRequirements(pod);
    const node = nodes.find(
      ({ labels, taints, free }) =>
        fits(requests, free) &&
        untolerated(taints, pod.spec.tolerations) === undefined &&
        labelsSatisfy(wanted, labels),
    );
    if (node !== undefined) {
      subtract(node.free, requests);
      placed.push({ pod, node: node.name });
      continue;
    }
    const launch = open
      .toSorted((a, b) => compareNumber(a.pods.length, b.pods.length))
      .find((one) => join(one, pod, wanted, requests));
    if (launch !== undefined) continue;
    const attempt = openNode(input.pools, remaining, { pod, wanted, requests });
    if (attempt.ok) open.push(attempt.value);
    else failed.push({ pod, reason: attempt.reason });
  }
  const launches = open.map((one) => ({ ...one, pool: one.pool.name, types: one.types.slice(0, MAX_TYPES) }));
  return { placed, launches, failed };
}

function beforeInQueue(a: { pod: Pod; requests: Amounts }, b: { pod: Pod; requests: Amounts }): number {
  return (
    compareAmount(b.requests.get('cpu'), a.requests.get('cpu')) ||
    compareAmount(b.requests.get('memory'), a.requests.get('memory')) ||
    compareText(a.pod.metadata.creationTimestamp ?? '', b.pod.metadata.creationTimestamp ?? '') ||
    compareText(a.pod.metadata.uid ?? '', b.pod.metadata.uid ?? '')
  );
}

function compareAmount(a: bigint | undefined, b: bigint | undefined): number {
  const left = a ?? 0n;
  const right = b ?? 0n;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What a pod takes of a node, in milli-units: its requests and one place. */
export function packingRequests(pod: Pod): Amounts {
  return podRequests(pod.spec).set('pods', 1000n);
}

function podRequirements(pod: Pod): Requirements {
  return labelRequirements(pod.spec.nodeSelector);
}

const UNKNOWN_CONSTRAINTS = ['affinity', 'topologySpreadConstraints', 'resourceClaims'] as const;

/** Constraints that this packing does not know are refused, never ignored. */
function unknownConstraint(pod: Pod): string | undefined {
  const name = UNKNOWN_CONSTRAINTS.find((field) => {
    const value = pod.spec[field];
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  });
  return name === undefined ? undefined : `the node provisioner does not know spec.${name} yet`;
}

function join(one: OpenNode, pod: Pod, wanted: Requirements, requests: Amounts): boolean {
  const attempt = narrowed(one.pool, one.types, {
    requirements: intersection([one.requirements, wanted]),
    requests: sum(one.requests, requests),
    pod,
    wanted,
  });
  if (!attempt.ok) return false;
  Object.assign(one, attempt.value);
  one.pods.push(pod);
  return true;
}

function openNode(
  pools: readonly PackingPool[],
  remaining: ReadonlyMap<string, Map<string, bigint>>,
  asked: { readonly pod: Pod; readonly wanted: Requirements; readonly requests: Amounts },
): Attempt<OpenNode> {
  const reasons: string[] = [];
  for (const pool of pools) {
    const left = remaining.get(pool.name) ?? new Map<string, bigint>();
    const within = pool.types.filter((type) => isWithin(type, left));
    if (within.length === 0 && pool.types.length > 0) {
      reasons.push(`all available instance types exceed limits for nodepool: ${JSON.stringify(pool.name)}`);
      continue;
    }
    const requirements = intersection([pool.requirements, asked.wanted]);
    const attempt = narrowed(pool, within, { ...asked, requirements });
    if (!attempt.ok) {
      reasons.push(`incompatible with nodepool ${JSON.stringify(pool.name)}, ${attempt.reason}`);
      continue;
    }
    reserveLargest(left, attempt.value.types);
    return { ok: true, value: { pool, pods: [asked.pod], ...attempt.value } };
  }
  return { ok: false, reason: reasons.length === 0 ? 'no nodepools found' : reasons.join('; ') };
}

/** The types that are left when a pod joins; not ok with a reason when none is. */
function narrowed(
  pool: PackingPool,
  types: readonly InstanceType[],
  asked: {
    readonly pod: Pod;
    readonly wanted: Requirements;
    readonly requirements: Requirements;
    readonly requests: Amounts;
  },
): Attempt<Pick<OpenNode, 'types' | 'requests' | 'requirements'>> {
  const { requirements, requests, pod, wanted } = asked;
  const taint = untolerated(pool.taints, pod.spec.tolerations);
  if (taint !== undefined) return { ok: false, reason: `did not tolerate taint (taint=${taintText(taint)})` };
  const custom = undefinedKey(wanted, pool.requirements);
  if (custom !== undefined) return { ok: false, reason: `label ${JSON.stringify(custom)} does not have known values` };
  const empty = emptyKey(requirements);
  if (empty !== undefined)
    return { ok: false, reason: `no value of label ${JSON.stringify(empty)} satisfies pod and nodepool` };
  const left = types.filter((type) => fits(requests, type.allocatableMilli) && isCompatible(type, requirements));
  if (left.length === 0) return { ok: false, reason: 'no instance type satisfied resources and requirements' };
  return { ok: true, value: { types: left, requests, requirements } };
}

function isWithin(type: InstanceType, left: Amounts): boolean {
  for (const [name, amount] of left) {
    if (name === 'nodes' ? amount < 1000n : (type.capacityMilli.get(name) ?? 0n) > amount) return false;
  }
  return true;
}

/** Pessimistic: until the provider has chosen, the largest of the candidates counts. */
function reserveLargest(left: Map<string, bigint>, types: readonly InstanceType[]): void {
  for (const [name, amount] of left) {
    if (name === 'nodes') left.set(name, amount - 1000n);
    else left.set(name, amount - types.reduce((most, type) => larger(most, type.capacityMilli.get(name) ?? 0n), 0n));
  }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function subtract(from: Map<string, bigint>, amounts: Amounts): void {
  for (const [name, amount] of amounts) from.set(name, (from.get(name) ?? 0n) - amount);
}

function sum(a: Amounts, b: Amounts): Amounts {
  const total = new Map(a);
  for (const [name, amount] of b) total.set(name, (total.get(name) ?? 0n) + amount);
  return total;
}

/** The first taint that keeps the pod away; PreferNoSchedule does too, until preferences are relaxed. */
export function untolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] | undefined,
): Taint | undefined {
  return taints.find((taint) => !isTolerated(taint, tolerations ?? []));
}

function taintText({ key, value, effect }: Taint): string {
  return value === undefined || value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
