/** Choosing, among nodes, the one that is filled best. */

import { Heap } from '../../lib/heap.ts';
import { nextRun, scarcity, withdraw, type Backlog } from './backlog.ts';
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

/**
 * Kept from pick to pick for all nodes that are filled alike: 'none' when they take nothing, undefined when it has to be tried.
 * `users` have had such a node as their first one.
 */
type Trial = { filling: Filling | 'none' | undefined; readonly users: Set<Contender> };

/** One competitor: nodes of which only the first one left is looked at, in the order of their places. */
export type Contender = {
  readonly members: { readonly node: SchedulingNode; readonly place: number; readonly trial: Trial }[];
  next: number;
};

type Offer = { readonly contender: Contender; readonly filling: Filling; readonly place: number };

/** The competition for one backlog. */
export type Contest = {
  readonly backlog: Backlog;
  /** Best first. One that no longer stands is passed over when it comes up. */
  readonly offers: Heap<Offer>;
  /** Contenders without an offer that stands: their first node is another now, or more was taken than it counted on. */
  stale: Contender[];
  /** Per run and number of units, the trials that count on so many. */
  readonly watches: Map<Run, Map<number, Trial[]>>;
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
export function contestOf(
  nodes: readonly SchedulingNode[],
  backlog: Backlog,
  { ledger, likeness }: Pick<ChoiceContext, 'ledger' | 'likeness'>,
): Contest {
  const alike = new Map<object | string, Trial>();
  const running = new Map<Trial, Contender>();
  const waiting = new Map<string, Contender>();
  const contenders: Contender[] = [];
  const asked = labelsAsked(backlog, likeness);
  for (const [place, node] of nodes.entries()) {
    const key = trialKey(node);
    let trial = alike.get(key);
    if (trial === undefined) alike.set(key, (trial = { filling: undefined, users: new Set() }));
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
  const offers = new Heap<Offer>((a, b) => {
    const difference = compareScores(a.filling.score, b.filling.score);
    return difference > 0 || (difference === 0 && a.place < b.place);
  });
  return { backlog, offers, stale: contenders, watches: new Map() };

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
 * Cost: O(log contenders) and one filling for each whose kept one asks for more than is left.
 * Spec: RAY-10.1, RAY-10.2.   Source: v2/scheduler.py ResourceDemandScheduler._sched_best_node (Ray 2.60.0).
 */
export function chooseBest(contest: Contest, context: ChoiceContext): Offer | undefined {
  renewOffers(contest, context);
  const { offers } = contest;
  for (let best = offers.peek(); best !== undefined; best = offers.peek()) {
    const first = best.contender.members[best.contender.next];
    if (first?.place === best.place && first.trial.filling === best.filling) return best;
    offers.pop();
  }
  return undefined;
}

/** In the order of places: a node that cannot be judged ends the round, and the first one says why. */
function renewOffers(contest: Contest, context: ChoiceContext): void {
  const { offers, stale } = contest;
  contest.stale = [];
  if (stale.length > 1) stale.sort((a, b) => placeOf(a) - placeOf(b));
  for (const contender of stale) {
    const first = contender.members[contender.next];
    if (first === undefined) continue;
    const { node, place, trial } = first;
    trial.users.add(contender);
    if (trial.filling === undefined) {
      trial.filling = fill(node, contest.backlog, context);
      watch(contest, trial, trial.filling);
    }
    if (trial.filling !== 'none') offers.push({ contender, filling: trial.filling, place });
  }
}

function placeOf({ members, next }: Contender): number {
  return members[next]?.place ?? Infinity;
}

/** Counts only fall, so a filling stays right as long as every run still has what it took of it. */
function watch({ watches }: Contest, trial: Trial, filling: Filling | 'none'): void {
  if (filling === 'none') return;
  for (const { run, count } of filling.taken) {
    let ofRun = watches.get(run);
    if (ofRun === undefined) watches.set(run, (ofRun = new Map()));
    const trials = ofRun.get(count);
    if (trials === undefined) ofRun.set(count, [trial]);
    else trials.push(trial);
  }
}

/** Takes the first node of the best contender, and what it is filled with. */
export function accept(contest: Contest, { contender, filling }: Offer): void {
  const { backlog, stale, watches } = contest;
  contender.next++;
  stale.push(contender);
  withdraw(backlog, filling.taken);
  for (const { run } of filling.taken) {
    const ofRun = watches.get(run);
    for (const [count, trials] of ofRun ?? []) {
      if (count <= run.count) continue;
      ofRun?.delete(count);
      for (const trial of trials) {
        if (trial.filling === undefined || isCurrent(trial.filling)) continue;
        trial.filling = undefined;
        for (const user of trial.users) stale.push(user);
      }
    }
  }
}

function isCurrent(filling: Filling | 'none'): boolean {
  if (filling === 'none') return true;
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
