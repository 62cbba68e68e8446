/** How good a filled node is: the tuple by which nodes and node types compete for requests. */

import { SchedulingAbort } from './abort.ts';
import type { Placed } from './nodes.ts';
import { matchingSelector } from './place.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

/** Compared from left to right, higher is better: labels, gpuOk, types, min, mean, recoverable, priority, cloud. */
export type Score = readonly number[];

/** A node after filling, as far as its score goes. */
export type FilledNode = {
  readonly nodeType: string;
  readonly priority: number;
  readonly total: ReadonlyMap<string, number>;
  readonly free: ReadonlyMap<string, number>;
  /** Everything placed on the ledger, in order, earlier calls of the round included. */
  readonly placed: readonly Placed[];
  /** After filling: anti-affinity adds some. */
  readonly labels: ReadonlyMap<string, string>;
};

/**
 * The score of a filled node, with the tie-breakers of its type.
 *
 * Aborts the round for a node with more free than there is, or less than nothing.
 * Cost: O(resources of the node + resources of what is placed).
 * Spec: RAY-9.1 to RAY-9.5, RAY-10.1.   Source: v2/scheduler.py SchedulingNode._compute_score (Ray 2.60.0).
 */
export function scoreOf(
  node: FilledNode,
  { gpuNodes, availabilities }: Pick<SchedulerSnapshot, 'gpuNodes' | 'availabilities'>,
): Score {
  const asked = new Set<string>();
  let namesGpu = false;
  for (const { request } of node.placed) {
    for (const [name, amount] of request.resourcesBundle) {
      if (name === 'GPU') namesGpu = true;
      if (amount > 0 && node.total.has(name)) asked.add(name);
    }
  }
  const wastesGpu = gpuNodes === 'conserve' && !namesGpu && (node.total.get('GPU') ?? 0) > 0;
  const { min, mean } = utilization(node);
  return [
    labelPreference(node),
    wastesGpu ? 0 : 1,
    asked.size,
    min,
    mean,
    availabilities.recoverable.get(node.nodeType) ?? 1,
    node.priority,
    availabilities.cloud.get(node.nodeType) ?? 1,
  ];
}

export function compareScores(a: Score, b: Score): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The first placed request that has a matching selector decides: the earlier the alternative, the better. Spec: RAY-9.1. */
function labelPreference({ placed, labels }: FilledNode): number {
  for (const { request } of placed) {
    const index = matchingSelector(request, labels);
    if (index >= 0) return request.labelSelectors.length - index;
  }
  return 0;
}

/**
 * Minimum and mean of total x used^3 over the resources that `free` names. One it does not name contributes nothing.
 *
 * Aborts the round for a node with more free than there is, or less than nothing.
 */
export function utilization({ nodeType, total, free }: Pick<FilledNode, 'nodeType' | 'total' | 'free'>): {
  readonly min: number;
  readonly mean: number;
} {
  let min = Infinity;
  let sum = 0;
  let count = 0;
  for (const [name, all] of total) {
    const left = free.get(name);
    const contribution = left === undefined ? undefined : contributionOf(all, left);
    if (contribution === undefined) continue;
    if (contribution === 'overfull')
      throw new SchedulingAbort('overfull-node', `a node of ${nodeType} has ${left} of ${all} ${name} free`);
    min = Math.min(min, contribution);
    sum += contribution;
    count++;
  }
  return count === 0 ? { min: 0, mean: 0 } : { min, mean: sum / count };
}

/** What one resource adds to the utilization: total x used^3; undefined when there is none of it. */
export function contributionOf(all: number, left: number): number | 'overfull' | undefined {
  if (all === 0) return undefined;
  const used = (all - left) / all;
  return used >= 0 && used <= 1 ? all * cube(used) : 'overfull';
}

/**
 * u^3, rounded once: the exact product is carried as an unevaluated sum of two doubles. Neither `u * u * u` nor `Math.pow` of
 * every engine gives this, and a wrong last bit decides ties wrongly (27 CPUs with 9 used against 1 CPU with 1 used).
 *
 * Units: a ratio from 0 to 1.
 * Spec: RAY-13.1.
 */
export function cube(u: number): number {
  const [square, squareError] = twoProduct(u, u);
  const [product, productError] = twoProduct(square, u);
  return product + (productError + squareError * u);
}

/** a x b as rounded product and exact error. Source: T. J. Dekker, "A floating-point technique for extending the available precision". */
function twoProduct(a: number, b: number): readonly [product: number, error: number] {
  const product = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

function split(a: number): readonly [high: number, low: number] {
  const scaled = a * 134_217_729; // 2^27 + 1
  const high = scaled - (scaled - a);
  return [high, a - high];
}
