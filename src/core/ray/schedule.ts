/**
 * The scheduler: one pure decision from a snapshot of instances, types and demand to launches and terminations. The order of the
 * phases is the whole design; each phase lives in its own file, and a further one (outdated nodes, the cluster constraint, gangs,
 * unneeded pending nodes) is one more file and one more line in `run`.
 */

import type { Instant } from '../time/time.ts';
import { SchedulingAbort } from './abort.ts';
import type { Resources } from './cluster-state.ts';
import { explain } from './explain.ts';
import { nodesOfInstances, type SchedulingNode } from './nodes.ts';
import type { Packing } from './packing.ts';
import { placeDemands } from './phases/demands.ts';
import { terminateIdle } from './phases/idle.ts';
import { cutToMaximumPerType } from './phases/maximum-per-type.ts';
import { cutToMaximumTotal } from './phases/maximum-total.ts';
import { addMinimumPerType } from './phases/minimum-per-type.ts';
import type { PhaseContext } from './phases/phase.ts';
import type { LaunchRequest, ScheduleDecision, ScheduleExplanation, SchedulerSnapshot } from './snapshot.ts';

export type Schedule = { readonly decision: ScheduleDecision; readonly explanation: ScheduleExplanation };

/**
 * What one round shall launch and terminate. Equal to the original's decision for what this version covers: minimum and maximum per
 * type, maximum in total, tasks and actors, idle workers.
 *
 * No phase removes a node that is to be terminated: until it is gone it hosts requests and uses up room, so its replacement comes a
 * round later.
 * Cost: dominated by packing, see `pack`. An input on which the original raises gives an `abort`: nothing is done.
 * Spec: RAY-5.1, RAY-5.2, RAY-12.1.   Source: v2/scheduler.py ResourceDemandScheduler.schedule (Ray 2.60.0).
 */
export function schedule(snapshot: SchedulerSnapshot, now: Instant): Schedule {
  const context: PhaseContext = { snapshot, types: new Map(snapshot.nodeTypes.map((type) => [type.name, type])) };
  try {
    const { nodes, leftovers } = run(context);
    const decision: ScheduleDecision = {
      kind: 'schedule',
      at: now.wall,
      launches: launchesOf(nodes),
      terminations: nodes.flatMap((node) => node.termination ?? []),
      infeasible: leftovers,
      clusterResources: clusterResourcesOf(nodes),
    };
    return { decision, explanation: explain(snapshot, nodes, leftovers) };
  } catch (error) {
    if (!(error instanceof SchedulingAbort)) throw error;
    const { reason, message } = error;
    return {
      decision: { kind: 'abort', at: now.wall, reason, message },
      explanation: { launches: [], demands: [], unserved: [] },
    };
  }
}

function run(context: PhaseContext): Packing {
  const { snapshot, types } = context;
  const current = nodesOfInstances(snapshot.instances, types);
  const withMinimum = addMinimumPerType(context, current);
  const perType = cutToMaximumPerType(context, withMinimum);
  const limited = cutToMaximumTotal(context, perType);
  const packing = placeDemands(context, limited);
  terminateIdle(context, packing.nodes);
  return packing;
}

function launchesOf(nodes: readonly SchedulingNode[]): readonly LaunchRequest[] {
  const counts = new Map<string, number>();
  for (const { nodeType, status } of nodes) {
    if (status === 'TO_LAUNCH') counts.set(nodeType, (counts.get(nodeType) ?? 0) + 1);
  }
  return [...counts].map(([nodeType, count]) => ({ nodeType, count }));
}

/** Spec: RAY-5.3. */
function clusterResourcesOf(nodes: readonly SchedulingNode[]): Resources {
  const sums = new Map<string, number>();
  for (const { total, status } of nodes) {
    if (status === 'TO_TERMINATE') continue;
    for (const [name, amount] of total) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return [...sums];
}
