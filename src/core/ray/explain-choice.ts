/**
 * Why new nodes are of this type and of no other: the choice among types made once more, launch by launch, with everybody's score kept.
 * Must come to the same launches as `pack`, which keeps only what it needs to go on.
 */

import { backlogOf, withdraw, type Backlog } from './backlog.ts';
import { fill, type Filling } from './choose.ts';
import type { ResourceRequest, ResourceRequestByCount } from './cluster-state.ts';
import { SchedulingAbort } from './abort.ts';
import { censusOf, enlist, existingObstacle, limitsOf, mostFree, unfitOf, type Census } from './explain-obstacles.ts';
import { SCORE_PARTS, type Candidate, type Choice, type NotChosen, type ScorePart, type Use } from './explain-types.ts';
import type { SchedulingNode } from './nodes.ts';
import { grownNode, pack, type PackingContext } from './packing.ts';
import { compareScores, contributionOf } from './score.ts';
import type { NodeType } from './snapshot.ts';

/** The choices told so far, by what makes them alike. */
export type Choices = Map<string, Choice & { count: number }>;

/** One type in the competition for one backlog. `filling` undefined: to be tried. */
type Standing = {
  readonly type: NodeType;
  readonly empty: SchedulingNode;
  room: number;
  place: number;
  filling: Filling | 'none' | undefined;
};

type Ranked = { readonly standing: Standing; readonly filling: Filling };

/**
 * Adds the choices of one packing to `told`.
 *
 * Cost: that of the packing, and one comparison of scores for each launch and type.
 */
export function tellChoices(
  told: Choices,
  nodes: readonly SchedulingNode[],
  requests: readonly ResourceRequestByCount[],
  of: Choice['of'],
  context: PackingContext,
): void {
  const onExisting = pack(nodes, requests, { ...context, nodeTypes: [] });
  const backlog = backlogOf(onExisting.leftovers);
  const before = censusOf(nodes);
  const census = censusOf(onExisting.nodes);
  const standings = context.nodeTypes.map((type, place): Standing => {
    const room = type.maxWorkerNodes - (before.byType.get(type.name)?.nodes ?? 0);
    return { type, empty: grownNode(type, context), room, place, filling: undefined };
  });
  const there = { nodes: onExisting.nodes, most: mostFree(onExisting.nodes, context.ledger) };
  let last = standings.length;
  while (backlog.units > 0 && census.all.nodes < (context.maxNumNodes ?? Infinity)) {
    const ranking = rank(standings, backlog, context);
    const [best] = ranking;
    if (best === undefined) break;
    tell(told, of, ranking, { standings, there, census, backlog, context });
    withdraw(backlog, best.filling.taken);
    enlist(census, best.standing.type.name);
    best.standing.room--;
    best.standing.place = last++;
  }
}

/** Those with room that take something, best first. */
function rank(standings: readonly Standing[], backlog: Backlog, context: PackingContext): readonly Ranked[] {
  const ranked: Ranked[] = [];
  for (const standing of standings) {
    if (standing.room <= 0) continue;
    if (standing.filling === undefined || !isCurrent(standing.filling))
      standing.filling = fill(standing.empty, backlog, context);
    if (standing.filling !== 'none') ranked.push({ standing, filling: standing.filling });
  }
  return ranked.length < 2
    ? ranked
    : ranked.sort((a, b) => compareScores(b.filling.score, a.filling.score) || a.standing.place - b.standing.place);
}

/** Counts only fall: who takes nothing never will, who takes something does as long as so much is left. */
function isCurrent(filling: Filling | 'none'): boolean {
  return filling === 'none' || filling.taken.every(({ run, count }) => run.count >= count);
}

type Competition = {
  readonly standings: readonly Standing[];
  /** Before the first launch. */
  readonly there: { readonly nodes: readonly SchedulingNode[]; readonly most: ReadonlyMap<string, number> };
  readonly census: Census;
  readonly backlog: Backlog;
  readonly context: PackingContext;
};

function tell(told: Choices, of: Choice['of'], ranking: readonly Ranked[], competition: Competition): void {
  const [best, second] = ranking;
  if (best === undefined) return;
  const lostBy = second === undefined ? undefined : lostTo(best.filling, second.filling);
  const full = competition.standings.flatMap(({ room }, i) => (room > 0 ? [] : [i]));
  const key = JSON.stringify([of, best.standing.type.name, second?.standing.type.name, lostBy, full]);
  const known = told.get(key);
  if (known !== undefined) {
    known.count++;
    return;
  }
  const { there, context } = competition;
  told.set(key, {
    of,
    count: 1,
    existing: existingObstacle(firstTaken(best.filling), there.nodes, context.ledger, there.most),
    chosen: candidateOf(best.filling),
    runnerUp: second === undefined || lostBy === undefined ? undefined : { ...candidateOf(second.filling), lostBy },
    others: competition.standings
      .filter((one) => one !== best.standing && one !== second?.standing)
      .map((one) => ({ nodeType: one.type.name, why: notChosen(one, best, competition) })),
  });
}

function lostTo(best: Filling, other: Filling): ScorePart {
  const at = best.score.findIndex((part, i) => part !== other.score[i]);
  return SCORE_PARTS[at < 0 ? best.score.length : at] ?? 'place';
}

function notChosen(
  { type, empty, room, filling }: Standing,
  best: Ranked,
  { census, backlog, context }: Competition,
): NotChosen {
  if (room > 0 && filling !== undefined && filling !== 'none')
    return { kind: 'beaten', lostBy: lostTo(best.filling, filling) };
  const unfit = unfitOf(firstTaken(best.filling), empty);
  if (unfit !== undefined) return unfit;
  return { ...limitsOf(type, census, undefined), wouldWin: wouldWin(empty, best.filling, backlog, context) };
}

/** Nobody tried it for the decision: what would end the round here does not count. */
function wouldWin(empty: SchedulingNode, best: Filling, backlog: Backlog, context: PackingContext): boolean {
  try {
    const filling = fill(empty, backlog, context);
    return filling !== 'none' && compareScores(filling.score, best.score) > 0;
  } catch (error) {
    if (!(error instanceof SchedulingAbort)) throw error;
    return false;
  }
}

function firstTaken({ taken }: Filling): ResourceRequest {
  const [first] = taken;
  return first?.run.request ?? { resourcesBundle: [], placementConstraints: [], labelSelectors: [] };
}

function candidateOf({ node, taken, free, score }: Filling): Candidate {
  const uses: Use[] = [];
  for (const [resource, total] of node.total) {
    const left = free.get(resource);
    const contribution = left === undefined ? undefined : contributionOf(total, left);
    if (left !== undefined && typeof contribution === 'number')
      uses.push({ resource, used: total - left, total, contribution });
  }
  const takes = taken.map(({ run, count }) => ({ request: run.request, count }));
  return { nodeType: node.nodeType, takes, uses, score };
}
