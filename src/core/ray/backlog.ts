/** The requests that wait in one packing, hardest first, and what is left of them. */

import type { ResourceRequestByCount } from './cluster-state.ts';
import { sortedRuns, type Run } from './request-order.ts';

export type Backlog = {
  readonly runs: readonly Run[];
  /** Of all runs together. */
  units: number;
  /** Per run, a run at or behind it up to which nothing is left. */
  readonly skips: number[];
  /** Per resource that the last run asks for: the least that any run from this one on asks for; -Infinity where one does not. */
  readonly floors: readonly (readonly [name: string, least: Float64Array])[];
};

/** Cost: O(shapes log shapes). */
export function backlogOf(requests: readonly ResourceRequestByCount[]): Backlog {
  const runs = sortedRuns(requests);
  return {
    runs,
    units: runs.reduce((sum, { count }) => sum + count, 0),
    skips: runs.map((_, index) => index),
    floors: (runs.at(-1)?.request.resourcesBundle ?? []).map(([name]) => [name, leastFrom(runs, name)]),
  };
}

function leastFrom(runs: readonly Run[], name: string): Float64Array {
  const least = new Float64Array(runs.length);
  let floor = Infinity;
  for (let i = runs.length - 1; i >= 0; i--) {
    const asked = runs[i]?.request.resourcesBundle.find(([other]) => other === name);
    floor = Math.min(floor, asked?.[1] ?? -Infinity);
    least[i] = floor;
  }
  return least;
}

/** The first run at or behind `from` of which something is left; the number of runs when there is none. Amortized O(1). */
export function openRun({ runs, skips }: Backlog, from: number): number {
  let index = from;
  while (index < runs.length && (runs[index]?.count ?? 0) === 0) {
    const next = skips[index] ?? index;
    index = next > index ? next : index + 1;
  }
  for (let i = from; i < index;) {
    const next = skips[i] ?? i;
    skips[i] = index;
    i = next > i ? next : i + 1;
  }
  return index;
}

/** Whether no run from this one on can fit, whatever is left of them: one resource is too scarce for the least of them. */
export function isTooScarce({ floors }: Backlog, from: number, freeOf: (name: string) => number): boolean {
  return floors.some(([name, least]) => (least[from] ?? -Infinity) > freeOf(name));
}

export function withdraw(backlog: Backlog, taken: readonly { readonly run: Run; readonly count: number }[]): void {
  for (const { run, count } of taken) {
    run.count -= count;
    backlog.units -= count;
  }
}
