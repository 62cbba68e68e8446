/** Metrics that are one value: of an object, or from outside. */

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
import { EXTREME_QUANTITIES, instant, makeMetricSelector, quantity, TINY_QUANTITIES } from './hpa-generator-parts.ts';
import type { Scene } from './hpa-generator-pods.ts';
import type { Dice } from './ray-dice.ts';

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

export function makeObject(dice: Dice, { scene, dials, index }: Making): PlannedMetric {
  const { path: objectPath, ...describedObject } = dice.pick(dice.chance(0.75) ? OBJECTS : ODD_OBJECTS);
  const name = dice.pick(['hits', `o${index}`, `o${index}`, dice.pick(ODD_NAMES)]);
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

export function makeExternal(dice: Dice, { scene, dials, index }: Making): PlannedMetric {
  const name = dice.pick(['q', 'q', `e${index}`, dice.pick(ODD_NAMES)]);
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
