/** One thing of a status at a time: each is reason enough to write it. */

import { describe, expect, test } from 'vitest';
import { at } from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerStatus, MetricStatus } from '../kube/hpa.ts';
import type { Condition, LabelSelector } from '../kube/object.ts';
import { isSameStatus } from './status.ts';

const CONDITION: Condition = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'r',
  message: 'm',
  lastTransitionTime: at(-60),
};
const { lastTransitionTime: _time, ...TIMELESS } = CONDITION;
const METRIC: MetricStatus = {
  type: 'Object',
  object: {
    describedObject: { apiVersion: 'v1', kind: 'Service', name: 'front' },
    metric: { name: 'rps' },
    current: { value: '1500m' },
  },
};
const OLD: HorizontalPodAutoscalerStatus = {
  currentReplicas: 2,
  desiredReplicas: 2,
  currentMetrics: [METRIC],
  conditions: [CONDITION],
};
const withCondition = (more: Partial<Condition>): HorizontalPodAutoscalerStatus => ({
  ...OLD,
  conditions: [{ ...CONDITION, ...more }],
});
const withObject = (more: Partial<NonNullable<MetricStatus['object']>>): HorizontalPodAutoscalerStatus => ({
  ...OLD,
  currentMetrics: [{ type: 'Object', object: { ...METRIC.object, ...more } as NonNullable<MetricStatus['object']> }],
});

describe('HPA-10.3', () => {
  test.each<[string, HorizontalPodAutoscalerStatus, boolean]>([
    [
      'the time of a condition in other words',
      withCondition({ lastTransitionTime: '2026-03-01T00:59:00+01:00' }),
      true,
    ],
    ['another time of a condition', withCondition({ lastTransitionTime: at(-59) }), false],
    ['a condition whose time is gone', { ...OLD, conditions: [TIMELESS] }, false],
    ['another reason', withCondition({ reason: 's' }), false],
    ['another order of conditions', { ...OLD, conditions: [{ ...CONDITION, type: 'ScalingActive' }] }, false],
    ['a value in other words', withObject({ current: { value: '1.5' } }), true],
    ['another value', withObject({ current: { value: '2' } }), false],
    ['an average in place of a value', withObject({ current: { averageValue: '1500m' } }), false],
    ['another metric of the same value', withObject({ metric: { name: 'errors' } }), false],
    ['the metric with a selector', withObject({ metric: { name: 'rps', selector: {} } }), false],
    ['another selector', withObject({ metric: { name: 'rps', selector: { matchLabels: { a: 'b' } } } }), false],
    ['another desired number', { ...OLD, desiredReplicas: 3 }, false],
    ['another current number', { ...OLD, currentReplicas: 3 }, false],
  ])('%s', (_name, other, want) => {
    expect([isSameStatus(OLD, other), isSameStatus(other, OLD)]).toEqual([want, want]);
  });
});

describe('HPA-10.3 a selector', () => {
  const asking = (selector: LabelSelector): HorizontalPodAutoscalerStatus =>
    withObject({ metric: { name: 'rps', selector } });
  const exists = { key: 'a', operator: 'Exists' } as const;

  test.each<[string, LabelSelector, LabelSelector, boolean]>([
    ['without labels, in other words', { matchLabels: {} }, {}, true],
    ['without expressions, in other words', { matchExpressions: [] }, {}, true],
    [
      'without values, in other words',
      { matchExpressions: [{ ...exists, values: [] }] },
      { matchExpressions: [exists] },
      true,
    ],
    [
      'of another operator',
      { matchExpressions: [exists] },
      { matchExpressions: [{ ...exists, operator: 'DoesNotExist' }] },
      false,
    ],
    ['of another key', { matchExpressions: [exists] }, { matchExpressions: [{ ...exists, key: 'b' }] }, false],
    [
      'of other values',
      { matchExpressions: [{ ...exists, operator: 'In', values: ['x'] }] },
      { matchExpressions: [{ ...exists, operator: 'In', values: ['y'] }] },
      false,
    ],
    ['of other labels', { matchLabels: { a: 'x' } }, { matchLabels: { a: 'y' } }, false],
  ])('%s', (_name, a, b, want) => {
    expect([isSameStatus(asking(a), asking(b)), isSameStatus(asking(b), asking(a))]).toEqual([want, want]);
  });
});
