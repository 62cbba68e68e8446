/** A server of few pages for probes and scrapers: GET and HEAD, by HTTP or, with a certificate, by HTTPS. */

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { errorText } from '../../lib/error.ts';

export type PageAnswer = { readonly status: number; readonly body: string; readonly type?: string };

/** `path` without its query. */
export type PageHandler = (path: string, query: URLSearchParams) => PageAnswer | Promise<PageAnswer>;

export type HttpServerOptions = {
  readonly handler: PageHandler;
  readonly port: number;
  /** Undefined: every interface. */
  readonly host: string | undefined;
  /** PEM; absent: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
};

export type HttpServer = { readonly port: number; close(): Promise<void> };

const PLAIN = 'text/plain; charset=utf-8';
/** Nobody needs longer to ask for a page. */
const LIMITS = { requestTimeout: 10_000, headersTimeout: 10_000 };

/** Rejects when it cannot listen. */
export async function serveHttp({ handler, port, host, tls }: HttpServerOptions): Promise<HttpServer> {
  const listener = listenerOf(handler);
  const server =
    tls === undefined
      ? createServer(LIMITS, listener)
      : createTlsServer({ ...LIMITS, cert: tls.certificate, key: tls.key }, listener);
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

function listenerOf(handler: PageHandler): RequestListener {
  const answered = async (path: string, query: URLSearchParams): Promise<PageAnswer> => handler(path, query);
  return ({ method, url = '/' }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return answer(response, { status: 405, body: 'GET only\n' });
    const [path = '/', query = ''] = url.split('?', 2);
    answered(path, new URLSearchParams(query)).then(
      (page) => answer(response, page),
      (error: unknown) => answer(response, { status: 500, body: `${errorText(error)}\n` }),
    );
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

function answer(response: ServerResponse, { status, body, type = PLAIN }: PageAnswer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body); // node leaves the body out where HEAD was asked
}
