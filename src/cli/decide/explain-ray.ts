/** A decided case for a person: a few sentences, numbers with their units, no JSON. */

import type { LabelSelectorConstraint, ResourceRequest, ResourceRequestByCount } from '../../core/ray/cluster-state.ts';
import type { Schedule } from '../../core/ray/schedule.ts';
import type {
  LaunchExplanation,
  Obstacle,
  ResizeRequest,
  ScheduleDecision,
  TerminationRequest,
  UnservedExplanation,
} from '../../core/ray/snapshot.ts';

type Decided = Extract<ScheduleDecision, { kind: 'schedule' }>;

/** The case's name on a line of its own, then what is done and why. */
export function explainRay({ id, schedule }: { readonly id: unknown; readonly schedule: Schedule }): string {
  const name = typeof id === 'string' ? id : id === null ? 'without an id' : JSON.stringify(id);
  return [`case ${name}`, ...sentences(schedule).map((sentence) => `  ${sentence}`)].join('\n');
}

function sentences({ decision, explanation }: Schedule): readonly string[] {
  if (decision.kind === 'abort') {
    return [`The round is given up, as the original does, and nothing is done: ${decision.message}.`];
  }
  const done = [
    ...explanation.launches.map(launchText),
    ...runsOf(decision.terminations.map(terminationText)),
    ...decision.resizes.map(resizeText),
  ];
  return [
    ...(done.length === 0 ? ['Nothing is launched, terminated or resized.'] : done),
    ...demandTexts(explanation),
    ...gangTexts(decision),
    ...constraintTexts(explanation),
    ...explanation.unserved.map(unservedText),
  ];
}

function launchText({ nodeType, count, forMinimum, serves, servesConstraint }: LaunchExplanation): string {
  const reasons = [
    ...(serves.length === 0 ? [] : [`for ${requestsText(serves)}`]),
    ...(servesConstraint.length === 0 ? [] : [`for the cluster constraint (${requestsText(servesConstraint)})`]),
    ...(forMinimum === 0 ? [] : [`${forMinimum === count ? '' : `${forMinimum} of them `}for the type's minimum`]),
  ];
  return `Launches ${nodesText(count)} of ${nodeType}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}.`;
}

function terminationText(request: TerminationRequest): string {
  const { instanceId, instanceType } = request;
  const what =
    instanceId === '' ? `a node of ${instanceType} that was only planned` : `${instanceId} (${instanceType})`;
  return `Terminates ${what}: ${causeText(request)}.`;
}

function causeText({ cause, details, maxNumNodes, maxNumNodesPerType }: TerminationRequest): string {
  switch (cause) {
    case 'OUTDATED':
      return details === '' ? 'its type is gone' : 'it was launched with another config than its type has now';
    case 'MAX_NUM_NODES':
      return `the cluster may have at most ${nodesText(maxNumNodes ?? 0)}`;
    case 'MAX_NUM_NODE_PER_TYPE':
      return `its type may have at most ${nodesText(maxNumNodesPerType ?? 0)}`;
    case 'IDLE':
      return details;
  }
}

/** Equal neighbours are said once. */
function runsOf(texts: readonly string[]): readonly string[] {
  const runs: { readonly text: string; times: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.times++;
    else runs.push({ text, times: 1 });
  }
  return runs.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
}

function resizeText({ cloudInstanceId, desiredCpu, desiredMemory }: ResizeRequest): string {
  return `Resizes ${cloudInstanceId} in place to ${amountText('CPU', desiredCpu)} and ${amountText('memory', desiredMemory)}.`;
}

/** How many requests found room on what is there; the others are told with the launches and below. */
function demandTexts({ demands }: Schedule['explanation']): readonly string[] {
  const sum = (of: (demand: (typeof demands)[number]) => number): number =>
    demands.reduce((total, demand) => total + of(demand), 0);
  const [total, onExisting, onNew, unserved] = [
    sum((one) => one.total),
    sum((one) => one.onExisting),
    sum((one) => one.onNew),
    sum((one) => one.unserved),
  ];
  if (total === 0) return [];
  return [
    `Of ${total} ${total === 1 ? 'request' : 'requests'} ${onExisting} fit on what is there or on its way, ${onNew} on new nodes, ${unserved} nowhere.`,
  ];
}

function gangTexts({ infeasibleGangs }: Decided): readonly string[] {
  if (infeasibleGangs.length === 0) return [];
  const names = infeasibleGangs.map(({ details }) => details || 'one without details');
  return [`Placement groups without room as a whole: ${names.join(', ')}.`];
}

function constraintTexts({ constraint }: Schedule['explanation']): readonly string[] {
  if (constraint === 'none') return [];
  return [
    constraint === 'met'
      ? 'The cluster constraint is met.'
      : 'The cluster constraint cannot be met as a whole, so nothing is done for it.',
  ];
}

function unservedText({ of, request, count, obstacles }: UnservedExplanation): string {
  const whose =
    of.kind === 'gang' ? ` of placement group ${of.gang}` : of.kind === 'constraint' ? ' of the constraint' : '';
  const why = obstacles.map(({ nodeType, obstacle }) => `${nodeType}: ${obstacleText(obstacle)}`);
  const reasons = why.length === 0 ? 'there is no node type' : why.join('; ');
  return `No place for ${count} x ${requestText(request)}${whose}: ${reasons}.`;
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'missing-resource': {
      const { resource, requested, ofEmptyNode } = obstacle;
      return `an empty node has ${amountText(resource, ofEmptyNode)}, ${amountText(resource, requested)} asked`;
    }
    case 'labels':
      return 'its labels do not match';
    case 'max-per-type':
      return `no room, its maximum is ${nodesText(obstacle.limit)}`;
    case 'max-total':
      return `no room, the cluster's maximum is ${nodesText(obstacle.limit)}`;
  }
}

function nodesText(count: number): string {
  return `${count} ${count === 1 ? 'node' : 'nodes'}`;
}

function requestsText(requests: readonly ResourceRequestByCount[]): string {
  return requests.map(({ request, count }) => `${count} x ${requestText(request)}`).join(', ');
}

/** `{2 CPU, 4 GiB memory, zone in (a)}`; alternatives of labels are joined by `or`. */
function requestText({ resourcesBundle, labelSelectors, placementConstraints }: ResourceRequest): string {
  const amounts = resourcesBundle.map(([name, amount]) => amountText(name, amount));
  const alternatives = labelSelectors.map((one) => one.map(constraintText).join(' and ')).filter((text) => text !== '');
  const apart = placementConstraints.some(({ antiAffinity }) => antiAffinity !== undefined);
  return `{${[...amounts, ...(alternatives.length === 0 ? [] : [alternatives.join(' or ')]), ...(apart ? ['apart'] : [])].join(', ')}}`;
}

function constraintText({ key, operator, values }: LabelSelectorConstraint): string {
  if (operator === 'UNSPECIFIED') return `${key} (no operator)`;
  return `${key} ${operator === 'IN' ? 'in' : 'not in'} (${values.join(', ')})`;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Bytes as GiB or MiB when they are that many; everything else as it is. */
function amountText(name: string, amount: number): string {
  if (name === 'memory' || name === 'object_store_memory') {
    const what = name === 'memory' ? 'memory' : 'object store';
    if (amount >= GIB) return `${round(amount / GIB)} GiB ${what}`;
    return amount >= MIB ? `${round(amount / MIB)} MiB ${what}` : `${amount} bytes ${what}`;
  }
  return `${amount} ${name}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
