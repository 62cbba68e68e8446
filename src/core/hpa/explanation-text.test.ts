import { describe, expect, test } from 'vitest';
import { averageValue, hpa, play, pod, podMetrics, scaleOf, usages } from '../../../test/support/hpa.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { PodMetrics } from '../kube/metrics.ts';
import { explanationNumbers, explanationText } from './explanation-text.ts';

const usages2 = (first: string, second: string): readonly PodMetrics[] => [
  podMetrics('web-0', { cpu: first }),
  podMetrics('web-1', { cpu: second }),
];

test('a scale-up can be followed in one sentence and repeated by hand from its numbers', () => {
  const { explanation } = play(usages('90m', '95m')).outcome;
  expect(explanationText(explanation)).toBe(
    'cpu is at 92 % of request, target 60 %: ratio 1.533 x 2 pods = 4 replicas',
  );
  expect(explanationNumbers(explanation)).toEqual({
    currentReplicas: 2,
    minReplicas: 1,
    maxReplicas: 10,
    metric: 'cpu resource utilization (percentage of request)',
    utilizationPercent: 92,
    targetPercent: 60,
    averageUsageMilli: '92',
    ratio: 92 / 60,
    toleranceRatio: 0.1,
    countedPods: 2,
    readyPods: 2,
    unreadyPods: 0,
    missingPods: 0,
    ignoredPods: 0,
    proposalReplicas: 4,
    winner: 'cpu resource utilization (percentage of request)',
    candidateReplicas: 4,
    stabilizationWindowSeconds: 300,
    stabilizedReplicas: 4,
    limitReason: 'DesiredWithinRange',
    limitLowReplicas: 1,
    limitHighReplicas: 4,
    desiredReplicas: 4,
  });
});

test('what held a number back is told', () => {
  const first = play(usages('10m', '10m', '10m'));
  const { explanation } = play(usages('10m', '10m', '10m'), {
    history: first.outcome.nextHistory,
    atSeconds: 45,
  }).outcome;
  expect(explanationText(explanation)).toBe(
    'cpu is at 10 % of request, target 60 %: ratio 0.167 x 3 pods = 1 replica; kept up by the recommendation of 3 replicas 45 s ago (window 300 s)',
  );
});

test('amounts are printed as the resource is, pods that did not report are counted, a limit is named', () => {
  const { explanation } = play(
    {
      'get-scale': () => ({ ok: true, value: scaleOf(2) }),
      'list-pod-metrics': () => ({ ok: true, value: [podMetrics('web-0', { memory: '1Gi' })] }),
      'list-pods': () => [pod('web-0'), pod('web-1')],
    },
    { hpa: hpa({ metrics: [averageValue('memory', '100Mi')] }) },
  ).outcome;
  expect(explanationText(explanation)).toBe(
    'memory is at 1Gi per pod, target 100Mi: ratio 10.24, 5.12 with 1 pod without a sample counted as idle, x 2 pods = 11 replicas; limited to 4 replicas (ScaleUpLimit: one step at most doubles the replicas, or reaches 4)',
  );
});

describe('pods that did not report are named with the ratio that they change', () => {
  const textOf = (pods: readonly Pod[], samples: readonly PodMetrics[], replicas: number): string | undefined =>
    explanationText(
      play({
        'get-scale': () => ({ ok: true, value: scaleOf(replicas) }),
        'list-pod-metrics': () => ({ ok: true, value: samples }),
        'list-pods': () => pods,
      }).outcome.explanation,
    ).split('; kept up', 1)[0];
  const starting = (name: string): Pod => pod(name, { status: { phase: 'Pending' } });

  test('starting ones count as idle when the others ask for more', () => {
    expect(textOf([pod('web-0'), pod('web-1'), starting('web-2')], usages2('150m', '154m'), 3)).toBe(
      'cpu is at 152 % of request, target 60 %: ratio 2.533, 1.683 with 1 pod still starting counted as idle, x 3 pods = 6 replicas',
    );
  });

  test('and not at all when they ask for fewer', () => {
    expect(textOf([pod('web-0'), pod('web-1'), starting('web-2')], usages2('10m', '10m'), 3)).toBe(
      'cpu is at 10 % of request, target 60 %: ratio 0.167 x 2 pods = 1 replica (not counted: 1 pod still starting)',
    );
  });

  test('ones without a sample count as busy when the others ask for fewer', () => {
    expect(textOf([pod('web-0'), pod('web-1'), pod('web-2')], usages2('10m', '10m'), 3)).toBe(
      'cpu is at 10 % of request, target 60 %: ratio 0.167, 0.667 with 1 pod without a sample counted as busy, x 3 pods = 2 replicas',
    );
  });

  test('what is on its way out is in no number', () => {
    expect(textOf([pod('web-0'), pod('web-1', { deleted: 'deleted' })], usages2('60m', '60m'), 1)).toBe(
      'cpu is at 60 % of request, target 60 %: ratio 1, within tolerance (not counted: 1 pod on the way out)',
    );
  });
});

test.each([
  [0, 'the target has 0 replicas, set by hand: scaling is disabled until it has more'],
  [12, '12 replicas are more than maxReplicas 10'],
])('a shortcut at %i replicas is told', (replicas, want) => {
  const { explanation } = play({ 'get-scale': () => ({ ok: true, value: scaleOf(replicas) }) }).outcome;
  expect(explanationText(explanation)).toBe(want);
});

test('with several metrics each has its place in the numbers', () => {
  const { explanation } = play(
    {},
    { hpa: hpa({ metrics: [averageValue('cpu', '30m'), averageValue('memory', '200Mi')] }) },
  ).outcome;
  expect(explanationNumbers(explanation)).toMatchObject({
    'metrics[0].targetMilli': '30',
    'metrics[0].proposalReplicas': 4,
    'metrics[1].averageUsageMilli': '104857600000',
    'metrics[1].proposalReplicas': 1,
    winner: 'cpu resource',
  });
});
