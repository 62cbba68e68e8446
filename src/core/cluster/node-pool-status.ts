/** Status of a NodePool: what its nodes sum up to, and whether it may be used. */

import type { Condition } from '../kube/object.ts';
import type { NodeClaim, NodePool } from '../kube/karpenter.ts';
import type { KubeNode } from '../kube/core-v1.ts';
import { quantityFromMilli, quantityText } from '../quantity/quantity.ts';
import type { EpochMs } from '../time/time.ts';
import { compareText } from '../../lib/compare.ts';
import { deepEqual } from '../../lib/json.ts';
import { withCondition } from './conditions.ts';
import type { Amounts } from './instance-types.ts';
import { offeringFor } from './node-claims.ts';
import { milliAmounts } from './node-fit.ts';

export type CountedNode = { readonly claim: NodeClaim; readonly node: KubeNode | undefined };

/** Capacity per resource in milli-units, `nodes` among it. `in-flight`: claims whose Node is still to come count with what was rented. */
export function poolUsage(nodes: readonly CountedNode[], scope: 'nodes' | 'in-flight'): Amounts {
  const used = new Map<string, bigint>([['nodes', 0n]]);
  for (const { claim, node } of nodes) {
    if (node === undefined && scope === 'nodes') continue;
    const capacity = node?.status?.capacity ?? claim.status?.capacity ?? offeringFor(claim)?.type.capacity;
    used.set('nodes', (used.get('nodes') ?? 0n) + 1000n);
    for (const [name, amount] of milliAmounts(capacity)) used.set(name, (used.get(name) ?? 0n) + amount);
  }
  return used;
}

/**
 * The status to write, or undefined when it is as it was. The node class is the embedded provider's own and always ready: no
 * KWOKNodeClass object has to exist. Spec: karpenter 1.1, 3.
 */
export function nodePoolStatus(
  pool: NodePool,
  nodes: readonly CountedNode[],
  now: EpochMs,
): NonNullable<NodePool['status']> | undefined {
  const used = [...poolUsage(nodes, 'nodes')].toSorted(([a], [b]) => compareText(a, b));
  const resources = Object.fromEntries(
    used.map(([name, milli]) => [
      name,
      quantityText(
        quantityFromMilli(milli, name === 'memory' || name === 'ephemeral-storage' ? 'BinarySI' : 'DecimalSI'),
      ),
    ]),
  );
  let conditions: readonly Condition[] = pool.status?.conditions ?? [];
  const { generation } = pool.metadata;
  for (const [type, status] of [
    ['ValidationSucceeded', 'True'],
    ['NodeClassReady', 'True'],
    ['NodeRegistrationHealthy', 'Unknown'],
    ['Ready', 'True'],
  ] as const) {
    const reason = status === 'True' ? type : 'AwaitingReconciliation';
    const seen = generation === undefined ? {} : { observedGeneration: generation };
    conditions = withCondition(conditions, { type, status, reason, message: '', ...seen }, now);
  }
  const status = { resources, nodes: Number((used.find(([name]) => name === 'nodes')?.[1] ?? 0n) / 1000n), conditions };
  return deepEqual(status, pool.status) ? undefined : status;
}
