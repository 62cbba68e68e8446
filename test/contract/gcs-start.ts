/** What a process asks of a GCS before its first round: part of the contract in gcs-api.ts. */

import { expect, test } from 'vitest';
import type { WithGcs } from './gcs-api.ts';

export function describeGcsStart(withGcs: WithGcs): void {
  test('it says which Ray it is', async () => {
    await withGcs(async ({ gcs, signal }) => {
      expect(await gcs.rayVersion({ signal })).toMatch(/^\d+\.\d+\.\d+/);
    });
  });

  test('the head is one of the nodes, with its address and a folder for its sessions', async () => {
    await withGcs(async ({ gcs, signal }) => {
      const head = await gcs.headNode({ signal });
      const { nodeStates } = await gcs.getClusterResourceState({ signal });
      const node = nodeStates.find(({ rayNodeTypeName }) => rayNodeTypeName === 'headgroup');
      expect(head?.nodeId).toBe(node?.nodeId);
      expect(head?.address).toBe(node?.nodeIpAddress);
      expect(head?.tempDir).toMatch(/^\//);
    });
  });

  test('a head has written that the second autoscaler is on, and the name of its session', async () => {
    await withGcs(async ({ gcs, signal }) => {
      expect(await gcs.getKey({ namespace: '__autoscaler', name: '__autoscaler_v2_enabled' }, { signal })).toBe('1');
      const session = await gcs.getKey({ namespace: 'session', name: 'session_name' }, { signal });
      expect(session).toMatch(/^session_/);
      expect((await gcs.getClusterResourceState({ signal })).clusterSessionName).toBe(session);
    });
  });

  test('a key that nobody wrote has no value', async () => {
    await withGcs(async ({ gcs, signal }) => {
      expect(await gcs.getKey({ namespace: 'session', name: 'nobody' }, { signal })).toBeUndefined();
      expect(await gcs.getKey({ namespace: '', name: 'session_name' }, { signal })).toBeUndefined();
    });
  });

  test('a key is written, kept, overwritten; namespaces are apart', async () => {
    await withGcs(async ({ gcs, signal }) => {
      const key = { namespace: '', name: 'tandem/contract' };
      const other = { ...key, namespace: 'tandem' };
      await gcs.putKey({ ...key, value: 'one', existing: 'overwrite' }, { signal });
      await gcs.putKey({ ...key, value: 'two', existing: 'keep' }, { signal });
      expect(await gcs.getKey(key, { signal })).toBe('one');
      await gcs.putKey({ ...key, value: 'zwölf €', existing: 'overwrite' }, { signal });
      expect(await gcs.getKey(key, { signal })).toBe('zwölf €');
      expect(await gcs.getKey(other, { signal })).toBeUndefined();
      await gcs.putKey({ ...other, value: 'new', existing: 'keep' }, { signal });
      expect(await gcs.getKey(other, { signal })).toBe('new');
    });
  });
}
