/** Discovery from both forms of documents. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, refuse, serveScript } from '../../test/support/kube-server.ts';
import { QuickClock } from '../../test/support/quick-clock.ts';
import { HttpKubeApi } from './http-kube-api.ts';

const { signal } = new AbortController();

/** Serves documents by path; a number is a refusal with that code. */
async function discovered(documents: Readonly<Record<string, unknown>>) {
  const server = await serveScript('http', ({ url, headers }, response) => {
    const document = documents[`${url} ${headers.accept}`] ?? documents[url];
    if (typeof document === 'number') refuse(response, document, 'X', `no ${url}`);
    else if (document === undefined) response.writeHead(404).end('404 page not found');
    else answer(response, document);
  });
  const connection = { server: server.url, origin: 'a test' };
  const api = new HttpKubeApi({ connection, userAgent: 'tandem/1', clock: new QuickClock() });
  onTestFinished(() => api.close());
  return { server, found: api.discover({ signal }) };
}

const kind = (group: string, name: string): unknown => ({ group, version: 'v1', kind: name });

const AGGREGATED = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: '' },
        versions: [
          { version: 'v1', resources: [{ resource: 'nodes', responseKind: kind('', 'Node'), scope: 'Cluster' }] },
        ],
      },
    ],
  },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'apps' },
        versions: [
          { version: 'v3', freshness: 'Stale', resources: [{ resource: 'gone', responseKind: kind('', 'Gone') }] },
          {
            version: 'v1',
            freshness: 'Current',
            resources: [
              {
                resource: 'deployments',
                responseKind: kind('apps', 'Deployment'),
                scope: 'Namespaced',
                subresources: [
                  { subresource: 'scale', responseKind: kind('autoscaling', 'Scale') },
                  { subresource: 'status' },
                ],
              },
              { resource: 'nameless', scope: 'Cluster' },
            ],
          },
          {
            version: 'v1beta1',
            resources: [{ resource: 'deployments', responseKind: kind('', 'Deployment'), scope: 'Namespaced' }],
          },
        ],
      },
    ],
  },
};

const CLASSIC = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      {
        name: 'apps',
        versions: [{ version: 'v1' }, { version: 'v1beta1' }],
        preferredVersion: { version: 'v1' },
      },
    ],
  },
  '/api/v1': { resources: [{ name: 'nodes', kind: 'Node', namespaced: false }] },
  '/apis/apps/v1': {
    resources: [
      { name: 'deployments', kind: 'Deployment', namespaced: true },
      { name: 'deployments/scale', kind: 'Scale', namespaced: true },
      { name: 'deployments/status', kind: 'Deployment', namespaced: true },
    ],
  },
  '/apis/apps/v1beta1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
};

const deployments = { group: 'apps', resource: 'deployments', kind: 'Deployment', namespaced: true };
const WANTED = [
  { group: '', version: 'v1', resource: 'nodes', kind: 'Node', namespaced: false, preferred: true, subresources: [] },
  { ...deployments, version: 'v1', preferred: true, subresources: ['scale', 'status'] },
  { ...deployments, version: 'v1beta1', preferred: false, subresources: [] },
];

describe('discovery', () => {
  test('reads the aggregated documents: two requests; the first version that is not stale is preferred', async () => {
    const { found, server } = await discovered(AGGREGATED);
    expect(await found).toEqual(WANTED);
    expect(server.requests.map(({ url }) => url)).toEqual(['/api', '/apis']);
    expect(server.requests[1]?.headers.accept).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
    );
  });

  test('reads the classic documents where one of the two is not aggregated', async () => {
    expect(await (await discovered(CLASSIC)).found).toEqual(WANTED);
    const mixed = { ...CLASSIC, '/api': AGGREGATED['/api'], '/api application/json': CLASSIC['/api'] };
    expect(await (await discovered(mixed)).found).toEqual(WANTED);
  });

  test('leaves out a version whose server is away', async () => {
    const { found } = await discovered({ ...CLASSIC, '/apis/apps/v1beta1': 503 });
    expect(await found).toEqual(WANTED.slice(0, 2));
  });

  test('is an error when nothing can be read', async () => {
    const all = { '/api/v1': 503, '/apis/apps/v1': 503, '/apis/apps/v1beta1': 503 };
    await expect((await discovered({ ...CLASSIC, ...all })).found).rejects.toMatchObject({ status: { code: 503 } });
    await expect((await discovered({ ...CLASSIC, '/apis': 500 })).found).rejects.toThrow('no /apis');
    await expect((await discovered({ ...CLASSIC, '/apis': [] })).found).rejects.toThrow('is no object');
  });

  test('needs no core group', async () => {
    const { '/api': _, ...groupsOnly } = AGGREGATED;
    expect(await (await discovered(groupsOnly)).found).toEqual(WANTED.slice(1));
  });
});
