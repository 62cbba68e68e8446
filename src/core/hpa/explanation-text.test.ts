import { describe, expect, test } from 'vitest';
import {
  averageOf,
  averageValue,
  behaviorOf,
  containerUtilization,
  externalTarget,
  externalValues,
  facts,
  hpa,
  objectTarget,
  objectValues,
  play,
  podMetrics,
  podsAverage,
  podValue,
  scaleOf,
  usages,
  valueOf,
  type Table,
} from '../../../test/support/hpa.ts';
import type { PodFacts } from './pod-facts.ts';
import type { MetricSpec } from '../kube/hpa.ts';
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
    stabilizationDirection: 'down',
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
      'list-pods': () => [facts('web-0'), facts('web-1')],
    },
    { hpa: hpa({ metrics: [averageValue('memory', '100Mi')] }) },
  ).outcome;
  expect(explanationText(explanation)).toBe(
    'memory is at 1Gi per pod, target 100Mi: ratio 10.24, 5.12 with 1 pod without a sample counted as idle, x 2 pods = 11 replicas; limited to 4 replicas (ScaleUpLimit: one step at most doubles the replicas, or reaches 4)',
  );
});

describe('pods that did not report are named with the ratio that they change', () => {
  const textOf = (pods: readonly PodFacts[], samples: readonly PodMetrics[], replicas: number): string | undefined =>
    explanationText(
      play({
        'get-scale': () => ({ ok: true, value: scaleOf(replicas) }),
        'list-pod-metrics': () => ({ ok: true, value: samples }),
        'list-pods': () => pods,
      }).outcome.explanation,
    ).split('; kept up', 1)[0];
  const starting = (name: string): PodFacts => facts(name, { status: { phase: 'Pending' } });

  test('starting ones count as idle when the others ask for more', () => {
    expect(textOf([facts('web-0'), facts('web-1'), starting('web-2')], usages2('150m', '154m'), 3)).toBe(
      'cpu is at 152 % of request, target 60 %: ratio 2.533, 1.683 with 1 pod still starting counted as idle, x 3 pods = 6 replicas',
    );
  });

  test('and not at all when they ask for fewer', () => {
    expect(textOf([facts('web-0'), facts('web-1'), starting('web-2')], usages2('10m', '10m'), 3)).toBe(
      'cpu is at 10 % of request, target 60 %: ratio 0.167 x 2 pods = 1 replica (not counted: 1 pod still starting)',
    );
  });

  test('ones without a sample count as busy when the others ask for fewer', () => {
    expect(textOf([facts('web-0'), facts('web-1'), facts('web-2')], usages2('10m', '10m'), 3)).toBe(
      'cpu is at 10 % of request, target 60 %: ratio 0.167, 0.667 with 1 pod without a sample counted as busy, x 3 pods = 2 replicas',
    );
  });

  test('what is on its way out is in no number', () => {
    expect(textOf([facts('web-0'), facts('web-1', { deleted: 'deleted' })], usages2('60m', '60m'), 1)).toBe(
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

describe('each source has its sentence', () => {
  const zero = { desiredReplicas: 0, conditions: [{ type: 'ScaledToZero', status: 'True' as const }] };
  const scale = (replicas: number): Table => ({ 'get-scale': () => ({ ok: true, value: scaleOf(replicas) }) });

  test.each<[string, MetricSpec, Table, string]>([
    [
      'a container',
      containerUtilization('c', 60),
      usages('90m', '95m'),
      'cpu of container c is at 92 % of request, target 60 %: ratio 1.533 x 2 pods = 4 replicas',
    ],
    [
      'pods',
      podsAverage('rps', '10'),
      { 'list-pods-metric': () => ({ ok: true, value: [podValue('web-0', '15'), podValue('web-1', '16500m')] }) },
      'rps is at 15750m per pod, target 10: ratio 1.575 x 2 pods = 4 replicas',
    ],
    [
      'the value of an object',
      objectTarget('h', valueOf('10')),
      { 'get-object-metric': objectValues('15') },
      'h of Service front is at 15, target 10: ratio 1.5 x 2 ready pods = 3 replicas',
    ],
    [
      'the share of an object',
      objectTarget('h', averageOf('10')),
      { 'get-object-metric': objectValues('25') },
      'h of Service front is at 25 for 2 replicas, target 10 each: ratio 1.25, 25 / 10 = 3 replicas',
    ],
    [
      'series within tolerance',
      externalTarget('q', valueOf('10')),
      { 'list-external-metric': externalValues('5', '5') },
      'q is at 10, target 10: ratio 1, within tolerance',
    ],
    [
      'the share of series within tolerance',
      externalTarget('q', averageOf('10')),
      { 'list-external-metric': externalValues('20') },
      'q is at 20 for 2 replicas, target 10 each: ratio 1, within tolerance',
    ],
    [
      'series from 0',
      externalTarget('q', valueOf('10')),
      { ...scale(0), 'list-external-metric': externalValues('25') },
      'q is at 25, target 10: from 0 replicas the ratio 2.5 is the number, 3 replicas',
    ],
    [
      'the share of series from 0',
      externalTarget('q', averageOf('10')),
      { ...scale(0), 'list-external-metric': externalValues('25') },
      'q is at 25 for 0 replicas, target 10 each: 25 / 10 = 3 replicas',
    ],
  ])('%s', (_name, metric, table, want) => {
    const given = hpa({ metrics: [metric], minReplicas: 0 }, zero);
    expect(explanationText(play(table, { hpa: given }).outcome.explanation)).toBe(want);
  });

  test('of several metrics the one that counts is named', () => {
    const metrics = [averageValue('cpu', '30m'), averageValue('memory', '200Mi')];
    expect(explanationText(play({}, { hpa: hpa({ metrics }) }).outcome.explanation)).toBe(
      'cpu is at 60m per pod, target 30m: ratio 2 x 2 pods = 4 replicas; memory is at 100Mi per pod, target 200Mi: ratio 0.5 x 2 pods = 1 replica; the highest counts: cpu resource',
    );
  });

  test('the numbers of a value can be computed by hand', () => {
    const given = hpa({ metrics: [externalTarget('q', valueOf('10'))] });
    const { explanation } = play({ 'list-external-metric': externalValues('15', '500m') }, { hpa: given }).outcome;
    expect(explanationNumbers(explanation)).toMatchObject({
      metric: 'external metric q(nil)',
      valueMilli: '15500',
      targetMilli: '10000',
      ratio: 1.55,
      toleranceRatio: 0.1,
      readyPods: 2,
      proposalReplicas: 4,
    });
  });
});

describe('behavior has its words', () => {
  const cpu = (replicas: number, milli: number): Table =>
    usages(...Array.from({ length: replicas }, () => `${milli}m`));
  const rules = behaviorOf({
    scaleUp: { stabilizationWindowSeconds: 60 },
    scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  });
  const explanationOf = (table: Table, behavior = rules) =>
    play(table, { hpa: hpa({ behavior, maxReplicas: 100 }) }).outcome.explanation;

  test('the upward window', () => {
    expect(explanationText(explanationOf(cpu(3, 600)))).toBe(
      'cpu is at 600 % of request, target 60 %: ratio 10 x 3 pods = 30 replicas; kept down by the recommendation of 3 replicas 0 s ago (window 60 s)',
    );
  });

  test('one policy', () => {
    expect(explanationText(explanationOf(cpu(5, 1)))).toBe(
      'cpu is at 1 % of request, target 60 %: ratio 0.017 x 5 pods = 1 replica; limited to 4 replicas (ScaleDownLimit: 1 pod down per 60 s from 5 replicas is 4)',
    );
  });

  test('one of several policies, with its numbers', () => {
    const explanation = explanationOf(cpu(3, 600), behaviorOf());
    expect(explanationText(explanation)).toBe(
      'cpu is at 600 % of request, target 60 %: ratio 10 x 3 pods = 30 replicas; limited to 7 replicas (ScaleUpLimit: 4 pods up per 15 s from 3 replicas is 7, the Max of 2 policies)',
    );
    expect(explanationNumbers(explanation)).toMatchObject({
      stabilizationDirection: 'up',
      stabilizationWindowSeconds: 0,
      policyDirection: 'up',
      selectPolicy: 'Max',
      'policies[0].type': 'Pods',
      'policies[0].value': 4,
      'policies[0].periodSeconds': 15,
      'policies[0].startReplicas': 3,
      'policies[0].limitReplicas': 7,
      'policies[1].limitReplicas': 6,
      policyLimitReplicas: 7,
      limitReason: 'ScaleUpLimit',
      limitHighReplicas: 7,
      desiredReplicas: 7,
    });
  });

  test('a direction that is disabled', () => {
    const behavior = behaviorOf({ scaleUp: { selectPolicy: 'Disabled' } });
    expect(explanationText(explanationOf(cpu(3, 600), behavior))).toMatch(
      /limited to 3 replicas \(ScaleUpLimit: scaling up is disabled\)$/,
    );
  });

  test('a field that is missing', () => {
    expect(explanationText(explanationOf(cpu(3, 60), {}))).toBe(
      'spec.behavior.scaleUp.stabilizationWindowSeconds is missing, where the original ends in "panic: runtime error: invalid memory address or nil pointer dereference": nothing more is done',
    );
  });
});

test('from 0 the minimum is named where it raised the number', () => {
  const status = { desiredReplicas: 0, conditions: [{ type: 'ScaledToZero', status: 'True' as const }] };
  const spec = { minReplicas: 3, metrics: [externalTarget('q', valueOf('10'))], behavior: behaviorOf() };
  const table: Table = {
    'get-scale': () => ({ ok: true, value: scaleOf(0) }),
    'list-external-metric': externalValues('5'),
  };
  expect(explanationText(play(table, { hpa: hpa(spec, status) }).outcome.explanation)).toBe(
    'q is at 5, target 10: from 0 replicas the ratio 0.5 is the number, 1 replica; raised to minReplicas 3 on the way up from 0',
  );
});

test('no metrics at all are told', () => {
  expect(explanationText(play({}, { hpa: hpa({ metrics: [] }) }).outcome.explanation)).toMatch(
    /^there is no metric, which counts as 0 replicas; kept up by/,
  );
});
