import { expect, test } from 'vitest';
import { at, START } from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerStatus } from '../kube/hpa.ts';
import { isSameStatus, rebuildStatus } from './status.ts';

const OLD: HorizontalPodAutoscalerStatus = {
  observedGeneration: 1,
  lastScaleTime: at(-60),
  currentReplicas: 2,
  desiredReplicas: 2,
  currentMetrics: [
    { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '1', averageUtilization: 50 } } },
  ],
  conditions: [{ type: 'AbleToScale', status: 'True', reason: 'r', message: 'm', lastTransitionTime: at(-60) }],
};

const metric = (averageValue: string): NonNullable<HorizontalPodAutoscalerStatus['currentMetrics']> => [
  { type: 'Resource', resource: { name: 'cpu', current: { averageValue, averageUtilization: 50 } } },
];

test.each<[string, HorizontalPodAutoscalerStatus, boolean]>([
  ['HPA-10.3 the same content', structuredClone(OLD), true],
  ['HPA-10.3 quantities compare by value', { ...OLD, currentMetrics: metric('1000m') }, true],
  ['HPA-10.3 another value', { ...OLD, currentMetrics: metric('1001m') }, false],
  ['HPA-10.3 times compare by instant', { ...OLD, lastScaleTime: at(-60).replace('Z', '+00:00') }, true],
  ['HPA-10.3 another time', { ...OLD, lastScaleTime: at(-59) }, false],
  ['HPA-10.3 a missing metric', { ...OLD, currentMetrics: null }, false],
  [
    'HPA-10.3 another message',
    { ...OLD, conditions: [{ ...OLD.conditions?.[0], type: 'AbleToScale', status: 'True', message: 'n' }] },
    false,
  ],
  ['HPA-10.3 another generation', { ...OLD, observedGeneration: 2 }, false],
])('%s', (_name, other, want) => {
  expect([isSameStatus(OLD, other), isSameStatus(other, OLD)]).toEqual([want, want]);
});

test('HPA-10.3 an absent list is an empty one, absent replicas are 0', () => {
  expect(
    isSameStatus(
      { desiredReplicas: 0 },
      { desiredReplicas: 0, currentReplicas: 0, currentMetrics: [], conditions: [] },
    ),
  ).toBe(true);
});

test('HPA-10.1 a rebuild keeps the last scale time and leaves out what is empty', () => {
  const input = { old: OLD, generation: 4, desiredReplicas: 0, currentMetrics: null, conditions: [] };
  expect(rebuildStatus({ ...input, currentReplicas: 0, scaledAt: undefined })).toEqual({
    observedGeneration: 4,
    lastScaleTime: at(-60),
    desiredReplicas: 0,
    currentMetrics: null,
  });
  expect(rebuildStatus({ ...input, currentReplicas: 3, scaledAt: START })).toMatchObject({
    lastScaleTime: at(0),
    currentReplicas: 3,
  });
});
