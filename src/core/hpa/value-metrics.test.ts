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
  externalTarget,
  externalValues,
  facts,
  objectTarget,
  objectValues,
  refused,
  scaleOf,
  scaleWith,
  SERVICE,
  valueOf,
  type Table,
} from '../../../test/support/hpa.ts';
import type { MetricSpec } from '../kube/hpa.ts';

describe('Object', () => {
  const value = (...each: readonly string[]): Table => ({ 'get-object-metric': objectValues(...each) });

  test('HPA-12.13 HPA-12.14 HPA-12.16 a value times ready pods', () => {
    const played = measure(objectTarget('h', valueOf('10')), value('25'));
    expect(played.outcome.explanation.candidateReplicas).toBe(5);
    expect(shown(played)).toEqual({
      type: 'Object',
      object: { describedObject: SERVICE, metric: { name: 'h' }, current: { value: '25' } },
    });
    expect(activeText(played)).toMatch(/from Service metric h$/);
    expect(asked(played), 'HPA-20.3').toEqual([
      'discover',
      'get-scale',
      'claim-pods',
      'find-custom-metrics',
      'discover',
      'get-object-metric',
      'list-pods',
    ]);
    expect(played.requests.find(({ kind }) => kind === 'get-object-metric')).toEqual({
      kind: 'get-object-metric',
      namespace: 'default',
      resource: 'services',
      name: 'front',
      metric: 'h',
      metricLabelSelector: '',
    });
  });

  test('HPA-12.14 an average is called external, with the selector as Go prints it', () => {
    const played = measure(objectTarget('h', averageOf('10'), {}), value('25'));
    expect(played.writes).toEqual([3]);
    expect(shown(played)).toEqual({
      type: 'Object',
      object: { describedObject: SERVICE, metric: { name: 'h', selector: {} }, current: { averageValue: '12500m' } },
    });
    expect(activeText(played)).toMatch(
      /from external metric h\(&LabelSelector\{MatchLabels:map\[string\]string\{\},MatchExpressions:\[\]LabelSelectorRequirement\{\},\}\)$/,
    );
    expect(asked(played), 'HPA-12.11 without pods').not.toContain('list-pods');
  });

  test.each<[string, MetricSpec, Table, string, string]>([
    [
      'HPA-12.15 the request for a value',
      objectTarget('h', valueOf('10')),
      { 'get-object-metric': refused(404, 'NotFound', 'gone') },
      '',
      'unable to get metric h on Service default/front: unable to fetch metrics from custom metrics API: gone',
    ],
    [
      'HPA-12.15 the request for an average',
      objectTarget('h', averageOf('10')),
      { 'get-object-metric': refused(404, 'NotFound', 'gone') },
      'failed to get h object metric: ',
      'unable to get metric h on Service default/front: unable to fetch metrics from custom metrics API: gone',
    ],
    [
      'HPA-20.14 not one value',
      objectTarget('h', valueOf('10')),
      value('1', '2'),
      '',
      'unable to get metric h on Service default/front: unable to fetch metrics from custom metrics API: the custom metrics API server returned 2 results when we asked for exactly one',
    ],
    [
      'HPA-20.14 none',
      objectTarget('h', valueOf('10')),
      value(),
      '',
      'unable to get metric h on Service default/front: unable to fetch metrics from custom metrics API: the custom metrics API server returned 0 results when we asked for exactly one',
    ],
    [
      'HPA-12.6 no pods',
      objectTarget('h', valueOf('10')),
      { ...value('25'), 'list-pods': () => [] },
      '',
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    ],
    [
      'HPA-12.12 type and field do not agree',
      objectTarget('h', { type: 'AverageValue', value: '10' }),
      value('25'),
      '',
      'invalid object metric source: neither a value target nor an average value target was set',
    ],
    ['HPA-12.17 the metric selector', objectTarget('h', valueOf('10'), BAD_SELECTOR), {}, '', BAD_SELECTOR_TEXT],
  ])('%s fails', (_name, metric, table, prefix, message) => {
    expectFailure(measure(metric, table), {
      reason: 'FailedGetObjectMetric',
      message,
      error: `failed to get object metric value: ${prefix}${message}`,
    });
  });

  test('HPA-20.7 a kind that cannot be mapped: nothing is asked of the metrics API', () => {
    const describedObject = { apiVersion: 'g/v1', kind: 'Gizmo', name: 'front' };
    const metric: MetricSpec = {
      type: 'Object',
      object: { describedObject, metric: { name: 'h' }, target: valueOf('1') },
    };
    const played = measure(metric, {});
    expect(played.events[0]?.message).toBe(
      'unable to get metric h on Gizmo default/front: unable to fetch metrics from custom metrics API: unable to map kind Gizmo.g to resource: no matches for kind "Gizmo" in group "g"',
    );
    expect(asked(played)).not.toContain('get-object-metric');
  });

  test('HPA-20.4 a namespace is that of the HPA, and needs no mapping', () => {
    const describedObject = { apiVersion: 'v1', kind: 'Namespace', name: 'other' };
    const metric: MetricSpec = {
      type: 'Object',
      object: { describedObject, metric: { name: 'h' }, target: valueOf('10') },
    };
    const played = measure(metric, value('25'));
    expect(asked(played)).toEqual(['discover', 'get-scale', 'claim-pods', 'get-object-metric', 'list-pods']);
    expect(played.requests.find(({ kind }) => kind === 'get-object-metric')).toMatchObject({ resource: 'namespaces' });
  });
});

describe('External', () => {
  const series = (...each: readonly string[]): Table => ({ 'list-external-metric': externalValues(...each) });

  test('HPA-12.21 HPA-12.23 HPA-20.5 the sum of all series times ready pods', () => {
    const played = measure(externalTarget('q', valueOf('10'), { matchLabels: { a: 'b' } }), series('15', '10'));
    expect(played.outcome.explanation.candidateReplicas).toBe(5);
    expect(shown(played)).toEqual({
      type: 'External',
      external: { metric: { name: 'q', selector: { matchLabels: { a: 'b' } } }, current: { value: '25' } },
    });
    expect(played.requests.find(({ kind }) => kind === 'list-external-metric')).toEqual({
      kind: 'list-external-metric',
      namespace: 'default',
      metric: 'q',
      labelSelector: 'a=b',
    });
    expect(asked(played)).toEqual(['discover', 'get-scale', 'claim-pods', 'list-external-metric', 'list-pods']);
  });

  test('HPA-12.24 without a selector all series are asked for, and the name says nil', () => {
    const played = measure(externalTarget('q', averageOf('10')), series('25'));
    expect(played.requests.find(({ kind }) => kind === 'list-external-metric')).toMatchObject({ labelSelector: '' });
    expect(shown(played)).toEqual({
      type: 'External',
      external: { metric: { name: 'q' }, current: { averageValue: '12500m' } },
    });
    expect(activeText(played)).toMatch(/from external metric q\(nil\)$/);
    expect(played.events[0]?.message, 'HPA-21.8').toBe('New size: 3; reason: external metric q(nil) above target');
  });

  test('HPA-12.18 an average is looked for first; the type does not count', () => {
    const target = { type: 'Value', value: '1', averageValue: '10' } as const;
    expect(measure(externalTarget('q', target), series('25')).outcome.explanation.candidateReplicas).toBe(3);
    const value = { type: 'AverageValue', value: '10' } as const;
    expect(measure(externalTarget('q', value), series('25')).outcome.explanation.candidateReplicas).toBe(5);
  });

  test('HPA-12.20 one negative series of an average means huge', () => {
    const played = measure(externalTarget('q', averageOf('10')), series('5', '-9', '1'));
    expect(shown(played)?.external?.current).toEqual({ averageValue: '9223372036854775807m' });
    expect(played.outcome.explanation.candidateReplicas).toBe(2_147_483_647);
  });

  test.each<[string, MetricSpec, Table, string, string]>([
    [
      'HPA-12.22 the request for an average',
      externalTarget('q', averageOf('10')),
      { 'list-external-metric': refused(404, 'NotFound', 'gone') },
      'failed to get q external metric: ',
      'unable to get external metric default/q/nil: unable to fetch metrics from external metrics API: gone',
    ],
    [
      'HPA-12.22 the request for a value',
      externalTarget('q', valueOf('10')),
      { 'list-external-metric': refused(404, 'NotFound', 'gone') },
      'failed to get external metric q: ',
      'unable to get external metric default/q/nil: unable to fetch metrics from external metrics API: gone',
    ],
    [
      'HPA-20.15 no series',
      externalTarget('q', valueOf('10')),
      series(),
      'failed to get external metric q: ',
      'unable to get external metric default/q/nil: no metrics returned from external metrics API',
    ],
    [
      'HPA-12.6 no pods',
      externalTarget('q', valueOf('10')),
      { ...series('25'), 'list-pods': () => [] },
      'failed to get external metric q: ',
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    ],
    [
      'HPA-12.22 the metric selector',
      externalTarget('q', valueOf('10'), BAD_SELECTOR),
      {},
      'failed to get external metric q: ',
      BAD_SELECTOR_TEXT,
    ],
    [
      'HPA-12.18 no target',
      externalTarget('q', { type: 'Value' }),
      {},
      '',
      'invalid external metric source: neither a value target nor an average value target was set',
    ],
  ])('%s fails', (_name, metric, table, prefix, message) => {
    expectFailure(measure(metric, table), {
      reason: 'FailedGetExternalMetric',
      message,
      error: `failed to get q external metric value: ${prefix}${message}`,
    });
  });
});

describe('a value for all pods', () => {
  const queue = externalTarget('q', valueOf('10'));

  test('HPA-12.5 HPA-4.10 the base is the number of pods that are running and ready, terminating ones too', () => {
    const notReady = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' } as const] } as const;
    const played = measure(queue, {
      'list-external-metric': externalValues('20'),
      'get-scale': () => ({ ok: true, value: scaleOf(5) }),
      'list-pods': () => [
        facts('a'),
        facts('b', { deleted: 'deleted' }),
        facts('c', { status: notReady }),
        facts('d', { status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'True' }] } }),
        facts('e', { status: { phase: 'Running' } }),
      ],
    });
    expect(played.outcome.explanation.candidateReplicas).toBe(4);
  });

  test('HPA-7.4 within tolerance no pods are asked for', () => {
    const played = measure(queue, { 'list-external-metric': externalValues('11') });
    expect(asked(played)).not.toContain('list-pods');
    expect(played.outcome.result).toEqual({ kind: 'held', at: 2 });
  });

  test('HPA-12.9 an average within tolerance proposes what status shows, which alone may scale', () => {
    const played = measure(externalTarget('q', averageOf('10')), {
      'list-external-metric': externalValues('30'),
      'get-scale': scaleWith(2, 3),
    });
    expect(played.writes).toEqual([3]);
  });
});
