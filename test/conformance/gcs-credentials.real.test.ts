/** Who may call a real GCS: what it says to a wrong token and to the id of another cluster, and what that becomes here. */

import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GcsClient } from '../../src/gcs/client.ts';
import { rayVenv } from './ray-venv.ts';
import { Bed } from './real-gcs.ts';

const venv = rayVenv();
const TOKEN = 'tandem-conformance';

describe('a GCS that demands a token', () => {
  if (venv.kind === 'missing') {
    test('as our client expects', ({ skip }) => skip(venv.reason));
    return;
  }
  const { signal } = new AbortController();
  const clients: GcsClient[] = [];
  let bed: Bed;
  let address = '';
  beforeAll(async () => {
    bed = new Bed(venv.python, ['token', TOKEN]);
    address = (await bed.answer()).address ?? '';
  }, 180_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await bed.close();
  });

  function clientWith(token?: string): GcsClient {
    const client = new GcsClient({ address, credentials: token === undefined ? {} : { token: async () => token } });
    clients.push(client);
    return client;
  }

  test('the right token is let in', async () => {
    expect((await clientWith(TOKEN).getClusterResourceState({ signal })).nodeStates).toHaveLength(1);
  });

  test.each([
    ['none', undefined],
    ['a wrong one', 'other'],
  ])('%s is refused for good', async (_, token) => {
    await expect(clientWith(token).rayVersion({ signal })).rejects.toMatchObject({
      code: 'TANDEM_GCS_UNAUTHENTICATED',
      retry: 'never',
      message: expect.stringContaining('InvalidAuthToken'),
    });
  });

  test('the id of another cluster is refused in the words that our server uses, too', async () => {
    const client = new Client(`dns:${address}`, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${TOKEN}`);
    metadata.set('ray_cluster_id', '11'.repeat(28));
    const same = (bytes: Buffer): Buffer => bytes;
    const error = await new Promise<ServiceError | null>((resolve) =>
      client.makeUnaryRequest(
        '/ray.rpc.NodeInfoGcsService/CheckAlive',
        same,
        same,
        Buffer.alloc(0),
        metadata,
        { deadline: Date.now() + 5000 },
        resolve,
      ),
    );
    client.close();
    expect(error?.code).toBe(16);
    expect(error?.details).toMatch(/^WrongClusterID/);
  });
});
