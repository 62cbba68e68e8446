import { describe, expect, test } from 'vitest';
import { manualClock } from '../../test/support/store.ts';
import { rawServer, OPTIONS } from '../../test/support/raw-server.ts';
import { seconds } from '../core/time/time.ts';
import { KubeError } from '../ports/kube-api.ts';
import { CustomMetrics } from './custom-metrics.ts';

const V2 = '/apis/custom.metrics.k8s.io/v1beta2';
const V1 = '/apis/custom.metrics.k8s.io/v1beta1';

const groups = (versions: readonly string[], preferred = versions[0]) => ({
  kind: 'APIGroupList',
  groups: [
    { name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }], preferredVersion: { version: 'v1' } },
    {
      name: 'custom.metrics.k8s.io',
      versions: versions.map((version) => ({ groupVersion: `custom.metrics.k8s.io/${version}`, version })),
      preferredVersion: { version: preferred },
    },
  ],
});

const V2_ITEM = {
  describedObject: { kind: 'Pod', namespace: 'default', name: 'web-0' },
  metric: { name: 'rps', selector: null },
  timestamp: '2026-03-01T00:00:00Z',
  windowSeconds: 30,
  value: '1500m',
};
const V1_ITEM = {
  describedObject: V2_ITEM.describedObject,
  metricName: 'rps',
  timestamp: V2_ITEM.timestamp,
  window: 30,
  selector: null,
  value: '1500m',
};
const READ = {
  describedObject: V2_ITEM.describedObject,
  metric: { name: 'rps' },
  timestamp: V2_ITEM.timestamp,
  windowSeconds: 30,
  value: '1500m',
};

const PODS = { namespace: 'default', metric: 'rps', labelSelector: 'app=web', metricLabelSelector: '' };
const OBJECT = {
  namespace: 'default',
  resource: 'ingresses.networking.k8s.io',
  name: 'main',
  metric: 'rps',
  metricLabelSelector: 'verb=GET',
};

function metricsOf(answers: Readonly<Record<string, unknown>>) {
  const clock = manualClock();
  const { transport, asked } = rawServer(answers);
  return { metrics: new CustomMetrics({ transport, clock, forgetEveryMs: seconds(15) }), asked, clock };
}

const list = (items: readonly unknown[]) => ({ kind: 'MetricValueList', items });

test('HPA-20.2 one metric of all pods, by the selectors of the pods and of the metric', async () => {
  const path = `${V2}/namespaces/default/pods/*/rps`;
  const { metrics, asked } = metricsOf({ '/apis': groups(['v1beta2']), [path]: list([V2_ITEM]) });
  expect(await metrics.listPodsMetric({ ...PODS, metricLabelSelector: 'verb=GET' }, OPTIONS)).toEqual([READ]);
  expect(asked).toEqual([
    ['/apis', {}],
    [path, { labelSelector: 'app=web', metricLabelSelector: 'verb=GET' }],
  ]);
});

test('HPA-20.3, HPA-20.6 one metric of one object; what asks for everything is left out', async () => {
  const path = `${V2}/namespaces/default/ingresses.networking.k8s.io/main/rps`;
  const { metrics, asked } = metricsOf({ '/apis': groups(['v1beta2']), [path]: list([V2_ITEM]) });
  await metrics.getObjectMetric(OBJECT, OPTIONS);
  await metrics.getObjectMetric({ ...OBJECT, metricLabelSelector: '' }, OPTIONS);
  expect(asked.slice(1)).toEqual([
    [path, { metricLabelSelector: 'verb=GET' }],
    [path, {}],
  ]);
});

test("HPA-20.4 a namespace is asked for as its own metric, and the object's name is ignored", async () => {
  const path = `${V2}/namespaces/default/metrics/rps`;
  const { metrics } = metricsOf({ '/apis': groups(['v1beta2']), [path]: list([V2_ITEM]) });
  expect(await metrics.getObjectMetric({ ...OBJECT, resource: 'namespaces' }, OPTIONS)).toEqual([READ]);
});

test('HPA-20.13 what v1beta1 serves comes in the form of v1beta2', async () => {
  const { window: _, ...windowless } = V1_ITEM;
  const { metrics } = metricsOf({
    '/apis': groups(['v1beta1']),
    [`${V1}/namespaces/default/pods/*/rps`]: list([V1_ITEM, windowless]),
  });
  const { windowSeconds: __, ...bare } = READ;
  expect(await metrics.listPodsMetric(PODS, OPTIONS)).toEqual([READ, bare]);
});

test('names are encoded, and what cannot be part of a path is not sent', async () => {
  const path = `${V2}/namespaces/default/services/main/rps%20%3F`;
  const { metrics, asked } = metricsOf({ '/apis': groups(['v1beta2']), [path]: list([]) });
  expect(
    await metrics.getObjectMetric(
      { ...OBJECT, resource: 'services', metric: 'rps ?', metricLabelSelector: '' },
      OPTIONS,
    ),
  ).toEqual([]);
  const sent = asked.length;
  await expect(metrics.getObjectMetric({ ...OBJECT, name: '..' }, OPTIONS)).rejects.toThrow(
    'invalid resource name "..": [may not be \'..\']',
  );
  await expect(metrics.getObjectMetric({ ...OBJECT, name: '' }, OPTIONS)).rejects.toThrow(
    'resource name may not be empty',
  );
  await expect(metrics.listPodsMetric({ ...PODS, metric: 'a/b%c' }, OPTIONS)).rejects.toThrow(
    "invalid subresource \"a/b%c\": [may not contain '/' may not contain '%']",
  );
  expect(asked.length).toBe(sent);
});

describe('the version', () => {
  test.each([
    ['the preferred one of two', groups(['v1beta1', 'v1beta2'], 'v1beta1'), V1],
    ['the first that is spoken', groups(['v9', 'v1beta2', 'v1beta1']), V2],
  ])('HPA-20.8 %s', async (_name, found, root) => {
    const path = `${root}/namespaces/default/pods/*/rps`;
    const { metrics, asked } = metricsOf({ '/apis': found, [path]: list([]) });
    await metrics.listPodsMetric(PODS, OPTIONS);
    expect(asked[1]).toEqual([path, { labelSelector: 'app=web' }]);
  });

  test('HPA-16.13 is kept until the next tick of the period, whenever it was found', async () => {
    const { metrics, asked, clock } = metricsOf({
      '/apis': groups(['v1beta2']),
      [`${V2}/namespaces/default/pods/*/rps`]: list([]),
    });
    const discoveries = (): number => asked.filter(([path]) => path === '/apis').length;
    await metrics.listPodsMetric(PODS, OPTIONS);
    clock.advance(14_000);
    await metrics.listPodsMetric(PODS, OPTIONS);
    expect(discoveries()).toBe(1);
    clock.advance(1000);
    await metrics.find(OPTIONS);
    await metrics.listPodsMetric(PODS, OPTIONS);
    expect(discoveries()).toBe(2);
    clock.advance(7000);
    await metrics.listPodsMetric(PODS, OPTIONS);
    expect(discoveries()).toBe(2);
  });

  test.each([
    ['no such group', { groups: [] }, 'no custom metrics API (custom.metrics.k8s.io) registered'],
    ['only versions of a time to come', groups(['v3']), 'no known available metric versions found'],
    ['nonsense', 'hello', 'no custom metrics API (custom.metrics.k8s.io) registered'],
    [
      'a hidden list',
      new KubeError({ code: 403, reason: 'Forbidden', message: 'no' }),
      'no custom metrics API (custom.metrics.k8s.io) registered',
    ],
    ['a failure', new KubeError({ code: 500, reason: 'InternalError', message: 'etcd is sad' }), 'etcd is sad'],
  ])('HPA-20.8 %s is an error that is not kept', async (_name, answer, why) => {
    const { metrics, asked } = metricsOf({ '/apis': answer });
    await expect(metrics.find(OPTIONS)).rejects.toThrow(why);
    await expect(metrics.listPodsMetric(PODS, OPTIONS)).rejects.toThrow(why);
    expect(asked.map(([path]) => path)).toEqual(['/apis', '/apis']);
  });
});

const PATH = `${V2}/namespaces/default/pods/*/rps`;
const not = (why: string): string => `the answer of ${PATH} is no MetricValueList: ${why}`;

test.each([
  ['text', 'bad gateway', not('it has no list of items')],
  [
    'another kind',
    { kind: 'PodMetricsList', items: [] },
    "the custom metrics API server didn't return MetricValueList, the type is PodMetricsList",
  ],
  ['an item that is none', list([7]), not('items[0] is not an object')],
  [
    'an item of nothing',
    list([V2_ITEM, { ...V2_ITEM, describedObject: {} }]),
    not('items[1].describedObject.name is not text'),
  ],
  ['no value', list([{ ...V2_ITEM, value: null }]), not('items[0].value is not a quantity')],
  ['a time that is none', list([{ ...V2_ITEM, timestamp: 'noon' }]), not('items[0].timestamp is not an RFC 3339 time')],
  [
    'a window that is none',
    list([{ ...V2_ITEM, windowSeconds: '30s' }]),
    not('items[0].windowSeconds is not a number of seconds'),
  ],
])('HPA-20.14, HPA-20.21 a body with %s is an error, never zeros', async (_name, body, why) => {
  const { metrics } = metricsOf({ '/apis': groups(['v1beta2']), [PATH]: body });
  await expect(metrics.listPodsMetric(PODS, OPTIONS)).rejects.toThrow(why);
});

test('a refusal goes on as it is', async () => {
  const refusal = new KubeError({ code: 404, reason: 'NotFound', message: 'no rps' });
  const { metrics } = metricsOf({ '/apis': groups(['v1beta2']), [PATH]: refusal });
  await expect(metrics.listPodsMetric(PODS, OPTIONS)).rejects.toBe(refusal);
});
