/** The node layer among the other inhabitants (karpenter 4 to 7, checklist; report 34). */

import { describe, expect, test } from 'vitest';
import { asking } from '../../test/support/node-objects.ts';
import { inTestCluster, nodePool, type TestCluster } from '../../test/support/ray-and-nodes.ts';
import type { NodePool } from '../core/kube/karpenter.ts';
import { NODE_CLAIMS, NODE_POOLS, NODES, PODS } from '../core/kube/resource.ts';

async function addPods(cluster: TestCluster, names: readonly string[], cpu = '1'): Promise<void> {
  for (const name of names) {
    const { metadata, spec } = asking(name, cpu);
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: metadata.name, namespace: 'default' }, spec };
    await cluster.api.create(PODS, pod, { signal: cluster.signal });
  }
}

async function removePod(cluster: TestCluster, name: string): Promise<void> {
  await cluster.api.delete(PODS, { namespace: 'default', name }, { signal: cluster.signal });
}

async function start(cluster: TestCluster, pool: NodePool = nodePool()): Promise<void> {
  await cluster.api.create(NODE_POOLS, pool, { signal: cluster.signal });
}

function running(cluster: TestCluster): number {
  return cluster.pods().filter(({ status }) => status?.phase === 'Running').length;
}

function scales(cluster: TestCluster): readonly string[] {
  return cluster.records.flatMap(({ decision, message }) =>
    decision.kind === 'scale' ? [`${decision.from} -> ${decision.to} ${decision.of}: ${message}`] : [],
  );
}

describe('nodes for pods', () => {
  test('pods created together lead to one decision, sized for all', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a', 'b', 'c', 'd']);
      await cluster.until('running', 300, () => running(cluster) === 4);
      expect(scales(cluster)).toEqual([
        '0 -> 2 nodes: 4 pods (4.0 CPU) fit no node: 2 nodes s-4x-amd64-linux (4 CPU, 16 GiB)',
      ]);
      expect(
        cluster.claims().map(({ status }) => status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)),
      ).toEqual([
        ['Launched=True', 'Registered=True', 'Initialized=True', 'Ready=True'],
        ['Launched=True', 'Registered=True', 'Initialized=True', 'Ready=True'],
      ]);
      expect(cluster.pool().status).toMatchObject({ nodes: 2, resources: { cpu: '8', memory: '32Gi' } });
      const told = cluster.events('Nominated').map(({ involvedObject }) => involvedObject.name);
      expect(new Set(told)).toEqual(new Set(['a', 'b', 'c', 'd']));
      expect(cluster.warnings).toEqual([]);
    });
  });

  test('nothing is launched for pods that fit, nor without a pool', async () => {
    await inTestCluster(async (cluster) => {
      await addPods(cluster, ['a']);
      await cluster.wait(60);
      expect(cluster.claims()).toEqual([]);
      expect(cluster.events('FailedScheduling').map(({ message }) => message)).toContain('no nodepools found');
      await start(cluster);
      await cluster.until('running', 300, () => running(cluster) === 1);
      await addPods(cluster, ['b', 'c']);
      await cluster.until('running', 60, () => running(cluster) === 3);
      expect(cluster.claims()).toHaveLength(1);
    });
  });

  test('limits hold and are explained; lowering them removes nothing', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, nodePool({ limits: { cpu: '8' } }));
      await addPods(cluster, ['a', 'b', 'c'], '3');
      await cluster.until('two run', 300, () => running(cluster) === 2);
      await cluster.wait(60);
      expect(cluster.nodes()).toHaveLength(2);
      const reasons = cluster.events('FailedScheduling').map(({ message }) => message);
      expect(reasons).toContain('all available instance types exceed limits for nodepool: "default"');
      const { api, signal } = cluster;
      const lower = { type: 'merge', value: { spec: { limits: { cpu: '4' } } } } as const;
      await api.patch(NODE_POOLS, { namespace: '', name: 'default' }, lower, { signal });
      await cluster.wait(300);
      expect(cluster.nodes()).toHaveLength(2);
      expect(running(cluster)).toBe(2);
    });
  });

  test('a restart in the middle of a launch launches nothing twice', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a', 'b', 'c', 'd']);
      for (const seconds of [1.5, 6, 14]) {
        await cluster.wait(seconds);
        await cluster.restart();
      }
      await cluster.until('running', 300, () => running(cluster) === 4);
      expect(cluster.claims()).toHaveLength(2);
      expect(cluster.nodes()).toHaveLength(2);
    });
  });
});

describe('an end for nodes', () => {
  test('an empty node goes after consolidateAfter, a loop and a validation; claims go with it', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a']);
      await cluster.until('running', 300, () => running(cluster) === 1);
      await cluster.wait(15); // pod events closer than 10 s to the last one are dropped
      await removePod(cluster, 'a');
      const from = cluster.clock.now();
      await cluster.until(
        'tainted',
        120,
        () => cluster.nodes()[0]?.spec?.taints?.[0]?.key === 'karpenter.sh/disrupted',
      );
      const decided = (cluster.clock.now() - from) / 1000;
      expect(decided).toBeGreaterThanOrEqual(30 + 15 - 1);
      expect(decided).toBeLessThan(30 + 10 + 15 + 1);
      await cluster.until('gone', 60, () => cluster.nodes().length + cluster.claims().length === 0);
      expect(scales(cluster).at(-1)).toMatch(/^1 -> 0 nodes: 1 node empty for 30 s: default-[a-z0-9]{5}$/);
      await cluster.wait(10);
      expect(cluster.pool().status).toMatchObject({ nodes: 0 });
    });
  });

  test('a pod that comes during the validation keeps the node', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a']);
      await cluster.until('running', 300, () => running(cluster) === 1);
      await cluster.wait(15);
      await removePod(cluster, 'a');
      await cluster.wait(41); // consolidateAfter and a loop are over, the validation is not
      await addPods(cluster, ['b']);
      await cluster.wait(200);
      expect(cluster.nodes()).toHaveLength(1);
      expect(running(cluster)).toBe(1);
      expect(scales(cluster)).toHaveLength(1);
    });
  });

  test('a node in use stays, and the budget takes one node at a time', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a', 'b', 'c'], '3');
      await cluster.until('running', 300, () => running(cluster) === 3);
      await removePod(cluster, 'a');
      await removePod(cluster, 'b');
      await cluster.until('one node', 300, () => cluster.nodes().length === 1);
      await cluster.wait(120);
      expect(running(cluster)).toBe(1);
      expect(
        scales(cluster)
          .slice(1)
          .map((text) => text.slice(0, 12)),
      ).toEqual(['3 -> 2 nodes', '2 -> 1 nodes']);
    });
  });

  test('an interrupted removal is taken back after a restart', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a']);
      await cluster.until('running', 300, () => running(cluster) === 1);
      const [node] = cluster.nodes();
      if (node === undefined) throw new Error('there is a node');
      const taints = [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }];
      await cluster.api.update(NODES, { ...node, spec: { ...node.spec, taints } }, { signal: cluster.signal });
      await cluster.restart();
      await cluster.wait(15);
      expect(cluster.nodes()[0]?.spec?.taints).toEqual([]);
    });
  });

  test('a deleted claim drains its node and its pods find another', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a']);
      await cluster.until('running', 300, () => running(cluster) === 1);
      const [claim] = cluster.claims();
      const name = claim?.metadata.name ?? '';
      await cluster.api.delete(NODE_CLAIMS, { namespace: '', name }, { signal: cluster.signal });
      // the pod belongs to nobody: it is evicted for good
      await cluster.until('drained', 60, () => cluster.pods().length === 0);
      await cluster.until('gone', 60, () => !cluster.nodes().some(({ metadata }) => metadata.name === name));
    });
  });

  test('a protected pod holds up the drain of its node', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster);
      await addPods(cluster, ['a']);
      await cluster.until('running', 300, () => running(cluster) === 1);
      const { api, signal } = cluster;
      const key = { namespace: 'default', name: 'a' };
      const value = { metadata: { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } } };
      await api.patch(PODS, key, { type: 'merge', value }, { signal });
      await api.delete(NODES, { namespace: '', name: cluster.nodes()[0]?.metadata.name ?? '' }, { signal });
      await cluster.wait(300);
      expect(running(cluster)).toBe(1);
      await removePod(cluster, 'a');
      await cluster.until('gone', 120, () => cluster.claims().length === 0);
    });
  });
});

test('refused requests and lost replies cost time, not nodes', async () => {
  for (const seed of [1, 2, 3]) {
    await inTestCluster(
      async (cluster) => {
        await start(cluster);
        await addPods(cluster, ['a', 'b', 'c', 'd']);
        await cluster.until('running', 900, () => running(cluster) === 4);
        expect(cluster.nodes()).toHaveLength(2);
        for (const name of ['a', 'b', 'c', 'd']) await removePod(cluster, name);
        await cluster.until('gone', 1800, () => cluster.nodes().length + cluster.claims().length === 0);
      },
      { seed, faults: 'one request in five' },
    );
  }
});
