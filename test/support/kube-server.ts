/** A scripted API server on the loopback, for tests of what is sent and of how answers are taken. */

import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/** The path of a file of test/fixtures/pki. */
export function pkiFile(name: string): string {
  return fileURLToPath(new URL(`../fixtures/pki/${name}`, import.meta.url));
}

export function pki(name: string): string {
  return readFileSync(pkiFile(name), 'utf8');
}

/** What arrived. */
export type SeenRequest = {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Parsed; undefined when nothing was sent. */
  readonly body: unknown;
  /** The name in the client's certificate; undefined without one. */
  readonly user: string | undefined;
  /** The client's port: the same for requests on one connection. */
  readonly port: number | undefined;
};

export type ScriptedServer = {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
};

/** Answers each request; `number` counts from 1. */
export type Script = (request: SeenRequest, response: ServerResponse, number: number) => unknown;

/** Listens until the test is over. */
export async function serveScript(scheme: 'http' | 'https', script: Script): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    message.on('data', (part: Buffer) => parts.push(part));
    message.on('end', () => {
      const { socket } = message;
      const text = Buffer.concat(parts).toString();
      const request = {
        method: message.method ?? '',
        url: message.url ?? '',
        headers: message.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
        user: socket instanceof TLSSocket ? [socket.getPeerCertificate().subject?.CN].flat()[0] : undefined,
        port: socket.remotePort,
      };
      requests.push(request);
      void script(request, response, requests.length);
    });
  };
  const tls = { key: pki('server.key'), cert: pki('server.crt'), ca: pki('ca.crt') };
  const server =
    scheme === 'http'
      ? createHttp(listener)
      : createHttps({ ...tls, requestCert: true, rejectUnauthorized: false }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { url: `${scheme}://127.0.0.1:${port}`, requests };
}

export function answer(response: ServerResponse, body: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A refusal as API servers send it. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  answer(response, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }, code);
}
