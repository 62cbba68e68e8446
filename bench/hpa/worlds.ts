/** The worlds of the HPA bench, in the order of its table. */

import type { Goal } from '../measure/comparison.ts';

/**
 * What is timed. `core`: decisions alone, all answers at hand. `clients`: with JSON on both ways, in memory. `decode`: the lists of pod
 * metrics of a whole round from bytes, and the decisions. `start`: the controller from nothing until every HPA has been synchronized.
 */
export type Layer = 'core' | 'clients' | 'decode' | 'start';

export type World = {
  readonly name: string;
  readonly layer: Layer;
  readonly hpas: number;
  readonly podsPerHpa: number;
  /** One for all, or one for each HPA. */
  readonly namespaces: 'one' | 'each';
  readonly goal: Goal;
  /** What the original's own bench calls it; absent: it has none of this size. */
  readonly original?: { readonly mode: 'core' | 'full' };
};

export const WORLDS: readonly World[] = [
  {
    name: 'one-namespace',
    layer: 'core',
    hpas: 1000,
    podsPerHpa: 10,
    namespaces: 'one',
    goal: { ms: 30 },
    original: { mode: 'core' },
  },
  {
    name: 'own-namespaces',
    layer: 'core',
    hpas: 1000,
    podsPerHpa: 10,
    namespaces: 'each',
    goal: { ms: 25 },
    original: { mode: 'core' },
  },
  {
    name: 'own-namespaces-json',
    layer: 'clients',
    hpas: 1000,
    podsPerHpa: 10,
    namespaces: 'each',
    goal: { ms: 120 },
    original: { mode: 'full' },
  },
  {
    name: 'one-namespace-json',
    layer: 'clients',
    hpas: 1000,
    podsPerHpa: 10,
    namespaces: 'one',
    goal: {},
    original: { mode: 'full' },
  },
  {
    name: 'one-target',
    layer: 'core',
    hpas: 1,
    podsPerHpa: 10_000,
    namespaces: 'one',
    goal: { ms: 8 },
    original: { mode: 'core' },
  },
  { name: 'million', layer: 'core', hpas: 10_000, podsPerHpa: 100, namespaces: 'each', goal: { ms: 1000 } },
  {
    name: 'million-decoded',
    layer: 'decode',
    hpas: 10_000,
    podsPerHpa: 100,
    namespaces: 'each',
    goal: { ms: 4000, peakMib: 600 },
  },
  { name: 'start', layer: 'start', hpas: 10_000, podsPerHpa: 10, namespaces: 'each', goal: { ms: 10_000 } },
];
