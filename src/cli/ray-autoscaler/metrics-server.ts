/** The page that Prometheus reads, and whether we live. */

import { serveHttp, type HttpServer, type PageAnswer } from '../process/http-server.ts';

export type Page = { readonly contentType: string; text(): Promise<string> };

export type MetricsServerOptions = {
  readonly page: Page;
  readonly port: number;
  /** Undefined: every interface. */
  readonly host: string | undefined;
};

export type MetricsServer = HttpServer;

/** Serves `/metrics`, `/` (the same) and `/healthz`. Rejects when it cannot listen. Spec: runtime 1.3 step 13, 11.2. */
export function serveMetrics({ page, port, host }: MetricsServerOptions): Promise<MetricsServer> {
  const handler = async (path: string): Promise<PageAnswer> => {
    if (path === '/healthz') return { status: 200, body: 'ok\n' };
    if (path !== '/' && path !== '/metrics') return { status: 404, body: 'see /metrics and /healthz\n' };
    return { status: 200, body: await page.text(), type: page.contentType };
  };
  return serveHttp({ handler, port, host });
}
