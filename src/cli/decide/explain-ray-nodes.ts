/** Nodes in sentences: those terminated, those kept and those that do not count, each group with its rule. */

import type { NodeReason, NodeRule, ResizeReason } from '../../core/ray/explain-types.ts';
import { amountText, counted, groupedBy, listed, requestsText, secondsRange, thousandths } from './ray-words.ts';

const NAMES_SHOWN = 3;
const GROUPS_SHOWN = 12;

/** Sentences about the nodes of one fate; nodes with the same rule and status are told together, across types where the rule is not of a type. */
export function nodeTexts(nodes: readonly NodeReason[], fate: NodeRule['fate']): readonly string[] {
  const groups = groupedBy(
    nodes.filter(({ rule }) => rule.fate === fate),
    ({ nodeType, status, instanceId, rule }) =>
      JSON.stringify([
        isOfType(rule) ? nodeType : '',
        status,
        instanceId === '',
        rule.kind,
        isInUse(rule),
        limitOf(rule),
      ]),
  );
  const texts = groups
    .slice(0, GROUPS_SHOWN)
    .map((group) => `${headText(group, fate)}: ${ruleText(group)}${hostsText(group, fate)}.`);
  if (nodes.some(({ rule }) => rule.fate === fate && (rule.kind === 'max-per-type' || rule.kind === 'max-total')))
    texts.push('Where there are too many, those not up yet go first, then the longest idle, then the least used.');
  const hidden = groups.slice(GROUPS_SHOWN).flat().length;
  return hidden === 0 ? texts : [...texts, `${VERBS[fate]} ${counted(hidden, 'node')} more for such reasons.`];
}

const VERBS: Readonly<Record<NodeRule['fate'], string>> = {
  terminated: 'Terminates',
  kept: 'Keeps',
  'not-counted': 'Does not count',
};

function isOfType({ fate, kind }: NodeRule): boolean {
  return fate === 'terminated' || kind === 'minimum';
}

function headText(group: readonly NodeReason[], fate: NodeRule['fate']): string {
  const [first] = group;
  if (first === undefined) return '';
  if (first.instanceId === '') return `Does without ${counted(group.length, 'planned node')} of ${first.nodeType}`;
  const { nodeType, status } = first;
  const types = new Set(group.map((one) => one.nodeType));
  const names = group.map(({ instanceId }) => instanceId);
  const isUp = status === 'RAY_RUNNING';
  const what =
    group.length === 1
      ? `${names.join('')} (${nodeType}${isUp ? '' : `, ${status}`})`
      : `${counted(group.length, 'node')} of ${listed([...types], NAMES_SHOWN)} (${isUp ? '' : `${status}: `}${listed(names, NAMES_SHOWN)})`;
  return `${VERBS[fate]} ${what}`;
}

/** The number that a rule compares with. */
function limitOf(rule: NodeRule): number | undefined {
  if ('limit' in rule) return rule.limit;
  if ('timeoutS' in rule) return rule.timeoutS;
  return 'minimum' in rule ? rule.minimum : undefined;
}

function isInUse(rule: NodeRule): boolean {
  return rule.kind === 'not-idle' && rule.idleS === 0;
}

/** Of nodes with the same rule. */
function ruleText(group: readonly NodeReason[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const { rule, status } = first;
  const isUp = status === 'RAY_RUNNING';
  const idle = secondsRange(group.flatMap(({ rule: one }) => ('idleS' in one ? [one.idleS] : [])));
  switch (rule.kind) {
    case 'type-gone':
      return 'the type is not configured any more';
    case 'outdated':
      return isUp
        ? 'launched with another config than the type has now'
        : 'not up yet, and so without the config of its launch: counts as outdated';
    case 'max-per-type':
      return `the type's maximum is ${counted(rule.limit, 'node')}`;
    case 'max-total':
      return `the cluster's maximum is ${counted(rule.limit, 'node')}, head included`;
    case 'idle':
      return `${isUp ? 'idle' : `not needed`} for ${idle}, longer than the time-out of ${thousandths(rule.timeoutS)} s`;
    case 'head':
      return 'the head is never terminated';
    case 'no-timeout':
      return isUp ? 'no idle time-out is set' : (FIXED[status] ?? 'no time-out for nodes on their way is set');
    case 'needed':
      return `needed for ${unitsText(group)}`;
    case 'not-idle':
      return notIdleText(first, idle, rule.timeoutS);
    case 'minimum':
      return `idle for ${idle}, but the type's minimum is ${counted(rule.minimum, 'node')}`;
    case 'leaving':
      return 'on the way out';
    case 'no-ray-node':
      return 'running, but Ray reports no node for it';
    case 'type-unknown':
      return 'not up yet, of a type that is not configured';
  }
}

function notIdleText({ status, rule }: NodeReason, idle: string, timeoutS: number): string {
  const timeout = `the time-out of ${thousandths(timeoutS)} s`;
  if (status !== 'RAY_RUNNING')
    return FIXED[status] ?? `on the way, not needed for ${idle}, not longer than ${timeout}`;
  return isInUse(rule) ? 'in use (idle for 0 s)' : `idle for ${idle}, not longer than ${timeout}`;
}

/** Statuses that say enough: nothing is decided about such a node. */
const FIXED: Readonly<Partial<Record<NodeReason['status'], string>>> = {
  REQUESTED: 'asked for, and not to be called back before it is there',
  RAY_STOP_REQUESTED: 'asked to stop, and counts as an empty node until it does',
};

/** What is placed on nodes that go: that is why nothing else is done for it yet. */
function hostsText(group: readonly NodeReason[], fate: NodeRule['fate']): string {
  const units = fate === 'terminated' ? unitsText(group) : '';
  if (units === '') return '';
  const [until, counts] = group.length === 1 ? ['it is', 'it counts'] : ['they are', 'they count'];
  return `; until ${until} gone ${counts} as room for ${units}`;
}

function unitsText(group: readonly NodeReason[]): string {
  const sum = (of: 'demand' | 'constraint'): number => group.reduce((total, { hosts }) => total + hosts[of], 0);
  const [demand, constraint] = [sum('demand'), sum('constraint')];
  return [
    ...(demand === 0 ? [] : [counted(demand, 'waiting request')]),
    ...(constraint === 0 ? [] : [`${counted(constraint, 'request')} of request_resources`]),
  ].join(' and ');
}

/** Resizes of one type to one size are told together. */
export function resizeTexts(resizes: readonly ResizeReason[]): readonly string[] {
  const groups = groupedBy(resizes, ({ nodeType, desiredCpu, desiredMemory, isNew }) =>
    JSON.stringify([nodeType, desiredCpu, desiredMemory, isNew]),
  );
  return groups.slice(0, GROUPS_SHOWN).map((group) => {
    const [first] = group;
    if (first === undefined) return '';
    const names = group.map(({ cloudInstanceId }) => cloudInstanceId);
    const what = group.length === 1 ? names.join('') : `${group.length} pods (${listed(names, NAMES_SHOWN)})`;
    const size = `${amountText('CPU', first.desiredCpu)} and ${amountText('memory', first.desiredMemory)}`;
    const hosts = requestsText(group.flatMap((one) => one.hosts));
    const why = first.isNew ? (hosts === '' ? '' : ` for ${hosts}`) : ', queued in an earlier round';
    return `Resizes ${what} of ${first.nodeType} in place to ${size}${why}.`;
  });
}
