/**
 * Which nodes are filled alike: they get the same requests and the same score, so that one of them is tried for all. What nobody asks
 * about does not tell nodes apart: `node:<ip>`, labels no selector names, the size of an object store nobody uses.
 */

import { compareText } from '../../lib/compare.ts';
import type { ResourceRequest } from './cluster-state.ts';
import type { Ledger, Placed, SchedulingNode } from './nodes.ts';
import { contributionOf } from './score.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

/** Nodes with the same `NodeClass` object are filled alike, up to labels that only anti-affinity looks at. */
export type NodeClass = { readonly id: number };

/** Lives for one round. Nodes and requests do not change, so what is known of one is kept by its identity. */
export type Likeness = {
  /** Resources that some request of the round names. */
  readonly names: ReadonlySet<string>;
  /** Labels that some selector of the round names. */
  readonly labelKeys: ReadonlySet<string>;
  readonly ids: Map<string, number>;
  readonly classes: Readonly<Record<Ledger, Map<string, NodeClass>>>;
  readonly known: Readonly<Record<Ledger, Map<SchedulingNode, NodeClass>>>;
  readonly looks: Readonly<Record<Ledger, Map<SchedulingNode, string>>>;
};

/** Cost: O(requests). */
export function likenessFor(requests: Iterable<ResourceRequest>): Likeness {
  const names = new Set(['GPU']);
  const labelKeys = new Set<string>();
  for (const { resourcesBundle, labelSelectors } of requests) {
    for (const [name] of resourcesBundle) names.add(name);
    for (const constraints of labelSelectors) for (const { key } of constraints) labelKeys.add(key);
  }
  return {
    names,
    labelKeys,
    ids: new Map(),
    classes: { demand: new Map(), constraint: new Map() },
    known: { demand: new Map(), constraint: new Map() },
    looks: { demand: new Map(), constraint: new Map() },
  };
}

export function* requestsOf(
  snapshot: Pick<SchedulerSnapshot, 'resourceRequests' | 'gangRequests' | 'clusterConstraints'>,
): Generator<ResourceRequest> {
  for (const { request } of snapshot.resourceRequests) yield request;
  for (const { resourceRequests } of snapshot.clusterConstraints)
    for (const { request } of resourceRequests) yield request;
  for (const { requests, bundleSelectors } of snapshot.gangRequests) {
    yield* requests;
    for (const { resourceRequests } of bundleSelectors) yield* resourceRequests;
  }
}

/** Cost: O(resources + labels asked about + placed) the first time, then a look-up. */
export function classOf(node: SchedulingNode, ledger: Ledger, likeness: Likeness): NodeClass {
  const known = likeness.known[ledger];
  const before = known.get(node);
  if (before !== undefined) return before;
  const classes = likeness.classes[ledger];
  const key = keyOf(node, ledger, likeness);
  let found = classes.get(key);
  if (found === undefined) {
    found = { id: classes.size };
    classes.set(key, found);
  }
  known.set(node, found);
  return found;
}

/**
 * How a node that does not run looks to the original, which tries only the first of those that look the same: all it has, without
 * what is placed on it. Cost: O(resources log resources + labels log labels) the first time, then a look-up.
 * Spec: RAY-10.2.
 */
export function looksOf(node: SchedulingNode, ledger: Ledger, { looks }: Likeness): string {
  const known = looks[ledger].get(node);
  if (known !== undefined) return known;
  const sorted = (map: ReadonlyMap<string, number | string>): readonly (readonly [string, number | string])[] =>
    [...map].toSorted(([a], [b]) => compareText(a, b));
  const { nodeType, kind, total, free, labels } = node;
  const text = JSON.stringify([nodeType, kind, sorted(total), sorted(free[ledger]), sorted(labels)]);
  looks[ledger].set(node, text);
  return text;
}

/**
 * Numbers and punctuation only, texts by their id, so that no name can be taken for a separator. A resource that nobody asks for
 * counts by what it adds to the score, in its place among the others: sums of doubles depend on the order.
 */
function keyOf(node: SchedulingNode, ledger: Ledger, likeness: Likeness): string {
  const { names, labelKeys } = likeness;
  const free = node.free[ledger];
  let key = String(idOf(node.nodeType, likeness));
  for (const [name, left] of free) if (names.has(name)) key += `,${idOf(name, likeness)}=${left}`;
  for (const [name, all] of node.total) {
    if (names.has(name)) {
      key += `;${idOf(name, likeness)}=${all}`;
      continue;
    }
    const left = free.get(name);
    const adds = left === undefined ? undefined : contributionOf(all, left);
    if (adds !== undefined) key += adds === 'overfull' ? `!${idOf(name, likeness)}=${all}-${left}` : `~${adds}`;
  }
  for (const label of labelKeys) {
    const value = node.labels.get(label);
    key += value === undefined ? '/' : `/${idOf(value, likeness)}`;
  }
  const placed = node.placed[ledger];
  return placed.length === 0 ? key : key + placedKey(placed, likeness);
}

/** What is placed on a node counts in its score: by the names it asks for, and by its selectors in their order. */
function placedKey(placed: readonly Placed[], likeness: Likeness): string {
  const asked = new Set<number>();
  const selectors = new Set<number>();
  let namesGpu = false;
  for (const { request } of placed) {
    for (const [name, amount] of request.resourcesBundle) {
      if (name === 'GPU') namesGpu = true;
      if (amount > 0) asked.add(idOf(name, likeness));
    }
    if (request.labelSelectors.length > 0) selectors.add(idOf(JSON.stringify(request.labelSelectors), likeness));
  }
  return `#${[...asked].toSorted((a, b) => a - b).join(',')}${namesGpu ? 'g' : ''}:${[...selectors].join(',')}`;
}

function idOf(text: string, { ids }: Likeness): number {
  const id = ids.get(text);
  if (id !== undefined) return id;
  ids.set(text, ids.size);
  return ids.size - 1;
}
