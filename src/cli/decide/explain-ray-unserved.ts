/** What found no place in sentences: per node type what stands in the way, and what the nodes there are lack. */

import type {
  ExistingObstacle,
  Limit,
  NotChosen,
  Shortage,
  TypeObstacle,
  UnmetLabel,
  UnservedReason,
} from '../../core/ray/explain-types.ts';
import {
  amountTextBeside,
  counted,
  gangsText,
  groupedBy,
  listed,
  operatorText,
  requestsText,
  sameTexts,
  shortName,
  shortText,
} from './ray-words.ts';

const SENTENCES_SHOWN = 12;
const TYPES_SHOWN = 6;

/** What fails for the same reasons is told once, with the numbers of the first. */
export function unservedTexts(unserved: readonly UnservedReason[]): readonly string[] {
  const groups = groupedBy(unserved, ({ of, types, existing }) =>
    JSON.stringify([
      of.kind,
      types.map(({ nodeType, obstacle }) => [nodeType, outline(obstacle)]),
      existing.kind,
      existing.kind === 'not-free' ? existing.resource : '',
    ]),
  );
  const texts = groups.map(groupText);
  const hidden = groups.slice(SENTENCES_SHOWN).flat();
  if (hidden.length === 0) return texts;
  const units = hidden.reduce((sum, { count }) => sum + count, 0);
  return [
    ...texts.slice(0, SENTENCES_SHOWN),
    `No place, for other mixes of reasons, for ${counted(units, 'request')} more.`,
  ];
}

function groupText(group: readonly UnservedReason[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const why = new Set(group.map(whyText)).size > 1 ? `${whyText(first)} (Numbers of the first.)` : whyText(first);
  return `${whatText(first, group)}: ${why}${hintText(group)}`;
}

function whatText({ of }: UnservedReason, group: readonly UnservedReason[]): string {
  switch (of.kind) {
    case 'demand':
      return `No place for ${requestsText(group)}`;
    case 'constraint':
      return `request_resources cannot be met as a whole, and nothing is done for it. No place for ${requestsText(group)} of it`;
    case 'gang': {
      const names = new Map(group.flatMap(({ of: one }) => (one.kind === 'gang' ? [[one.index, one.details]] : [])));
      return `No place for ${gangsText([...names.values()])} as a whole, left over ${requestsText(group)}`;
    }
  }
}

function whyText({ types, existing }: UnservedReason): string {
  const perType = sameTexts(types.map(({ nodeType, obstacle }) => [nodeType, obstacleText(obstacle)]));
  const onNew = types.length === 0 ? 'there is no node type.' : `no new node of ${listed(perType, TYPES_SHOWN, '; ')}.`;
  return [onNew, ...existingTexts(existing)].join(' ');
}

/** Tasks in a placement group ask for resources that carry its id. */
function hintText(group: readonly UnservedReason[]): string {
  const isOfGroup = group.some(({ request }) =>
    request.resourcesBundle.some(([name]) => /_group_(\d+_)?[0-9a-f]{16,}$/.test(name)),
  );
  return isOfGroup ? ' Resources named after a placement group come only with a bundle of that group.' : '';
}

/** What is alike in obstacles that differ in numbers only. */
function outline(obstacle: TypeObstacle): unknown {
  if (obstacle.kind === 'limits') return [obstacle.perType !== undefined, obstacle.total !== undefined];
  const { shortages, labels, isApart } = obstacle;
  return [shortages.map(({ resource }) => resource), labels.map(({ key }) => key), isApart];
}

/** In a few words: a limit that is reached, or what an empty node lacks. */
export function obstacleText(obstacle: TypeObstacle | Exclude<NotChosen, { kind: 'beaten' }>): string {
  if (obstacle.kind === 'limits') return limitsText(obstacle);
  const { shortages, labels, isApart } = obstacle;
  return [
    ...(shortages.length === 0 ? [] : [shortagesText(shortages)]),
    ...(labels.length === 0 ? [] : [labelsText(labels)]),
    ...(isApart ? ['it carries the label that the request must be apart from'] : []),
  ].join(' and ');
}

function shortagesText(shortages: readonly Shortage[]): string {
  const texts = shortages.map(({ resource, requested, ofEmptyNode }) => {
    return shortText(resource, ofEmptyNode, requested);
  });
  return `an empty node has ${listed(texts, 3)}`;
}

function labelsText(labels: readonly UnmetLabel[]): string {
  const byLabel = groupedBy(labels, ({ key, operator, there }) =>
    JSON.stringify([key, operator === 'UNSPECIFIED', there]),
  );
  const texts = byLabel.map((group) => {
    const [{ key, operator, there } = { key: '', operator: 'UNSPECIFIED', there: undefined }] = group;
    if (operator === 'UNSPECIFIED') return `the selector on ${key} has no operator and never holds`;
    const has = there === undefined ? `it has no label ${key}` : `its ${key} is ${there}`;
    return `${has}, asked is ${listed([...new Set(group.map(operatorText))], 3, ' or ')}`;
  });
  return listed(texts, 3, ', or ');
}

function limitsText({ perType, total }: Extract<TypeObstacle, { kind: 'limits' }>): string {
  const texts = [
    ...(perType === undefined ? [] : [limitText('its maximum', perType)]),
    ...(total === undefined ? [] : [limitText(`the cluster's maximum`, total)]),
  ];
  return texts.length === 0 ? 'no room' : texts.join(', and ');
}

function limitText(whose: string, { limit, nodes, leaving }: Limit): string {
  if (limit === 0) return `${whose} is 0 nodes`;
  const counts = nodes === limit ? '' : ` with ${nodes}`;
  const gone = leaving === 0 ? '' : `, ${leaving} of them to be terminated`;
  return `${whose} of ${counted(limit, 'node')} is reached${counts}${gone}`;
}

/** A sentence about the nodes there are, or none. */
export function existingTexts(existing: ExistingObstacle | undefined): readonly string[] {
  switch (existing?.kind) {
    case undefined:
    case 'no-nodes':
      return [];
    case 'not-free': {
      const { resource, requested, mostFree } = existing;
      const most = mostFree <= 0 ? shortName(resource) : `more than ${amountTextBeside(resource, mostFree, requested)}`;
      return [`Of the nodes there none has ${most} left.`];
    }
    case 'not-together':
      return ['Of the nodes there none has all of it left at once.'];
    case 'elsewhere': {
      const { labels, apart } = existing;
      return [
        ...(labels === 0
          ? []
          : [`${counted(labels, 'node')} there ${labels === 1 ? 'has' : 'have'} room, but other labels.`]),
        ...(apart === 0
          ? []
          : [
              `${counted(apart, 'node')} there ${apart === 1 ? 'has' : 'have'} room, but with what it must be apart from.`,
            ]),
      ];
    }
  }
}
