/**
 * What a node must be, per label key: Karpenter's requirements as sets and complements of sets with integer bounds, and their
 * intersection. Pools, pods and instance types all speak in these.
 */

import type { NodeRequirement } from '../kube/karpenter.ts';
import { compareText } from '../../lib/compare.ts';

/**
 * The values that are allowed for one key. `in`: these; `not-in`: all but these. Bounds are exclusive and hold for values that are
 * integers. `absent` says whether a node without the label is fine.
 */
export type ValueSet = {
  readonly kind: 'in' | 'not-in';
  readonly values: ReadonlySet<string>;
  readonly above: number;
  readonly below: number;
  readonly absent: 'allowed' | 'refused';
};

export type Requirements = ReadonlyMap<string, ValueSet>;

export const CAPACITY_TYPE = 'karpenter.sh/capacity-type';
export const INSTANCE_TYPE = 'node.kubernetes.io/instance-type';
export const ZONE = 'topology.kubernetes.io/zone';
export const REGION = 'topology.kubernetes.io/region';
export const ARCH = 'kubernetes.io/arch';
export const OS = 'kubernetes.io/os';
export const HOSTNAME = 'kubernetes.io/hostname';
export const NODE_POOL_LABEL = 'karpenter.sh/nodepool';

/** Keys that a pool may leave open, because the instance type decides them. Any other key must be defined by the pool. */
const WELL_KNOWN: ReadonlySet<string> = new Set([CAPACITY_TYPE, INSTANCE_TYPE, ZONE, REGION, ARCH, OS]);
const WELL_KNOWN_PREFIX = 'karpenter.kwok.sh/instance-';

const ANY: ValueSet = { kind: 'not-in', values: new Set(), above: -Infinity, below: Infinity, absent: 'refused' };

/** One requirement of the wire as a set. Spec: karpenter 4.3. */
export function valueSet(requirement: Omit<NodeRequirement, 'key'>): ValueSet {
  const values = requirement.values ?? [];
  const bound = Number(values[0] ?? '0');
  switch (requirement.operator) {
    case 'In':
      return { ...ANY, kind: 'in', values: new Set(values) };
    case 'NotIn':
      return { ...ANY, values: new Set(values), absent: 'allowed' };
    case 'Exists':
      return ANY;
    case 'DoesNotExist':
      return { ...ANY, kind: 'in', absent: 'allowed' };
    case 'Gt':
      return { ...ANY, above: bound };
    case 'Gte':
      return { ...ANY, above: bound - 1 };
    case 'Lt':
      return { ...ANY, below: bound };
    case 'Lte':
      return { ...ANY, below: bound + 1 };
  }
}

/** All requirements of a list, equal keys intersected. */
export function requirementsOf(list: readonly NodeRequirement[]): Requirements {
  return intersection(list.map(({ key, ...requirement }) => new Map([[key, valueSet(requirement)]])));
}

/** Labels as requirements: each `In [value]`. */
export function labelRequirements(labels: Readonly<Record<string, string>> | undefined): Requirements {
  const entries = Object.entries(labels ?? {});
  return new Map(entries.map(([key, value]) => [key, valueSet({ operator: 'In', values: [value] })]));
}

/** What satisfies all of them, key by key. O(keys x values). */
export function intersection(parts: readonly Requirements[]): Requirements {
  const merged = new Map<string, ValueSet>();
  for (const part of parts) {
    for (const [key, set] of part) {
      const so = merged.get(key);
      merged.set(key, so === undefined ? set : intersect(so, set));
    }
  }
  return merged;
}

function intersect(a: ValueSet, b: ValueSet): ValueSet {
  const above = Math.max(a.above, b.above);
  const below = Math.min(a.below, b.below);
  const absent = a.absent === 'allowed' && b.absent === 'allowed' ? 'allowed' : 'refused';
  const bounds = { above, below, absent } as const;
  if (a.kind === 'not-in' && b.kind === 'not-in') {
    return { kind: 'not-in', values: new Set([...a.values, ...b.values]), ...bounds };
  }
  const [listed, other] = a.kind === 'in' ? [a, b] : [b, a];
  const values = [...listed.values].filter((value) => hasValue({ ...other, above, below }, value));
  return { kind: 'in', values: new Set(values), ...bounds };
}

/** Whether the set contains `value`. */
export function hasValue(set: ValueSet, value: string): boolean {
  if (set.values.has(value) !== (set.kind === 'in')) return false;
  if (set.above === -Infinity && set.below === Infinity) return true;
  const number = Number(value);
  return /^\d+$/.test(value) && number > set.above && number < set.below;
}

/** Nothing satisfies the set: neither a value nor, where that is allowed, the label's absence. */
function isEmpty(set: ValueSet): boolean {
  if (set.absent === 'allowed') return false;
  return set.kind === 'in' ? set.values.size === 0 : set.below - set.above <= 1;
}

/** The first key, in byte order, for which no node can exist; undefined when every key has a value left. */
export function emptyKey(requirements: Requirements): string | undefined {
  return [...requirements.keys()].toSorted(compareText).find((key) => {
    const set = requirements.get(key);
    return set !== undefined && isEmpty(set);
  });
}

/** The first custom key that `wanted` needs and `defined` does not have; undefined when there is none. Spec: karpenter 4.3. */
export function undefinedKey(wanted: Requirements, defined: Requirements): string | undefined {
  return [...wanted.keys()].toSorted(compareText).find((key) => {
    const set = wanted.get(key);
    const known = WELL_KNOWN.has(key) || key.startsWith(WELL_KNOWN_PREFIX) || defined.has(key);
    return !known && set?.absent === 'refused';
  });
}

/** Whether a node with these labels satisfies the requirements. */
export function labelsSatisfy(requirements: Requirements, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, set] of requirements) {
    const value = labels[key];
    if (value === undefined ? set.absent === 'refused' : !hasValue(set, value)) return false;
  }
  return true;
}

/** Back to the wire, by key; a bound prints as Gt or Lt. */
export function toNodeRequirements(requirements: Requirements): readonly NodeRequirement[] {
  const list: NodeRequirement[] = [];
  for (const key of [...requirements.keys()].toSorted(compareText)) {
    const set = requirements.get(key);
    if (set === undefined) continue;
    const values = [...set.values].toSorted(compareText);
    if (set.kind === 'in') {
      list.push(values.length === 0 ? { key, operator: 'DoesNotExist' } : { key, operator: 'In', values });
      continue;
    }
    if (set.above !== -Infinity) list.push({ key, operator: 'Gt', values: [String(set.above)] });
    if (set.below !== Infinity) list.push({ key, operator: 'Lt', values: [String(set.below)] });
    if (values.length > 0) list.push({ key, operator: 'NotIn', values });
    else if (set.above === -Infinity && set.below === Infinity) list.push({ key, operator: 'Exists' });
  }
  return list;
}

/** Labels that the requirements leave no choice about. */
export function singleValues(requirements: Requirements): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [key, set] of requirements) {
    const [value] = set.values;
    if (set.kind === 'in' && set.values.size === 1 && value !== undefined) labels[key] = value;
  }
  return labels;
}
