/** Metrics over pods: usage of resources, whole pods or one container, and values of pods. */

import type { Fields } from './hpa-generator-types.ts';
import { makeFailure } from './hpa-generator-errors.ts';
import {
  aimedRatio,
  ODD_NAMES,
  metricValue,
  near,
  queried,
  shares,
  valueText,
  type Making,
  type MetricDials,
  type PlannedMetric,
} from './hpa-generator-load.ts';
import { EXTREME_QUANTITIES, makeMetricSelector, quantity, TINY_QUANTITIES } from './hpa-generator-parts.ts';
import type { Scene } from './hpa-generator-pods.ts';
import type { Dice } from './ray-dice.ts';

const UTILIZATIONS = [1, 10, 30, 50, 60, 70, 80, 90, 100, 110, 150, 200, 1000];

/** Odd: one that pods have no requests of. Which pod that is told of is random, so lagging caches and failing writes go without. */
function resourceName(dice: Dice, dials: MetricDials): string {
  return dice.chance(dials.odd * 0.3) ? 'nvidia.com/gpu' : dice.pick(['cpu', 'cpu', 'memory']);
}

/** A usage target: utilization or average value, now and then both or neither. */
function usageTarget(
  dice: Dice,
  dials: MetricDials,
  unit: number,
): { readonly target: Fields; readonly of: UsageTarget } {
  if (dice.chance(dials.odd * 0.2)) {
    const target = dice.pick<Fields>([
      { type: 'Utilization' },
      { type: 'Value', value: '1' },
      { type: 'AverageValue', value: '1' },
      { type: 'AverageValue', averageUtilization: 50 },
      { type: 'Utilization', averageUtilization: 50, averageValue: '50m' },
    ]);
    return { target, of: { kind: 'utilization', percent: 50 } };
  }
  if (dice.chance(0.55)) {
    const percent = dice.chance(dials.extreme) ? dice.pick([1, 2_147_483_647, 1_000_000_000]) : dice.pick(UTILIZATIONS);
    return { target: { type: 'Utilization', averageUtilization: percent }, of: { kind: 'utilization', percent } };
  }
  return averageTarget(dice, dials, unit);
}

type UsageTarget =
  { readonly kind: 'utilization'; readonly percent: number } | { readonly kind: 'average'; readonly milli: number };

function averageTarget(
  dice: Dice,
  dials: MetricDials,
  unit: number,
): { readonly target: Fields; readonly of: Extract<UsageTarget, { kind: 'average' }> } {
  if (dice.chance(dials.extreme)) {
    const text = dice.pick([...EXTREME_QUANTITIES, ...TINY_QUANTITIES]);
    return { target: { type: 'AverageValue', averageValue: text }, of: { kind: 'average', milli: 1000 } };
  }
  const milli = unit * dice.pick([1, 10, 50, 100, 333, 1000, 3]);
  return { target: { type: 'AverageValue', averageValue: quantity(dice, milli) }, of: { kind: 'average', milli } };
}

/** Percentages of a few thousandths that no int32 holds. */
const HUGE_SUMS = [21_474_837, 42_949_673, 6_442_450_944, 1e12, 9e15];

/** What all pods together use so that the ratio comes out as aimed. */
function aimedSum(
  dice: Dice,
  scene: Scene,
  {
    of,
    dials,
    requests,
    count,
  }: { readonly of: UsageTarget; readonly requests: number; readonly count: number } & Pick<Making, 'dials'>,
): number {
  if (dice.chance(dials.extreme * 0.4)) return dice.pick(HUGE_SUMS);
  const ratio = aimedRatio(dice, scene, dials.idle);
  if (of.kind === 'average') return near(dice, Math.round(ratio * of.milli) * count + dice.pick([0, 0, count - 1, -1]));
  return near(dice, Math.ceil((Math.round(ratio * of.percent) * requests) / 100));
}

function unitOf(resource: string): number {
  return resource === 'memory' ? 1_000_000 : 1;
}

export function makeResource(dice: Dice, { pods, dials }: Making): PlannedMetric {
  const name = resourceName(dice, dials);
  const { target, of } = usageTarget(dice, dials, unitOf(name));
  const load: PlannedMetric['load'] = (now, into, scene) => {
    const requests = pods.reduce((sum, pod) => sum + (pod.requests[name] ?? 0), 0);
    const each = shares(
      now,
      aimedSum(now, scene, { of, dials, requests, count: pods.length }),
      Math.max(1, pods.length),
    );
    for (const [i, pod] of pods.entries()) {
      const parts = shares(now, each[i] ?? 0, pod.containers.length);
      for (const [j, container] of pod.containers.entries()) into.use(pod.name, container, name, parts[j] ?? 0);
    }
  };
  return { spec: { type: 'Resource', resource: { name, target } }, load };
}

export function makeContainerResource(dice: Dice, { pods, dials }: Making): PlannedMetric {
  const name = resourceName(dice, dials);
  const container = dice.chance(dials.odd) ? dice.pick(['d', 'side', 'i0', 'nobody']) : 'c';
  const { target, of } = usageTarget(dice, dials, unitOf(name));
  const load: PlannedMetric['load'] = (now, into, scene) => {
    const having = pods.filter((pod) => pod.containers.includes(container) || now.chance(0.5));
    const requests = having.reduce((sum, pod) => sum + (pod.requests[name] ?? 0) / pod.containers.length, 0);
    const each = shares(
      now,
      aimedSum(now, scene, { of, dials, requests, count: having.length }),
      Math.max(1, having.length),
    );
    for (const [i, pod] of having.entries()) into.use(pod.name, container, name, each[i] ?? 0);
  };
  return { spec: { type: 'ContainerResource', containerResource: { name, container, target } }, load };
}

export function makePodsMetric(dice: Dice, { scene, pods, dials, index }: Making): PlannedMetric {
  const name = dice.pick(['rps', 'queue', `m${index}`, dice.pick(ODD_NAMES)]);
  const selector = dice.perhaps(0.4, () => makeMetricSelector(dice, dials.odd));
  const { target, of } = averageTarget(dice, dials, 100);
  const path = `namespaces/${scene.namespace}/pods/*/${name}`;
  const failure = makeFailure(dice, dials.failing);
  const load: PlannedMetric['load'] = (now, into, at) => {
    const failing = failure(now);
    if (failing === 'absent') return;
    const sum = aimedSum(now, at, { of, dials, requests: 0, count: pods.length });
    const each = shares(now, sum, Math.max(1, pods.length));
    const items = pods.flatMap((pod, i) => {
      if (now.chance(dials.failing * 0.3)) return [];
      return [
        metricValue(now, at, { kind: 'Pod', name: pod.name, metric: name, value: valueText(now, dials, each[i] ?? 0) }),
      ];
    });
    if (now.chance(0.05)) {
      items.push(metricValue(now, at, { kind: 'Pod', name: 'stranger', metric: name, value: quantity(now, of.milli) }));
    }
    into.custom.push({ path, ...queried(now, 'metricLabelSelector', selector), ...(failing ?? { items }) });
  };
  return { spec: { type: 'Pods', pods: { metric: { name, selector }, target } }, load };
}
