import { Metadata, status as Code, type ServiceError } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { fakeModel } from '../../test/support/gcs-model.ts';
import { GcsClient } from './client.ts';
import { fromServiceError } from './errors.ts';
import { serveGcs } from './server.ts';

function sentenceOf(code: Code, details: string): string {
  const error: ServiceError = Object.assign(new Error(details), { code, details, metadata: new Metadata() });
  return fromServiceError(error, 'head:6379').message;
}

test.each([
  [
    'No connection established. Last error: Failed to connect (2026-01-02T03:04:05.678Z). Resolution note: ',
    'Failed to connect',
  ],
  [
    'No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.1:6379. Resolution note: x',
    'connect ECONNREFUSED 10.0.0.1:6379',
  ],
  [
    'No connection established. Last error: Protocol error. Resolution note: ',
    'Protocol error, so what answers there is no GCS',
  ],
  ['Name resolution failed for target dns:head:6379', 'Name resolution failed for target dns:head:6379'],
])('what the library adds for itself is not said: %s', (details, said) => {
  expect(sentenceOf(Code.UNAVAILABLE, details)).toBe(`the GCS at head:6379 cannot be reached: ${said}`);
});

test('a server of another kind is said to be one', () => {
  expect(sentenceOf(Code.UNIMPLEMENTED, 'Received HTTP status code 404')).toBe(
    'the GCS at head:6379 does not know this call: Received HTTP status code 404, so what answers there is no GCS',
  );
});

test('a deadline is said without the times of each try', () => {
  const details = 'Deadline exceeded after 10.002s,LB pick: 0.001s,remote_addr=10.0.0.1:6379';
  expect(sentenceOf(Code.DEADLINE_EXCEEDED, details)).toBe(
    'the GCS at head:6379 did not answer in time: deadline exceeded',
  );
});

test('nobody listens: one plain sentence', async () => {
  const server = await serveGcs(fakeModel(), { host: '127.0.0.1', port: 0 });
  await server.close();
  const client = new GcsClient({ address: server.address, credentials: {} });
  try {
    const call = client.rayVersion({ signal: new AbortController().signal });
    await expect(call).rejects.toThrow(/^the GCS at 127\.0\.0\.1:\d+ cannot be reached: [\w .:]*ECONNREFUSED[\w .:]*$/);
  } finally {
    client.close();
  }
});
