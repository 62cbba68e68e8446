/** The client against a server of our own on loopback: what the contract of the port does not cover. */

import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, status as Code, type Metadata, type UntypedHandleCall } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeModel, type FakeModel } from '../../test/support/gcs-model.ts';
import { durationMs } from '../core/time/time.ts';
import { GcsError } from '../ports/gcs-api.ts';
import { GcsClient, type GcsClientOptions } from './client.ts';
import { serveGcs, type GcsServer, type ServeOptions } from './server.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function clientOf(options: Omit<GcsClientOptions, 'credentials'> & Partial<GcsClientOptions>): GcsClient {
  const client = new GcsClient({ credentials: {}, ...options });
  ends.push(() => client.close());
  return client;
}

async function served(model: FakeModel, options: Partial<ServeOptions> = {}): Promise<GcsServer> {
  const server = await serveGcs(model, { ...LOOPBACK, ...options });
  ends.push(() => server.close());
  return server;
}

const signal = (): AbortSignal => new AbortController().signal;

async function failure(call: Promise<unknown>): Promise<GcsError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  if (error instanceof GcsError) return error;
  throw new Error('the call did not end with a GcsError', { cause: error });
}

const CHECK_ALIVE = '/ray.rpc.NodeInfoGcsService/CheckAlive';
type Done = (error: object | null, reply?: Buffer) => void;

/** A server that answers every call of one path as told. */
async function answering(
  path: string,
  handler: UntypedHandleCall,
): Promise<{ readonly address: string; idsTold(): number }> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const plain = { requestStream: false, responseStream: false } as const;
  const codec = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const server = new Server();
  const clusterId = '/ray.rpc.NodeInfoGcsService/GetClusterId';
  const id = Buffer.concat([Buffer.from([18, 28]), Buffer.alloc(28, 7)]);
  let told = 0;
  const tellId = (_: unknown, done: Done): void => {
    told++;
    done(null, id);
  };
  server.addService(
    { id: { path: clusterId, ...plain, ...codec }, it: { path, ...plain, ...codec } },
    { id: tellId, it: handler },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  ends.push(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, idsTold: () => told };
}

describe('who calls', () => {
  test('the id of the cluster is asked once, before the first call, and goes with every later one', async () => {
    const sent: unknown[] = [];
    const raw = await answering(CHECK_ALIVE, (({ metadata }: { metadata: Metadata }, done: Done) => {
      sent.push(metadata.get('ray_cluster_id'));
      done(null, Buffer.alloc(0));
    }) as UntypedHandleCall);
    const client = clientOf(raw);
    for (let i = 0; i < 3; i++) await client.rayVersion({ signal: signal() });
    expect(raw.idsTold()).toBe(1);
    expect(sent).toEqual(Array(3).fill(['07'.repeat(28)]));
  });

  test('a GCS that is another one refuses the id', async () => {
    const model = fakeModel();
    const { address } = await served(model);
    const client = clientOf({ address });
    await client.rayVersion({ signal: signal() });
    model.clusterId = '22'.repeat(28);
    const error = await failure(client.getClusterResourceState({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_UNAUTHENTICATED');
    expect(error.message).toContain('WrongClusterID');
  });

  test('a token goes with every call and is asked for anew each time', async () => {
    const { address } = await served(fakeModel(), { token: 'secret-2' });
    const tokens = ['secret-2', 'secret-2', 'old'];
    const client = clientOf({ address, credentials: { token: async () => tokens.shift() ?? 'none left' } });
    expect(await client.rayVersion({ signal: signal() })).toBe('2.60.0');
    const error = await failure(client.rayVersion({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_UNAUTHENTICATED');
    expect(error.message).toContain('InvalidAuthToken');
    expect(error.message).not.toContain('old');
  });

  test('without a token where one is demanded, not even the id is told', async () => {
    const { address } = await served(fakeModel(), { token: 'secret' });
    const error = await failure(clientOf({ address }).rayVersion({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_UNAUTHENTICATED');
  });

  test.each([
    ['that cannot be read', () => Promise.reject(new Error('no such file'))],
    ['that is empty', () => Promise.resolve('')],
    ['with a line break', () => Promise.resolve('a\nb')],
  ])('a token %s is an error of the caller, and nothing is sent', async (_, token) => {
    const model = fakeModel();
    const { address } = await served(model);
    const error = await failure(clientOf({ address, credentials: { token } }).rayVersion({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_UNAUTHENTICATED');
    expect(model.idReads).toBe(0);
  });
});

describe('TLS', () => {
  const pem = (name: string): string =>
    readFileSync(new URL(`../../test/fixtures/pki/${name}`, import.meta.url), 'utf8');
  const ca = pem('ca.crt');
  const server = { ca, certificate: pem('server.crt'), key: pem('server.key') };
  const client = { ca, certificate: pem('client.crt'), key: pem('client.key') };

  test('both sides show a certificate of the same CA', async () => {
    const { address } = await served(fakeModel(), { tls: server });
    expect(await clientOf({ address, credentials: { tls: client } }).rayVersion({ signal: signal() })).toBe('2.60.0');
  });

  test('a GCS whose certificate another CA signed is not believed', async () => {
    const { address } = await served(fakeModel(), { tls: server });
    const stranger = clientOf({ address, credentials: { tls: { ...client, ca: pem('other-ca.crt') } } });
    const error = await failure(stranger.rayVersion({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_UNAVAILABLE');
    expect(error.message).toMatch(/certificate/);
  });

  test('without TLS nothing is answered', async () => {
    const { address } = await served(fakeModel(), { tls: server });
    expect((await failure(clientOf({ address }).rayVersion({ signal: signal() }))).code).toBe('TANDEM_GCS_UNAVAILABLE');
  });

  test('a key that is none is said at once, without its text', () => {
    const tls = { ...client, key: 'not a secret' };
    const make = (): unknown => new GcsClient({ address: '127.0.0.1:1', credentials: { tls } });
    expect(make).toThrow(/^certificate, key or CA for the GCS at 127\.0\.0\.1:1 cannot be used/);
    expect(make).not.toThrow(/secret/);
  });
});

describe('how long', () => {
  test('a call that is not answered ends at its deadline', async () => {
    const model = fakeModel();
    const { address } = await served(model);
    const client = clientOf({ address, timeouts: { call: durationMs(80) } });
    void model.hold();
    const error = await failure(client.getClusterResourceState({ signal: signal() }));
    expect(error.code).toBe('TANDEM_DEADLINE');
    expect(error.retry).toBe('backoff');
  });

  test('an aborted call is cancelled at the server, too', async () => {
    const model = fakeModel();
    const { address } = await served(model);
    const client = clientOf({ address });
    await client.rayVersion({ signal: signal() });
    const arrived = model.hold();
    const scope = new AbortController();
    const reason = new Error('enough');
    const call = client.getClusterResourceState({ signal: scope.signal });
    const heldBack = await arrived;
    const cancelled = new Promise((resolve) => heldBack.addEventListener('abort', resolve));
    scope.abort(reason);
    await expect(call).rejects.toBe(reason);
    await cancelled;
  });

  test('a signal that is aborted already sends nothing', async () => {
    const model = fakeModel();
    const { address } = await served(model);
    const reason = new Error('never mind');
    await expect(clientOf({ address }).rayVersion({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(model.idReads).toBe(0);
  });
});

describe('how much', () => {
  test('a state far beyond the usual limit of gRPC arrives', async () => {
    const model = fakeModel();
    model.state = { ...model.state, clusterSessionName: 'x'.repeat(6 * 1024 * 1024) };
    const { address } = await served(model);
    const state = await clientOf({ address }).getClusterResourceState({ signal: signal() });
    expect(state.clusterSessionName).toHaveLength(6 * 1024 * 1024);
  });
});

describe('connections', () => {
  test('nobody listens: unavailable, with the address', async () => {
    const server = await serveGcs(fakeModel(), LOOPBACK);
    await server.close();
    const error = await failure(clientOf({ address: server.address }).rayVersion({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_UNAVAILABLE');
    expect(error.message).toContain(server.address);
  });

  test('a GCS that comes back at its address is found again within its backoff', async () => {
    const first = await serveGcs(fakeModel(), LOOPBACK);
    const client = clientOf({ address: first.address });
    await client.rayVersion({ signal: signal() });
    await first.close();
    for (let i = 0; i < 5; i++) expect((await failure(client.rayVersion({ signal: signal() }))).retry).toBe('backoff');
    await served(fakeModel(), { port: Number(first.address.split(':')[1]) });
    const start = performance.now();
    for (;;) {
      const version = await client.rayVersion({ signal: signal() }).catch(() => undefined);
      if (version !== undefined) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(performance.now() - start).toBeLessThan(4000);
  });

  test('both ends closed leave nothing open', async () => {
    const open = (): number => process.getActiveResourcesInfo().filter((name) => /TCP/.test(name)).length;
    const before = open();
    const server = await serveGcs(fakeModel(), LOOPBACK);
    const client = new GcsClient({ address: server.address, credentials: {} });
    await client.rayVersion({ signal: signal() });
    expect(open()).toBeGreaterThan(before);
    client.close();
    await server.close();
    await expect.poll(open, { timeout: 3000, interval: 10 }).toBe(before);
    const again = await serveGcs(fakeModel(), { host: '127.0.0.1', port: Number(server.address.split(':')[1]) });
    await again.close();
  });

  test('a port that is taken is said in one sentence', async () => {
    const { address } = await served(fakeModel());
    const error = await failure(serveGcs(fakeModel(), { host: '127.0.0.1', port: Number(address.split(':')[1]) }));
    expect(error.message).toContain(`cannot listen on ${address}`);
  });
});

describe('ways to say no', () => {
  test.each([
    [Code.UNIMPLEMENTED, 'TANDEM_GCS_UNIMPLEMENTED'],
    [Code.UNAUTHENTICATED, 'TANDEM_GCS_UNAUTHENTICATED'],
    [Code.PERMISSION_DENIED, 'TANDEM_GCS_UNAUTHENTICATED'],
    [Code.ABORTED, 'TANDEM_GCS_INVALID'],
    [Code.INVALID_ARGUMENT, 'TANDEM_GCS_INVALID'],
    [Code.UNAVAILABLE, 'TANDEM_GCS_UNAVAILABLE'],
    [Code.UNKNOWN, 'TANDEM_GCS_UNAVAILABLE'],
    [Code.INTERNAL, 'TANDEM_GCS_UNAVAILABLE'],
    [Code.DEADLINE_EXCEEDED, 'TANDEM_DEADLINE'],
  ] as const)('status %i becomes %s, with the words of the GCS', async (code, want) => {
    const { address } = await answering(CHECK_ALIVE, ((_: unknown, done: Done) =>
      done({ code, details: 'why not' })) as UntypedHandleCall);
    const error = await failure(clientOf({ address }).rayVersion({ signal: signal() }));
    expect(error.code).toBe(want);
    expect(error.message).toContain('why not');
  });

  test('the text of a refusal is in a trailer', async () => {
    const model = fakeModel();
    const { address } = await served(model);
    model.refuse(new GcsError('TANDEM_GCS_INVALID', 'the deadline lies before the start of time ✗'));
    const error = await failure(clientOf({ address }).getClusterStatus({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_INVALID');
    expect(error.message).toContain('Invalid: the deadline lies before the start of time ✗');
  });

  test('an older service says no in its reply', async () => {
    const no = Buffer.from([10, 8, 8, 4, 18, 4, ...Buffer.from('nope')]);
    const { address } = await answering(CHECK_ALIVE, ((_: unknown, done: Done) => done(null, no)) as UntypedHandleCall);
    const error = await failure(clientOf({ address }).rayVersion({ signal: signal() }));
    expect(error.code).toBe('TANDEM_GCS_INVALID');
    expect(error.message).toContain('nope (code 4)');
  });

  test('bytes that are no reply are nonsense, not silence', async () => {
    const { address } = await answering(CHECK_ALIVE, ((_: unknown, done: Done) =>
      done(null, Buffer.from([10, 200, 1]))) as UntypedHandleCall);
    expect((await failure(clientOf({ address }).rayVersion({ signal: signal() }))).code).toBe('TANDEM_GCS_INVALID');
  });

  test('an older GCS that lists every node: the living head is picked', async () => {
    const node = (id: number, isHead: boolean, state: number): Buffer => {
      const fields = [10, 28, ...Buffer.alloc(28, id), 18, 1, 0x40 + id, 56, state, 200, 1, isHead ? 1 : 0];
      return Buffer.from([18, fields.length, ...fields]);
    };
    const nodes = Buffer.concat([node(1, false, 0), node(2, true, 1), node(3, true, 0)]);
    const { address } = await answering('/ray.rpc.NodeInfoGcsService/GetAllNodeInfo', ((_: unknown, done: Done) =>
      done(null, nodes)) as UntypedHandleCall);
    const head = await clientOf({ address }).headNode({ signal: signal() });
    expect(head).toEqual({ nodeId: '03'.repeat(28), address: 'C', tempDir: '' });
  });
});
