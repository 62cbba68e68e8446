/** Several HPAs beside each other, with pods, targets and metrics of their own, in one or two namespaces. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { ALL_TYPES } from './hpa-generator-metrics.ts';
import { instant } from './hpa-generator-parts.ts';
import { makeDraft, type Dials, type Draft } from './hpa-generator-scene.ts';
import type { Dice } from './ray-dice.ts';

const ONE: Dials = {
  pods: { unready: 0.2, phases: 0.1, requests: 0, missing: 0.05 },
  podCount: [0, 4],
  metrics: { types: ALL_TYPES, failing: 0.1, odd: 0, extreme: 0, idle: 0.02 },
  metricCount: [1, 2],
  replicas: [0, 1, 2, 3, 5],
  highest: [5, 10],
  behavior: 0.3,
  steps: [2, 4],
  zero: 0.15,
  latency: 0.1,
  settings: 0.1,
  status: 0.2,
  follows: 0.4,
  changes: 0.6,
};

/** The controller, the clock and the steps are the first one's; a step changes what every one of them changes at that place. */
export function makeFleet(dice: Dice): Fields {
  const drafts = dice.times(dice.whole(2, 4), (i) => makeDraft(dice, ONE, { app: `app${i}` }));
  const [first] = drafts;
  if (first === undefined) throw new Error('a fleet of nobody');
  const steps = first.steps.map((step, i): Fields => {
    const worlds = drafts.map((draft) => draft.steps[i]?.['world']).filter((world) => world !== undefined);
    const keys = drafts.map(keyOf);
    return {
      ...step,
      world: joined(worlds),
      ...(dice.chance(0.2) ? { sync: dice.shuffled(dice.some(keys, 0.8)) } : {}),
    };
  });
  const { podsFollowScale: _follow, ...world } = joined(drafts.map((draft) => draft.world));
  return { start: instant(first.scene.startMs), controller: first.controller, world, steps };
}

function keyOf({ scene }: Draft): string {
  return `${scene.namespace}/${scene.app}`;
}

/** Lists one after another, items of podMetrics as well. */
function joined(worlds: readonly (Json | undefined)[]): Record<string, Json> {
  const whole: Record<string, Json> = {};
  for (const world of worlds) {
    for (const [key, value] of Object.entries((world ?? {}) as Fields)) {
      // worlds are objects
      if (value === undefined) continue;
      const before = whole[key];
      if (key === 'podMetrics') whole[key] = { items: [...itemsOf(before), ...itemsOf(value)] };
      else
        whole[key] =
          Array.isArray(before) && Array.isArray(value) ? [...(before as Json[]), ...(value as Json[])] : value; // lists of JSON
    }
  }
  return whole;
}

function itemsOf(metrics: Json | undefined): readonly Json[] {
  const items = ((metrics ?? {}) as Fields)['items']; // an object or nothing
  return Array.isArray(items) ? (items as readonly Json[]) : [];
}
