/** Choosing, among nodes, the one that is filled best. */

import { nextRun, scarcity, type Backlog } from './backlog.ts';
import { classOf, looksOf, type Likeness } from './likeness.ts';
import type { Ledger, Placed, SchedulingNode } from './nodes.ts';
import { fits, take, takesNothing, unmentioned } from './place.ts';
import type { Run } from './request-order.ts';
import { compareScores, scoreOf, utilization, type Score } from './score.ts';
import type { SchedulerSnapshot } from './snapshot.ts';
import type { Work } from './work.ts';

/** A node, and what it would take when offered all runs in order. */
export type Filling = {
  readonly node: SchedulingNode;
  readonly taken: readonly { readonly run: Run; readonly count: number }[];
  readonly free: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, string>;
  readonly placed: readonly Placed[];
  readonly score: Score;
};

/** Kept from pick to pick for all nodes that are filled alike: 'none' when they take nothing, undefined before the first try. */
export type Trial = { filling: Filling | 'none' | undefined };

/** One competitor: nodes of which only the first one left is looked at, in the order of their places. */
export type Contender = {
  readonly members: { readonly node: SchedulingNode; readonly place: number; readonly trial: Trial }[];
  next: number;
};

export type ChoiceContext = Pick<SchedulerSnapshot, 'gpuNodes' | 'availabilities'> & {
  readonly ledger: Ledger;
  readonly likeness: Likeness;
  readonly work: Work;
};

/**
 * The competitors among nodes. Running ones that are filled alike make one, since the first of equals wins. Of those not running that
 * look alike only the first is tried: what is already placed on them is not part of the likeness although it is part of the score, so
 * that a better look-alike can stay hidden, as in the original.
 *
 * Cost: O(nodes).
 * Spec: RAY-10.1, RAY-10.2.
 */
export function contendersOf(
  nodes: readonly SchedulingNode[],
  backlog: Backlog,
  { ledger, likeness }: Pick<ChoiceContext, 'ledger' | 'likeness'>,
): Contender[] {
  const alike = new Map<object | string, Trial>();
  const running = new Map<Trial, Contender>();
  const waiting = new Map<string, Contender>();
  const contenders: Contender[] = [];
  const asked = labelsAsked(backlog, likeness);
  for (const [place, node] of nodes.entries()) {
    const key = trialKey(node);
    let trial = alike.get(key);
    if (trial === undefined) alike.set(key, (trial = { filling: undefined }));
    const lookAlike = node.instanceStatus === 'RAY_RUNNING' ? undefined : looksOf(node, ledger, likeness);
    let contender = lookAlike === undefined ? running.get(trial) : waiting.get(lookAlike);
    if (contender === undefined) {
      contender = { members: [], next: 0 };
      contenders.push(contender);
      if (lookAlike === undefined) running.set(trial, contender);
      else waiting.set(lookAlike, contender);
    }
    contender.members.push({ node, place, trial });
  }
  return contenders;

  function trialKey(node: SchedulingNode): object | string {
    const ofNode = classOf(node, ledger, likeness);
    if (!asked.some((name) => node.labels.has(name))) return ofNode;
    return JSON.stringify([ofNode.id, asked.map((name) => node.labels.get(name) ?? null)]);
  }
}

/** Labels by which anti-affinity of these requests tells nodes apart, and no selector does. */
function labelsAsked({ runs }: Backlog, { labelKeys }: Likeness): readonly string[] {
  const names = new Set<string>();
  for (const { request } of runs)
    for (const { antiAffinity } of request.placementConstraints)
      if (antiAffinity !== undefined && !labelKeys.has(antiAffinity.labelName)) names.add(antiAffinity.labelName);
  return [...names];
}

/**
 * The contender whose first node gets the highest score, and its filling; the first in place of equals; undefined when none takes anything.
 *
 * Cost: O(contenders) comparisons, plus one filling for each whose kept one asks for more than is left.
 * Spec: RAY-10.1, RAY-10.2.   Source: v2/scheduler.py ResourceDemandScheduler._sched_best_node (Ray 2.60.0).
 */
export function chooseBest(
  contenders: readonly Contender[],
  backlog: Backlog,
  context: ChoiceContext,
): { readonly contender: Contender; readonly filling: Filling } | undefined {
  renewFillings(contenders, backlog, context);
  let best: { readonly contender: Contender; readonly filling: Filling; readonly place: number } | undefined;
  for (const contender of contenders) {
    const member = contender.members[contender.next];
    const filling = member?.trial.filling;
    if (member === undefined || filling === undefined || filling === 'none') continue;
    const { place } = member;
    const better = best === undefined ? 1 : compareScores(filling.score, best.filling.score) || best.place - place;
    if (better > 0) best = { contender, filling, place };
  }
  return best;
}

/** In the order of places: a node that cannot be judged ends the round, and the first one says why. */
function renewFillings(contenders: readonly Contender[], backlog: Backlog, context: ChoiceContext): void {
  const stale: Contender['members'] = [];
  for (const { members, next } of contenders) {
    const member = members[next];
    if (member !== undefined && !isCurrent(member.trial)) stale.push(member);
  }
  if (stale.length > 1) stale.sort((a, b) => a.place - b.place);
  for (const { node, trial } of stale) if (!isCurrent(trial)) trial.filling = fill(node, backlog, context);
}

/** Counts only fall, so a filling stays right as long as every run still has what it took of it. */
function isCurrent({ filling }: Trial): boolean {
  if (filling === undefined || filling === 'none') return filling === 'none';
  for (const { run, count } of filling.taken) if (run.count < count) return false;
  return true;
}

/**
 * Offers every unit once, in order, without backtracking. A unit that fails makes the rest of its run fail: nothing has changed.
 *
 * Cost: O(runs + units placed). Does not change the node.
 * Spec: RAY-8.4, RAY-13.2.   Source: v2/scheduler.py SchedulingNode.try_schedule (Ray 2.60.0).
 */
export function fill(node: SchedulingNode, backlog: Backlog, context: ChoiceContext): Filling | 'none' {
  const { work } = context;
  const before = { free: node.free[context.ledger], labels: node.labels };
  let after: { readonly free: Map<string, number>; readonly labels: Map<string, string> } | undefined;
  const freeOf = (name: string): number => (after ?? before).free.get(name) ?? unmentioned(name);
  const taken: { readonly run: Run; readonly count: number }[] = [];
  work.fillings++;
  let free = scarcity(backlog, freeOf);
  for (let index = nextRun(backlog, 0, free); index < backlog.runs.length; index = nextRun(backlog, index + 1, free)) {
    const run = backlog.runs[index] as Run; // within bounds
    let count = 0;
    while (count < run.count) {
      work.fitChecks++;
      if (!fits(run.request, after ?? before)) break;
      after ??= { free: new Map(before.free), labels: new Map(before.labels) };
      take(run.request, after);
      count = takesNothing(run.request) ? run.count : count + 1;
    }
    if (count === 0) continue;
    taken.push({ run, count });
    free = scarcity(backlog, freeOf);
  }
  if (after === undefined) {
    utilization({ ...node, free: before.free }); // a node that takes nothing is judged all the same, and can end the round
    return 'none';
  }
  const placed = placedAfter(node, taken, context);
  const { nodeType, priority, total } = node;
  return { node, taken, ...after, placed, score: scoreOf({ nodeType, priority, total, ...after, placed }, context) };
}

function placedAfter(node: SchedulingNode, taken: Filling['taken'], { ledger }: ChoiceContext): readonly Placed[] {
  return [...node.placed[ledger], ...taken.map(({ run, count }) => ({ request: run.request, count }))];
}

/**
 * The node after taking what its filling says. The filling may be that of another node that is filled alike: then the amounts asked
 * for are the same, and only those are changed.
 */
export function filledNode(node: SchedulingNode, filling: Filling, context: ChoiceContext): SchedulingNode {
  const { ledger } = context;
  let { free, labels, placed } = filling;
  if (filling.node !== node) {
    ({ free, labels } = afterTaking(node, filling, context));
    placed = placedAfter(node, filling.taken, context);
  }
  return { ...node, free: { ...node.free, [ledger]: free }, placed: { ...node.placed, [ledger]: placed }, labels };
}

function afterTaking(
  node: SchedulingNode,
  filling: Filling,
  { ledger }: ChoiceContext,
): Pick<SchedulingNode, 'labels'> & { readonly free: ReadonlyMap<string, number> } {
  const free = new Map(node.free[ledger]);
  let labels: Map<string, string> | undefined;
  for (const { run } of filling.taken) {
    for (const [name, amount] of run.request.resourcesBundle) {
      const left = amount === 0 ? undefined : filling.free.get(name);
      if (left !== undefined) free.set(name, left);
    }
    for (const { antiAffinity } of run.request.placementConstraints) {
      if (antiAffinity === undefined) continue;
      labels ??= new Map(node.labels);
      labels.set(antiAffinity.labelName, antiAffinity.labelValue);
    }
  }
  return { free, labels: labels ?? node.labels };
}
