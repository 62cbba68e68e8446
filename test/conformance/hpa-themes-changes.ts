/** Themes in which something else changes than the load: targets that come and go, other kinds of targets, the HPA itself, the metrics API. */

import type { MetricSpec } from '../../src/core/kube/hpa.ts';
import type { MetricRule, UsageRule } from './bed/bed.ts';
import type { Theme } from './hpa-themes.ts';
import {
  cpuPercent,
  deployment,
  depthPerPod,
  gadget,
  GADGET_API,
  HELD_DOWN,
  hpa,
  passing,
  READY,
  resourceValue,
  rest,
  workload,
} from './hpa-themes-objects.ts';

const depth = (value: string): readonly MetricRule[] => [{ metric: 'depth', external: { queue: 'a' }, value }];
const cpu = (cpuTotal: string): readonly UsageRule[] => [{ selector: {}, cpuTotal }];
const OTHER_QUEUE: MetricRule = { metric: 'depth', external: { queue: 'b' }, value: '10' };
const EACH: readonly UsageRule[] = [{ selector: {}, cpu: '100m' }];
const PER_POD: readonly MetricSpec[] = [depthPerPod('10')];
const AT_ONCE = { scaleDown: { stabilizationWindowSeconds: 0 } };
const THREE = ['3 of 3 replicas', READY];
const ONE = ['1 of 1 replicas', READY];

export const CHANGE_THEMES: readonly Theme[] = [
  {
    name: 'target',
    objects: [deployment('web')],
    before: { metrics: depth('30') },
    hpas: [hpa('web', PER_POD)],
    steps: [
      { inputs: {}, rests: [rest('web', 'to three', 'external depth at 10', ...THREE)] },
      {
        inputs: { remove: 'deployment/web' },
        rests: [rest('web', 'without a target', 'AbleToScale=False FailedGetScale')],
      },
      {
        inputs: { apply: [deployment('web')] },
        rests: [rest('web', 'the target is back', 'external depth at 10', ...THREE)],
      },
    ],
  },
  {
    name: 'edited',
    objects: [deployment('web')],
    before: { metrics: depth('30') },
    hpas: [hpa('web', PER_POD)],
    steps: [
      { inputs: {}, rests: [rest('web', 'to three', 'external depth at 10', ...THREE)] },
      {
        inputs: { apply: [hpa('web', PER_POD, { maxReplicas: 2 })] },
        rests: [rest('web', 'a lower maximum', 'generation 2', '2 of 2 replicas', READY, 'TooManyReplicas')],
      },
      {
        inputs: { apply: [hpa('web', PER_POD, { minReplicas: 4, maxReplicas: 6 })] },
        rests: [rest('web', 'a higher minimum', 'generation 3', '4 of 4 replicas', READY, 'TooFewReplicas')],
      },
      {
        inputs: { apply: [hpa('web', [depthPerPod('5')], { minReplicas: 4, maxReplicas: 6 })] },
        rests: [rest('web', 'a lower target', 'generation 4', '6 of 6 replicas', READY, 'DesiredWithinRange')],
      },
      {
        inputs: { apply: [hpa('web', PER_POD, { maxReplicas: 6 })] },
        rests: [passing('web', 'held back', 'generation 5', '6 of 6 replicas', HELD_DOWN)],
      },
      {
        // while the fall is held back
        inputs: { apply: [hpa('web', PER_POD, { maxReplicas: 6, behavior: AT_ONCE })] },
        rests: [rest('web', 'no window any more', 'generation 6', 'external depth at 10', ...THREE)],
      },
      {
        inputs: { apply: [hpa('web', [depthPerPod('10', 'other')])] },
        rests: [rest('web', 'a metric of nothing', 'generation 7', 'ScalingActive=False FailedGetExternalMetric')],
      },
    ],
  },
  {
    name: 'statefulset',
    objects: [workload({ kind: 'StatefulSet', name: 'web' })],
    before: { usage: cpu('100m') },
    hpas: [
      hpa('web', [cpuPercent(50)], { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' } }),
    ],
    steps: [
      { inputs: {}, rests: [rest('web', 'quiet', 'cpu at 50 % (100m)', ...ONE)] },
      { inputs: { usage: cpu('300m') }, rests: [rest('web', 'to three', 'cpu at 50 % (100m)', ...THREE)] },
      { inputs: { usage: cpu('60m') }, rests: [rest('web', 'quiet again', 'cpu at 30 % (60m)', ...ONE)] },
    ],
  },
  {
    name: 'custom-resource',
    objects: [gadget('web')],
    before: { usage: cpu('100m') },
    hpas: [
      hpa('web', [resourceValue('cpu', '100m')], {
        scaleTargetRef: { apiVersion: GADGET_API, kind: 'Gadget', name: 'web' },
      }),
    ],
    steps: [
      { inputs: {}, rests: [rest('web', 'quiet', 'cpu at 100m', ...ONE)] },
      { inputs: { usage: cpu('300m') }, rests: [rest('web', 'to three', 'cpu at 100m', ...THREE)] },
      { inputs: { usage: cpu('60m') }, rests: [rest('web', 'quiet again', 'cpu at 60m', ...ONE)] },
    ],
  },
  {
    // a warning is repeated at each sync, and after 25 the rest of an HPA's are dropped: what is compared is told at the first one
    name: 'metrics-api-away',
    alone: true,
    objects: [deployment('cpu'), deployment('up'), deployment('down', 3)],
    before: { usage: EACH, metrics: [...depth('10'), OTHER_QUEUE] },
    hpas: [
      hpa('cpu', [cpuPercent(50)]),
      hpa('up', [cpuPercent(50), depthPerPod('10')]),
      hpa('down', [cpuPercent(50), depthPerPod('10', 'b')]),
    ],
    steps: [
      {
        inputs: {},
        rests: [
          rest('cpu', 'quiet', 'cpu at 50 % (100m)', ...ONE),
          rest('up', 'quiet', 'cpu at 50 % (100m)', ...ONE),
          rest('down', 'held up by its cpu', 'cpu at 50 % (100m)', ...THREE),
        ],
      },
      {
        inputs: { away: 'apis' },
        rests: [
          rest('cpu', 'without the API', 'ScalingActive=False FailedGetResourceMetric'),
          // the other metric wants no less than there is, or it does
          rest('up', 'one of two metrics', 'no metric, external depth at 10', 'ScalingActive=True'),
          rest('down', 'not down by one of two', '3 of 3 replicas', 'ScalingActive=False FailedGetResourceMetric'),
        ],
      },
      {
        inputs: { metrics: [...depth('30'), OTHER_QUEUE] },
        rests: [rest('up', 'up by the other metric', 'no metric, external depth at 10', ...THREE)],
      },
      {
        inputs: { away: 'none' },
        rests: ['cpu', 'up', 'down'].map((name) =>
          rest(name, 'the API is back', 'cpu at 50 % (100m)', 'ScalingActive=True', READY),
        ),
      },
    ],
  },
  {
    name: 'metrics-servers-away',
    alone: true,
    objects: [deployment('cpu'), deployment('both')],
    before: { usage: EACH, metrics: depth('10') },
    hpas: [hpa('cpu', [cpuPercent(50)]), hpa('both', [cpuPercent(50), depthPerPod('10')])],
    steps: [
      {
        inputs: {},
        rests: [
          rest('cpu', 'quiet', 'cpu at 50 % (100m)', ...ONE),
          rest('both', 'quiet', 'cpu at 50 % (100m)', ...ONE),
        ],
      },
      {
        inputs: { away: 'servers' },
        rests: ['cpu', 'both'].map((name) =>
          rest(name, 'none is reached', 'ScalingActive=False FailedGetResourceMetric', 'currently unable'),
        ),
      },
      {
        inputs: { away: 'none', usage: [{ selector: { app: 'cpu' }, cpuTotal: '300m' }, ...EACH] },
        rests: [
          rest('cpu', 'they are back', 'cpu at 50 % (100m)', ...THREE),
          rest('both', 'they are back', 'cpu at 50 % (100m)', ...ONE),
        ],
      },
    ],
  },
];
