/** The worlds of the Ray scheduler's bench, in the order of its table. A new one is an entry of WORLDS. */

import type { RayCase } from '../../src/sim/ray-cases.types.ts';
import { grouped } from '../measure/figures.ts';
import type { Goal } from '../measure/comparison.ts';
import { caseOf, demands, FREE, FULL, packGangs, PARTLY_FREE, spreadGangs, type Size, type Workers } from './parts.ts';

export type World = {
  /** Names it on the command line. */
  readonly name: string;
  /** What it is, without its size. */
  readonly about: string;
  readonly size: Size;
  readonly goal: Goal;
  /** What the old generation of our process is held to; V8 by itself lets garbage of many rounds lie where there is room. */
  readonly heapMib?: number;
  readonly make: (size: Size) => RayCase;
};

const CLUSTER: Size = { nodes: 1337, waiting: 13_315 };
const GANGS: Size = { nodes: 1337, waiting: 300 };
const BIG: Size = { nodes: 10_000, waiting: 100_000 };

/** Workers and shapes of demands are all there is to most worlds. */
function pending(
  workers: Workers,
  shapes: number | 'all different',
  options: { readonly selecting?: boolean } = {},
): World['make'] {
  return (size) =>
    caseOf(size, workers, {
      demands: demands(size.waiting, shapes === 'all different' ? size.waiting : shapes, options),
    });
}

function packing(workers: Workers): World['make'] {
  return (size) => caseOf(size, workers, { gangs: packGangs(size.waiting) });
}

function spreading(workers: Workers): World['make'] {
  return (size) => caseOf(size, workers, { gangs: spreadGangs(size.waiting) });
}

const EVERYTHING: Workers = { ...PARTLY_FREE, groups: 20, ownStores: true, ownLabels: true };
const RAGGED: Workers = { ...PARTLY_FREE, ownFreeMemory: true };

export const WORLDS: readonly World[] = [
  // those with a goal
  { name: 'full', about: 'full, one shape', size: CLUSTER, goal: { ms: 25 }, make: pending(FULL, 1) },
  { name: 'partial', about: 'partly free, one shape', size: CLUSTER, goal: { ms: 50 }, make: pending(PARTLY_FREE, 1) },
  { name: 'mixed', about: 'partly free, 20 shapes', size: CLUSTER, goal: { ms: 80 }, make: pending(PARTLY_FREE, 20) },
  {
    name: 'distinct',
    about: 'full, all different',
    size: CLUSTER,
    goal: { ms: 700 },
    make: pending(FULL, 'all different'),
  },
  {
    name: 'spread-100',
    about: 'STRICT_SPREAD groups of 8, all free',
    size: { nodes: 500, waiting: 100 },
    goal: { ms: 60 },
    make: spreading(FREE),
  },
  {
    name: 'spread-500',
    about: 'STRICT_SPREAD groups of 8, all free',
    size: { nodes: 500, waiting: 500 },
    goal: { ms: 200 },
    make: spreading(FREE),
  },
  { name: 'gangs', about: 'gangs of 4, partly free', size: GANGS, goal: { ms: 200 }, make: packing(PARTLY_FREE) },
  {
    name: 'big',
    about: 'partly free, 50 shapes; a heap of 128 MiB',
    size: BIG,
    goal: { ms: 1000, peakMib: 256e6 / 2 ** 20 }, // 256 MB
    heapMib: 128,
    make: pending(PARTLY_FREE, 50),
  },
  {
    name: 'quiet',
    about: 'a quiet round, nothing to do',
    size: { nodes: 1337, waiting: 0 },
    goal: { ms: 5 },
    make: (size) => caseOf(size, FULL, {}),
  },
  // nodes that are not alike: none of these may fall back to the cost of single nodes
  {
    name: 'stores',
    about: '20 shapes, object stores all different',
    size: CLUSTER,
    goal: {},
    make: pending({ ...PARTLY_FREE, ownStores: true }, 20),
  },
  {
    name: 'labels',
    about: '20 shapes, labels all different',
    size: CLUSTER,
    goal: {},
    make: pending({ ...PARTLY_FREE, ownLabels: true }, 20),
  },
  {
    name: 'groups',
    about: '20 shapes, 20 worker groups',
    size: CLUSTER,
    goal: {},
    make: pending({ ...PARTLY_FREE, groups: 20 }, 20),
  },
  {
    name: 'selectors',
    about: '20 shapes with label selectors, labels all different',
    size: CLUSTER,
    goal: {},
    make: pending({ ...PARTLY_FREE, ownLabels: true }, 20, { selecting: true }),
  },
  {
    name: 'everything',
    about: '20 shapes with selectors, 20 groups, stores and labels all different',
    size: CLUSTER,
    goal: {},
    make: pending(EVERYTHING, 20, { selecting: true }),
  },
  {
    name: 'everything-gangs',
    about: 'gangs of 4, 20 groups, stores and labels all different',
    size: GANGS,
    goal: {},
    make: packing(EVERYTHING),
  },
  { name: 'gangs-full', about: 'gangs of 4, full', size: GANGS, goal: {}, make: packing(FULL) },
  { name: 'ragged', about: '20 shapes, free memory all different', size: CLUSTER, goal: {}, make: pending(RAGGED, 20) },
  {
    name: 'ragged-gangs',
    about: 'gangs of 4, free memory all different',
    size: GANGS,
    goal: {},
    make: packing(RAGGED),
  },
  { name: 'ragged-big', about: '50 shapes, free memory all different', size: BIG, goal: {}, make: pending(RAGGED, 50) },
];

/** At one of `shrink` parts of its size, at least one of each. */
export function sizeOf({ size }: World, shrink: number): Size {
  const part = (count: number): number => (count === 0 ? 0 : Math.max(1, Math.round(count / shrink)));
  return { nodes: part(size.nodes), waiting: part(size.waiting) };
}

/** As the tables name it: `1,337 x 13,315, full, one shape`. */
export function describe(
  { name, about }: World,
  { nodes, waiting }: Size,
): { readonly world: string; readonly about: string } {
  return { world: name, about: `${grouped(nodes)} x ${grouped(waiting)}, ${about}` };
}

/** Its one line of the case form. */
export function lineOf(world: World, size: Size): string {
  return JSON.stringify({ id: `${world.name}-${size.nodes}x${size.waiting}`, ...world.make(size) });
}
