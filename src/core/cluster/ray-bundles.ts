/**
 * Where the bundles of a placement group go. As the GCS of Ray 2.60 does it, with ties broken by the order of the nodes (there it is
 * that of a hash map): scarce and large bundles first, each on the node that is emptiest after it.
 */

import { compareText } from '../../lib/compare.ts';
import { give, roomFor, take, type Amounts, type Need } from './ray-amounts.ts';

export type GroupStrategy = 'PACK' | 'SPREAD' | 'STRICT_PACK' | 'STRICT_SPREAD';

export type BundleNode = {
  readonly free: ReadonlyMap<string, number>;
  /** Whether a bundle of the same group is there already: no place for another one of a STRICT_SPREAD group. */
  readonly isTaken: boolean;
};

type Candidate = { readonly index: number; readonly free: Amounts };

/** The node of each bundle by its index, all of them or none (undefined). O(bundles x nodes x names). */
export function placeBundles(
  strategy: GroupStrategy,
  bundles: readonly Need[],
  nodes: readonly BundleNode[],
): readonly number[] | undefined {
  const candidates = nodes.map(({ free }, index) => ({ index, free: new Map(free) }));
  const order = bundles.map((_, i) => i).toSorted((a, b) => compareScarcity(bundles[b] ?? [], bundles[a] ?? []));
  switch (strategy) {
    case 'STRICT_PACK': {
      const sum: Amounts = new Map();
      for (const need of bundles) give(need, sum);
      const node = emptiest([...sum], candidates);
      return node === undefined ? undefined : bundles.map(() => node.index);
    }
    case 'PACK':
      return pack(order, bundles, candidates);
    case 'SPREAD':
      return spread(order, bundles, { fresh: candidates, again: 'allowed' });
    case 'STRICT_SPREAD': {
      const fresh = candidates.filter(({ index }) => nodes[index]?.isTaken !== true);
      return spread(order, bundles, { fresh, again: 'refused' });
    }
  }
}

/** As many bundles as fit on the best node for the first, then on the best for the first that is left. */
function pack(
  order: readonly number[],
  bundles: readonly Need[],
  candidates: readonly Candidate[],
): readonly number[] | undefined {
  const placed: number[] = [];
  const left = new Set(candidates);
  let waiting = order;
  for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
    const node = emptiest(bundles[first] ?? [], left);
    if (node === undefined) return undefined;
    left.delete(node);
    waiting = waiting.filter((i) => {
      const need = bundles[i] ?? [];
      if (roomFor(need, node.free) < 1) return true;
      take(need, node.free);
      placed[i] = node.index;
      return false;
    });
  }
  return placed;
}

/** Each bundle on a node of its own; where none is left, on one that has some already, if that is allowed. */
function spread(
  order: readonly number[],
  bundles: readonly Need[],
  options: { readonly fresh: readonly Candidate[]; readonly again: 'allowed' | 'refused' },
): readonly number[] | undefined {
  const placed: number[] = [];
  const fresh = new Set(options.fresh);
  const used = new Set<Candidate>();
  for (const i of order) {
    const need = bundles[i] ?? [];
    const node = emptiest(need, fresh) ?? (options.again === 'allowed' ? emptiest(need, used) : undefined);
    if (node === undefined) return undefined;
    fresh.delete(node);
    used.add(node);
    take(need, node.free);
    placed[i] = node.index;
  }
  return placed;
}

/** The node of which the largest part stays free of what is needed; the first of equals. undefined when it fits nowhere. */
function emptiest(need: Need, candidates: Iterable<Candidate>): Candidate | undefined {
  let best: { readonly node: Candidate; readonly share: number } | undefined;
  for (const node of candidates) {
    if (roomFor(need, node.free) < 1) continue;
    let share = 0;
    for (const [name, amount] of need) share += 1 - amount / (node.free.get(name) ?? amount);
    if (best === undefined || share > best.share) best = { node, share };
  }
  return best?.node;
}

const COMMON = ['GPU', 'object_store_memory', 'memory', 'CPU'] as const;

/** Custom resources by name, then GPU, object_store_memory, memory, CPU: the first that differs decides. */
function compareScarcity(a: Need, b: Need): number {
  const [left, right] = [new Map(a), new Map(b)];
  const custom = [...left.keys(), ...right.keys()].filter((name) => !COMMON.some((common) => common === name));
  for (const name of [...custom.toSorted(compareText), ...COMMON]) {
    const difference = (left.get(name) ?? 0) - (right.get(name) ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
