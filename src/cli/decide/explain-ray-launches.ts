/** Launches in sentences: what they are for, which type came next and why it lost, and why the others were out of the question. */

import type {
  Candidate,
  Choice,
  LaunchReason,
  NotChosen,
  ScorePart,
  Served,
  Use,
} from '../../core/ray/explain-types.ts';
import { existingTexts, obstacleText } from './explain-ray-unserved.ts';
import { counted, gangsText, listed, requestsText, sameTexts, scoreText, shareText } from './ray-words.ts';

const TYPES_SHOWN = 6;
const CHOICES_SHOWN = 3;

export function launchTexts(launches: readonly LaunchReason[]): readonly string[] {
  const texts = launches.slice(0, TYPES_SHOWN).flatMap(launchText);
  const hidden = launches.slice(TYPES_SHOWN);
  if (hidden.length === 0) return texts;
  const nodes = hidden.reduce((sum, { count }) => sum + count, 0);
  return [...texts, `Launches ${counted(nodes, 'node')} of ${counted(hidden.length, 'other type')}.`];
}

/** One sentence, and below it how the type was chosen. */
function launchText(launch: LaunchReason): readonly string[] {
  const { nodeType, count, forMinimum, choices } = launch;
  const what = `Launches ${counted(count, 'node')} of ${nodeType}`;
  const shown = choices.slice(0, CHOICES_SHOWN).map((choice, i) => {
    const there = existingTexts(choice.existing);
    const isTold = i > 0 && there.join() === existingTexts(choices[i - 1]?.existing).join();
    return `  ${[...choiceTexts(choice, launch), ...(isTold ? [] : there)].join(' ')}`;
  });
  if (choices.length > CHOICES_SHOWN)
    shown.push(
      `  ${counted(choices.length - CHOICES_SHOWN, 'further comparison')} with the other types came out for it.`,
    );
  if (forMinimum === undefined) return [`${what} for ${servesText(launch.serves)}.`, ...shown];
  const { minimum, there } = forMinimum;
  const which = forMinimum.count === count ? '' : `, ${forMinimum.count} of them`;
  const takes =
    launch.serves.length === 0 ? '' : ` ${count === 1 ? 'It takes' : 'They take'} ${servesText(launch.serves)}.`;
  const isThere = there === 0 ? 'none is there' : `${there} ${there === 1 ? 'is' : 'are'} there`;
  return [`${what}${which} for the type's minimum of ${counted(minimum, 'node')}: ${isThere}.${takes}`, ...shown];
}

function servesText(serves: readonly Served[]): string {
  const parts: string[] = [];
  const demand = serves.filter(({ of }) => of.kind === 'demand');
  if (demand.length > 0) parts.push(requestsText(demand));
  const gangs = serves.filter(({ of }) => of.kind === 'gang');
  if (gangs.length > 0) {
    const names = new Map(gangs.flatMap(({ of }) => (of.kind === 'gang' ? [[of.index, of.details]] : [])));
    parts.push(`${requestsText(gangs)} of ${gangsText([...names.values()])}`);
  }
  const constraint = serves.filter(({ of }) => of.kind === 'constraint');
  if (constraint.length > 0) parts.push(`${requestsText(constraint)} of request_resources`);
  return parts.join('; ');
}

function choiceTexts({ count, chosen, runnerUp, others }: Choice, launch: LaunchReason): readonly string[] {
  const sentences: string[] = [];
  if (launch.choices.length > 1) sentences.push(`For ${count} of them, the first with ${requestsText(chosen.takes)}:`);
  if (runnerUp !== undefined) {
    const takes = sameTakes(chosen, runnerUp) ? '' : ` It would take ${requestsText(runnerUp.takes)}.`;
    sentences.push(`Next best is ${runnerUp.nodeType}: ${lostText(chosen, runnerUp, runnerUp.lostBy)}.${takes}`);
  } else if (others.length === 0) sentences.push('There is no other type.');
  const beaten = others.filter(({ why }) => why.kind === 'beaten').map(({ nodeType }) => nodeType);
  if (beaten.length > 0) sentences.push(`Behind it: ${listed(beaten, 5)}.`);
  const out = sameTexts(
    others.flatMap(({ nodeType, why }) => (why.kind === 'beaten' ? [] : [[nodeType, outText(why)]])),
  );
  if (out.length > 0)
    sentences.push(
      `${runnerUp === undefined ? 'No other type could' : 'Out of the question'}: ${listed(out, 4, '; ')}.`,
    );
  return sentences;
}

function outText(why: Exclude<NotChosen, { kind: 'beaten' }>): string {
  const wouldWin = why.kind === 'limits' && why.wouldWin ? ', else it would be chosen' : '';
  return `${obstacleText(why)}${wouldWin}`;
}

function sameTakes(a: Candidate, b: Candidate): boolean {
  return requestsText(a.takes) === requestsText(b.takes);
}

/** Why `other` lost to `chosen`. */
function lostText(chosen: Candidate, other: Candidate, lostBy: ScorePart): string {
  const part = (name: number): string => `${scoreText(other.score[name])} against ${scoreText(chosen.score[name])}`;
  switch (lostBy) {
    case 'labels':
      return other.score[0] === 0
        ? 'it serves no request that selects labels'
        : `its labels are a later alternative of the selectors than those of ${chosen.nodeType}`;
    case 'gpu':
      return `its ${gpusText(other)} kept for requests that ask for GPU`;
    case 'kinds':
      return `it would serve ${kindsText(other)}, ${chosen.nodeType} ${kindsText(chosen)}`;
    case 'least-used':
      return `${leastUsedText(chosen, other)} (score ${part(3)})`;
    case 'mean-used':
      return `alike in the least used resource, less used on the whole: ${usesText(other)}; ${chosen.nodeType}: ${usesText(chosen)} (mean score ${part(4)})`;
    case 'recoverable':
      return `as well used, but it could not be had lately (recovered to ${part(5)})`;
    case 'priority':
      return `as well used, but its priority is ${other.score[6]}, that of ${chosen.nodeType} ${chosen.score[6]}`;
    case 'cloud':
      return `as well used, but its nodes did not come in time before (availability ${part(7)})`;
    case 'place':
      return 'as good in everything; equal types take turns, in the order of their list';
  }
}

/** `1 kind of resource (CPU)`. */
function kindsText({ takes, uses, score }: Candidate): string {
  const there = new Set(uses.map(({ resource }) => resource));
  const asked = takes.flatMap(({ request }) => request.resourcesBundle.flatMap(([name, n]) => (n > 0 ? [name] : [])));
  const names = [...new Set(asked)].filter((name) => there.has(name));
  return `${counted(score[2] ?? 0, 'kind')} of resource (${listed(names, 5)})`;
}

function gpusText({ uses }: Candidate): string {
  const total = uses.find(({ resource }) => resource === 'GPU')?.total;
  return total === undefined ? 'GPUs are' : `${total} ${total === 1 ? 'GPU is' : 'GPUs are'}`;
}

function leastUsedText(chosen: Candidate, other: Candidate): string {
  const [best, least] = [leastUsed(chosen), leastUsed(other)];
  if (least === undefined || best === undefined) return 'nothing of it would be used';
  if (least.resource === best.resource) return `it would use ${useText(least)}, ${chosen.nodeType} ${useText(best)}`;
  return `its least used resource would be at ${useText(least)}, that of ${chosen.nodeType} at ${useText(best)}`;
}

function leastUsed({ uses }: Candidate): Use | undefined {
  const least = uses.reduce((min, { contribution }) => Math.min(min, contribution), Infinity);
  return uses.find(({ contribution }) => contribution === least);
}

function useText({ resource, used, total }: Use): string {
  return shareText(resource, used, total);
}

function usesText({ uses }: Candidate): string {
  return uses.length === 0 ? 'nothing' : listed(uses.map(useText), 4);
}
