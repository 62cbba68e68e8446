/** NodeClaims: how they are made of a packing, and what a claim, launched or not, is worth to the next packing. */

import type { KubeNode, Pod, Taint } from '../kube/core-v1.ts';
import type { NodeClaim, NodePool } from '../kube/karpenter.ts';
import { quantityFromMilli, quantityText } from '../quantity/quantity.ts';
import { conditionOf } from './conditions.ts';
import {
  cheapestOffering,
  compatibleTypes,
  fits,
  offeringLabels,
  type Amounts,
  type Offering,
} from './instance-types.ts';
import { milliAmounts } from './node-fit.ts';
import { packingRequests, type NewNode, type PackingNode, type PackingPool } from './node-packing.ts';
import {
  INSTANCE_TYPE,
  intersection,
  labelRequirements,
  NODE_POOL_LABEL,
  requirementsOf,
  singleValues,
  toNodeRequirements,
  valueSet,
  type Requirements,
} from './node-requirements.ts';
import { isPodFinished } from './pods.ts';

export const TERMINATION_FINALIZER = 'karpenter.sh/termination';
export const UNREGISTERED: Taint = { key: 'karpenter.sh/unregistered', effect: 'NoExecute' };
export const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
/** Taints that go away by themselves while a node starts. */
export const EPHEMERAL_KEYS: ReadonlySet<string> = new Set([
  UNREGISTERED.key,
  NOT_READY.key,
  'node.kubernetes.io/unreachable',
  'node.cloudprovider.kubernetes.io/uninitialized',
]);

/** The pool's requirements, its labels and its own name included. */
export function poolRequirements(pool: NodePool): Requirements {
  const { metadata, spec } = pool.spec.template;
  return intersection([
    requirementsOf(spec.requirements ?? []),
    labelRequirements(metadata?.labels),
    labelRequirements({ [NODE_POOL_LABEL]: pool.metadata.name }),
  ]);
}

/** `used`: capacity of what exists and is on its way, `nodes` among it. Spec: karpenter 4.5. */
export function packingPool(pool: NodePool, used: Amounts): PackingPool {
  const requirements = poolRequirements(pool);
  const remaining = new Map<string, bigint>();
  for (const [name, limit] of milliAmounts(pool.spec.limits)) remaining.set(name, limit - (used.get(name) ?? 0n));
  const taints = pool.spec.template.spec.taints ?? [];
  return { name: pool.metadata.name, requirements, taints, types: compatibleTypes(requirements), remaining };
}

/** A claim to be created with a generated name. Spec: karpenter 1.2, 2. */
export function nodeClaim(pool: NodePool, launch: NewNode): NodeClaim {
  const { metadata, spec } = pool.spec.template;
  const { nodeClassRef } = spec;
  const types = launch.types.map(({ name }) => name);
  const requirements = intersection([
    launch.requirements,
    new Map([[INSTANCE_TYPE, valueSet({ operator: 'In', values: types })]]),
  ]);
  const requests = [...launch.requests].map(([name, milli]) => [
    name,
    quantityText(quantityFromMilli(milli, formatOf(name))),
  ]);
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodeClaim',
    metadata: {
      name: '',
      generateName: `${pool.metadata.name}-`,
      labels: {
        ...metadata?.labels,
        ...singleValues(requirements),
        [`${nodeClassRef.group}/${nodeClassRef.kind.toLowerCase()}`]: nodeClassRef.name,
      },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [
        {
          apiVersion: 'karpenter.sh/v1',
          kind: 'NodePool',
          name: pool.metadata.name,
          uid: pool.metadata.uid ?? '',
          blockOwnerDeletion: true,
        },
      ],
      finalizers: [TERMINATION_FINALIZER],
    },
    spec: {
      nodeClassRef,
      requirements: toNodeRequirements(requirements),
      ...(spec.taints === undefined ? {} : { taints: spec.taints }),
      ...(spec.startupTaints === undefined ? {} : { startupTaints: spec.startupTaints }),
      ...(spec.expireAfter === undefined ? {} : { expireAfter: spec.expireAfter }),
      ...(spec.terminationGracePeriod === undefined ? {} : { terminationGracePeriod: spec.terminationGracePeriod }),
      resources: { requests: Object.fromEntries(requests) },
    },
  };
}

function formatOf(resource: string): 'DecimalSI' | 'BinarySI' {
  return resource === 'memory' || resource === 'ephemeral-storage' ? 'BinarySI' : 'DecimalSI';
}

/** What the provider rents for a claim: the cheapest offering that holds its requests; undefined when none does. */
export function offeringFor(claim: NodeClaim): Offering | undefined {
  const requirements = requirementsOf(claim.spec.requirements ?? []);
  const requests = milliAmounts(claim.spec.resources?.requests);
  const type = compatibleTypes(requirements).find(({ allocatableMilli }) => fits(requests, allocatableMilli));
  return type === undefined ? undefined : cheapestOffering(type, requirements);
}

/**
 * A claim and its Node, or a Node without a claim, as packing sees them; undefined while nothing is known about what will come.
 * Taints that go away while a node starts do not count. Spec: karpenter 4.2.
 */
export function packingNode(
  claim: NodeClaim | undefined,
  node: KubeNode | undefined,
  pods: readonly Pod[],
): PackingNode | undefined {
  const initialized = claim === undefined || isTrue(claim, 'Initialized');
  const offering = claim === undefined || node !== undefined ? undefined : offeringFor(claim);
  const amounts = node?.status?.allocatable ?? claim?.status?.allocatable ?? offering?.type.allocatable;
  const name = node?.metadata.name ?? claim?.metadata.name;
  if (amounts === undefined || name === undefined) return undefined;
  const coming = offering === undefined ? {} : offeringLabels(offering);
  const startup = new Set((claim?.spec.startupTaints ?? []).map(taintKey));
  const taints = (node?.spec?.taints ?? claim?.spec.taints ?? []).filter(
    (taint) => initialized || (!EPHEMERAL_KEYS.has(taint.key) && !startup.has(taintKey(taint))),
  );
  const labels = node?.metadata.labels ?? { ...claim?.metadata.labels, ...coming };
  return { name, initialized, labels, taints, free: freeOf(milliAmounts(amounts), pods) };
}

/** Allocatable less the requests of pods that are not finished. */
export function freeOf(allocatable: Amounts, pods: readonly Pod[]): Amounts {
  const free = new Map(allocatable);
  for (const pod of pods) {
    if (isPodFinished(pod)) continue;
    for (const [name, amount] of packingRequests(pod)) free.set(name, (free.get(name) ?? 0n) - amount);
  }
  return free;
}

export function isTrue(claim: NodeClaim, type: string): boolean {
  return conditionOf(claim.status?.conditions, type)?.status === 'True';
}

export function taintKey({ key, effect }: Taint): string {
  return `${key}:${effect}`;
}
