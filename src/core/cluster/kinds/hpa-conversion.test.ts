import { describe, expect, test } from 'vitest';
import { averageOf, cpuUtilization, hpa, objectTarget, podsAverage } from '../../../../test/support/hpa.ts';
import type { HorizontalPodAutoscaler } from '../../kube/hpa.ts';
import { decodeHpa } from './hpa-admission.ts';
import { printV1, printV2 } from './hpa-conversion.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io';
const TARGET = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };

function decoded(given: unknown, version: 'v1' | 'v2'): HorizontalPodAutoscaler {
  const object = decodeHpa(given, version);
  if (!object.ok) throw new Error(object.error);
  return object.value;
}

const v1 = (annotations: Readonly<Record<string, string>>, spec: object): HorizontalPodAutoscaler =>
  decoded({ metadata: { name: 'web', annotations }, spec: { scaleTargetRef: TARGET, maxReplicas: 5, ...spec } }, 'v1');

/** All answers are those of the API server of Kubernetes 1.37.2. */
describe('autoscaling/v2 as autoscaling/v1', () => {
  test('HPA-15.3, HPA-15.4, HPA-15.5, HPA-15.6, HPA-15.9 a cpu target is a member, everything else an annotation', () => {
    const given = {
      metadata: { name: 'web', annotations: { keep: 'me' } },
      spec: {
        ...hpa().spec,
        minReplicas: 2,
        maxReplicas: 5,
        metrics: [cpuUtilization(50), podsAverage('q', '0.5', { matchLabels: { a: 'b' } })],
        behavior: { scaleUp: { tolerance: '0.05' } },
      },
      status: {
        currentReplicas: 2,
        desiredReplicas: 3,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 61, averageValue: '61m' } } },
        ],
        conditions: [
          {
            type: 'AbleToScale',
            status: 'True',
            lastTransitionTime: '2026-03-01T00:00:00Z',
            reason: 'R',
            message: 'a<b',
          },
        ],
      },
    };
    const printed = printV1(decoded(given, 'v2')) as { readonly metadata: unknown };
    expect(printed).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { scaleTargetRef: TARGET, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 50 },
      status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 61 },
    });
    expect(printed.metadata).toEqual({
      name: 'web',
      namespace: 'default',
      annotations: {
        keep: 'me',
        [`${PREFIX}/metrics`]:
          '[{"type":"Pods","pods":{"metricName":"q","targetAverageValue":"500m","selector":{"matchLabels":{"a":"b"}}}}]',
        [`${PREFIX}/behavior`]:
          '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},' +
          '{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":"50m"},"ScaleDown":{"StabilizationWindowSeconds":null,' +
          '"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
        [`${PREFIX}/current-metrics`]:
          '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":61,"currentAverageValue":"61m"}}]',
        [`${PREFIX}/conditions`]:
          '[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-03-01T00:00:00Z","reason":"R","message":"a\\u003cb"}]',
      },
    });
  });
});

test('HPA-15.4 of several the last status of the cpu with a percentage is the member', () => {
  const cpu = (current: object): object => ({ type: 'Resource', resource: { name: 'cpu', current } });
  const currentMetrics = [
    cpu({ averageUtilization: 61, averageValue: '61m' }),
    cpu({ averageUtilization: 62, averageValue: '62m' }),
    { type: 'Resource', resource: { name: 'memory', current: { averageUtilization: 70, averageValue: '1' } } },
    cpu({ averageValue: '63m' }),
  ];
  const given = { ...hpa(), status: { currentReplicas: 1, desiredReplicas: 1, currentMetrics } };
  const printed = printV1(decoded(given, 'v2')) as {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  };
  expect(printed).toMatchObject({ status: { currentCPUUtilizationPercentage: 62 } });
  expect(JSON.parse(printed.metadata.annotations[`${PREFIX}/current-metrics`] ?? '')).toHaveLength(4);
  expect(Object.keys(printed.metadata.annotations)).toEqual([`${PREFIX}/current-metrics`]);
});

test('HPA-15.6, HPA-24.13 an Object metric with an average comes back from v1 without a value', () => {
  const metrics = [objectTarget('h', averageOf('3'))];
  const printed = printV1(decoded({ ...hpa({ metrics }) }, 'v2')) as {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  };
  const { annotations } = printed.metadata;
  expect(annotations[`${PREFIX}/metrics`]).toContain('"targetValue":"0","averageValue":"3"');
  expect(decoded(printed, 'v1').spec.metrics).toEqual(metrics);
});

describe('autoscaling/v1 as autoscaling/v2', () => {
  test('HPA-15.5, HPA-15.7 annotations become members; metrics of the annotation come first', () => {
    const object = v1(
      {
        keep: 'me',
        [`${PREFIX}/metrics`]: '[{"type":"External","external":{"metricName":"q","targetAverageValue":"10"}}]',
        [`${PREFIX}/behavior`]: '{"ScaleDown":{"StabilizationWindowSeconds":7,"Policies":null}}',
      },
      { targetCPUUtilizationPercentage: 50 },
    );
    expect(printV2(object)).toEqual({
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v2',
      metadata: { name: 'web', namespace: 'default', annotations: { keep: 'me' } },
      spec: {
        scaleTargetRef: TARGET,
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          {
            type: 'External',
            external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '10' } },
          },
          cpuUtilization(50),
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 7 } },
      },
      status: { desiredReplicas: 0, currentMetrics: null },
    });
  });

  test.each(['{not json', 'null', '{}', '[]'])(
    'HPA-15.7, HPA-13.9 metrics of %j are none, and none at all are 80 %% of cpu',
    (metrics) => {
      expect(v1({ [`${PREFIX}/metrics`]: metrics }, {}).spec.metrics).toEqual([cpuUtilization(80)]);
    },
  );
});

test.each([
  [
    'of the annotation alone',
    { [`${PREFIX}/current-metrics`]: '[{"type":"External","external":{"metricName":"q","currentAverageValue":"3"}}]' },
    [{ type: 'External', external: { metric: { name: 'q' }, current: { value: '0', averageValue: '3' } } }],
  ],
  ['of the percentage', {}, [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 61 } } }]],
])('HPA-15.8 the status has metrics %s', (_name, annotations, currentMetrics) => {
  const given = {
    metadata: { name: 'web', annotations },
    spec: { scaleTargetRef: TARGET, maxReplicas: 5 },
    status: { currentReplicas: 1, desiredReplicas: 1, currentCPUUtilizationPercentage: 61 },
  };
  expect(printV2(decoded(given, 'v1'))).toMatchObject({ status: { currentMetrics } });
});

test('HPA-15.2 no version keeps what only conversion writes', () => {
  const given = { ...hpa(), metadata: { name: 'web', annotations: { keep: 'me', [`${PREFIX}/behavior`]: '{}' } } };
  expect(decoded(given, 'v2').metadata.annotations).toEqual({ keep: 'me' });
});
