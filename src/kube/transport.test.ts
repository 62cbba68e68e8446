/** Connections, limits, repetitions, credentials: over real sockets of the loopback. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answer, pki, refuse, serveScript, type Script } from '../../test/support/kube-server.ts';
import { QuickClock } from '../../test/support/quick-clock.ts';
import type { KubeConnection } from './connection.ts';
import { addressOfPath } from './paths.ts';
import { Transport, type AnsweredRequest, type KubeRequest, type TransportLimits } from './transport.ts';

const { signal } = new AbortController();
const GET: KubeRequest = { method: 'GET', ...addressOfPath('/api/v1/pods') };

type Setup = {
  readonly connection?: Partial<KubeConnection>;
  readonly limits?: Partial<TransportLimits>;
  readonly answered?: (answer: AnsweredRequest) => void;
};

function transportTo(
  server: string,
  { connection, limits, answered }: Setup = {},
): { readonly transport: Transport; readonly clock: QuickClock } {
  const clock = new QuickClock();
  const transport = new Transport({
    connection: { server, origin: 'a test', ...connection },
    userAgent: 'tandem/1',
    clock,
    ...(limits === undefined ? {} : { limits }),
    ...(answered === undefined ? {} : { answered }),
  });
  onTestFinished(() => transport.close());
  return { transport, clock };
}

async function scripted(script: Script, setup?: Setup) {
  const server = await serveScript('http', script);
  return { server, ...transportTo(server.url, setup) };
}

/** A server that speaks raw bytes. */
async function rawServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

describe('TLS', () => {
  const secure = async (connection: Partial<KubeConnection>) => {
    const server = await serveScript('https', (request, response) => answer(response, { user: request.user }));
    return { server, ...transportTo(server.url, { connection }) };
  };

  test('the CA of the connection is enough, a client certificate says who we are', async () => {
    const clientCertificate = { certificate: pki('client.crt'), key: pki('client.key') };
    const { transport } = await secure({ ca: pki('ca.crt'), clientCertificate });
    expect(await transport.json(GET, signal)).toEqual({ user: 'tester' });
  });

  test('another CA is refused with a sentence that says what to check', async () => {
    const { transport, server } = await secure({ ca: pki('other-ca.crt') });
    const error = await transport.json(GET, signal).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'TANDEM_KUBE_UNAVAILABLE', status: { code: 0 } });
    expect(String(error)).toMatch(
      /certificate of the API server https:.* is not accepted: .*; check the CA .* in a test$/,
    );
    expect(server.requests).toEqual([]);
  });

  test('the name in the certificate may be given, and is then what counts', async () => {
    const good = await secure({ ca: pki('ca.crt'), serverName: 'kube.example' });
    expect(await good.transport.json(GET, signal)).toEqual({});
    const bad = await secure({ ca: pki('ca.crt'), serverName: 'other.example' });
    await expect(bad.transport.json(GET, signal)).rejects.toThrow(/not accepted: .*other\.example/);
  });

  test('is not verified when the kubeconfig says so', async () => {
    const { transport } = await secure({ verification: 'none' });
    expect(await transport.json(GET, signal)).toEqual({});
  });
});

describe('limits', () => {
  test('HPA-20.19 a refused connection is a failure at once, without a repetition', async () => {
    const url = await rawServer(() => undefined);
    const port = Number(new URL(url).port);
    const { transport, clock } = transportTo(`http://127.0.0.1:${await closedPort(port)}`);
    await expect(transport.json(GET, signal)).rejects.toThrow(/failed: connect ECONNREFUSED 127\.0\.0\.1/);
    expect(clock.waits).toEqual([]);
  });

  test('a server that does not answer is given up', async () => {
    const { transport } = await scripted(() => undefined, { limits: { headersMs: 100 } });
    await expect(transport.json(GET, signal)).rejects.toThrow(/failed: Headers Timeout Error/);
  });

  test('a server that stops in the middle is given up', async () => {
    const { transport } = await scripted((_, response) => response.write('{'), { limits: { bodyMs: 100 } });
    await expect(transport.json(GET, signal)).rejects.toThrow(/failed: Body Timeout Error/);
  });

  test('an answer has a largest size', async () => {
    const { transport } = await scripted((_, response) => answer(response, 'x'.repeat(2000)), {
      limits: { bodyBytes: 1000 },
    });
    await expect(transport.json(GET, signal)).rejects.toThrow(/given up: the answer is longer than 1000 bytes/);
  });

  test('the caller may stop waiting at any time, and gets its own reason back', async () => {
    const reason = new Error('given up');
    const arrived = withResolvers();
    const { transport } = await scripted(() => arrived.resolve());
    const scope = new AbortController();
    const call = transport.json(GET, scope.signal);
    await arrived.promise;
    scope.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(transport.json(GET, scope.signal)).rejects.toBe(reason);
  });

  test('closing ends what is under way', async () => {
    const arrived = withResolvers();
    const { transport } = await scripted(() => arrived.resolve());
    const call = transport.json(GET, signal).catch((error: unknown) => error);
    await arrived.promise;
    await transport.close();
    expect(await call).toMatchObject({ name: 'KubeError', status: { code: 0 } });
    await expect(transport.json(GET, signal)).rejects.toThrow('the connection was closed here');
  });
});

describe('connections', () => {
  // the first may not be free yet when the second request comes right behind its answer
  const few = 2;

  test('are kept for later requests', async () => {
    const { transport, server } = await scripted((_, response) => answer(response, {}));
    for (let i = 0; i < 10; i++) await transport.json(GET, signal);
    expect(new Set(server.requests.map(({ port }) => port)).size).toBeLessThanOrEqual(few);
  });

  test('are kept through answers that nobody reads', async () => {
    const { transport, server } = await scripted((_, response, number) => {
      if (number < 10) response.writeHead(503, { 'retry-after': '1' }).end('x'.repeat(1000));
      else answer(response, {});
    });
    await transport.send(GET, signal);
    expect(server.requests).toHaveLength(10);
    expect(new Set(server.requests.map(({ port }) => port)).size).toBeLessThanOrEqual(few);
  });
});

describe('repetitions', () => {
  const busy = (code: number, times: number): Script => {
    return (_, response, number) => {
      if (number > times) answer(response, { number });
      else response.writeHead(code, { 'retry-after': '2' }).end('busy');
    };
  };

  test.each([429, 500, 503])(
    'HPA-20.20, HPA-3.12: %i with Retry-After is asked again after that many seconds; the caller sees the last answer alone',
    async (code) => {
      const { transport, clock } = await scripted(busy(code, 2));
      expect(await transport.json(GET, signal)).toEqual({ number: 3 });
      expect(clock.waits).toEqual([2000, 2000]);
    },
  );

  test('HPA-20.20: ten times at most, then the refusal is the answer', async () => {
    const { transport, clock, server } = await scripted(busy(429, 99));
    await expect(transport.json({ ...GET, method: 'PUT', body: {} }, signal)).rejects.toMatchObject({
      code: 'TANDEM_KUBE_TOO_MANY_REQUESTS',
      status: { code: 429, details: { retryAfterSeconds: 2 } },
    });
    expect(clock.waits).toHaveLength(10);
    expect(server.requests).toHaveLength(11);
  });

  test('HPA-20.20: not without the header, and not for other verbs or codes', async () => {
    const without = await scripted((_, response) => refuse(response, 503, 'ServiceUnavailable', 'down'));
    await expect(without.transport.json(GET, signal)).rejects.toThrow('down');
    const patch = await scripted(busy(429, 1));
    await expect(patch.transport.json({ ...GET, method: 'PATCH', body: [] }, signal)).rejects.toThrow(
      'too many requests',
    );
    const missing = await scripted(busy(404, 1));
    await expect(missing.transport.json(GET, signal)).rejects.toThrow('could not find');
    for (const { server } of [without, patch, missing]) expect(server.requests).toHaveLength(1);
  });

  test('HPA-20.20: a GET whose connection is cut is asked again after a second, a write is not', async () => {
    const cut: Script = (request, response, number) => {
      if (number > 1) answer(response, {});
      else if (request.method === 'GET') response.socket?.resetAndDestroy();
      else response.socket?.destroy();
    };
    const read = await scripted(cut);
    expect(await read.transport.json(GET, signal)).toEqual({});
    expect(read.clock.waits).toEqual([1000]);
    const write = await scripted(cut);
    await expect(write.transport.json({ ...GET, method: 'POST', body: {} }, signal)).rejects.toMatchObject({
      status: { code: 0 },
    });
    expect(write.server.requests).toHaveLength(1);
  });

  test('each answer is told, repeated ones and those that never came included', async () => {
    const told: AnsweredRequest[] = [];
    const answered = (answer: AnsweredRequest): void => void told.push(answer);
    const { transport } = await scripted(busy(429, 1), { answered });
    await transport.json(GET, signal);
    const gone = transportTo('http://127.0.0.1:1', { answered });
    await expect(gone.transport.json({ ...GET, method: 'PUT', body: {} }, signal)).rejects.toThrow();
    const path = '/api/v1/pods';
    expect(told).toEqual([
      { method: 'GET', path, code: 429, retryAfterSeconds: 2 },
      { method: 'GET', path, code: 200, retryAfterSeconds: undefined },
      { method: 'PUT', path, code: 0, retryAfterSeconds: undefined },
    ]);
  });

  test('end with the signal of the caller', async () => {
    const scope = new AbortController();
    const { transport } = await scripted((_, response) => {
      scope.abort(new Error('enough'));
      response.writeHead(429, { 'retry-after': '100' }).end();
    });
    await expect(transport.json(GET, scope.signal)).rejects.toThrow('enough');
  });
});

describe('credentials', () => {
  const knowing = (good: string): Script => {
    return ({ headers }, response) => {
      if (headers.authorization === `Bearer ${good}`) answer(response, {});
      else refuse(response, 401, 'Unauthorized', 'Unauthorized');
    };
  };

  test('a refused token is read once more, and the request repeated', async () => {
    const tokens = ['old', 'new'];
    const token = async (): Promise<string | undefined> => tokens.shift();
    const { transport, server } = await scripted(knowing('new'), { connection: { token } });
    expect(await transport.json({ ...GET, method: 'POST', body: {} }, signal)).toEqual({});
    await transport.json(GET, signal);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
      'Bearer new',
    ]);
  });

  test('refused for two requests, the second one late, are read once', async () => {
    let reads = 0;
    const token = async (): Promise<string> => `token-${++reads}`;
    const late = withResolvers();
    const script: Script = async ({ headers }, response, number) => {
      if (headers.authorization === 'Bearer token-2') {
        late.resolve();
        return answer(response, {});
      }
      if (number === 2) await late.promise;
      refuse(response, 401, 'Unauthorized', 'Unauthorized');
    };
    const { transport } = await scripted(script, { connection: { token } });
    await Promise.all([transport.json(GET, signal), transport.json(GET, signal)]);
    expect(reads).toBe(2);
  });

  test('a token that stays refused is the refusal, after two requests', async () => {
    const { transport, server } = await scripted(knowing('other'), { connection: { token: async () => 'same' } });
    await expect(transport.json(GET, signal)).rejects.toMatchObject({
      code: 'TANDEM_KUBE_FORBIDDEN',
      status: { code: 401 },
    });
    expect(server.requests).toHaveLength(2);
  });

  test('without anything to read again there is no second request', async () => {
    const { transport, server } = await scripted(knowing('other'));
    await expect(transport.json(GET, signal)).rejects.toMatchObject({ status: { code: 401 } });
    expect(server.requests).toHaveLength(1);
  });

  test('are read again after a minute, and once for many requests', async () => {
    let reads = 0;
    const token = async (): Promise<string> => {
      reads += 1;
      await turn();
      return `token-${reads}`;
    };
    const { transport, clock, server } = await scripted((_, response) => answer(response, {}), {
      connection: { token },
    });
    await Promise.all([1, 2, 3].map(() => transport.json(GET, signal)));
    clock.advance(59_000);
    await transport.json(GET, signal);
    expect(reads).toBe(1);
    clock.advance(1000);
    await Promise.all([1, 2, 3].map(() => transport.json(GET, signal)));
    expect(reads).toBe(2);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer token-2');
  });

  test('that cannot be read at first are a failure with their own sentence', async () => {
    const token = (): Promise<string> => Promise.reject(new Error('no such file'));
    const { transport, server } = await scripted(knowing('x'), { connection: { token } });
    await expect(transport.json(GET, signal)).rejects.toThrow('no such file');
    expect(server.requests).toEqual([]);
  });

  test('that cannot be read again stay in use until the server refuses them', async () => {
    let broken = false;
    const token = async (): Promise<string> => {
      if (broken) throw new Error('no such file');
      return 'good';
    };
    const { transport, clock } = await scripted(knowing('good'), { connection: { token } });
    await transport.json(GET, signal);
    broken = true;
    clock.advance(60_000);
    expect(await transport.json(GET, signal)).toEqual({});
  });

  test('another client certificate is used for the next request, on another connection', async () => {
    const server = await serveScript('https', (request, response) => answer(response, { user: request.user }));
    const first: KubeConnection = {
      server: server.url,
      origin: 'a test',
      ca: pki('ca.crt'),
      renew: async () => ({ ...first, clientCertificate: { certificate: pki('client.crt'), key: pki('client.key') } }),
    };
    const { transport, clock } = transportTo(server.url, { connection: first });
    expect(await transport.json(GET, signal)).toEqual({});
    clock.advance(60_000);
    expect(await transport.json(GET, signal)).toEqual({ user: 'tester' });
  });
});

/** A port of the loopback that nobody listens on, other than `not`. */
async function closedPort(not: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(port).not.toBe(not);
  await new Promise<void>((resolve) => connect(port, '127.0.0.1').on('error', () => resolve()));
  return port;
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
