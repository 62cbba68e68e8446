/**
 * The scheduler: one pure decision from a snapshot of instances, types and demand to launches, terminations and resizes. The order of
 * the phases is the whole design: `run` shows it, and each phase lives in its own file.
 */

import type { Instant } from '../time/time.ts';
import { SchedulingAbort } from './abort.ts';
import type { Resources } from './cluster-state.ts';
import { explain } from './explain.ts';
import { reasonsFor } from './explain-reasons.ts';
import type { Reasons } from './explain-types.ts';
import { nodesOfInstances, type SchedulingNode } from './nodes.ts';
import { meetConstraint } from './phases/constraint.ts';
import { placeDemands } from './phases/demands.ts';
import { placeGangs } from './phases/gangs.ts';
import { terminateIdle } from './phases/idle.ts';
import { cutToMaximumPerType } from './phases/maximum-per-type.ts';
import { cutToMaximumTotal } from './phases/maximum-total.ts';
import { addMinimumPerType } from './phases/minimum-per-type.ts';
import { terminateOutdated } from './phases/outdated.ts';
import { phaseContext, type PhaseContext } from './phases/phase.ts';
import { ageUnneeded, forgetTerminated } from './phases/unneeded.ts';
import { requestOf } from './resize.ts';
import type { Outcome } from './outcome.ts';
import type { LaunchRequest, ScheduleDecision, ScheduleExplanation, SchedulerSnapshot } from './snapshot.ts';
import type { Work } from './work.ts';

export type Schedule = {
  readonly decision: ScheduleDecision;
  readonly explanation: ScheduleExplanation;
  /** Undefined unless asked for, and after an abort. */
  readonly reasons: Reasons | undefined;
  /** At the end of the round, in order, those to launch and to terminate included; none after an abort. */
  readonly nodes: readonly SchedulingNode[];
  /** What it cost. */
  readonly work: Readonly<Work>;
};

/**
 * What one round shall launch, terminate and resize: the original's decision.
 *
 * No phase removes a node that is to be terminated: until it is gone it hosts requests and uses up room, so its replacement comes a
 * round later.
 * Cost: dominated by packing, see `pack`. An input on which the original raises gives an `abort`: nothing is done.
 * `reasons`: with everything that led to the decision, which costs about as much again and changes nothing else.
 * Spec: RAY-5.1, RAY-5.2, RAY-12.1 to RAY-12.3.   Source: v2/scheduler.py ResourceDemandScheduler.schedule (Ray 2.60.0).
 */
export function schedule(
  snapshot: SchedulerSnapshot,
  now: Instant,
  { reasons = false }: { readonly reasons?: boolean } = {},
): Schedule {
  const context = phaseContext(snapshot);
  const outcome = outcomeOf(context);
  if (outcome instanceof SchedulingAbort) {
    const { reason, message } = outcome;
    return {
      decision: { kind: 'abort', at: now.wall, reason, message },
      explanation: { launches: [], demands: [], gangs: [], constraint: 'none', unserved: [] },
      reasons: undefined,
      nodes: [],
      work: context.work,
    };
  }
  const { nodes } = outcome;
  const decision: ScheduleDecision = {
    kind: 'schedule',
    at: now.wall,
    launches: launchesOf(nodes),
    terminations: nodes.flatMap((node) => node.termination ?? []),
    resizes: nodes.flatMap((node) => requestOf(node.resize) ?? []),
    infeasible: outcome.leftovers,
    infeasibleGangs: outcome.unplacedGangs.map(({ gang }) => gang),
    infeasibleConstraints: outcome.unmetConstraint.length > 0 ? snapshot.clusterConstraints : [],
    clusterResources: clusterResourcesOf(nodes),
    state: outcome.state,
  };
  return {
    decision,
    explanation: explain(snapshot, outcome),
    reasons: reasons ? reasonsFor(snapshot, outcome) : undefined,
    nodes,
    work: context.work,
  };
}

function outcomeOf(context: PhaseContext): Outcome | SchedulingAbort {
  try {
    return run(context);
  } catch (error) {
    if (error instanceof SchedulingAbort) return error;
    throw error;
  }
}

/** The phases, in the original's order. Spec: RAY-5.1. */
function run(context: PhaseContext): Outcome {
  const current = nodesOfInstances(context.snapshot, context.types);
  terminateOutdated(context, current);
  const withMinimum = addMinimumPerType(context, current);
  const perType = cutToMaximumPerType(context, withMinimum);
  const limited = cutToMaximumTotal(context, perType);
  const constrained = meetConstraint(context, limited);
  const gangs = placeGangs(context, constrained.nodes);
  const demands = placeDemands(context, gangs.nodes);
  const aged = ageUnneeded(context, demands.nodes);
  terminateIdle(context, aged.nodes);
  return {
    nodes: aged.nodes,
    leftovers: demands.leftovers,
    unplacedGangs: gangs.unplaced,
    unmetConstraint: constrained.leftovers,
    state: forgetTerminated(context, aged),
    packedOn: { constraint: limited, gangs: constrained.nodes, demand: gangs.nodes },
  };
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
