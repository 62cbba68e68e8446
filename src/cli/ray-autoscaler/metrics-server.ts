/** The page that Prometheus reads, and whether we live. */

import { createServer, type Server, type ServerResponse } from 'node:http';
import { errorText } from '../../lib/error.ts';

export type Page = { readonly contentType: string; text(): Promise<string> };

export type MetricsServerOptions = {
  readonly page: Page;
  readonly port: number;
  /** Undefined: every interface. */
  readonly host: string | undefined;
};

export type MetricsServer = { readonly port: number; close(): Promise<void> };

const PLAIN = 'text/plain; charset=utf-8';
/** Nobody needs longer to ask for a page. */
const REQUEST_MS = 10_000;

/** Serves `/metrics`, `/` (the same) and `/healthz`. Rejects when it cannot listen. Spec: runtime 1.3 step 13, 11.2. */
export async function serveMetrics({ page, port, host }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, { status: 405, body: 'GET only\n' });
    if (path === '/healthz') return answer(response, { status: 200, body: 'ok\n' });
    if (path !== '/' && path !== '/metrics')
      return answer(response, { status: 404, body: 'see /metrics and /healthz\n' });
    page.text().then(
      (body) => answer(response, { status: 200, body, type: page.contentType }),
      (error: unknown) => answer(response, { status: 500, body: `${errorText(error)}\n` }),
    );
  });
  await listen(server, { port, ...(host === undefined ? {} : { host }) });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, where: { readonly port: number; readonly host?: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answer(
  response: ServerResponse,
  { status, body, type = PLAIN }: { readonly status: number; readonly body: string; readonly type?: string },
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body); // node leaves the body out where HEAD was asked
}
