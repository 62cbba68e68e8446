/** HPA objects as people send them, both versions. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { makeBehavior, makeMetricSelector } from './hpa-generator-parts.ts';
import type { Dice } from './ray-dice.ts';

const REFERENCE = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const QUANTITIES = ['1', '100m', '1.5', '2Gi', '1k', '1000m', '0.5', '1e3', '100'];

function metric(dice: Dice): Fields {
  const amount = (): string => dice.pick(QUANTITIES);
  const named = { name: dice.pick(['q', 'hits', 'rps']), selector: makeMetricSelector(dice, 0.2) };
  const whole: Fields = { type: 'Value', value: amount() };
  const average: Fields = { type: 'AverageValue', averageValue: amount() };
  const used = dice.chance(0.6) ? { type: 'Utilization', averageUtilization: dice.pick([1, 50, 80, 200]) } : average;
  const resource = dice.pick(['cpu', 'cpu', 'memory', 'example.com/gpu']);
  return dice.pick<Fields>([
    { type: 'Resource', resource: { name: resource, target: used } },
    { type: 'Resource', resource: { name: resource, target: used } },
    {
      type: 'ContainerResource',
      containerResource: { name: dice.pick(['cpu', 'memory']), container: 'c', target: used },
    },
    { type: 'Pods', pods: { metric: named, target: average } },
    {
      type: 'Object',
      object: { describedObject: describedObject(dice), metric: named, target: dice.pick([whole, average]) },
    },
    { type: 'External', external: { metric: named, target: dice.pick([whole, average]) } },
  ]);
}

function describedObject(dice: Dice): Fields {
  return dice.pick<Fields>([
    { apiVersion: 'v1', kind: 'Service', name: 'front' },
    { kind: 'Service', name: 'front' },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
  ]);
}

export function makeObject(dice: Dice): Fields {
  const metrics = dice.perhaps(0.85, () => dice.times(dice.pick([0, 1, 1, 2, 3]), () => metric(dice)));
  return {
    metadata: { name: dice.pick(['web', 'web', 'a.b-c']), ...(dice.chance(0.2) ? { namespace: 'team-a' } : {}) },
    spec: {
      scaleTargetRef: REFERENCE,
      ...(dice.chance(0.7) ? { minReplicas: dice.pick([0, 1, 2, 5]) } : {}),
      maxReplicas: dice.pick([1, 5, 5, 10, 1000]),
      metrics,
      behavior: dice.perhaps(0.4, () => makeBehavior(dice)),
    },
    ...(dice.chance(0.3) ? { status: makeStatus(dice) } : {}),
  };
}

function makeStatus(dice: Dice): Fields {
  const conditions = dice.times(dice.pick([0, 1, 2]), () => ({
    type: dice.pick(['AbleToScale', 'ScalingActive', 'X']),
    status: dice.pick(['True', 'False', 'Unknown']),
    reason: 'R',
    message: dice.pick(['m', '', 'with "quotes" <&>']),
    ...(dice.chance(0.7) ? { lastTransitionTime: '2026-02-01T00:00:00Z' } : {}),
    ...(dice.chance(0.1) ? { observedGeneration: dice.pick([0, 3, -1]) } : {}),
  }));
  const current = (): Fields =>
    dice.pick<Fields>([{ averageValue: '5m' }, { value: '3' }, { averageUtilization: 30, averageValue: '1' }, {}]);
  const metrics = dice.times(dice.pick([0, 1, 2, 3]), () =>
    dice.pick<Fields>([
      { type: 'Resource', resource: { name: dice.pick(['cpu', 'cpu', 'memory']), current: current() } },
      { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', current: current() } },
      { type: 'Pods', pods: { metric: { name: 'rps' }, current: current() } },
      {
        type: 'Object',
        object: { metric: { name: 'hits' }, describedObject: describedObject(dice), current: current() },
      },
      {
        type: 'External',
        external: { metric: { name: 'q', selector: { matchLabels: { a: '1' } } }, current: current() },
      },
      { type: '' },
    ]),
  );
  return {
    ...(dice.chance(0.5) ? { observedGeneration: dice.pick([1, 4]) } : {}),
    ...(dice.chance(0.4) ? { lastScaleTime: '2026-02-01T12:00:00Z' } : {}),
    ...(dice.chance(0.8) ? { currentReplicas: dice.pick([0, 3, -1]) } : {}),
    desiredReplicas: dice.pick([0, 3, 3, -1]),
    currentMetrics: dice.chance(0.7) ? metrics : null,
    ...(dice.chance(0.7) ? { conditions } : {}),
  };
}

export const ALPHA = 'autoscaling.alpha.kubernetes.io';

/** v1 objects: what v1 cannot say stands in annotations, now and then not as it should. */
export function makeV1(dice: Dice): Fields {
  const metrics = (): Json =>
    dice.times(dice.pick([0, 1, 2]), () =>
      dice.pick<Fields>([
        { type: 'Resource', resource: { name: 'memory', targetAverageValue: dice.pick(QUANTITIES) } },
        { type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 50 } },
        { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', targetAverageUtilization: 50 } },
        { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '1k', selector: { matchLabels: { a: '1' } } } },
        {
          type: 'Object',
          object: { target: describedObject(dice), metricName: 'hits', targetValue: dice.pick(['0', '5']) },
        },
        {
          type: 'Object',
          object: {
            target: describedObject(dice),
            metricName: 'hits',
            targetValue: dice.pick(['0', '5']),
            averageValue: '2',
          },
        },
        { type: 'External', external: { metricName: 'q', targetAverageValue: '30' } },
        {
          type: 'External',
          external: { metricName: 'q', metricSelector: { matchLabels: { a: '1' } }, targetValue: '30' },
        },
        { type: 'Bogus' },
        {},
      ]),
    );
  const currents = (): Json =>
    dice.times(dice.pick([0, 1, 2]), () =>
      dice.pick<Fields>([
        { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 30, currentAverageValue: '10m' } },
        { type: 'External', external: { metricName: 'q', currentValue: '3', currentAverageValue: '1' } },
        { type: 'Pods', pods: { metricName: 'rps', currentAverageValue: '1' } },
        { type: 'Object', object: { target: describedObject(dice), metricName: 'hits', currentValue: '7' } },
        { type: '' },
      ]),
    );
  const behavior = (): Json =>
    dice.pick<Json>([
      {
        ScaleUp: {
          StabilizationWindowSeconds: 5,
          SelectPolicy: 'Max',
          Policies: [{ Type: 'Pods', Value: 2, PeriodSeconds: 60 }],
        },
        ScaleDown: null,
      },
      { scaleUp: { policies: [{ type: 'Percent', value: 10, periodSeconds: 15 }] } },
      { ScaleDown: { Tolerance: '100m' } },
      {},
      null,
    ]);
  const text = (make: () => Json): string =>
    dice.chance(0.08) ? dice.pick(['{', '', 'null', '[1]', '"x"']) : JSON.stringify(make());
  const annotations = {
    [`${ALPHA}/metrics`]: dice.perhaps(0.5, () => text(metrics)),
    [`${ALPHA}/current-metrics`]: dice.perhaps(0.3, () => text(currents)),
    [`${ALPHA}/conditions`]: dice.perhaps(0.3, () =>
      text(() => [
        { type: 'AbleToScale', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'r', message: 'm' },
      ]),
    ),
    [`${ALPHA}/behavior`]: dice.perhaps(0.4, () => text(behavior)),
    [`${ALPHA}/scale-up-tolerance`]: dice.perhaps(0.1, () => '0.1'),
    other: dice.perhaps(0.3, () => 'stays'),
  };
  return {
    metadata: { name: 'web', ...(dice.chance(0.8) ? { annotations } : {}) },
    spec: {
      scaleTargetRef: REFERENCE,
      ...(dice.chance(0.5) ? { minReplicas: dice.pick([0, 1, 3]) } : {}),
      maxReplicas: dice.pick([0, 5, 10]),
      ...(dice.chance(0.6) ? { targetCPUUtilizationPercentage: dice.pick([50, 80, 0, -1]) } : {}),
    },
    ...(dice.chance(0.4)
      ? {
          status: {
            currentReplicas: 3,
            desiredReplicas: dice.pick([3, 4]),
            ...(dice.chance(0.5) ? { currentCPUUtilizationPercentage: 42 } : {}),
            ...(dice.chance(0.3) ? { lastScaleTime: '2026-01-01T00:00:00Z', observedGeneration: 2 } : {}),
          },
        }
      : {}),
  };
}
