/** The contract of KubeApi, kept by a real kube-apiserver through our HTTPS client. The bed is that of TANDEM_BED_KUBECONFIG, or one of its own. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { RealClock } from '../../src/clock/real-clock.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import type { KubeObject } from '../../src/core/kube/object.ts';
import type { RayCluster } from '../../src/core/kube/ray.ts';
import { NAMESPACES, NODES, PODS, RAY_CLUSTERS, type Resource } from '../../src/core/kube/resource.ts';
import { resolveConnection, type KubeConnection } from '../../src/kube/connection.ts';
import { discoverResources } from '../../src/kube/discovery.ts';
import { HttpKubeApi } from '../../src/kube/http-kube-api.ts';
import { Transport, type KubeRequest } from '../../src/kube/transport.ts';
import { KubeError, type ApiResource } from '../../src/ports/kube-api.ts';
import { key, refused } from '../contract/kube-api-support.ts';
import { describeKubeApiContract, type KubeApiWorld } from '../contract/kube-api.ts';
import { describeOnBed } from './bed/harness.ts';

const WITHIN_MS = 60_000;
const TITLE = 'real kube-apiserver';
const { TANDEM_BED_KUBECONFIG: given = '' } = process.env;
if (given !== '') describe(TITLE, () => kept(() => given));
else describeOnBed(TITLE, { sidecar: 'ray' }, (bed) => kept(() => bed().kubeconfig));

function kept(kubeconfig: () => string): void {
  const clock = new RealClock();
  const connect = (): Promise<KubeConnection> => resolveConnection({ kubeconfig: kubeconfig(), variables: {} });
  let api: HttpKubeApi;
  let namespaces = 0;

  beforeAll(async () => {
    const connection = await connect();
    api = new HttpKubeApi({ connection, userAgent: 'tandem-contract/1', clock });
    return () => api.close();
  });

  const run = async (play: (world: KubeApiWorld) => Promise<void>): Promise<void> => {
    const scope = new AbortController();
    const timer = setTimeout(() => scope.abort(new Error(`the test took longer than ${WITHIN_MS} ms`)), WITHIN_MS);
    const limit = scope.signal;
    namespaces += 1;
    const namespace = `contract-${process.pid}-${namespaces}`;
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await api.create(NAMESPACES, object, { signal: limit });
    try {
      await serviceAccountIn(api, namespace, limit);
      await play({ api, signal: limit, namespace, sleep: (ms) => delay(ms, undefined, { signal: limit }) });
    } finally {
      clearTimeout(timer);
      scope.abort(new Error('the test is over'));
      await api.delete(NAMESPACES, { namespace: '', name: namespace }, { signal: AbortSignal.timeout(WITHIN_MS) });
    }
  };

  describeKubeApiContract(TITLE, {
    run,
    ownerCollection: 'runs',
    // what is kept of a custom resource begins when its definition comes, which is after the first version of the store
    expiredVersion: async () => ({ resource: RAY_CLUSTERS, resourceVersion: '1' }),
  });

  describe('beyond the contract', () => {
    const signal = (): AbortSignal => AbortSignal.timeout(WITHIN_MS);

    test('discovery: aggregated and classic documents say the same', async () => {
      const text = (found: Awaited<ReturnType<HttpKubeApi['discover']>>): readonly string[] =>
        found.map((each) => JSON.stringify({ ...each, subresources: each.subresources.toSorted() })).toSorted();
      const aggregated = await api.discover({ signal: signal() });
      expect(aggregated.length).toBeGreaterThan(50);
      expect(aggregated).toContainEqual({
        ...NODES,
        preferred: true,
        subresources: expect.arrayContaining(['status']),
      });
      expect(text(aggregated)).toEqual(text(await classicDiscovery(signal())));
    });

    test('a custom resource: a patch by operations, guarded', async () => {
      await run(async (world) => {
        const { namespace } = world;
        const at = key(namespace, 'r');
        await api.create(RAY_CLUSTERS, suspendedCluster(namespace, at.name), world);
        const patched = (group: string): Promise<RayCluster> => {
          const operations = [
            { op: 'test', path: '/spec/workerGroupSpecs/0/groupName', value: group },
            { op: 'replace', path: '/spec/workerGroupSpecs/0/scaleStrategy', value: { workersToDelete: ['x'] } },
            { op: 'replace', path: '/spec/workerGroupSpecs/0/replicas', value: 2 },
          ] as const;
          return api.patch(RAY_CLUSTERS, at, { type: 'json', operations }, world);
        };
        await refused(patched('other'), 422, 'Invalid', 'the server rejected our request');
        expect((await patched('workers')).spec.workerGroupSpecs?.[0]).toMatchObject({
          replicas: 2,
          scaleStrategy: { workersToDelete: ['x'] },
        });
        const { items } = await api.list(RAY_CLUSTERS, { namespace, labelSelector: '' }, world);
        expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['RayCluster r']);
        await refused(api.getScale(RAY_CLUSTERS, at, world), 404, 'NotFound', 'rayclusters.ray.io "r" not found');
      });
    });

    test('a token that the server does not know is refused with 401', async () => {
      const { clientCertificate: _, renew: __, ...connection } = await connect();
      const stranger = new HttpKubeApi({
        connection: { ...connection, token: async () => 'unknown' },
        userAgent: 'tandem-contract/1',
        clock,
      });
      const status = await refused(stranger.list(PODS, {}, { signal: signal() }), 401, 'Unauthorized', 'Unauthorized');
      expect(status.code).toBe(401);
      await stranger.close();
    });

    test('a service account: its folder is enough to be let in, and what it may not do is said', async () => {
      await run(async ({ namespace, signal: during }) => {
        const data = await accountSecret(api, namespace, during);
        const folder = mkdtempSync(join(tmpdir(), 'tandem-account-'));
        onTestFinished(() => rmSync(folder, { recursive: true }));
        for (const file of ['token', 'ca.crt']) {
          writeFileSync(join(folder, file), Buffer.from(data[file] ?? '', 'base64'));
        }
        const { hostname, port } = new URL((await connect()).server);
        const variables = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT_HTTPS: port };
        const connection = await resolveConnection({ variables, serviceAccountFolder: folder });
        const account = new HttpKubeApi({ connection, userAgent: 'tandem-contract/1', clock });
        onTestFinished(() => account.close());
        expect((await account.discover({ signal: during })).length).toBeGreaterThan(50);
        const why = `cannot list resource "pods" in API group "" in the namespace "${namespace}"`;
        const user = `system:serviceaccount:${namespace}:default`;
        await refused(account.list(PODS, { namespace }, { signal: during }), 403, 'Forbidden', `"${user}" ${why}`);
      });
    });

    test('a bookmark comes at the end of a watch that is short', async () => {
      await run(async ({ namespace, signal: during }) => {
        const short = new HttpKubeApi({
          connection: await connect(),
          userAgent: 'tandem-contract/1',
          clock,
          watchLimits: { lengthSeconds: 3 },
        });
        onTestFinished(() => short.close());
        const { resourceVersion } = await short.list(PODS, { namespace }, { signal: during });
        const query = { namespace, resourceVersion, allowWatchBookmarks: true };
        // the server has nothing to mark while nothing has changed since the list
        const pod: Pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'p', namespace },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        };
        const written = api.create(PODS, pod, { signal: during });
        const types: string[] = [];
        for await (const { type } of short.watch(PODS, query, { signal: during })) types.push(type);
        await written;
        expect(types[0]).toBe('ADDED');
        expect(types.at(-1)).toBe('BOOKMARK');
      });
    });
  });

  /** The same question without naming the aggregated form. */
  async function classicDiscovery(during: AbortSignal): Promise<readonly ApiResource[]> {
    const connection = await connect();
    const transport = new Transport({ connection, userAgent: 'tandem-contract/1', clock });
    try {
      const plain = {
        json: (request: KubeRequest, until: AbortSignal) =>
          transport.json({ ...request, accept: 'application/json' }, until),
      };
      return await discoverResources(plain, during);
    } finally {
      await transport.close();
    }
  }
}

/** Pods are refused until the controller of service accounts has made the default one. */
async function serviceAccountIn(api: HttpKubeApi, namespace: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  for (;;) {
    const found = await api.get(path, {}, { signal }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof KubeError && error.status.code === 404) return false;
        throw error;
      },
    );
    if (found) return;
    await delay(100, undefined, { signal });
  }
}

/** The operator makes no pods for it. */
function suspendedCluster(namespace: string, name: string): RayCluster {
  const template = { spec: { containers: [{ name: 'ray', image: 'example.com/ray:1' }] } };
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name, namespace },
    spec: {
      suspend: true,
      rayVersion: '2.60.0',
      headGroupSpec: { rayStartParams: {}, template },
      workerGroupSpecs: [
        { groupName: 'workers', replicas: 1, minReplicas: 0, maxReplicas: 3, rayStartParams: {}, template },
      ],
    },
  };
}

type Secret = KubeObject & { readonly type: string; readonly data?: Readonly<Record<string, string>> };

const SECRETS: Resource<Secret> = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true };

/** A token for the default service account of a namespace, as a controller fills it in, with the CA; in base64. */
async function accountSecret(
  api: HttpKubeApi,
  namespace: string,
  signal: AbortSignal,
): Promise<NonNullable<Secret['data']>> {
  const annotations = { 'kubernetes.io/service-account.name': 'default' };
  const metadata = { name: 'account', namespace, annotations };
  const type = 'kubernetes.io/service-account-token';
  await api.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, type }, { signal });
  for (;;) {
    const { data } = await api.get(SECRETS, key(namespace, 'account'), { signal });
    if (data?.['token'] !== undefined) return data;
    await delay(100, undefined, { signal });
  }
}
