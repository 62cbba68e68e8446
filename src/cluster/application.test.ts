/** The inhabitants that run an application, together: Deployment, ReplicaSet, scheduler, kubelet, workload, metrics. */

import { describe, expect, test } from 'vitest';
import {
  addNode,
  deployment,
  inApplicationCluster,
  type ApplicationCluster,
  type ClusterOptions,
} from '../../test/support/application-cluster.ts';
import { node } from '../../test/support/cluster-objects.ts';
import { isPodActive, isPodReady } from '../core/cluster/pods.ts';
import { replicasOf } from '../core/cluster/rollout.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import type { PodMetricsList } from '../core/kube/metrics.ts';
import { keyOf } from '../core/kube/object.ts';
import { DEPLOYMENTS, NODES, PODS, REPLICA_SETS } from '../core/kube/resource.ts';
import { compareNumber } from '../lib/compare.ts';
import { parseGoDuration, parseRfc3339 } from '../core/time/time.ts';
import { FaultInjector, faultyKubeApi, type FaultKind } from '../sim/faults.ts';

const WEB = { namespace: 'default', name: 'web' };

async function scale(cluster: ApplicationCluster, replicas: number): Promise<void> {
  const { api, signal } = cluster;
  const now = await api.getScale(DEPLOYMENTS, WEB, { signal });
  await api.updateScale(DEPLOYMENTS, WEB, { ...now, spec: { replicas } }, { signal });
}

const available = (cluster: ApplicationCluster): number => cluster.deployment('web').status?.availableReplicas ?? 0;

/** A Deployment `web` on one node of 4 CPU, all of it available. */
async function running(cluster: ApplicationCluster, replicas: number): Promise<void> {
  await addNode(cluster, node('n1'));
  await cluster.api.create(DEPLOYMENTS, deployment('web', replicas), { signal: cluster.signal });
  await cluster.until('available', 60, () => available(cluster) === replicas);
}

/** Names of all pods that ever were. */
function podsSeen(cluster: ApplicationCluster): ReadonlySet<string> {
  const seen = new Set<string>();
  cluster.store.watch(PODS, {}, ({ object }) => seen.add(object.metadata.name));
  return seen;
}

const conditionOf = (pod: Pod | undefined, type: string): unknown =>
  pod?.status?.conditions?.find((condition) => condition.type === type);

describe('a Deployment', () => {
  test('becomes available, and says so in every object on the way', async () => {
    await inApplicationCluster(async (cluster) => {
      await running(cluster, 3);
      await cluster.wait(1);
      expect(cluster.deployment('web').status).toMatchObject({
        observedGeneration: 1,
        replicas: 3,
        updatedReplicas: 3,
        readyReplicas: 3,
        conditions: [
          { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
          { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
        ],
      });
      const pods = cluster.pods();
      expect(pods.map((pod) => pod.spec.nodeName)).toEqual(['n1', 'n1', 'n1']);
      expect(new Set(pods.map((pod) => pod.status?.podIP)).size).toBe(3);
      expect(cluster.events('ScalingReplicaSet')).toMatchObject([
        {
          message: expect.stringMatching(/^Scaled up replica set web-\w+ from 0 to 3$/),
          source: { component: 'deployment-controller' },
        },
      ]);
      expect(cluster.events('SuccessfulCreate')).toHaveLength(3);
      expect(cluster.events('Scheduled')).toHaveLength(3);
      expect(cluster.warnings).toEqual([]);
    });
  });

  test('the first pull on a node is slow, later ones are not', async () => {
    await inApplicationCluster(async (cluster) => {
      await running(cluster, 1);
      const cold = startUp(cluster.pods()[0]);
      await scale(cluster, 2);
      await cluster.until('two', 60, () => available(cluster) === 2);
      const young = cluster.pods().toSorted((a, b) => startedAt(a) - startedAt(b))[1];
      expect(cold).toBeGreaterThanOrEqual(3000);
      expect(startUp(young)).toBeLessThanOrEqual(3000);
    });
  });

  test('goes from 1 to 5 and back to 1, one pod for each replica', async () => {
    await inApplicationCluster(async (cluster) => {
      const seen = podsSeen(cluster);
      await running(cluster, 1);
      const [first] = cluster.pods();
      await scale(cluster, 5);
      await cluster.until('five', 60, () => available(cluster) === 5);
      expect(seen.size).toBe(5);
      await scale(cluster, 1);
      await cluster.until('one', 60, () => cluster.pods().length === 1 && available(cluster) === 1);
      expect(seen.size).toBe(5);
      expect(cluster.events('SuccessfulDelete')).toHaveLength(4);
      expect(cluster.pods()[0]?.metadata.name).toBe(first?.metadata.name);
      expect(cluster.warnings).toEqual([]);
    });
  });

  test('a stopping pod is there until its containers have ended, and not for its whole grace period', async () => {
    await inApplicationCluster(async (cluster) => {
      await running(cluster, 2);
      await scale(cluster, 1);
      await cluster.until('a pod terminates', 5, () => !cluster.pods().every(isPodActive));
      const from = cluster.clock.now();
      await cluster.until('it is gone', 30, () => cluster.pods().length === 1);
      expect(cluster.clock.now() - from).toBeGreaterThan(100);
      expect(cluster.clock.now() - from).toBeLessThan(3000);
      expect(cluster.events('Killing')).toHaveLength(1);
    });
  });

  test('rolls over to a new template within its limits', async () => {
    await inApplicationCluster(async (cluster) => {
      const { api, signal, store } = cluster;
      await running(cluster, 4);
      const bounds = { most: 0, least: 4 };
      store.watch(PODS, {}, () => {
        const active = store.list(PODS).items.filter(isPodActive);
        bounds.most = Math.max(bounds.most, active.length);
        bounds.least = Math.min(bounds.least, active.filter(isPodReady).length);
      });
      const operations = [
        { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'example.org/app:2' },
      ] as const;
      await api.patch(DEPLOYMENTS, WEB, { type: 'json', operations }, { signal });
      await cluster.until('rolled over', 120, () => {
        const { status, metadata } = cluster.deployment('web');
        return (
          status?.updatedReplicas === 4 &&
          status.replicas === 4 &&
          available(cluster) === 4 &&
          status.observedGeneration === metadata.generation
        );
      });
      expect(
        cluster
          .pods()
          .filter(isPodActive)
          .map((pod) => pod.spec.containers[0]?.image),
      ).toEqual(Array(4).fill('example.org/app:2'));
      expect(bounds).toEqual({ most: 5, least: 3 });
      expect(store.list(REPLICA_SETS).items.map(replicasOf).toSorted(compareNumber)).toEqual([0, 4]);
    });
  });

  test('a pod that matches and belongs to nobody is adopted', async () => {
    await inApplicationCluster(async (cluster) => {
      const { api, signal } = cluster;
      await running(cluster, 1);
      const [own] = cluster.pods();
      const orphan: Pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'orphan', namespace: 'default', labels: own?.metadata.labels ?? {} },
        spec: { containers: [{ name: 'app', image: 'example.org/app:1' }] },
      };
      await api.create(PODS, orphan, { signal });
      await cluster.until('one is given up', 30, () => cluster.events('SuccessfulDelete').length === 1);
      expect(cluster.events('SuccessfulDelete')[0]?.message).toBe('Deleted pod: orphan');
    });
  });
});

describe('scheduling', () => {
  test('says why there is no place, to users and autoscalers, and uses a node as soon as there is one', async () => {
    await inApplicationCluster(async (cluster) => {
      const { api, signal } = cluster;
      await api.create(DEPLOYMENTS, deployment('web', 1, { cpu: '3' }), { signal });
      await cluster.until('no nodes', 5, () => cluster.events('FailedScheduling').length === 1);
      expect(cluster.events('FailedScheduling')[0]?.message).toBe('no nodes available to schedule pods');
      await addNode(cluster, node('small', { cpu: '2' }));
      await cluster.until('too small', 15, () => cluster.events('FailedScheduling').length === 2);
      await cluster.wait(1);
      expect(conditionOf(cluster.pods()[0], 'PodScheduled')).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient cpu.',
      });
      await addNode(cluster, node('big'));
      await cluster.until('placed', 12, () => cluster.pods()[0]?.spec.nodeName === 'big');
      expect(conditionOf(cluster.pods()[0], 'PodScheduled')).toMatchObject({ status: 'True' });
    });
  });

  test('places many pods at once without filling a node twice', async () => {
    await inApplicationCluster(async (cluster) => {
      for (const name of ['n1', 'n2', 'n3']) await addNode(cluster, node(name));
      await cluster.api.create(DEPLOYMENTS, deployment('web', 7, { cpu: '1500m' }), { signal: cluster.signal });
      await cluster.until('six run', 60, () => available(cluster) === 6);
      const perNode = ['n1', 'n2', 'n3'].map(
        (name) => cluster.pods().filter((pod) => pod.spec.nodeName === name).length,
      );
      expect(perNode).toEqual([2, 2, 2]);
      const left = cluster.pods().find((pod) => pod.spec.nodeName === undefined);
      expect(conditionOf(left, 'PodScheduled')).toMatchObject({
        message: '0/3 nodes are available: 3 Insufficient cpu.',
      });
    });
  });

  test('a pod waits for room and gets it when another one goes', async () => {
    await inApplicationCluster(async (cluster) => {
      const { api, signal } = cluster;
      await running(cluster, 8);
      await api.create(DEPLOYMENTS, deployment('late', 1), { signal });
      await cluster.until('refused', 10, () => cluster.events('FailedScheduling').length > 0);
      await scale(cluster, 7);
      await cluster.until('placed', 30, () => cluster.deployment('late').status?.availableReplicas === 1);
    });
  });

  test('pods start on a ready node alone', async () => {
    await inApplicationCluster(async (cluster) => {
      const { api, signal } = cluster;
      await addNode(cluster, node('n1', { ready: 'False' }));
      const pod: Pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'default' },
        spec: { nodeName: 'n1', containers: [{ name: 'app', image: 'example.org/app:1' }] },
      };
      await api.create(PODS, pod, { signal });
      await cluster.wait(60);
      expect(cluster.pods()[0]?.status?.startTime).toBeUndefined();
      const found = await api.get(NODES, { namespace: '', name: 'n1' }, { signal });
      await api.update(
        NODES,
        { ...found, status: { ...found.status, conditions: [{ type: 'Ready', status: 'True' }] } },
        { signal, subresource: 'status' },
      );
      await cluster.until('it runs', 20, () => cluster.pods()[0]?.status?.phase === 'Running');
      await api.delete(NODES, { namespace: '', name: 'n1' }, { signal });
      await api.delete(PODS, keyOf(pod), { signal });
      await cluster.wait(60);
      expect(cluster.pods()).toHaveLength(1);
    });
  });
});

describe('metrics', () => {
  const PATH = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods';

  // the path asked for is that of a list
  const list = async (
    cluster: ApplicationCluster,
    query: Readonly<Record<string, string>> = {},
  ): Promise<PodMetricsList['items']> =>
    ((await cluster.metrics.get(PATH, query, { signal: cluster.signal })) as PodMetricsList).items;

  test('show the load, shared by ready pods, with a true window', async () => {
    await inApplicationCluster(async (cluster) => {
      await running(cluster, 2);
      cluster.workload.setLoad(WEB, 6);
      await cluster.wait(60);
      const items = await list(cluster, { labelSelector: 'app=web' });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(cluster.pods().map((pod) => pod.metadata.name));
      for (const item of items) {
        // 3 requests/s of 100 CPU-ms each, and 2m of base
        expect(item.containers).toEqual([{ name: 'app', usage: { cpu: '302m', memory: '32Mi' } }]);
        expect(parseGoDuration(item.window)).toBeGreaterThan(14_900);
        expect(parseGoDuration(item.window)).toBeLessThan(15_100);
        const age = cluster.clock.now() - (parseRfc3339(item.timestamp) ?? 0);
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThan(16_100);
      }
      expect(await list(cluster, { labelSelector: 'app=other' })).toEqual([]);
      const [state] = cluster.workload.loads();
      expect(state).toMatchObject({ requestsPerSecond: 6, readyPods: 2 });
      expect(state?.servedTotal).toBeCloseTo(state?.requestedTotal ?? 0, 6);
      expect(state?.servedTotal).toBeCloseTo(6 * 60, 0);
    });
  });

  test('follow the change of a load over the window', async () => {
    await inApplicationCluster(async (cluster) => {
      await running(cluster, 1);
      cluster.workload.setLoad(WEB, 2);
      await cluster.wait(60);
      const before = cluster.workload.scrape('n1')[0]?.containers[0]?.cpuSeconds ?? 0;
      cluster.workload.setLoad(WEB, 4);
      await cluster.wait(10);
      const after = cluster.workload.scrape('n1')[0]?.containers[0]?.cpuSeconds ?? 0;
      expect(after - before).toBeCloseTo(10 * 0.402, 9);
    });
  });

  test('are refused before the first pair of scrapes, and for paths that are not served', async () => {
    await inApplicationCluster(async (cluster) => {
      await expect(list(cluster)).rejects.toMatchObject({ status: { code: 503, reason: 'ServiceUnavailable' } });
      await running(cluster, 1);
      await cluster.wait(45);
      const { metrics, signal } = cluster;
      const [pod] = cluster.pods();
      const one = await metrics.get(`${PATH}/${pod?.metadata.name}`, {}, { signal });
      expect(one).toMatchObject({ kind: 'PodMetrics', metadata: { name: pod?.metadata.name } });
      await expect(metrics.get(`${PATH}/x`, {}, { signal })).rejects.toMatchObject({
        status: { code: 404, message: 'pods "x" not found' },
      });
      await expect(metrics.get('/apis/metrics.k8s.io/v1beta1/nodes', {}, { signal })).rejects.toMatchObject({
        status: { code: 404 },
      });
      await expect(list(cluster, { labelSelector: 'a in (' })).rejects.toMatchObject({ status: { code: 400 } });
    });
  });

  test('a new pod shows up within two ticks and ten seconds, a removed one vanishes', async () => {
    await inApplicationCluster(async (cluster) => {
      await running(cluster, 1);
      await cluster.wait(45);
      await scale(cluster, 2);
      await cluster.until(
        'running',
        30,
        () => cluster.pods().filter((pod) => pod.status?.phase === 'Running').length === 2,
      );
      const young = cluster.pods().toSorted((a, b) => startedAt(a) - startedAt(b))[1];
      const known = async (): Promise<boolean> =>
        (await list(cluster)).some(({ metadata }) => metadata.name === young?.metadata.name);
      while (!(await known())) await cluster.wait(0.5);
      const age = cluster.clock.now() - startedAt(young);
      expect(age).toBeGreaterThanOrEqual(10_000);
      expect(age).toBeLessThan(41_000);
      await scale(cluster, 0);
      await cluster.until('gone', 30, () => cluster.pods().length === 0);
      await cluster.wait(1);
      await expect(list(cluster)).resolves.toEqual([]);
    });
  });
});

describe('when the network fails', () => {
  type Faults = ClusterOptions & { injected: number };

  /** Each third of these requests of the controller, the first among them, meets `kind`. */
  const faulty = (controller: string, kind: FaultKind, requests: RegExp): Faults => {
    const faults: Faults = {
      injected: 0,
      wrap: (manager, api, clock) => {
        if (manager !== controller) return api;
        let count = 0;
        const plan = ({ request }: { readonly request: string }): FaultKind | undefined =>
          requests.test(request) && count++ % 3 === 0 ? inject() : undefined;
        return faultyKubeApi(api, new FaultInjector({ clock, controller, plan }));
      },
    };
    const inject = (): FaultKind => {
      faults.injected++;
      return kind;
    };
    return faults;
  };

  test.each([
    { controller: 'replicaset-controller', kind: 'lost-reply', requests: /^(create|delete) pods$/ },
    { controller: 'replicaset-controller', kind: 'refused', requests: /^(create|delete) pods$/ },
    { controller: 'replicaset-controller', kind: 'slow-answer', requests: /^(create|delete) pods$/ },
    { controller: 'replicaset-controller', kind: 'slow-answer', requests: /^watch pods$/ },
    { controller: 'deployment-controller', kind: 'lost-reply', requests: /replicasets|deployments/ },
    { controller: 'kube-scheduler', kind: 'lost-reply', requests: /pods\/binding/ },
    { controller: 'kube-scheduler', kind: 'refused', requests: /pods\/binding/ },
    { controller: 'kubelet', kind: 'lost-reply', requests: /^(update|delete) pods/ },
  ] as const)(
    '$kind in $requests of the $controller: each replica still gets one pod',
    async ({ controller, kind, requests }) => {
      const faults = faulty(controller, kind, requests);
      await inApplicationCluster(async (cluster) => {
        const seen = podsSeen(cluster);
        await addNode(cluster, node('n1'));
        await cluster.api.create(DEPLOYMENTS, deployment('web', 5), { signal: cluster.signal });
        await cluster.until('five', 600, () => available(cluster) === 5);
        await cluster.wait(300);
        expect(seen.size).toBe(5);
        await scale(cluster, 2);
        await cluster.until('two', 600, () => cluster.pods().length === 2 && available(cluster) === 2);
        await cluster.wait(300);
        expect(cluster.pods()).toHaveLength(2);
        expect(seen.size).toBe(5);
        expect(faults.injected).toBeGreaterThan(0);
      }, faults);
    },
  );
});

test('one seed is one history', async () => {
  const history = async (seed: number): Promise<readonly string[]> => {
    const lines: string[] = [];
    await inApplicationCluster(
      async (cluster) => {
        cluster.store.watch(PODS, {}, ({ type, object }) =>
          lines.push(`${cluster.clock.now()} ${type} ${JSON.stringify(object)}`),
        );
        await running(cluster, 3);
        await scale(cluster, 1);
        await cluster.wait(30);
      },
      { seed },
    );
    return lines;
  };
  const once = await history(11);
  expect(await history(11)).toEqual(once);
  expect(await history(12)).not.toEqual(once);
});

const startedAt = (pod: Pod | undefined): number =>
  parseRfc3339(pod?.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '') ?? 0;

const startUp = (pod: Pod | undefined): number => startedAt(pod) - (parseRfc3339(pod?.status?.startTime ?? '') ?? 0);
