import { expect, test } from 'vitest';
import {
  combineMetrics,
  failedMetric,
  metricStatuses,
  unknownMetricType,
  type MetricOutcome,
} from './metric-outcome.ts';

const proposal = (metric: string, replicas: number): MetricOutcome => ({
  kind: 'proposal',
  replicas,
  metric,
  status: { type: 'Resource', resource: { name: metric, current: {} } },
  explanation: { kind: 'failed', metric, reason: '', message: '' },
});
const failed = (name: string): MetricOutcome =>
  failedMetric('Resource', { message: `no ${name}`, error: `error of ${name}` });

test.each([
  ['HPA-8.1 the largest wins', [proposal('a', 3), proposal('b', 5), proposal('c', 4)], { replicas: 5, metric: 'b' }],
  ['HPA-8.5 of equal ones the first is named', [proposal('a', 5), proposal('b', 5)], { replicas: 5, metric: 'a' }],
  ['HPA-8.4 while the best is 0 the last is named', [proposal('a', 0), proposal('b', 0)], { replicas: 0, metric: 'b' }],
  [
    'HPA-8.4 while the best is 0 even a negative one replaces it',
    [proposal('a', 0), proposal('b', -5)],
    { replicas: -5, metric: 'b' },
  ],
])('%s', (_name, outcomes, want) => {
  expect(combineMetrics(outcomes, 4)).toEqual({ kind: 'proposal', ...want });
});

const PARTIAL = { text: 'invalid metrics (1 invalid out of 2), first error is: error of x', label: 'internal' };

test.each([
  ['HPA-8.3 holds when one of two metrics fails and the other would shrink', 3, undefined],
  ['HPA-8.3 staying is allowed', 4, { kind: 'proposal', replicas: 4, metric: 'b', error: PARTIAL }],
  ['HPA-8.3 growing is allowed', 5, { kind: 'proposal', replicas: 5, metric: 'b', error: PARTIAL }],
])('%s', (_name, replicas, want) => {
  const combined = combineMetrics([failed('x'), proposal('b', replicas)], 4);
  expect(combined).toEqual(
    want ?? {
      kind: 'failed',
      error: PARTIAL,
      condition: {
        type: 'ScalingActive',
        status: 'False',
        reason: 'FailedGetResourceMetric',
        message: 'the HPA was unable to compute the replica count: no x',
      },
    },
  );
});

test('HPA-2.14 a proposal of -1 beside a failure is no number, though the metric that made it is told', () => {
  expect(combineMetrics([failed('x'), proposal('b', -1)], -1)).toMatchObject({
    kind: 'failed',
    error: PARTIAL,
    condition: { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' },
  });
});

test('HPA-8.2 of several failures the first is told', () => {
  expect(combineMetrics([failed('x'), failed('y')], 4)).toMatchObject({
    kind: 'failed',
    error: { text: 'invalid metrics (2 invalid out of 2), first error is: error of x' },
  });
});

test('HPA-8.1 a failed metric keeps its place in the status', () => {
  expect(metricStatuses([failed('x'), proposal('b', 1)]).map(({ type }) => type)).toEqual(['', 'Resource']);
});

test('HPA-8.8 without metrics nothing failed and nothing is proposed', () => {
  expect(combineMetrics([], 4)).toEqual({
    kind: 'no-metrics',
    condition: { type: '', status: '', reason: '', message: '' },
  });
});

test.each([
  ['first', [unknownMetricType('Gizmo'), failed('x')], 'spec'],
  ['second', [failed('x'), unknownMetricType('Gizmo')], 'internal'],
])(
  'HPA-23.10 an unknown type that failed %s makes the error of the sync one of the spec, or not',
  (_name, outcomes, label) => {
    expect(combineMetrics(outcomes, 4)).toMatchObject({ kind: 'failed', error: { label } });
  },
);

test('HPA-8.6 an unknown type of metric', () => {
  const text = 'unknown metric source type "Gizmo"';
  expect(unknownMetricType('Gizmo')).toEqual({
    kind: 'failed',
    reason: 'InvalidMetricSourceType',
    message: text,
    error: text,
    label: 'spec',
  });
});
