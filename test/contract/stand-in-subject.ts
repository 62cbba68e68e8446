/** A stand-in of Ray whose pods are written by hand, as a subject of the contract; nothing else runs. */

import { DEMO_START, EventClock, HOST_WALL } from '../../src/clock/event-clock.ts';
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
import type { GcsSubject, WithGcs } from './gcs-api.ts';

export type StandInOptions = {
  /** `jump`: everything is in process. `scaled`: 500 virtual seconds in one, for a face that needs a network. */
  readonly clock: 'jump' | 'scaled';
  /** The face that is tried; `close` is called at the end. */
  readonly face: (standIn: RayStandIn) => Promise<{ readonly gcs: GcsSubject['gcs']; close(): Promise<void> }>;
};

export function withStandIn({ clock: kind, face }: StandInOptions): WithGcs {
  return async (body) => {
    const pace = kind === 'jump' ? ({ kind } as const) : ({ kind, speed: 500, wall: HOST_WALL } as const);
    const clock = new EventClock({ start: DEMO_START, pace, limit: seconds(36_000) });
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
      for (const index of [0, 1])
        await runningPod(api, signal, workerPod(cluster, group, index), `10.0.0.${index + 2}`);
      await wait(10);
      const line = await face(standIn);
      const task = { kind: 'task', resources: [['CPU', 1]], durationMs: 10_000_000 } as const;
      let groupId = '';
      try {
        await body({
          gcs: line.gcs,
          signal,
          submit: (count) => standIn.submit({ ...task, count }),
          group: (strategy, bundles) => {
            groupId = standIn.createGroup({ strategy, bundles: Array.from({ length: bundles }, () => task.resources) });
          },
          submitInside: (count) => standIn.submit({ ...task, count, groupId }),
          removeGroup: () => standIn.removeGroup(groupId),
          requestCpus: (count) => standIn.requestResources(Array.from({ length: count }, () => task.resources)),
          stop: async () => {
            const { name } = head.metadata;
            await api.delete(PODS, { namespace: CLUSTER.namespace, name }, { signal, gracePeriodSeconds: 0 });
            await wait(1);
          },
          settle: () => wait(2),
        });
      } finally {
        await line.close();
        scope.abort(new Error('the test is over'));
        await running;
      }
    });
  };
}

/** Created and reported as its kubelet would. */
async function runningPod(api: KubeApi, signal: AbortSignal, pod: Pod, podIP: string): Promise<Pod> {
  const created = await api.create(PODS, pod, { signal });
  const conditions = [{ type: 'Ready', status: 'True' }] as const;
  const status = { ...created.status, phase: 'Running', podIP, conditions } as const;
  return api.update(PODS, { ...created, status }, { signal, subresource: 'status' });
}
