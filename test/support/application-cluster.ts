/** A cluster with the inhabitants that run an application, on the jump clock, for the tests of those inhabitants. */

import { DEMO_START, EventClock } from '../../src/clock/event-clock.ts';
import { deploymentController } from '../../src/cluster/deployment-controller.ts';
import { EmbeddedKubeApi } from '../../src/cluster/embedded-kube-api.ts';
import { kubelet } from '../../src/cluster/kubelet.ts';
import { MetricsServer } from '../../src/cluster/metrics-server.ts';
import { podScheduler } from '../../src/cluster/pod-scheduler.ts';
import { replicaSetController } from '../../src/cluster/replica-set-controller.ts';
import { ObjectStore } from '../../src/cluster/store.ts';
import { WorkloadModel } from '../../src/cluster/workload.ts';
import { abortScope, type ControllerDeps } from '../../src/controllers/deps.ts';
import type { Deployment } from '../../src/core/kube/apps.ts';
import type { KubeEvent, KubeNode, Pod, PodSpec } from '../../src/core/kube/core-v1.ts';
import { DEPLOYMENTS, EVENTS, NODES, PODS } from '../../src/core/kube/resource.ts';
import { epochMs, seconds } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import type { KubeApi } from '../../src/ports/kube-api.ts';

/** The API as a controller of this name gets it: itself, or something faulty around it. */
export type ApiWrapper = (manager: string, api: KubeApi, clock: EventClock) => KubeApi;

export type ApplicationCluster = {
  readonly clock: EventClock;
  readonly store: ObjectStore;
  /** For the test's own requests. */
  readonly api: KubeApi;
  readonly signal: AbortSignal;
  readonly workload: WorkloadModel;
  readonly metrics: MetricsServer;
  readonly warnings: readonly string[];
  /** Lets this many virtual seconds pass. */
  wait(seconds: number): Promise<void>;
  /** Looks every 100 ms of virtual time until `holds`; fails after `limit` seconds. */
  until(what: string, limit: number, holds: () => boolean): Promise<void>;
  pods(): readonly Pod[];
  events(reason: string): readonly KubeEvent[];
  deployment(name: string): Deployment;
};

export type ClusterOptions = { readonly seed?: number; readonly wrap?: ApiWrapper };

/** Runs `play` in a cluster of these inhabitants; every one of them must still be running at the end and stop when told. */
export async function inApplicationCluster(
  play: (cluster: ApplicationCluster) => Promise<void>,
  { seed = 1, wrap = (_, api) => api }: ClusterOptions = {},
): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(24 * 3600) });
  const random = new SeededRandom(seed);
  const store = new ObjectStore({ clock, random });
  const scope = abortScope();
  const { signal } = scope;
  const warnings: string[] = [];
  const apiOf = (manager: string): KubeApi =>
    wrap(manager, new EmbeddedKubeApi({ store, clock, random, manager }), clock);
  const deps = (manager: string): ControllerDeps => ({
    api: apiOf(manager),
    clock,
    random,
    recorder: { record: () => undefined },
    log: { warn: (message) => warnings.push(message) },
    signal,
  });
  const workload = new WorkloadModel(deps('workload'));
  const metrics = new MetricsServer({ ...deps('metrics-server'), usage: workload });
  const wait = (s: number): Promise<void> => clock.sleepUntil(epochMs(clock.now() + s * 1000), signal);
  const cluster: ApplicationCluster = {
    clock,
    store,
    api: new EmbeddedKubeApi({ store, clock, random, manager: 'test' }),
    signal,
    workload,
    metrics,
    warnings,
    wait,
    async until(what, limit, holds) {
      const end = clock.now() + limit * 1000;
      while (!holds()) {
        if (clock.now() > end) throw new Error(`${what}: not within ${limit} s\n${warnings.join('\n')}`);
        await wait(0.1);
      }
    },
    pods: () => store.list(PODS).items,
    events: (reason) => store.list(EVENTS).items.filter((event) => event.reason === reason),
    deployment: (name) => store.get(DEPLOYMENTS, { namespace: 'default', name }),
  };
  await clock.run(async () => {
    const running = [
      deploymentController(deps('deployment-controller')),
      replicaSetController(deps('replicaset-controller')),
      podScheduler(deps('kube-scheduler')),
      kubelet(deps('kubelet')),
      workload.run(),
      metrics.run(),
    ];
    let ended = 0;
    for (const one of running) one.then(() => ended++).catch(() => (ended += 100));
    await play(cluster);
    if (ended > 0) throw new Error('an inhabitant ended by itself');
    scope.abort(new Error('the test is over'));
    await Promise.all(running);
  });
}

/** A Deployment in `default` whose pods have one container. */
export function deployment(
  name: string,
  replicas: number,
  spec: Partial<Deployment['spec']> & { readonly pod?: Partial<PodSpec>; readonly cpu?: string } = {},
): Deployment {
  const { pod, cpu = '500m', ...rest } = spec;
  const container = { name: 'app', image: 'example.org/app:1', resources: { requests: { cpu, memory: '128Mi' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container], ...pod } },
      ...rest,
    },
  };
}

/** Creates the node with its status, as a node's own registration and heartbeat do. */
export async function addNode(cluster: ApplicationCluster, made: KubeNode): Promise<void> {
  const { api, signal } = cluster;
  const created = await api.create(NODES, made, { signal });
  const { metadata, ...body } = made;
  const next: KubeNode = { ...body, metadata: { ...created.metadata, labels: metadata.labels ?? {} } };
  await api.update(NODES, next, { signal, subresource: 'status' });
}
