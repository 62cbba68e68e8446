/** Requests, amounts, counts and lists in words, for explanations of the Ray scheduler. */

import type { LabelSelectorConstraint, ResourceRequest, ResourceRequestByCount } from '../../core/ray/cluster-state.ts';

/** `1 node`, `3 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a, b, c and 9 more`; never longer than `most` and a count. */
export function listed(items: readonly string[], most: number, separator = ', '): string {
  if (items.length <= most) return items.join(separator);
  return `${items.slice(0, most).join(separator)} and ${items.length - most} more`;
}

/** `a, b (text)`: names with the same text are told together. */
export function sameTexts(entries: readonly (readonly string[])[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const [name = '', text = ''] of entries) {
    const ofText = names.get(text);
    if (ofText === undefined) names.set(text, [name]);
    else ofText.push(name);
  }
  return [...names].map(([text, list]) => `${listed(list, 5)} (${text})`);
}

/** In order of first appearance. */
export function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

const SHAPES_SHOWN = 4;

/** `3 x {2 CPU}, 1 x {1 GPU}`: equal shapes are counted together. */
export function requestsText(requests: readonly ResourceRequestByCount[]): string {
  const counts = new Map<string, number>();
  for (const { request, count } of requests) {
    const text = requestText(request);
    counts.set(text, (counts.get(text) ?? 0) + count);
  }
  const shown = [...counts].slice(0, SHAPES_SHOWN).map(([text, count]) => `${count} x ${text}`);
  const hidden = [...counts].slice(SHAPES_SHOWN);
  if (hidden.length === 0) return shown.join(', ');
  const units = hidden.reduce((sum, [, count]) => sum + count, 0);
  return `${shown.join(', ')} and ${counted(units, 'request')} of ${counted(hidden.length, 'other shape')}`;
}

const GANGS_SHOWN = 2;

/** `placement group a`, `12 placement groups (a, b, c and 9 more)`. */
export function gangsText(details: readonly string[]): string {
  const names = details.map((one) => (one === '' ? 'without details' : one));
  return names.length === 1
    ? `placement group ${names.join('')}`
    : `${names.length} placement groups (${listed(names, GANGS_SHOWN)})`;
}

/** `{2 CPU, 4 GiB memory, zone in (a)}`; alternatives of labels are joined by `or`. */
export function requestText({ resourcesBundle, labelSelectors, placementConstraints }: ResourceRequest): string {
  const amounts = resourcesBundle.map(([name, amount]) => amountText(name, amount));
  const alternatives = labelSelectors.map((one) => one.map(constraintText).join(' and ') || 'any labels');
  const parts = [...amounts, ...(alternatives.length === 0 ? [] : [alternatives.join(' or ')])];
  if (placementConstraints.some(({ antiAffinity }) => antiAffinity !== undefined)) parts.push('apart');
  else if (placementConstraints.some(({ affinity }) => affinity !== undefined)) parts.push('together');
  return `{${parts.join(', ')}}`;
}

function constraintText(constraint: LabelSelectorConstraint): string {
  return `${constraint.key} ${operatorText(constraint)}`;
}

/** `in (a, b)`, `not in (a)`. */
export function operatorText({ operator, values }: LabelSelectorConstraint): string {
  if (operator === 'UNSPECIFIED') return '(no operator)';
  return `${operator === 'IN' ? 'in' : 'not in'} (${listed(values, 5)})`;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Bytes as GiB or MiB when they are that many; everything else as it is. */
export function amountText(name: string, amount: number): string {
  const { value, unit } = scaled(name, amount);
  return `${value} ${unit}`;
}

/** What there is of what is asked, exact when both would look the same: `2 of 4 CPU`, `no GPU`. */
export function shortText(name: string, there: number, asked: number): string {
  const short = shortName(name);
  if (there <= 0) return `no ${short}`;
  if (amountText(name, there) === amountText(name, asked)) return `${there} of ${asked} ${unitOf(name)}`;
  return shareText(short, there, asked);
}

/** The first amount, exact when it would look the same as the second. */
export function amountTextBeside(name: string, amount: number, other: number): string {
  const text = amountText(shortName(name), amount);
  return text === amountText(shortName(name), other) ? `${amount} ${unitOf(name)}` : text;
}

function unitOf(name: string): string {
  return isBytes(name) ? `bytes ${name === 'memory' ? 'memory' : 'object store'}` : shortName(name);
}

/** Names with the id of a placement group are long. */
export function shortName(name: string): string {
  return name.length <= 30 ? name : `${name.slice(0, 20)}...`;
}

/** `2 of 4 CPU`, `0 of 8 GiB memory`. */
export function shareText(name: string, used: number, total: number): string {
  const { value, unit, per } = scaled(name, total);
  return `${isBytes(name) ? hundredths(used / per) : shortened(used)} of ${value} ${unit}`;
}

function scaled(name: string, amount: number): { readonly value: number; readonly unit: string; readonly per: number } {
  if (!isBytes(name)) return { value: shortened(amount), unit: name, per: 1 };
  const what = name === 'memory' ? 'memory' : 'object store';
  const size = Math.abs(amount);
  if (size >= GIB) return { value: hundredths(amount / GIB), unit: `GiB ${what}`, per: GIB };
  if (size >= MIB) return { value: hundredths(amount / MIB), unit: `MiB ${what}`, per: MIB };
  return { value: amount, unit: `bytes ${what}`, per: 1 };
}

function isBytes(name: string): boolean {
  return name === 'memory' || name === 'object_store_memory';
}

/** Without the last digits that only sums of fractions have. */
function shortened(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Three digits: of scores only which is larger counts. */
export function scoreText(score: number | undefined): string {
  return String(Number((score ?? 0).toPrecision(3)));
}

/** `61 s`, or `61 to 95.5 s`. */
export function secondsRange(seconds: readonly number[]): string {
  const least = seconds.reduce((a, b) => Math.min(a, b), Infinity);
  const most = seconds.reduce((a, b) => Math.max(a, b), -Infinity);
  const [from, to] = [thousandths(least), thousandths(most)];
  return from === to ? `${to} s` : `${from} to ${to} s`;
}

export function thousandths(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
