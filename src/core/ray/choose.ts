/** Choosing, among nodes, the one that is filled best. */

import { compareText } from '../../lib/compare.ts';
import type { Ledger, Placed, SchedulingNode } from './nodes.ts';
import { fits, take } from './place.ts';
import type { Run } from './request-order.ts';
import { compareScores, scoreOf, utilization, type Score } from './score.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

/** A node, and what it would take when offered all runs in order. */
export type Filling = {
  readonly taken: readonly { readonly run: Run; readonly count: number }[];
  readonly free: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, string>;
  readonly placed: readonly Placed[];
  readonly score: Score;
};

/** One competitor. `filling` is kept from pick to pick: 'none' when it takes nothing, undefined before the first try. */
export type Candidate = {
  readonly node: SchedulingNode;
  /** Equal for nodes that count as the same; undefined for running ones, which are always looked at. */
  readonly lookAlike: string | undefined;
  filling: Filling | 'none' | undefined;
};

export type ChoiceContext = Pick<SchedulerSnapshot, 'gpuNodes' | 'availabilities'> & { readonly ledger: Ledger };

export function candidateOf(node: SchedulingNode, ledger: Ledger): Candidate {
  return { node, lookAlike: lookAlikeKey(node, ledger), filling: undefined };
}

/**
 * The candidate with the highest score and its filling; the first of equals; undefined when none takes anything.
 *
 * Of candidates that are not running and look alike only the first is tried. What is already placed on them is not part of the
 * likeness although it is part of the score: a better look-alike can stay hidden, as in the original.
 * Cost: O(candidates) comparisons, plus O(runs) for each candidate whose kept filling asks for more than is left.
 * Spec: RAY-10.1, RAY-10.2.   Source: v2/scheduler.py ResourceDemandScheduler._sched_best_node (Ray 2.60.0).
 */
export function chooseBest(
  candidates: readonly Candidate[],
  runs: readonly Run[],
  context: ChoiceContext,
): { readonly index: number; readonly filling: Filling } | undefined {
  const seen = new Set<string>();
  let best: { readonly index: number; readonly filling: Filling } | undefined;
  for (const [index, candidate] of candidates.entries()) {
    if (candidate.lookAlike !== undefined) {
      if (seen.has(candidate.lookAlike)) continue;
      seen.add(candidate.lookAlike);
    }
    const filling = currentFilling(candidate, runs, context);
    if (filling === 'none') continue;
    if (best === undefined || compareScores(filling.score, best.filling.score) > 0) best = { index, filling };
  }
  return best;
}

/** Counts only fall, so a filling stays right as long as every run still has what it took of it. */
function currentFilling(candidate: Candidate, runs: readonly Run[], context: ChoiceContext): Filling | 'none' {
  const kept = candidate.filling;
  if (kept === 'none') return kept;
  if (kept !== undefined && kept.taken.every(({ run, count }) => run.count >= count)) return kept;
  candidate.filling = fill(candidate.node, runs, context);
  return candidate.filling;
}

/**
 * Offers every unit once, in order, without backtracking. A unit that fails makes the rest of its run fail: nothing has changed.
 *
 * Cost: O(runs + units placed). Does not change the node.
 * Spec: RAY-8.4, RAY-13.2.   Source: v2/scheduler.py SchedulingNode.try_schedule (Ray 2.60.0).
 */
export function fill(node: SchedulingNode, runs: readonly Run[], context: ChoiceContext): Filling | 'none' {
  const before = { free: node.free[context.ledger], labels: node.labels };
  let after: { readonly free: Map<string, number>; readonly labels: Map<string, string> } | undefined;
  const taken: { readonly run: Run; readonly count: number }[] = [];
  for (const run of runs) {
    let count = 0;
    while (count < run.count && fits(run.request, after ?? before)) {
      after ??= { free: new Map(before.free), labels: new Map(before.labels) };
      take(run.request, after);
      count++;
    }
    if (count > 0) taken.push({ run, count });
  }
  if (after === undefined) {
    utilization({ ...node, free: before.free }); // a node that takes nothing is judged all the same, and can end the round
    return 'none';
  }
  const placed = [...node.placed[context.ledger], ...taken.map(({ run, count }) => ({ request: run.request, count }))];
  const { nodeType, priority, total } = node;
  return { taken, ...after, placed, score: scoreOf({ nodeType, priority, total, ...after, placed }, context) };
}

function lookAlikeKey(node: SchedulingNode, ledger: Ledger): string | undefined {
  if (node.instanceStatus === 'RAY_RUNNING') return undefined;
  const sorted = (map: ReadonlyMap<string, number | string>): readonly (readonly [string, number | string])[] =>
    [...map].toSorted(([a], [b]) => compareText(a, b));
  return JSON.stringify([node.nodeType, node.kind, sorted(node.total), sorted(node.free[ledger]), sorted(node.labels)]);
}
