/** One theme for each source of metrics: up and down again. What pods share is divided among them, so that a rest is one and the same however the pods came. */

import type { MetricSpec } from '../../src/core/kube/hpa.ts';
import type { MetricRule, UsageRule } from './bed/bed.ts';
import type { Theme } from './hpa-themes.ts';
import {
  cpuPercent,
  deployment,
  depthPerPod,
  hpa,
  HELD_DOWN,
  passing,
  READY,
  resourceValue,
  rest,
  service,
} from './hpa-themes-objects.ts';

const WEB = { app: 'web' };
const UP = ['3 of 3 replicas', READY];
const DOWN = ['1 of 1 replicas', READY];
const HELD = ['3 of 3 replicas', HELD_DOWN];

const cpu = (cpuTotal: string): readonly UsageRule[] => [{ selector: WEB, cpuTotal }];
const memory = (memoryTotal: string): readonly UsageRule[] => [{ selector: WEB, memoryTotal }];
/** The proxy's use is far above any target, and does not count. */
const main = (cpuTotal: string): readonly UsageRule[] => [
  { selector: WEB, containers: { main: { cpuTotal }, proxy: { cpu: '2' } } },
];

const CONTAINER_PERCENT: MetricSpec = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 80 } },
};
const CONTAINER_VALUE: MetricSpec = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'main', target: { type: 'AverageValue', averageValue: '80m' } },
};

const requests = (total: string): readonly MetricRule[] => [{ metric: 'requests', pods: WEB, total }];
const PODS: MetricSpec = {
  type: 'Pods',
  pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } },
};

const FRONT = { apiVersion: 'v1', kind: 'Service', name: 'front' };
const waiting = (value: string): readonly MetricRule[] => [
  { metric: 'waiting', object: 'services/front', value },
  { metric: 'sessions', object: 'metrics', value },
];
const OBJECT_VALUE: MetricSpec = {
  type: 'Object',
  object: { describedObject: FRONT, metric: { name: 'waiting' }, target: { type: 'Value', value: '10' } },
};
const OBJECT_PER_POD: MetricSpec = {
  type: 'Object',
  object: { describedObject: FRONT, metric: { name: 'waiting' }, target: { type: 'AverageValue', averageValue: '10' } },
};
const NAMESPACE_PER_POD: MetricSpec = {
  type: 'Object',
  object: {
    describedObject: { apiVersion: 'v1', kind: 'Namespace', name: 'of-the-hpa' },
    metric: { name: 'sessions' },
    target: { type: 'AverageValue', averageValue: '10' },
  },
};

/** Two series of the queue that is asked for, and one of another. */
const depth = (value: string): readonly MetricRule[] => [
  { metric: 'depth', external: { queue: 'a', shard: '1' }, value },
  { metric: 'depth', external: { queue: 'a', shard: '2' }, value },
  { metric: 'depth', external: { queue: 'b' }, value: '1000' },
];
const EXTERNAL_VALUE: MetricSpec = {
  type: 'External',
  external: {
    metric: { name: 'depth', selector: { matchExpressions: [{ key: 'queue', operator: 'In', values: ['a'] }] } },
    target: { type: 'Value', value: '10' },
  },
};

export const METRIC_THEMES: readonly Theme[] = [
  {
    name: 'cpu',
    objects: [deployment('web')],
    before: { usage: cpu('100m') },
    hpas: [hpa('web', [cpuPercent(50)])],
    steps: [
      { inputs: {}, rests: [rest('web', 'quiet', 'cpu at 50 % (100m)', READY)] },
      { inputs: { usage: cpu('300m') }, rests: [rest('web', 'to three', 'cpu at 50 % (100m)', ...UP)] },
      { inputs: { usage: cpu('306m') }, rests: [rest('web', 'within the tolerance', 'cpu at 51 % (102m)', ...UP)] },
      {
        inputs: { usage: cpu('500m') },
        rests: [rest('web', 'to five', '5 of 5 replicas', 'cpu at 50 % (100m)', READY)],
      },
      {
        inputs: { usage: cpu('100m') },
        rests: [
          passing('web', 'held back', '5 of 5 replicas', 'cpu at 10 % (20m)', HELD_DOWN),
          rest('web', 'quiet again', 'cpu at 50 % (100m)', ...DOWN),
        ],
      },
    ],
  },
  {
    name: 'memory',
    objects: [deployment('web')],
    before: { usage: memory('60Mi') },
    hpas: [hpa('web', [resourceValue('memory', '60Mi')])],
    steps: [
      { inputs: {}, rests: [rest('web', 'quiet', 'memory at 60Mi', READY)] },
      { inputs: { usage: memory('180Mi') }, rests: [rest('web', 'to three', 'memory at 60Mi', ...UP)] },
      {
        inputs: { usage: memory('60Mi') },
        rests: [
          passing('web', 'held back', 'memory at 20Mi', ...HELD),
          rest('web', 'quiet again', 'memory at 60Mi', ...DOWN),
        ],
      },
    ],
  },
  {
    name: 'container-resource',
    objects: [deployment('web')],
    before: { usage: main('80m') },
    hpas: [hpa('web', [CONTAINER_PERCENT])],
    steps: [
      { inputs: {}, rests: [rest('web', 'only the proxy is busy', 'main cpu at 80 % (80m)', READY)] },
      { inputs: { usage: main('240m') }, rests: [rest('web', 'to three', 'main cpu at 80 % (80m)', ...UP)] },
      {
        inputs: { apply: [hpa('web', [CONTAINER_VALUE])] },
        rests: [rest('web', 'the same as a value', 'main cpu at 80m', 'generation 2', ...UP)],
      },
      {
        inputs: { usage: main('60m') },
        rests: [rest('web', 'quiet again', 'main cpu at 60m', ...DOWN)],
      },
    ],
  },
  {
    name: 'pods',
    objects: [deployment('web')],
    before: { metrics: requests('10') },
    hpas: [hpa('web', [PODS])],
    steps: [
      { inputs: {}, rests: [rest('web', 'quiet', 'pods requests at 10', READY)] },
      { inputs: { metrics: requests('30') }, rests: [rest('web', 'to three', 'pods requests at 10', ...UP)] },
      {
        inputs: { metrics: requests('10') },
        rests: [
          passing('web', 'held back', 'pods requests at 3333m', ...HELD),
          rest('web', 'quiet again', 'pods requests at 10', ...DOWN),
        ],
      },
    ],
  },
  {
    name: 'object',
    objects: [service('front'), deployment('value'), deployment('per-pod'), deployment('space')],
    before: { metrics: waiting('10') },
    hpas: [
      hpa('value', [OBJECT_VALUE], { maxReplicas: 4 }),
      hpa('per-pod', [OBJECT_PER_POD]),
      hpa('space', [NAMESPACE_PER_POD]),
    ],
    steps: [
      {
        inputs: {},
        rests: [
          rest('value', 'quiet', 'Service waiting at 10', READY),
          rest('per-pod', 'quiet', 'Service waiting at 10', READY),
          rest('space', 'quiet', 'Namespace sessions at 10', READY),
        ],
      },
      {
        inputs: { metrics: waiting('30') },
        rests: [
          // a value is not shared: three times as many as are ready, until the maximum
          rest('value', 'to the maximum', '4 of 4 replicas', 'Service waiting at 30', READY, 'TooManyReplicas'),
          rest('per-pod', 'to three', 'Service waiting at 10', ...UP),
          rest('space', 'to three', 'Namespace sessions at 10', ...UP),
        ],
      },
      {
        inputs: { metrics: waiting('5') },
        rests: [
          rest('value', 'to the minimum', 'Service waiting at 5', ...DOWN),
          rest('per-pod', 'to one', 'Service waiting at 5', ...DOWN),
          rest('space', 'to one', 'Namespace sessions at 5', ...DOWN),
        ],
      },
    ],
  },
  {
    name: 'external',
    objects: [deployment('value'), deployment('per-pod')],
    before: { metrics: depth('5') },
    hpas: [hpa('value', [EXTERNAL_VALUE], { maxReplicas: 4 }), hpa('per-pod', [depthPerPod('10')])],
    steps: [
      {
        inputs: {},
        rests: [
          rest('value', 'quiet', 'external depth at 10', READY),
          rest('per-pod', 'quiet', 'external depth at 10', READY),
        ],
      },
      {
        inputs: { metrics: depth('15') },
        rests: [
          rest('value', 'to the maximum', '4 of 4 replicas', 'external depth at 30', READY, 'TooManyReplicas'),
          rest('per-pod', 'to three', 'external depth at 10', ...UP),
        ],
      },
      {
        inputs: { metrics: depth('2500m') },
        rests: [
          rest('value', 'to the minimum', 'external depth at 5', ...DOWN),
          rest('per-pod', 'to one', 'external depth at 5', ...DOWN),
        ],
      },
    ],
  },
];
