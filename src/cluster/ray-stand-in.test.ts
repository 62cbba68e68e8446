/** The stand-in and its pods: who joins, who dies, what happens to work (ray-runtime 8). The port itself: test/contract. */

import { describe, expect, test } from 'vitest';
import { inTestCluster, nodePool, rayCluster, type TestCluster } from '../../test/support/ray-and-nodes.ts';
import type { RayNode } from '../core/ray/cluster-state.ts';
import { NODE_POOLS, PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';

async function start(cluster: TestCluster, replicas: number): Promise<void> {
  const { api, signal } = cluster;
  await api.create(NODE_POOLS, nodePool(), { signal });
  await api.create(RAY_CLUSTERS, rayCluster({ replicas }), { signal });
  await cluster.until('ready', 600, () => cluster.ray().status?.state === 'ready');
  await cluster.wait(5);
}

async function nodes(cluster: TestCluster): Promise<readonly RayNode[]> {
  return (await cluster.standIn.gcs.getClusterResourceState({ signal: cluster.signal })).nodeStates;
}

function submit(cluster: TestCluster, count: number, seconds: number): void {
  cluster.standIn.submit({ kind: 'task', resources: [['CPU', 1]], count, durationMs: seconds * 1000 });
}

describe('joining', () => {
  test('every ready worker is a Ray node under its name and group', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, 2);
      const joined = await nodes(cluster);
      const of = (group: string): readonly string[] =>
        joined
          .filter(({ rayNodeTypeName }) => rayNodeTypeName === group)
          .map(({ instanceId }) => instanceId)
          .toSorted();
      expect(of('small')).toEqual(cluster.pods('small').map(({ metadata }) => metadata.name));
      expect(of('headgroup')).toEqual(cluster.pods('headgroup').map(({ metadata }) => metadata.name));
    });
  });

  test('nobody answers before the head is ready, and nothing runs', async () => {
    await inTestCluster(async (cluster) => {
      const { api, signal, standIn } = cluster;
      submit(cluster, 1, 10);
      await expect(standIn.gcs.getClusterResourceState({ signal })).rejects.toMatchObject({
        code: 'TANDEM_GCS_UNAVAILABLE',
      });
      expect(standIn.progress()).toEqual({ pending: 1, running: 0, finished: 0, lost: 0, reachable: false });
      await api.create(NODE_POOLS, nodePool(), { signal });
      await api.create(RAY_CLUSTERS, rayCluster({ replicas: 1 }), { signal });
      await cluster.until('finished', 600, () => standIn.progress().finished === 1);
    });
  });
});

describe('work', () => {
  test('its progress is told at every change, at the instant of the change', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, 1);
      const told: string[] = [];
      const from = cluster.clock.now();
      cluster.standIn.onProgress(() => {
        const { pending, running, finished } = cluster.standIn.progress();
        told.push(`${(cluster.clock.now() - from) / 1000}s ${pending} ${running} ${finished}`);
      });
      submit(cluster, 2, 10);
      await cluster.wait(60);
      expect(told).toEqual(['0s 1 1 0', '10s 0 1 1', '20s 0 0 2']);
    });
  });

  test('under a deleted pod is lost and tried again elsewhere', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, 2);
      submit(cluster, 2, 30);
      await cluster.wait(1);
      const [victim] = cluster.pods('small');
      const name = victim?.metadata.name ?? '';
      await cluster.api.delete(PODS, { namespace: 'default', name }, { signal: cluster.signal });
      await cluster.wait(1);
      expect(cluster.standIn.progress()).toMatchObject({ pending: 1, running: 1, lost: 1 });
      expect((await nodes(cluster)).at(-1)).toMatchObject({ instanceId: name, status: 'DEAD' });
      await cluster.until('done', 300, () => cluster.standIn.progress().finished === 2);
      expect(cluster.standIn.progress().lost).toBe(1);
    });
  });

  test('a drained worker loses nothing when its pod goes', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, 2);
      submit(cluster, 1, 30);
      await cluster.wait(1);
      const idle = (await nodes(cluster)).find(
        ({ rayNodeTypeName, status }) => rayNodeTypeName === 'small' && status === 'IDLE',
      );
      if (idle === undefined) throw new Error('one worker is idle');
      const { gcs } = cluster.standIn;
      const request = {
        nodeId: idle.nodeId,
        reason: 'IDLE_TERMINATION',
        reasonMessage: '',
        deadlineTimestampMs: 0,
      } as const;
      expect(await gcs.drainNode(request, { signal: cluster.signal })).toMatchObject({ isAccepted: true });
      await cluster.api.delete(PODS, { namespace: 'default', name: idle.instanceId }, { signal: cluster.signal });
      await cluster.wait(60);
      expect(cluster.standIn.progress()).toMatchObject({ finished: 1, lost: 0 });
    });
  });
});

describe('groups and floors', () => {
  const CPU = [['CPU', 1]] as const;

  test('what is told at every change: a group waits, stands, is removed', async () => {
    await inTestCluster(async (cluster) => {
      const { standIn } = cluster;
      const told: string[] = [];
      const [id] = [standIn.createGroup({ strategy: 'STRICT_SPREAD', bundles: [CPU, CPU] })];
      expect(id).toMatch(/^[0-9a-f]{28}01000000$/);
      standIn.submit({ kind: 'task', resources: CPU, count: 3, durationMs: 10_000, groupId: id });
      standIn.onProgress(() => {
        const [group] = standIn.groups();
        told.push(group === undefined ? 'gone' : `${group.state} ${group.workInside}`);
      });
      await start(cluster, 2);
      await cluster.until('all done', 60, () => standIn.progress().finished === 3);
      expect([...new Set(told)]).toEqual(['PENDING 3', 'CREATED 3', 'CREATED 1', 'CREATED 0']);
      standIn.removeGroup(id);
      expect(told.at(-1)).toBe('gone');
    });
  });

  test('a floor is met when there is room, and says nothing of what runs', async () => {
    await inTestCluster(async (cluster) => {
      const { standIn } = cluster;
      expect(standIn.floor()).toEqual({ bundles: [], isMet: true });
      standIn.requestResources([CPU, CPU]);
      expect(standIn.floor()).toEqual({ bundles: [CPU, CPU], isMet: false });
      submit(cluster, 2, 1000);
      await start(cluster, 2);
      expect(standIn.progress()).toMatchObject({ running: 2 });
      expect(standIn.floor().isMet).toBe(true);
      standIn.requestResources([CPU, CPU, CPU]);
      expect(standIn.floor().isMet).toBe(false);
    });
  });

  test('equal bundles of a floor are told as a count, in the order in which they first stand', async () => {
    await inTestCluster(async (cluster) => {
      const { standIn, signal } = cluster;
      await start(cluster, 0);
      const both = [
        ['GPU', 1],
        ['CPU', 2],
      ] as const;
      standIn.requestResources([CPU, both, CPU, both.toReversed()]);
      const { clusterResourceConstraints } = await standIn.gcs.getClusterResourceState({ signal });
      const told = clusterResourceConstraints.map(({ resourceRequests }) =>
        resourceRequests.map(({ request, count }) => [request.resourcesBundle, count]),
      );
      expect(told).toEqual([
        [
          [CPU, 2],
          [both, 2],
        ],
      ]);
    });
  });

  test('a driver asks a new head again', async () => {
    await inTestCluster(async (cluster) => {
      const { api, signal, standIn } = cluster;
      await start(cluster, 1);
      const id = standIn.createGroup({ strategy: 'PACK', bundles: [CPU] });
      standIn.requestResources([CPU]);
      expect(standIn.groups()[0]?.state).toBe('CREATED');
      const head = cluster.pods('headgroup')[0]?.metadata.name ?? '';
      await api.delete(PODS, { namespace: 'default', name: head }, { signal });
      await cluster.until('unreachable', 10, () => !standIn.progress().reachable);
      expect(standIn.groups()).toMatchObject([{ id, state: 'PENDING', nodeIds: [undefined] }]);
      await cluster.until('it stands again', 300, () => standIn.groups()[0]?.state === 'CREATED');
      const state = await standIn.gcs.getClusterResourceState({ signal });
      expect(state.clusterResourceConstraints).toHaveLength(1);
    });
  });
});

test('a new head is a new session: other node ids, nobody else forgotten', async () => {
  await inTestCluster(async (cluster) => {
    await start(cluster, 1);
    submit(cluster, 1, 1000);
    const { gcs } = cluster.standIn;
    const before = await gcs.getClusterResourceState({ signal: cluster.signal });
    const head = cluster.pods('headgroup')[0]?.metadata.name ?? '';
    await cluster.api.delete(PODS, { namespace: 'default', name: head }, { signal: cluster.signal });
    await cluster.until('unreachable', 10, () => !cluster.standIn.progress().reachable);
    expect(cluster.standIn.progress()).toMatchObject({ pending: 1, running: 0, lost: 1 });
    await cluster.until('reachable', 300, () => cluster.standIn.progress().reachable);
    await cluster.until('running again', 60, () => cluster.standIn.progress().running === 1);
    const after = await gcs.getClusterResourceState({ signal: cluster.signal });
    expect(after.clusterSessionName).not.toBe(before.clusterSessionName);
    const old = new Set(before.nodeStates.map(({ nodeId }) => nodeId));
    expect(after.nodeStates.filter(({ nodeId }) => old.has(nodeId))).toEqual([]);
    expect(after.nodeStates).toHaveLength(2);
  });
});
