/** KubeRay's operator among the other inhabitants: pods, status, events, deletions, refusals (kuberay 2.7 to 2.12, 4.5). */

import { describe, expect, test } from 'vitest';
import { CLUSTER, inTestCluster, nodePool, rayCluster, type TestCluster } from '../../test/support/ray-and-nodes.ts';
import type { RayCluster, WorkerGroupSpec } from '../core/kube/ray.ts';
import { NODE_POOLS, NODES, PODS, RAY_CLUSTERS } from '../core/kube/resource.ts';

/** A node that is there from the start, so that only the operator's doings take time. */
async function start(cluster: TestCluster, ray: RayCluster): Promise<void> {
  const { api, signal } = cluster;
  const resources = { cpu: '64', memory: '256Gi', pods: '200' };
  await api.create(
    NODES,
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'big' },
      status: { capacity: resources, allocatable: resources, conditions: [{ type: 'Ready', status: 'True' }] },
    },
    { signal },
  );
  await api.create(RAY_CLUSTERS, ray, { signal });
}

async function editGroup(cluster: TestCluster, edit: Partial<WorkerGroupSpec>): Promise<void> {
  const [group] = cluster.ray().spec.workerGroupSpecs ?? [];
  await cluster.editRay({ workerGroupSpecs: [{ ...(group as WorkerGroupSpec), ...edit }] }); // the test's cluster has one group
}

function names(cluster: TestCluster): readonly string[] {
  return cluster.pods('small').map(({ metadata }) => metadata.name);
}

const isReady = (cluster: TestCluster): boolean => cluster.ray().status?.state === 'ready';

describe('scaling', () => {
  test('the worked example: head, one worker up, one worker down', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster());
      await cluster.until('ready', 300, () => isReady(cluster));
      expect(cluster.events('CreatedHeadPod')).toHaveLength(1);
      expect(cluster.pods('headgroup')[0]?.metadata.name).toMatch(/^ray-head-[a-z0-9]{5}$/);
      await editGroup(cluster, { replicas: 1 });
      await cluster.until('a ready worker', 300, () => cluster.ray().status?.readyWorkerReplicas === 1);
      expect(cluster.ray().status).toMatchObject({
        desiredWorkerReplicas: 1,
        availableWorkerReplicas: 1,
        desiredCPU: '2',
        observedGeneration: 2,
      });
      const [worker = ''] = names(cluster);
      expect(worker).toMatch(/^ray-small-worker-[a-z0-9]{5}$/);
      await editGroup(cluster, { replicas: 0, scaleStrategy: { workersToDelete: [worker] } });
      await cluster.until('no worker', 120, () => names(cluster).length === 0);
      await cluster.wait(5);
      expect(cluster.events('DeletedWorkerPod')).toHaveLength(1);
      expect(cluster.ray().status?.readyWorkerReplicas).toBeUndefined();
      expect(cluster.ray().spec.workerGroupSpecs?.[0]?.scaleStrategy?.workersToDelete).toEqual([worker]);
      expect(cluster.warnings).toEqual([]);
    });
  });

  test('with autoscaling on a lowered replicas deletes nobody', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 2 }));
      await cluster.until('ready', 300, () => isReady(cluster));
      const before = names(cluster);
      await editGroup(cluster, { replicas: 0 });
      await cluster.wait(400); // beyond the periodic look
      expect(names(cluster)).toEqual(before);
    });
  });

  test('with autoscaling off it does', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 3 }, { enableInTreeAutoscaling: false }));
      await cluster.until('ready', 300, () => isReady(cluster));
      await editGroup(cluster, { replicas: 1 });
      await cluster.until('one worker', 60, () => names(cluster).length === 1);
      await cluster.wait(60);
      expect(names(cluster)).toHaveLength(1);
    });
  });

  test('a burst of changes makes no pod too many', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 1 }));
      for (const replicas of [4, 2, 5, 3, 6]) {
        await editGroup(cluster, { replicas });
        await cluster.wait(0.02);
      }
      await cluster.until('six workers', 60, () => names(cluster).length >= 6);
      await cluster.wait(60);
      expect(names(cluster)).toHaveLength(6);
      const indexes = cluster
        .pods('small')
        .map(({ metadata }) => metadata.labels?.['ray.io/worker-group-replica-index']);
      expect(new Set(indexes)).toEqual(new Set(['0', '1', '2', '3', '4', '5']));
    });
  });

  test('a worker that somebody deletes comes back, and the operator may restart meanwhile', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 2 }));
      await cluster.until('ready', 300, () => isReady(cluster));
      const [first = '', second = ''] = names(cluster);
      await cluster.api.delete(PODS, { namespace: 'default', name: first }, { signal: cluster.signal });
      await cluster.restart();
      await cluster.until('another worker', 60, () => names(cluster).length === 2 && !names(cluster).includes(first));
      expect(names(cluster)).toContain(second);
    });
  });
});

describe('workers and their head', () => {
  test('a worker is not ready before its head is, however early it is on its node', async () => {
    await inTestCluster(async (cluster) => {
      // the head's image is another one and comes late
      const ray = rayCluster({ replicas: 1 });
      const slow = ray.spec.headGroupSpec.template.spec.containers.map((container) => ({
        ...container,
        image: 'rayproject/ray:other',
      }));
      const fast = { spec: { containers: [{ name: 'w', image: 'small:1' }] } };
      await start(
        cluster,
        rayCluster({ replicas: 1, template: fast }, { headGroupSpec: { template: { spec: { containers: slow } } } }),
      );
      const ready = (group: string): string | undefined =>
        cluster.pods(group)[0]?.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True')
          ?.lastTransitionTime;
      await cluster.until('both', 600, () => ready('small') !== undefined && ready('headgroup') !== undefined);
      expect((ready('small') ?? '') > (ready('headgroup') ?? '')).toBe(true);
    });
  });
});

describe('suspension and deletion', () => {
  test('suspend removes every pod, resume brings them back', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 1 }));
      await cluster.until('ready', 300, () => isReady(cluster));
      await cluster.editRay({ suspend: true });
      await cluster.until('suspended', 120, () => cluster.ray().status?.state === 'suspended');
      expect(cluster.pods()).toEqual([]);
      await cluster.wait(60);
      expect(cluster.pods()).toEqual([]);
      await cluster.editRay({ suspend: false });
      await cluster.until('ready again', 300, () => isReady(cluster));
      expect(cluster.pods()).toHaveLength(2);
    });
  });

  test('pods go with their cluster, and no new ones come', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 2 }));
      await cluster.until('ready', 300, () => isReady(cluster));
      await cluster.api.delete(RAY_CLUSTERS, CLUSTER, { signal: cluster.signal });
      await cluster.until('no pods', 120, () => cluster.pods().length === 0);
      await cluster.wait(400);
      expect(cluster.pods()).toEqual([]);
    });
  });
});

describe('refusals', () => {
  test('an invalid spec makes an event and nothing else, until the next edit', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ minReplicas: 3, maxReplicas: 1 }));
      await cluster.wait(60);
      expect(cluster.pods()).toEqual([]);
      expect(cluster.ray().status).toBeUndefined();
      expect(cluster.events('InvalidRayClusterSpec').map(({ type, message }) => `${type} ${message}`)).toEqual([
        'Warning worker group small: minReplicas 3 is above maxReplicas 1',
      ]);
      await editGroup(cluster, { minReplicas: 1 });
      await cluster.until('ready', 300, () => isReady(cluster));
    });
  });

  test('a group that is suspended under autoscaling keeps its pods', async () => {
    await inTestCluster(async (cluster) => {
      await start(cluster, rayCluster({ replicas: 1 }));
      await cluster.until('ready', 300, () => isReady(cluster));
      await editGroup(cluster, { suspend: true, replicas: 5 });
      await cluster.wait(60);
      expect(names(cluster)).toHaveLength(1);
      expect(cluster.events('InvalidRayClusterSpec')).toHaveLength(1);
    });
  });

  test('a pod that the API server refuses is reported and tried again', async () => {
    await inTestCluster(async (cluster) => {
      // nobody checks the length of a group's name before its label is refused
      await start(cluster, rayCluster({ groupName: 'g'.repeat(76), replicas: 1 }));
      await cluster.until('a failure', 60, () =>
        (cluster.ray().status?.conditions ?? []).some(
          ({ type, reason }) => type === 'ReplicaFailure' && reason === 'FailedCreateWorkerPod',
        ),
      );
      expect(cluster.events('FailedToCreateWorkerPod').length).toBeGreaterThan(0);
      expect(cluster.pods().map(({ metadata }) => metadata.labels?.['ray.io/node-type'])).toEqual(['head']);
    });
  });
});

test('equal seeds give equal histories', async () => {
  const histories: string[] = [];
  for (let i = 0; i < 2; i++) {
    await inTestCluster(
      async (cluster) => {
        await cluster.api.create(NODE_POOLS, nodePool(), { signal: cluster.signal });
        await cluster.api.create(RAY_CLUSTERS, rayCluster({ replicas: 5 }), { signal: cluster.signal });
        await cluster.until('ready', 600, () => isReady(cluster));
        histories.push(JSON.stringify([cluster.ray(), cluster.pods(), cluster.nodes(), cluster.records]));
      },
      { seed: 7 },
    );
  }
  expect(histories[1]).toBe(histories[0]);
});

test('refused requests and lost replies cost time, not pods', async () => {
  for (const seed of [1, 2, 3]) {
    await inTestCluster(
      async (cluster) => {
        await start(cluster, rayCluster({ replicas: 4 }));
        await cluster.until('ready', 900, () => isReady(cluster));
        await cluster.wait(60);
        expect(cluster.pods()).toHaveLength(5);
        await editGroup(cluster, { replicas: 1, scaleStrategy: { workersToDelete: names(cluster).slice(0, 3) } });
        await cluster.until('one worker', 300, () => names(cluster).length === 1);
        await cluster.wait(60);
        expect(names(cluster)).toHaveLength(1);
      },
      { seed, faults: 'one request in five' },
    );
  }
});
