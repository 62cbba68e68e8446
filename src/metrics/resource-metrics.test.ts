import { expect, test } from 'vitest';
import type { RawGet } from '../ports/metrics-api.ts';
import { KubeError } from '../ports/kube-api.ts';
import { ResourceMetrics } from './resource-metrics.ts';

const OPTIONS = { signal: new AbortController().signal };
const ITEM = {
  metadata: { name: 'web-0', namespace: 'default' },
  timestamp: '2026-03-01T00:00:00Z',
  window: '15s',
  containers: [{ name: 'c', usage: { cpu: '5m' } }],
};

function answering(body: unknown): { readonly transport: RawGet; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const transport: RawGet = {
    get: async (path, query) => {
      asked.push([path, query]);
      return body;
    },
  };
  return { transport, asked };
}

const list = (transport: RawGet, labelSelector = 'app=web'): Promise<unknown> =>
  new ResourceMetrics(transport).listPodMetrics({ namespace: 'default', labelSelector }, OPTIONS);

test('HPA-20.1 asks for the pods of the namespace by selector and hands the items on as served', async () => {
  const { transport, asked } = answering({ kind: 'PodMetricsList', items: [ITEM] });
  expect(await list(transport)).toEqual([ITEM]);
  expect(asked).toEqual([['/apis/metrics.k8s.io/v1beta1/namespaces/default/pods', { labelSelector: 'app=web' }]]);
});

test('HPA-20.6 an empty selector is left out', async () => {
  const { transport, asked } = answering({ items: [] });
  expect(await list(transport, '')).toEqual([]);
  expect(asked).toEqual([['/apis/metrics.k8s.io/v1beta1/namespaces/default/pods', {}]]);
});

test.each([
  ['text', 'bad gateway', 'it has no list of items'],
  ['no items', { kind: 'PodMetricsList' }, 'it has no list of items'],
  ['an item that is none', { items: [7] }, 'items[0] is not an object'],
  ['no name', { items: [{ ...ITEM, metadata: {} }] }, 'items[0].metadata.name is not text'],
  ['no timestamp', { items: [ITEM, { ...ITEM, timestamp: null }] }, 'items[1].timestamp is not text'],
  ['a window that is a number', { items: [{ ...ITEM, window: 15 }] }, 'items[0].window is not text'],
  ['no containers', { items: [{ ...ITEM, containers: undefined }] }, 'items[0].containers is not a list'],
  ['no usage', { items: [{ ...ITEM, containers: [{ name: 'c' }] }] }, 'items[0].containers[0].usage is not an object'],
  [
    'an amount that is none',
    { items: [{ ...ITEM, containers: [{ name: 'c', usage: { cpu: null } }] }] },
    'items[0].containers[0].usage.cpu is not a quantity',
  ],
])('HPA-20.21 a body with %s is an error, never zeros', async (_name, body, why) => {
  await expect(list(answering(body).transport)).rejects.toThrow(why);
});

test('a refusal goes on as it is', async () => {
  const refusal = new KubeError({ code: 503, reason: 'ServiceUnavailable', message: 'not now' });
  await expect(list({ get: () => Promise.reject(refusal) })).rejects.toBe(refusal);
});
