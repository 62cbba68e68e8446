/** What each call of the port sends, and how its answer is taken. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, refuse, serveScript, type Script, type ScriptedServer } from '../../test/support/kube-server.ts';
import { QuickClock } from '../../test/support/quick-clock.ts';
import type { Scale } from '../core/kube/apps.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, NODES, PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';
import { HttpKubeApi } from './http-kube-api.ts';

const { signal } = new AbortController();

async function apiOf(script: Script): Promise<{ readonly api: HttpKubeApi; readonly server: ScriptedServer }> {
  const server = await serveScript('http', script);
  const connection = { server: `${server.url}/prefix`, origin: 'a test', headers: { 'impersonate-user': 'someone' } };
  return { api: new HttpKubeApi({ connection, userAgent: 'tandem/1', clock: new QuickClock() }), server };
}

const OBJECT = { metadata: { name: 'x', namespace: 'n' } };
const SCALE: Scale = {
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'web', namespace: 'n' },
  spec: { replicas: 3 },
  status: { replicas: 2 },
};
const AT = { namespace: 'n', name: 'web' };

describe('requests', () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'n' },
    spec: { containers: [] },
  };
  const operations = [{ op: 'replace', path: '/spec/x', value: 1 }] as const;
  const hpa = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: pod.metadata,
    spec: {},
  } as never;

  const cases: readonly {
    readonly name: string;
    readonly call: (api: HttpKubeApi) => Promise<unknown>;
    readonly sent: string;
    readonly type?: string;
    readonly body?: unknown;
    readonly reply?: unknown;
  }[] = [
    { name: 'get', call: (api) => api.get(PODS, AT, { signal }), sent: 'GET /api/v1/namespaces/n/pods/web' },
    {
      name: 'get of a cluster-scoped kind',
      call: (api) => api.get(NODES, { namespace: '', name: 'a:b' }, { signal }),
      sent: 'GET /api/v1/nodes/a%3Ab',
    },
    {
      name: 'list',
      call: (api) =>
        api.list(
          RAY_CLUSTERS,
          {
            namespace: 'n',
            labelSelector: 'a in (b)',
            fieldSelector: '',
            limit: 2,
            continue: 'c+',
            resourceVersion: '0',
          },
          { signal },
        ),
      sent: 'GET /apis/ray.io/v1/namespaces/n/rayclusters?labelSelector=a+in+%28b%29&limit=2&continue=c%2B&resourceVersion=0',
      reply: { metadata: {}, items: [] },
    },
    {
      name: 'list of all namespaces',
      call: (api) => api.list(PODS, { resourceVersion: '7', resourceVersionMatch: 'NotOlderThan' }, { signal }),
      sent: 'GET /api/v1/pods?resourceVersion=7&resourceVersionMatch=NotOlderThan',
      reply: { metadata: {}, items: [] },
    },
    {
      name: 'create',
      call: (api) => api.create(PODS, pod, { signal }),
      sent: 'POST /api/v1/namespaces/n/pods',
      type: 'application/json',
      body: pod,
    },
    {
      name: 'update of a status',
      call: (api) => api.update(HORIZONTAL_POD_AUTOSCALERS, hpa, { signal, subresource: 'status' }),
      sent: 'PUT /apis/autoscaling/v2/namespaces/n/horizontalpodautoscalers/web/status',
      type: 'application/json',
      body: hpa,
    },
    {
      name: 'patch by operations',
      call: (api) => api.patch(RAY_CLUSTERS, AT, { type: 'json', operations }, { signal }),
      sent: 'PATCH /apis/ray.io/v1/namespaces/n/rayclusters/web',
      type: 'application/json-patch+json',
      body: operations,
    },
    {
      name: 'merge patch of a status',
      call: (api) => api.patch(PODS, AT, { type: 'merge', value: { a: null } }, { signal, subresource: 'status' }),
      sent: 'PATCH /api/v1/namespaces/n/pods/web/status',
      type: 'application/merge-patch+json',
      body: { a: null },
    },
    {
      name: 'delete',
      call: (api) => api.delete(PODS, AT, { signal, gracePeriodSeconds: 0, preconditions: { uid: 'u' } }),
      sent: 'DELETE /api/v1/namespaces/n/pods/web',
      type: 'application/json',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid: 'u' } },
      reply: { kind: 'Status', status: 'Success' },
    },
    {
      name: 'get of a scale',
      call: (api) => api.getScale(DEPLOYMENTS, AT, { signal }),
      sent: 'GET /apis/apps/v1/namespaces/n/deployments/web/scale',
      reply: SCALE,
    },
    {
      name: 'update of a scale',
      call: (api) => api.updateScale(DEPLOYMENTS, AT, SCALE, { signal }),
      sent: 'PUT /apis/apps/v1/namespaces/n/deployments/web/scale',
      type: 'application/json',
      body: SCALE,
      reply: SCALE,
    },
    {
      name: 'binding',
      call: (api) => api.bindPod(AT, 'node-1', { signal }),
      sent: 'POST /api/v1/namespaces/n/pods/web/binding',
      type: 'application/json',
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: AT,
        target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
      },
    },
    {
      name: 'eviction',
      call: (api) => api.evictPod(AT, { signal }),
      sent: 'POST /api/v1/namespaces/n/pods/web/eviction',
      type: 'application/json',
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: AT },
    },
    {
      name: 'raw GET',
      call: (api) => api.get('/apis/metrics.k8s.io/v1beta1/namespaces/n/pods', { labelSelector: 'a=b' }, { signal }),
      sent: 'GET /apis/metrics.k8s.io/v1beta1/namespaces/n/pods?labelSelector=a%3Db',
    },
  ];

  test.each(cases)('$name', async ({ call, sent, type, body, reply }) => {
    const { api, server } = await apiOf((_, response) => answer(response, reply ?? OBJECT));
    await call(api);
    const [request] = server.requests;
    expect(`${request?.method} ${request?.url.replace('/prefix/', '/')}`).toBe(sent);
    expect(request?.url).toMatch(/^\/prefix\//);
    expect(request?.headers['content-type']).toBe(type);
    expect(request?.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': 'tandem/1',
      'impersonate-user': 'someone',
    });
    expect(request?.body).toEqual(body);
    await api.close();
  });

  test.each([
    ['', 'n'],
    ['..', 'n'],
    ['web', ''],
    ['web', '.'],
  ])(
    'the name %o in the namespace %o is refused before anything is sent: it would address something else',
    async (name, namespace) => {
      const { api, server } = await apiOf((_, response) => answer(response, OBJECT));
      await expect(api.delete(PODS, { namespace, name }, { signal })).rejects.toMatchObject({ status: { code: 400 } });
      expect(server.requests).toEqual([]);
      await api.close();
    },
  );
});

describe('answers', () => {
  const taken = async (reply: unknown, call: (api: HttpKubeApi) => Promise<unknown>): Promise<unknown> => {
    const { api } = await apiOf((_, response) => answer(response, reply));
    onTestFinished(() => api.close());
    return call(api);
  };

  test('items of a list get the kind that the server leaves out', async () => {
    const reply = {
      kind: 'PodList',
      metadata: { resourceVersion: '9', continue: 'next', remainingItemCount: 3 },
      items: [{ metadata: { name: 'a' } }],
    };
    expect(await taken(reply, (api) => api.list(PODS, {}, { signal }))).toEqual({
      resourceVersion: '9',
      continue: 'next',
      remainingItemCount: 3,
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }],
    });
  });

  test.each([
    ['no list', { metadata: {} }, (api: HttpKubeApi) => api.list(PODS, {}, { signal })],
    ['items that are no objects', { metadata: {}, items: [1] }, (api: HttpKubeApi) => api.list(PODS, {}, { signal })],
    ['no object', [], (api: HttpKubeApi) => api.get(PODS, AT, { signal })],
    ['no Scale', { ...SCALE, kind: 'Deployment' }, (api: HttpKubeApi) => api.getScale(DEPLOYMENTS, AT, { signal })],
    [
      'an old Scale',
      { ...SCALE, apiVersion: 'extensions/v1beta1' },
      (api: HttpKubeApi) => api.getScale(DEPLOYMENTS, AT, { signal }),
    ],
  ])('HPA-3.6 %s is an error, and never an empty answer', async (_, reply, call) => {
    await expect(taken(reply, call)).rejects.toMatchObject({ code: 'TANDEM_KUBE_UNAVAILABLE', status: { code: 0 } });
  });

  test('HPA-3.6 a Scale of nothing has no replicas, and a status', async () => {
    const { status: _, ...bare } = { ...SCALE, spec: {} };
    expect(await taken(bare, (api) => api.getScale(DEPLOYMENTS, AT, { signal }))).toMatchObject({
      spec: {},
      status: { replicas: 0 },
    });
  });

  test('HPA-20.21: a broken body is a decode error', async () => {
    const { api } = await apiOf((_, response) => response.end('{"items": ['));
    await expect(api.get('/apis', {}, { signal })).rejects.toThrow(/^couldn't get version\/kind; json parse error: /);
    await api.close();
  });

  test('HPA-20.18: a refusal without a Status names request and subject', async () => {
    const { api } = await apiOf((_, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('404'));
    const text = (call: Promise<unknown>): Promise<unknown> => call.catch((error: Error) => error.message);
    const missing = 'the server could not find the requested resource';
    expect(await text(api.getScale(DEPLOYMENTS, AT, { signal }))).toBe(`${missing} (get deployments web)`);
    expect(await text(api.updateScale(DEPLOYMENTS, AT, SCALE, { signal }))).toBe(`${missing} (put deployments web)`);
    expect(await text(api.get('/apis/metrics.k8s.io/v1beta1/namespaces/n/pods', {}, { signal }))).toBe(
      `${missing} (get pods.metrics.k8s.io)`,
    );
    expect(await text(api.get('/version', {}, { signal }))).toBe(missing);
    await api.close();
  });

  test('a refusal is a KubeError with the Status, also of calls that return nothing', async () => {
    const { api } = await apiOf((_, response) => refuse(response, 409, 'Conflict', 'assigned already'));
    await expect(api.bindPod(AT, 'node', { signal })).rejects.toMatchObject({
      name: 'KubeError',
      code: 'TANDEM_KUBE_CONFLICT',
      status: { code: 409, reason: 'Conflict', message: 'assigned already' },
    });
    await api.close();
  });
});
