/** Metrics of generated HPA cases: what the spec asks for, and answers that lie on the edges of what it decides. */

import type { Fields, Json } from './hpa-generator-types.ts';
import {
  EXTREME_QUANTITIES,
  instant,
  makeMetricSelector,
  metricSelectorText,
  quantity,
  TINY_QUANTITIES,
} from './hpa-generator-parts.ts';
import type { PlannedPod, Scene } from './hpa-generator-pods.ts';
import { makeFailure } from './hpa-generator-errors.ts';
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

export const ALL_TYPES = ['Resource', 'Resource', 'ContainerResource', 'Pods', 'Object', 'External'];

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

type Making = {
  readonly scene: Scene;
  readonly pods: readonly PlannedPod[];
  readonly dials: MetricDials;
  /** Tells the metrics of one HPA apart. */
  readonly index: number;
};

export function makeMetric(dice: Dice, making: Making): PlannedMetric {
  switch (dice.pick(making.dials.types)) {
    case 'Resource':
      return makeResource(dice, making);
    case 'ContainerResource':
      return makeContainerResource(dice, making);
    case 'Pods':
      return makePodsMetric(dice, making);
    case 'Object':
      return makeObject(dice, making);
    case 'External':
      return makeExternal(dice, making);
    default:
      return { spec: { type: dice.pick(['Bogus', '', 'resource']) }, load: () => undefined };
  }
}

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
function near(dice: Dice, x: number): number {
  return Math.max(0, Math.round(x) + dice.pick([0, 0, 0, 0, 1, -1, 1, -1, 500]));
}

/** So much over so many, unevenly. */
function shares(dice: Dice, sum: number, count: number): readonly number[] {
  const base = Math.floor(sum / count);
  const list = dice.times(count, (i) => base + (i < sum - base * count ? 1 : 0));
  if (count > 1 && dice.chance(0.4)) {
    const moved = dice.whole(0, Math.min(list[0] ?? 0, 1_000_000));
    list[0] = (list[0] ?? 0) - moved;
    list[count - 1] = (list[count - 1] ?? 0) + moved;
  }
  return list;
}

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

function makeResource(dice: Dice, { pods, dials }: Making): PlannedMetric {
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

function makeContainerResource(dice: Dice, { pods, dials }: Making): PlannedMetric {
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

function makePodsMetric(dice: Dice, { scene, pods, dials, index }: Making): PlannedMetric {
  const name = dice.pick(['rps', 'queue', `m${index}`]);
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

function metricValue(
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
function queried(dice: Dice, parameter: string, selector: Json | undefined): Fields {
  if (dice.chance(0.7)) return {};
  return { query: { [parameter]: dice.chance(0.9) ? metricSelectorText(selector) : 'b=other' } };
}

function valueText(dice: Dice, dials: MetricDials, milli: number): string {
  if (!dice.chance(dials.extreme)) return quantity(dice, milli);
  const text = dice.pick([...EXTREME_QUANTITIES, ...TINY_QUANTITIES]);
  return dice.chance(0.3) ? `-${text}` : text;
}

const OBJECTS = [
  { apiVersion: 'v1', kind: 'Service', name: 'front', path: 'services/front' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main', path: 'ingresses.networking.k8s.io/main' },
  { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', path: 'deployments.apps/web' },
  { apiVersion: 'apps/v9', kind: 'StatefulSet', name: 'db', path: 'statefulsets.apps/db' },
  { apiVersion: 'v1', kind: 'Pod', name: 'one', path: 'pods/one' },
  { kind: 'Service', name: 'front', path: 'services/front' },
];
const ODD_OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', name: 'elsewhere', path: 'metrics' },
  { apiVersion: 'apps/v1', kind: 'Namespace', name: 'elsewhere', path: 'metrics' },
  { apiVersion: 'g/v1', kind: 'Gizmo', name: 'x', path: 'gizmos.g/x' },
  { apiVersion: 'apps/v1', kind: 'Service', name: 'front', path: 'services.apps/front' },
  { apiVersion: 'a/b/c', kind: 'Service', name: 'front', path: 'services/front' },
  { apiVersion: 'v1', kind: 'service', name: 'front', path: 'services/front' },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    name: 'h',
    path: 'horizontalpodautoscalers.autoscaling/h',
  },
];

function makeObject(dice: Dice, { scene, dials, index }: Making): PlannedMetric {
  const { path: objectPath, ...describedObject } = dice.pick(dice.chance(0.75) ? OBJECTS : ODD_OBJECTS);
  const name = dice.pick(['hits', `o${index}`]);
  const selector = dice.perhaps(0.4, () => makeMetricSelector(dice, dials.odd));
  const { target, value } = valueTarget(dice, dials, 'object');
  const failure = makeFailure(dice, dials.failing);
  const load: PlannedMetric['load'] = (now, into, at) => {
    const failing = failure(now);
    if (failing === 'absent') return;
    const item = (): Fields =>
      metricValue(now, at, {
        kind: describedObject.kind,
        name: describedObject.name,
        metric: name,
        value: valueText(now, dials, value(now, at)),
      });
    const items = now.chance(dials.failing * 0.2) ? [item(), item()] : [item()];
    const path = `namespaces/${scene.namespace}/${objectPath}/${name}`;
    into.custom.push({ path, ...queried(now, 'metricLabelSelector', selector), ...(failing ?? { items }) });
  };
  return { spec: { type: 'Object', object: { describedObject, metric: { name, selector }, target } }, load };
}

/** A target of the whole or per pod, and a value so that the ratio comes out as aimed. */
function valueTarget(
  dice: Dice,
  dials: MetricDials,
  source: 'object' | 'external',
): { readonly target: Fields; readonly value: (dice: Dice, scene: Scene) => number } {
  const milli = dice.pick([1000, 10_000, 10_000, 100_000, 333, 1, 7000, 1500]);
  const text = dice.chance(dials.extreme)
    ? dice.pick([...EXTREME_QUANTITIES, ...TINY_QUANTITIES])
    : quantity(dice, milli);
  const whole = dice.chance(0.5);
  const value = (now: Dice, scene: Scene): number => {
    const pods = whole ? 1 : scene.statusReplicas;
    return near(now, Math.round(aimedRatio(now, scene, dials.idle) * milli * pods));
  };
  if (!dice.chance(dials.odd * 0.25)) {
    return { target: whole ? { type: 'Value', value: text } : { type: 'AverageValue', averageValue: text }, value };
  }
  const target = dice.pick<Fields>([
    { type: 'Value' },
    { type: 'AverageValue', value: text },
    { type: 'Value', averageValue: text },
    { type: 'Utilization', averageUtilization: 50 },
    { type: 'Utilization', value: text },
    { type: source === 'object' ? 'Value' : 'AverageValue', value: text, averageValue: text },
  ]);
  return { target, value };
}

function makeExternal(dice: Dice, { scene, dials, index }: Making): PlannedMetric {
  const name = dice.pick(['q', `e${index}`]);
  const selector = dice.perhaps(0.5, () => makeMetricSelector(dice, dials.odd));
  const { target, value } = valueTarget(dice, dials, 'external');
  const path = `namespaces/${scene.namespace}/${name}`;
  const failure = makeFailure(dice, dials.failing);
  const load: PlannedMetric['load'] = (now, into, at) => {
    const failing = failure(now);
    if (failing === 'absent') return;
    const count = now.pick([1, 1, 1, 2, 3]);
    const items = shares(now, value(now, at), count).map((milli, i) => ({
      metricName: name,
      metricLabels: i === 0 ? {} : { shard: `${i}` },
      timestamp: instant(at.startMs),
      value: valueText(now, dials, milli),
    }));
    into.external.push({ path, ...queried(now, 'labelSelector', selector), ...(failing ?? { items }) });
  };
  return { spec: { type: 'External', external: { metric: { name, selector }, target } }, load };
}
