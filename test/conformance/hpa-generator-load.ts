/** What the metrics of generated HPA cases have in common: how odd they may be, and the answers while they are put together. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { EXTREME_QUANTITIES, instant, metricSelectorText, quantity, TINY_QUANTITIES } from './hpa-generator-parts.ts';
import type { PlannedPod, Scene } from './hpa-generator-pods.ts';
import type { Dice } from './ray-dice.ts';

export type MetricDials = {
  /** Types to draw from. */
  readonly types: readonly string[];
  /** Answers that are errors, empty or too many. */
  readonly failing: number;
  /** Targets whose fields do not fit their type, selectors that are not valid. */
  readonly odd: number;
  /** Quantities at the ends of what fits. */
  readonly extreme: number;
  /** Moments at which nothing is used at all. */
  readonly idle: number;
};

/** Names of metrics that a URL has to spell otherwise, or may not cut. */
export const ODD_NAMES = ['http_requests.per-second', 'a b', 'ä', 'x:y', 'q+1', '*', 'Q'];

/** The answers of the metrics APIs while they are put together. */
export class Load {
  readonly usage = new Map<string, Map<string, Record<string, number>>>();
  readonly custom: Fields[] = [];
  readonly external: Fields[] = [];

  use(pod: string, container: string, resource: string, milli: number): void {
    const containers = this.usage.get(pod) ?? new Map<string, Record<string, number>>();
    this.usage.set(pod, containers);
    containers.set(container, { ...containers.get(container), [resource]: milli });
  }
}

export type PlannedMetric = {
  readonly spec: Fields;
  /** Adds the answers for one moment. */
  load(dice: Dice, load: Load, scene: Scene): void;
};

export type Making = {
  readonly scene: Scene;
  readonly pods: readonly PlannedPod[];
  readonly dials: MetricDials;
  /** Tells the metrics of one HPA apart. */
  readonly index: number;
};

/** Ratios at which something changes, and some between. */
export function aimedRatio(dice: Dice, { tolerance, replicas }: Scene, idle: number): number {
  if (dice.chance(idle)) return 0;
  return dice.pick([
    1,
    1 + tolerance,
    1 + tolerance,
    1 - tolerance,
    1 - tolerance,
    0,
    1.1,
    0.9,
    (replicas + 1) / Math.max(1, replicas),
    (replicas - 1) / Math.max(1, replicas),
    dice.whole(20, 300) / 100,
    dice.whole(20, 300) / 100,
    dice.whole(2, 40),
  ]);
}

/** A whole number near `x`, mostly the nearest. */
export function near(dice: Dice, x: number): number {
  return Math.max(0, Math.round(x) + dice.pick([0, 0, 0, 0, 1, -1, 1, -1, 500]));
}

/** So much over so many, unevenly. */
export function shares(dice: Dice, sum: number, count: number): readonly number[] {
  const base = Math.floor(sum / count);
  const list = dice.times(count, (i) => base + (i < sum - base * count ? 1 : 0));
  if (count > 1 && dice.chance(0.4)) {
    const moved = dice.whole(0, Math.min(list[0] ?? 0, 1_000_000));
    list[0] = (list[0] ?? 0) - moved;
    list[count - 1] = (list[count - 1] ?? 0) + moved;
  }
  return list;
}

export function metricValue(
  dice: Dice,
  scene: Scene,
  {
    kind,
    name,
    metric,
    value,
  }: { readonly kind: string; readonly name: string; readonly metric: string; readonly value: string },
): Fields {
  return {
    describedObject: { kind, namespace: scene.namespace, name, apiVersion: '/v1' },
    metric: { name: metric },
    timestamp: instant(scene.startMs - dice.pick([0, 15_000])),
    ...(dice.chance(0.3) ? { windowSeconds: dice.pick([0, 30, 60]) } : {}),
    value,
  };
}

/** The entry may name the query that it answers; now and then another one, so that it does not. */
export function queried(dice: Dice, parameter: string, selector: Json | undefined): Fields {
  if (dice.chance(0.7)) return {};
  return { query: { [parameter]: dice.chance(0.9) ? metricSelectorText(selector) : 'b=other' } };
}

export function valueText(dice: Dice, dials: MetricDials, milli: number): string {
  if (!dice.chance(dials.extreme)) return quantity(dice, milli);
  const text = dice.pick([...EXTREME_QUANTITIES, ...TINY_QUANTITIES]);
  return dice.chance(0.3) ? `-${text}` : text;
}
