/** Phase: find room for waiting tasks and actors. */

import type { SchedulingNode } from '../nodes.ts';
import { pack, type Packing } from '../packing.ts';
import { packingContext, type PhaseContext } from './phase.ts';

/**
 * Packs the ordinary demand on the demand ledger. What is placed stays placed whatever is left over.
 *
 * Spec: RAY-6.7.   Source: v2/scheduler.py _sched_resource_requests (Ray 2.60.0).
 */
export function placeDemands(context: PhaseContext, nodes: readonly SchedulingNode[]): Packing {
  return pack(nodes, context.snapshot.resourceRequests, packingContext(context, 'demand'));
}
