/** The stand-in, held to the contract of the port: its pods are written by hand, nothing else runs. */

import { DEMO_START, EventClock } from '../../src/clock/event-clock.ts';
import { EmbeddedKubeApi } from '../../src/cluster/embedded-kube-api.ts';
import { RayStandIn } from '../../src/cluster/ray-stand-in.ts';
import { ObjectStore } from '../../src/cluster/store.ts';
import { abortScope } from '../../src/controllers/deps.ts';
import { headPod, workerPod } from '../../src/core/cluster/ray-cluster-pods.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import { PODS, RAY_CLUSTERS } from '../../src/core/kube/resource.ts';
import { epochMs, seconds } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import type { KubeApi } from '../../src/ports/kube-api.ts';
import { CLUSTER, rayCluster } from '../support/ray-and-nodes.ts';
import { describeGcsApiContract } from './gcs-api.ts';

describeGcsApiContract('Ray stand-in', async (body) => {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const scope = abortScope();
  const { signal } = scope;
  const api = new EmbeddedKubeApi({ store, clock, random, manager: 'test' });
  const log = {
    warn: (message: string): never => {
      throw new Error(message);
    },
  };
  const standIn = new RayStandIn({ api, clock, random, log, signal, cluster: CLUSTER });
  const wait = (s: number): Promise<void> => clock.sleepUntil(epochMs(clock.now() + s * 1000), signal);
  await clock.run(async () => {
    const running = standIn.run();
    const cluster = await api.create(RAY_CLUSTERS, rayCluster(), { signal });
    const head = await runningPod(api, signal, headPod(cluster), '10.0.0.1');
    const [group] = cluster.spec.workerGroupSpecs ?? [];
    if (group === undefined) throw new Error('the cluster has a group');
    for (const index of [0, 1]) await runningPod(api, signal, workerPod(cluster, group, index), `10.0.0.${index + 2}`);
    await wait(10);
    await body({
      gcs: standIn.gcs,
      signal,
      submit: (count) => standIn.submit({ kind: 'task', resources: [['CPU', 1]], count, durationMs: 1_000_000 }),
      stop: async () => {
        await api.delete(
          PODS,
          { namespace: CLUSTER.namespace, name: head.metadata.name },
          { signal, gracePeriodSeconds: 0 },
        );
        await wait(1);
      },
      settle: () => wait(2),
    });
    scope.abort(new Error('the test is over'));
    await running;
  });
});

/** Created and reported as its kubelet would. */
async function runningPod(api: KubeApi, signal: AbortSignal, pod: Pod, podIP: string): Promise<Pod> {
  const created = await api.create(PODS, pod, { signal });
  const conditions = [{ type: 'Ready', status: 'True' }] as const;
  const status = { ...created.status, phase: 'Running', podIP, conditions } as const;
  return api.update(PODS, { ...created, status }, { signal, subresource: 'status' });
}
