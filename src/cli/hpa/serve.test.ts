/** The pages of a process over real sockets of the loopback. */

import { request } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pki, pkiFile } from '../../../test/support/kube-server.ts';
import { QuickClock } from '../../../test/support/quick-clock.ts';
import { serveHttp, type HttpServer, type HttpServerOptions } from '../process/http-server.ts';
import { ProcessView } from './process-view.ts';
import { servePages } from './serve.ts';
import type { Serving } from './settings.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 } as const;

/** Serves the pages of a process; `port` is the one it got. */
async function served(serving: Serving, serve: (options: HttpServerOptions) => Promise<HttpServer> = serveHttp) {
  const clock = new QuickClock();
  const view = new ProcessView(clock);
  const told: string[] = [];
  const ports: number[] = [];
  const end = await servePages(serving, {
    handler: (path, query) => view.page(path, query),
    clock,
    log: { info: (text) => void told.push(text), warn: (text) => void told.push(text) },
    serve: async (options) => {
      const server = await serve(options);
      ports.push(server.port);
      return server;
    },
  });
  onTestFinished(end);
  return { told, ports, end, url: (path: string) => `http://127.0.0.1:${ports.at(-1)}${path}` };
}

describe('HPA-17.9, HPA-17.2 over HTTP', () => {
  test.each([
    ['/healthz', 200, 'ok'],
    ['/healthz?verbose', 200, '[+]leaderElection ok'],
    ['/healthz/', 200, 'ok'],
    ['/healthz/a/b', 404, 'see /metrics'],
    ['/readyz', 500, '[-]informer-sync failed: '],
    ['/metrics', 200, 'workqueue_depth{name="horizontalpodautoscaler"} 0'],
    ['/configz', 404, 'see /metrics, /healthz and /readyz'],
  ])('%s answers %i', async (path, status, text) => {
    const { url } = await served(LOOPBACK);
    const response = await fetch(url(path));
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(text)]);
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  test('takes no writes', async () => {
    const { url } = await served(LOOPBACK);
    expect((await fetch(url('/metrics'), { method: 'POST' })).status).toBe(405);
  });

  test('ends with the process', async () => {
    const { url, end } = await served(LOOPBACK);
    await end();
    await expect(fetch(url('/healthz'))).rejects.toThrow();
  });
});

test('by HTTPS with the certificate that was given', async () => {
  const tls = { certificate: pkiFile('server.crt'), key: pkiFile('server.key') };
  const { ports } = await served({ ...LOOPBACK, tls });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: ports[0], path: '/healthz', ca: pki('ca.crt'), servername: 'localhost' };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
});

test('a port that is taken is said once and waited for', async () => {
  const first = await serveHttp({ handler: () => ({ status: 200, body: '' }), ...LOOPBACK });
  let tries = 0;
  const { told, url } = await served({ ...LOOPBACK, port: first.port }, async (options) => {
    if (++tries === 3) await first.close();
    return serveHttp(options);
  });
  await expect.poll(() => told).toHaveLength(2);
  expect(told).toEqual([
    `/metrics and /healthz are not served on 127.0.0.1:${first.port} until that is free: it is taken by another program`,
    `/metrics and /healthz are served on 127.0.0.1:${first.port}`,
  ]);
  expect((await fetch(url('/healthz'))).status).toBe(200);
});

describe('what no waiting mends is refused', () => {
  const failing = (code: string) => async (): Promise<never> => {
    throw Object.assign(new Error(`listen ${code}`), { code });
  };

  test.each([
    ['EADDRNOTAVAIL', '--bind-address 127.0.0.1 is no address of this machine; nothing was started'],
    ['EACCES', '--secure-port 80 may not be used by this user: take one above 1023; nothing was started'],
    ['EWHATEVER', 'nothing can be served on 127.0.0.1:80: listen EWHATEVER; nothing was started'],
  ])('%s', async (code, message) => {
    const serving = { ...LOOPBACK, port: 80 };
    await expect(served(serving, failing(code))).rejects.toMatchObject({ code: 'TANDEM_USAGE', message });
  });

  test('a certificate that is not there, and one that is none', async () => {
    const key = pkiFile('server.key');
    await expect(served({ ...LOOPBACK, tls: { certificate: '/nowhere.crt', key } })).rejects.toThrow(
      '--tls-cert-file cannot be read: ENOENT: no such file or directory',
    );
    await expect(served({ ...LOOPBACK, tls: { certificate: pkiFile('README.md'), key } })).rejects.toThrow(
      /^nothing can be served on 127\.0\.0\.1:0: .*; nothing was started$/,
    );
  });
});
