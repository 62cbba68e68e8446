import { describe, expect, test } from 'vitest';
import {
  activeText,
  asked,
  BAD_SELECTOR,
  BAD_SELECTOR_TEXT,
  expectFailure,
  measure,
  shown,
} from '../../../test/support/hpa-metrics.ts';
import {
  averageOf,
  averageValue,
  containerUtilization,
  cpuUtilization,
  facts,
  pod,
  podMetrics,
  podsAverage,
  podValue,
  refused,
  scaleOf,
  usages,
  type Table,
} from '../../../test/support/hpa.ts';
import type { MetricSpec } from '../kube/hpa.ts';
import { podFacts } from './pod-facts.ts';

describe('Resource', () => {
  const both: MetricSpec = {
    type: 'Resource',
    resource: {
      name: 'cpu',
      target: { type: 'Utilization', averageUtilization: 60, averageValue: '30m', value: '1m' },
    },
  };
  const none: MetricSpec = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Value', value: '1m' } } };

  test('HPA-5.1 an average value comes before a utilization, whatever the type says', () => {
    const played = measure(both, usages('60m', '60m'));
    expect(played.writes).toEqual([4]);
    expect(shown(played), 'HPA-5.19').toEqual({
      type: 'Resource',
      resource: { name: 'cpu', current: { averageValue: '60m' } },
    });
    expect(activeText(played), 'HPA-5.22').toMatch(/from cpu resource$/);
  });

  test('HPA-5.2 a value alone is no target', () => {
    const message =
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set';
    expectFailure(measure(none, {}), {
      reason: 'FailedGetResourceMetric',
      message,
      error: `failed to get cpu resource metric value: ${message}`,
    });
  });

  test('HPA-5.9 status shows percent and average before missing pods are made up for', () => {
    const played = measure(cpuUtilization(60), {
      ...usages('90m', '95m'),
      'list-pods': () => ['web-0', 'web-1', 'web-2'].map((name) => facts(name)),
    });
    expect(shown(played)).toEqual({
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: 92, averageValue: '92m' } },
    });
    expect(activeText(played), 'HPA-5.21').toMatch(/from cpu resource utilization \(percentage of request\)$/);
  });

  test.each([
    ['utilization', cpuUtilization(60)],
    ['usage', averageValue('cpu', '30m')],
  ])('HPA-5.23 HPA-5.24 HPA-5.25 a failed request for a %s', (word, metric) => {
    const message = `failed to get cpu ${word}: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: not now`;
    expectFailure(measure(metric, { 'list-pod-metrics': refused(503, 'ServiceUnavailable', 'not now') }), {
      reason: 'FailedGetResourceMetric',
      message,
      error: `failed to get cpu resource metric value: ${message}`,
    });
  });

  test.each<[string, Table, string]>([
    [
      'first the metrics',
      { 'list-pod-metrics': () => ({ ok: true, value: [] }), 'list-pods': () => [] },
      'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    ],
    ['then the pods', { 'list-pods': () => [] }, 'no pods returned by selector while calculating replica count'],
    [
      'then samples of pods that count',
      { 'list-pods': () => ['web-0', 'web-1'].map((name) => facts(name, { deleted: 'deleted' })) },
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    [
      'then requests',
      {
        'list-pods': () => [facts('web-0'), podFacts({ ...pod('web-1'), spec: { containers: [{ name: 'c' }] } })],
        'list-pod-metrics': () => ({ ok: true, value: [podMetrics('gone', { cpu: '1m' })] }),
      },
      'missing request for cpu in container c of Pod web-1',
    ],
    [
      'then the ratio',
      { 'list-pod-metrics': () => ({ ok: true, value: [podMetrics('gone', { cpu: '1m' })] }) },
      'no metrics returned matched known pods',
    ],
  ])('HPA-5.8 %s', (_name, table, inner) => {
    expect(measure(cpuUtilization(60), table).events[0]?.message).toBe(`failed to get cpu utilization: ${inner}`);
  });

  test('HPA-4.7 samples of pods that are not there count in an average', () => {
    const played = measure(averageValue('cpu', '10m'), {
      'list-pod-metrics': () => ({
        ok: true,
        value: ['web-0', 'gone'].map((name) => podMetrics(name, { cpu: '40m' })),
      }),
      'list-pods': () => [facts('web-0'), facts('web-1')],
    });
    expect(played.writes, 'ratio 80 / 3 / 10 of three entries').toEqual([4]);
  });
});

describe('ContainerResource', () => {
  const two = (cpu: string, other: string) => ({
    ...podMetrics('web-0', {}),
    containers: [
      { name: 'side', usage: { cpu: other } },
      { name: 'c', usage: { cpu } },
    ],
  });
  const table: Table = {
    'get-scale': () => ({ ok: true, value: scaleOf(1) }),
    'list-pod-metrics': () => ({ ok: true, value: [two('90m', '1')] }),
    'list-pods': () => [facts('web-0')],
  };

  test('HPA-6.1 HPA-6.5 HPA-6.7 only the named container counts', () => {
    const played = measure(containerUtilization('c', 60), table);
    expect(played.writes).toEqual([2]);
    expect(shown(played)).toEqual({
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', current: { averageUtilization: 90, averageValue: '90m' } },
    });
    expect(activeText(played)).toMatch(/from cpu container resource utilization \(percentage of request\)$/);
  });

  const average = (container: string): MetricSpec => ({
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container, target: averageOf('30m') },
  });

  test('HPA-6.5 an average value does not say that it is of a container', () => {
    expect(activeText(measure(average('c'), table))).toMatch(/from cpu resource$/);
  });

  test('HPA-6.4 an average of a container that is not there has no samples', () => {
    const message = 'failed to get cpu usage: did not receive metrics for targeted pods (pods might be unready)';
    expectFailure(measure(average('gone'), table), {
      reason: 'FailedGetContainerResourceMetric',
      message,
      error: `failed to get gone container metric value: ${message}`,
    });
  });

  test('HPA-6.6 the error names the container where that of a resource names the resource', () => {
    const message =
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: not now';
    expectFailure(measure(containerUtilization('c', 60), { 'list-pod-metrics': refused(503, '', 'not now') }), {
      reason: 'FailedGetContainerResourceMetric',
      message,
      error: `failed to get c container metric value: ${message}`,
    });
  });

  test('HPA-4.6 a pod that is still starting does not count', () => {
    const starting = facts('web-0', { status: { phase: 'Running' } });
    expect(measure(containerUtilization('c', 60), { ...table, 'list-pods': () => [starting] }).events[0]?.message).toBe(
      'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)',
    );
  });
});

describe('Pods', () => {
  const values = (...each: readonly string[]): Table => ({
    'get-scale': () => ({ ok: true, value: scaleOf(each.length) }),
    'list-pods-metric': () => ({ ok: true, value: each.map((value, i) => podValue(`web-${i}`, value)) }),
    'list-pods': () => each.map((_, i) => facts(`web-${i}`)),
  });

  test('HPA-12.1 HPA-12.2 the average per pod, asked for with both selectors', () => {
    const played = measure(podsAverage('rps', '10', { matchLabels: { verb: 'GET' } }), values('18', '13'));
    expect(played.writes).toEqual([4]);
    expect(asked(played)).toEqual([
      'discover',
      'get-scale',
      'claim-pods',
      'find-custom-metrics',
      'discover',
      'list-pods-metric',
      'list-pods',
    ]);
    expect(played.requests.find(({ kind }) => kind === 'list-pods-metric')).toEqual({
      kind: 'list-pods-metric',
      namespace: 'default',
      metric: 'rps',
      labelSelector: 'app=web',
      metricLabelSelector: 'verb=GET',
    });
    expect(shown(played)).toEqual({
      type: 'Pods',
      pods: {
        metric: { name: 'rps', selector: { matchLabels: { verb: 'GET' } } },
        current: { averageValue: '15500m' },
      },
    });
    expect(activeText(played)).toMatch(/from pods metric rps$/);
  });

  test('HPA-12.1 a pod that is still starting counts: only for cpu it would not', () => {
    const starting = facts('web-0', { status: { phase: 'Running' } });
    const played = measure(podsAverage('rps', '10'), { ...values('20'), 'list-pods': () => [starting] });
    expect(played.writes).toEqual([2]);
  });

  test('HPA-22.10 a huge sum wraps before it is divided', () => {
    const huge = '5000000000000000'; // thousandths of two of them exceed int64
    const played = measure(podsAverage('rps', '1'), values(huge, huge));
    expect(shown(played)?.pods?.current.averageValue).toBe('-4223372036854775808m');
  });

  test.each<[string, Table, string]>([
    [
      'the request',
      { 'list-pods-metric': refused(404, 'NotFound', 'no such metric') },
      'unable to get metric rps: unable to fetch metrics from custom metrics API: no such metric',
    ],
    [
      'no items',
      { 'list-pods-metric': () => ({ ok: true, value: [] }) },
      'unable to get metric rps: no metrics returned from custom metrics API',
    ],
    [
      'HPA-20.7 the mapping of Pod',
      { discover: (_request, count) => (count === 1 ? DISCOVERED_ONCE : refused(503, '', 'not now')()) },
      'unable to get metric rps: unable to fetch metrics from custom metrics API: unable to map kind Pod to resource: not now',
    ],
    [
      'no pods',
      { ...values('1'), 'list-pods': () => [] },
      'no pods returned by selector while calculating replica count',
    ],
  ])('HPA-12.2 what fails is told: %s', (_name, table, message) => {
    expectFailure(measure(podsAverage('rps', '10'), table), {
      reason: 'FailedGetPodsMetric',
      message,
      error: `failed to get pods metric value: ${message}`,
    });
  });

  test('HPA-12.4 a metric selector that cannot be read is told before anything is asked', () => {
    const played = measure(podsAverage('rps', '10', BAD_SELECTOR), {});
    expect(asked(played)).toEqual(['discover', 'get-scale', 'claim-pods']);
    expectFailure(played, {
      reason: 'FailedGetPodsMetric',
      message: BAD_SELECTOR_TEXT,
      error: `failed to get pods metric value: ${BAD_SELECTOR_TEXT}`,
    });
  });
});

const DISCOVERED_ONCE = {
  ok: true,
  value: [{ group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', preferred: true }],
} as const;
