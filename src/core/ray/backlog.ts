/** The requests that wait in one packing, hardest first, and what is left of them. */

import type { ResourceRequestByCount } from './cluster-state.ts';
import { sortedRuns, type Run } from './request-order.ts';

export type Backlog = {
  readonly runs: readonly Run[];
  /** Of all runs together. */
  units: number;
  /** Per run, a run at or behind it up to which nothing is left. */
  readonly skips: number[];
  /** Resources that the last run asks for, each with the least that any run of a stretch asks for; of each length in STRETCHES. */
  readonly floors: readonly Floor[];
};

type Floor = { readonly name: string; readonly levels: readonly Float64Array[] };

/** Runs are looked at in stretches of these lengths, so that those too large for what is left of a node are passed over together. */
const STRETCHES = [4096, 256, 16] as const;

/** Cost: O(shapes log shapes). */
export function backlogOf(requests: readonly ResourceRequestByCount[]): Backlog {
  const runs = sortedRuns(requests);
  return {
    runs,
    units: runs.reduce((sum, { count }) => sum + count, 0),
    skips: runs.map((_, index) => index),
    floors: runs.length < 16 ? [] : (runs.at(-1)?.request.resourcesBundle ?? []).map(([name]) => floorOf(runs, name)),
  };
}

function floorOf(runs: readonly Run[], name: string): Floor {
  const levels = STRETCHES.map((length) => new Float64Array(Math.ceil(runs.length / length)).fill(Infinity));
  for (const [index, { request }] of runs.entries()) {
    const asked = request.resourcesBundle.find(([other]) => other === name)?.[1] ?? -Infinity;
    for (const [level, length] of STRETCHES.entries()) {
      const least = levels[level];
      const at = Math.floor(index / length);
      if (least !== undefined) least[at] = Math.min(least[at] ?? Infinity, asked);
    }
  }
  return { name, levels };
}

/** What is free of the resources of `floors`, in their order. */
export function scarcity({ floors }: Backlog, freeOf: (name: string) => number): readonly number[] {
  return floors.map(({ name }) => freeOf(name));
}

/**
 * The first run at or behind `from` of which something is left and which may fit; the number of runs when there is none. A stretch is
 * passed over when all its runs ask for more of one resource than is free.
 *
 * Cost: amortized O(1) for each run that is used up, and one comparison per stretch.
 */
export function nextRun(backlog: Backlog, from: number, free: readonly number[]): number {
  const { runs, floors } = backlog;
  let index = openRun(backlog, from);
  for (;;) {
    const length = index < runs.length ? STRETCHES.find(isTooLarge) : undefined;
    if (length === undefined) return Math.min(index, runs.length);
    index = openRun(backlog, (Math.floor(index / length) + 1) * length);
  }

  function isTooLarge(length: number, level: number): boolean {
    const at = Math.floor(index / length);
    return floors.some(({ levels }, i) => (levels[level]?.[at] ?? -Infinity) > (free[i] ?? Infinity));
  }
}

/** The first run at or behind `from` of which something is left; the number of runs when there is none. Amortized O(1). */
function openRun({ runs, skips }: Backlog, from: number): number {
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

export function withdraw(backlog: Backlog, taken: readonly { readonly run: Run; readonly count: number }[]): void {
  for (const { run, count } of taken) {
    run.count -= count;
    backlog.units -= count;
  }
}
