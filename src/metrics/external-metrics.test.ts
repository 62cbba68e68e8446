import { expect, test } from 'vitest';
import { OPTIONS, rawServer } from '../../test/support/raw-server.ts';
import { KubeError } from '../ports/kube-api.ts';
import { ExternalMetrics } from './external-metrics.ts';

const PATH = '/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue';
const QUERY = { namespace: 'default', metric: 'queue', labelSelector: 'name=orders' };
const ITEM = {
  metricName: 'queue',
  metricLabels: { name: 'orders' },
  timestamp: '2026-03-01T00:00:00Z',
  window: 60,
  value: '7',
};

test('HPA-20.5 asks by the selector of the metric and hands the items on in their order', async () => {
  const second = { ...ITEM, value: '-3' };
  const { transport, asked } = rawServer({ [PATH]: { kind: 'ExternalMetricValueList', items: [ITEM, second] } });
  expect(await new ExternalMetrics(transport).listExternalMetric(QUERY, OPTIONS)).toEqual([ITEM, second]);
  expect(asked).toEqual([[PATH, { labelSelector: 'name=orders' }]]);
});

test('HPA-20.5 a name is asked for in lower case', async () => {
  const { transport, asked } = rawServer({ [PATH]: { items: [] } });
  await new ExternalMetrics(transport).listExternalMetric({ ...QUERY, metric: 'Queue' }, OPTIONS);
  expect(asked).toEqual([[PATH, { labelSelector: 'name=orders' }]]);
});

test('HPA-20.6 a selector that asks for everything is left out', async () => {
  const { transport, asked } = rawServer({ [PATH]: { items: [] } });
  expect(await new ExternalMetrics(transport).listExternalMetric({ ...QUERY, labelSelector: '' }, OPTIONS)).toEqual([]);
  expect(asked).toEqual([[PATH, {}]]);
});

test('a name that cannot be part of a path is not sent', async () => {
  const { transport, asked } = rawServer({});
  const call = new ExternalMetrics(transport).listExternalMetric({ ...QUERY, metric: 'a/b' }, OPTIONS);
  await expect(call).rejects.toThrow('invalid resource "a/b": [may not contain \'/\']');
  expect(asked).toEqual([]);
});

test.each([
  ['text', 'bad gateway', 'it has no list of items'],
  ['an item that is none', { items: [null] }, 'items[0] is not an object'],
  ['no value', { items: [ITEM, { ...ITEM, value: undefined }] }, 'items[1].value is not a quantity'],
  ['a time that is none', { items: [{ ...ITEM, timestamp: 5 }] }, 'items[0].timestamp is not an RFC 3339 time'],
])('HPA-20.21 a body with %s is an error, never zeros', async (_name, body, why) => {
  const { transport } = rawServer({ [PATH]: body });
  await expect(new ExternalMetrics(transport).listExternalMetric(QUERY, OPTIONS)).rejects.toThrow(
    `the answer of ${PATH} is no ExternalMetricValueList: ${why}`,
  );
});

test('a refusal goes on as it is', async () => {
  const refusal = new KubeError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });
  const { transport } = rawServer({ [PATH]: refusal });
  await expect(new ExternalMetrics(transport).listExternalMetric(QUERY, OPTIONS)).rejects.toBe(refusal);
});
