/**
 * What drivers ask of a Ray cluster, and when: tasks and actors, placement groups, `request_resources`. The built-in load and one that
 * a user gives have the same form. Pure.
 */

import type { GroupStrategy } from '../core/cluster/ray-bundles.ts';
import type { Resources } from '../core/ray/cluster-state.ts';
import { counted } from './words.ts';

export type WorkAsk = {
  readonly kind: 'task' | 'actor';
  readonly count: number;
  readonly resources: Resources;
  /** How long each computes. */
  readonly seconds: number;
};

export type GroupAsk = {
  readonly kind: 'placement-group';
  readonly name: string;
  readonly strategy: GroupStrategy;
  readonly bundles: readonly Resources[];
  /** It is removed when it has stood for so long and nothing runs or waits inside any more. */
  readonly seconds: number;
  /** Runs inside. */
  readonly inside: WorkAsk | undefined;
};

/** A call of `request_resources`: room for all of these, whatever runs, until the next call. Empty: until further notice for nothing. */
export type FloorAsk = { readonly kind: 'request-resources'; readonly bundles: readonly Resources[] };

export type RayAsk = WorkAsk | GroupAsk | FloorAsk;

/** `at`: seconds after everything is up. */
export type RayLoadStep = { readonly at: number; readonly ask: RayAsk };

/** In the order of their time; steps of one time in the order given. */
export type RayLoad = readonly RayLoadStep[];

/** `source`: the file it was read from. */
export type GivenRayLoad = { readonly steps: RayLoad; readonly source: string };

/** How many tasks and actors the load brings, inside of groups too. */
export function workOf(load: RayLoad): number {
  return load.reduce((sum, { ask }) => sum + countOf(ask), 0);
}

function countOf(ask: RayAsk): number {
  switch (ask.kind) {
    case 'task':
    case 'actor':
      return ask.count;
    case 'placement-group':
      return ask.inside?.count ?? 0;
    case 'request-resources':
      return 0;
  }
}

/** Seconds until all of it is over where nothing has to wait for anything. */
export function secondsOf(load: RayLoad): number {
  return load.reduce((longest, { at, ask }) => Math.max(longest, at + lengthOf(ask)), 0);
}

function lengthOf(ask: RayAsk): number {
  switch (ask.kind) {
    case 'task':
    case 'actor':
      return ask.seconds;
    case 'placement-group':
      return Math.max(ask.seconds, ask.inside?.seconds ?? 0);
    case 'request-resources':
      return 0;
  }
}

/** `30 tasks of 1 CPU, 60 s of work each`. */
export function workText({ kind, count, resources, seconds }: WorkAsk): string {
  return `${counted(count, kind)} of ${resourcesText(resources)}, ${seconds} s of work each`;
}

/** `3 bundles of 1 CPU`, `2 bundles: 1 CPU, 1 GPU`. */
export function bundlesText(bundles: readonly Resources[]): string {
  const texts = bundles.map(resourcesText);
  const count = counted(bundles.length, 'bundle');
  return new Set(texts).size <= 1 ? `${count} of ${texts[0] ?? 'nothing'}` : `${count}: ${texts.join(', ')}`;
}

/** `1 CPU + 2 GPU`. */
export function resourcesText(resources: Resources): string {
  return resources.length === 0 ? 'nothing' : resources.map(([name, amount]) => `${amount} ${name}`).join(' + ');
}
