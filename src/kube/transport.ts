/**
 * Requests to one API server: a pool of kept connections, credentials, limits, and the repetitions that are invisible to callers. Nothing
 * of the environment (proxies, TLS switches) counts here.
 */

import { Pool, type Dispatcher } from 'undici';
import { epochMs, seconds } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import type { Clock } from '../ports/clock.ts';
import { KubeError } from '../ports/kube-api.ts';
import { BodyTooLong, readBody } from './body.ts';
import { readList } from './list-stream.ts';
import type { KubeConnection } from './connection.ts';
import { Credentials, type HeldCredentials } from './credentials.ts';
import type { Address } from './paths.ts';
import { brokenAnswer, connectionFailure, isConnectionReset, refusal } from './refusal.ts';

export type TransportOptions = {
  readonly connection: KubeConnection;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly limits?: Partial<TransportLimits>;
  /** Told of every answer, those included that are repeated without their caller's knowledge. Must not throw. */
  readonly answered?: (answer: AnsweredRequest) => void;
};

export type AnsweredRequest = {
  readonly method: KubeRequest['method'];
  readonly path: string;
  /** 0: no answer came. */
  readonly code: number;
  /** Where the server asks to come again later. */
  readonly retryAfterSeconds: number | undefined;
};

/** On wall time. The whole of a request is limited by its caller's signal. */
export type TransportLimits = {
  readonly connectMs: number;
  /** From the request to the first line of its answer. */
  readonly headersMs: number;
  /** Between two pieces of an answer. */
  readonly bodyMs: number;
  readonly bodyBytes: number;
};

const DEFAULT_LIMITS: TransportLimits = {
  connectMs: 5000,
  headersMs: 60_000,
  bodyMs: 30_000,
  bodyBytes: 256 * 2 ** 20,
};

/** Longer than the pause between two rounds, shorter than the two minutes after which an API server hangs up. */
const KEEP_ALIVE_MS = 60_000;

/** Spec: HPA-20.20. */
const MAX_REPETITIONS = 10;
const RESET_PAUSE_SECONDS = 1;

export type KubeRequest = Address & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Undefined members are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Between two pieces of the answer, where another limit than that of the transport holds. */
  readonly bodyMs?: number;
};

type Response = Dispatcher.ResponseData;

export class Transport {
  readonly #options: TransportOptions;
  readonly #limits: TransportLimits;
  readonly #credentials: Credentials;
  #pool: { readonly connection: KubeConnection; readonly pool: Pool } | undefined;
  #closed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#credentials = new Credentials(options);
  }

  /** The parsed body of an answer that is not a refusal. Rejects with a KubeError, or with the signal's reason. */
  async json(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    const { body } = await this.open(request, signal);
    let text: string;
    try {
      text = await readBody(body, this.#limits.bodyBytes);
    } catch (error) {
      throw this.failure(error, signal);
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      throw brokenAnswer(`json parse error: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }

  /** The body of a list, whose items are taken as they come. Returns the rest of it. Rejects as {@link json} does. */
  async list(request: KubeRequest, signal: AbortSignal, take: (items: readonly unknown[]) => void): Promise<unknown> {
    const { body } = await this.open(request, signal);
    try {
      return await readList(body, { maxBytes: this.#limits.bodyBytes, take });
    } catch (error) {
      body.destroy();
      if (!(error instanceof SyntaxError)) throw this.failure(error, signal);
      throw brokenAnswer(`json parse error: ${error.message}`, { cause: error });
    }
  }

  /** The answer with its body unread, once it is known not to be a refusal. The caller must read or destroy the body. */
  async open(request: KubeRequest, signal: AbortSignal): Promise<Response> {
    for (let repetition = 0; ; repetition++) {
      const last = repetition === MAX_REPETITIONS;
      let response: Response;
      try {
        response = await this.#authenticated(request, signal);
        this.#tell(request, response.statusCode, retryAfterOf(response));
      } catch (error) {
        this.#tell(request, 0);
        if (last || request.method !== 'GET' || signal.aborted || !isConnectionReset(error)) {
          throw this.failure(error, signal);
        }
        await this.#pause(RESET_PAUSE_SECONDS, signal);
        continue;
      }
      if (response.statusCode >= 200 && response.statusCode < 300) return response;
      const wait = last ? undefined : repeatAfterSeconds(request, response);
      if (wait === undefined) throw await this.#refusal(request, response, signal);
      await discard(response);
      await this.#pause(wait, signal);
    }
  }

  /** For answers of which only that they are no refusal counts. */
  async send(request: KubeRequest, signal: AbortSignal): Promise<void> {
    await discard(await this.open(request, signal));
  }

  /** What an error of the connection becomes for the caller of a request with this signal. */
  failure(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof KubeError) return error;
    if (error instanceof TandemError) {
      // credentials that cannot be read: the sentence says which, and no request was sent
      return new KubeError({ code: 0, reason: '', message: error.message }, { cause: error });
    }
    const { connection } = this.#options;
    if (error instanceof BodyTooLong) {
      const message = `an answer of the API server ${connection.server} was given up: ${error.message}`;
      return new KubeError({ code: 0, reason: '', message }, { cause: error });
    }
    return connectionFailure(connection, error);
  }

  /** Ends everything that is open; requests under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.pool.destroy();
  }

  async #authenticated(request: KubeRequest, signal: AbortSignal): Promise<Response> {
    const used = await abortable(this.#credentials.current(), signal);
    const response = await this.#send(request, used, signal);
    if (response.statusCode !== 401) return response;
    // why newer ones cannot be read is not what the caller asked: the refusal is the answer then
    const other = await abortable(this.#credentials.other(used), signal).catch(() => undefined);
    if (other === undefined) return response;
    await discard(response);
    return this.#send(request, other, signal);
  }

  async #send(request: KubeRequest, { connection, token }: HeldCredentials, signal: AbortSignal): Promise<Response> {
    signal.throwIfAborted();
    const { method, path, body, contentType = 'application/json', accept = 'application/json' } = request;
    const prefix = new URL(connection.server).pathname.replace(/\/$/, '');
    return this.#poolFor(connection).request({
      method,
      path: `${prefix}${path}${queryText(request.query)}`,
      headers: {
        ...connection.headers,
        accept,
        'user-agent': this.#options.userAgent,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
      ...(request.bodyMs === undefined ? {} : { bodyTimeout: request.bodyMs }),
    });
  }

  /** Connections are made with certificates, so another certificate means another pool; the old one ends with its last request. */
  #poolFor(connection: KubeConnection): Pool {
    if (this.#closed) throw new Error('the connection was closed here');
    const old = this.#pool;
    if (old !== undefined && sameTls(old.connection, connection)) return old.pool;
    const { ca, clientCertificate, serverName, verification, server } = connection;
    const { connectMs, headersMs, bodyMs } = this.#limits;
    const pool = new Pool(new URL(server).origin, {
      connect: {
        timeout: connectMs,
        rejectUnauthorized: verification !== 'none',
        ...(ca === undefined ? {} : { ca }),
        ...(clientCertificate === undefined ? {} : { cert: clientCertificate.certificate, key: clientCertificate.key }),
        ...(serverName === undefined ? {} : { servername: serverName }),
      },
      headersTimeout: headersMs,
      bodyTimeout: bodyMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
    this.#pool = { connection, pool };
    // closing waits for what is under way; that a request of it fails is told to its own caller
    old?.pool.close().catch(() => undefined);
    return pool;
  }

  async #refusal({ method, subject }: KubeRequest, response: Response, signal: AbortSignal): Promise<unknown> {
    let body: string;
    try {
      body = await readBody(response.body, MAX_REFUSAL_BYTES);
    } catch (error) {
      return this.failure(error, signal);
    }
    return refusal({
      code: response.statusCode,
      method,
      subject,
      contentType: headerOf(response, 'content-type'),
      body,
      retryAfterSeconds: retryAfterOf(response),
    });
  }

  #tell({ method, path }: KubeRequest, code: number, retryAfterSeconds?: number): void {
    this.#options.answered?.({ method, path, code, retryAfterSeconds });
  }

  #pause(waitSeconds: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    return clock.sleepUntil(epochMs(clock.now() + seconds(waitSeconds)), signal);
  }
}

/** Reads a body that nobody wants, so that its connection can be used again. A body that breaks off costs its connection, no more. */
function discard({ body }: Response): Promise<void> {
  return body.dump().catch(() => undefined);
}

const MAX_REFUSAL_BYTES = 2 ** 20;

function repeatAfterSeconds({ method }: KubeRequest, response: Response): number | undefined {
  const { statusCode } = response;
  if (statusCode !== 429 && statusCode < 500) return undefined;
  return method === 'GET' || method === 'PUT' ? retryAfterOf(response) : undefined;
}

/** Dates are not understood here: API servers send seconds. */
function retryAfterOf(response: Response): number | undefined {
  const text = headerOf(response, 'retry-after');
  return text !== undefined && /^[0-9]{1,6}$/.test(text) ? Number(text) : undefined;
}

function headerOf({ headers }: Response, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function queryText(query: KubeRequest['query'] = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.append(name, value);
  return given.size === 0 ? '' : `?${given.toString()}`;
}

function sameTls(a: KubeConnection, b: KubeConnection): boolean {
  return (
    a === b ||
    (a.server === b.server &&
      a.ca === b.ca &&
      a.serverName === b.serverName &&
      a.verification === b.verification &&
      a.clientCertificate?.certificate === b.clientCertificate?.certificate &&
      a.clientCertificate?.key === b.clientCertificate?.key)
  );
}

/** `promise`, or the signal's reason as soon as it is aborted. What runs goes on: others wait for it as well. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
