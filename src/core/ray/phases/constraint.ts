/** Phase: make the cluster large enough for what `request_resources` asks for. */

import { SchedulingAbort } from '../abort.ts';
import type { SchedulingNode } from '../nodes.ts';
import { pack, type Packing } from '../packing.ts';
import { packingContext, type PhaseContext } from './phase.ts';

/**
 * Packs the constraint on its own ledger, which starts from what nodes have, not from what is free. It is met as a whole or not at
 * all: when something is left over, the attempt is dropped and its leftovers say why.
 *
 * Aborts the round when there is more than one constraint.
 * Spec: RAY-6.5.   Source: v2/scheduler.py _enforce_resource_constraints (Ray 2.60.0).
 */
export function meetConstraint(context: PhaseContext, nodes: readonly SchedulingNode[]): Packing {
  const [constraint, ...more] = context.snapshot.clusterConstraints;
  if (more.length > 0)
    throw new SchedulingAbort(
      'several-constraints',
      `${more.length + 1} cluster resource constraints, one is possible`,
    );
  if (constraint === undefined) return { nodes, leftovers: [] };
  const packing = pack(nodes, constraint.resourceRequests, packingContext(context, 'constraint'));
  return packing.leftovers.length > 0 ? { ...packing, nodes } : packing;
}
