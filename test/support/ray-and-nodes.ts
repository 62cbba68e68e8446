/** A cluster with Ray's operator and stand-in and the node layer, on the jump clock, for the tests of those inhabitants. */

import { DEMO_START, EventClock } from '../../src/clock/event-clock.ts';
import { EmbeddedKubeApi } from '../../src/cluster/embedded-kube-api.ts';
import { garbageCollector } from '../../src/cluster/garbage-collector.ts';
import { kubelet } from '../../src/cluster/kubelet.ts';
import { nodeProvisioner } from '../../src/cluster/node-provisioner.ts';
import { podScheduler } from '../../src/cluster/pod-scheduler.ts';
import { rayClusterOperator } from '../../src/cluster/ray-cluster-operator.ts';
import { RayStandIn } from '../../src/cluster/ray-stand-in.ts';
import { ObjectStore } from '../../src/cluster/store.ts';
import { abortScope, type ControllerDeps } from '../../src/controllers/deps.ts';
import type { KubeEvent, KubeNode, Pod } from '../../src/core/kube/core-v1.ts';
import type { NodeClaim, NodePool } from '../../src/core/kube/karpenter.ts';
import type { RayCluster, WorkerGroupSpec } from '../../src/core/kube/ray.ts';
import { EVENTS, NODE_CLAIMS, NODE_POOLS, NODES, PODS, RAY_CLUSTERS } from '../../src/core/kube/resource.ts';
import { epochMs, seconds } from '../../src/core/time/time.ts';
import { SeededRandom } from '../../src/lib/random.ts';
import type { KubeApi } from '../../src/ports/kube-api.ts';
import type { DecisionRecord } from '../../src/ports/recorder.ts';
import { FaultInjector, faultyKubeApi, type FaultPlan } from '../../src/sim/faults.ts';

export const CLUSTER = { namespace: 'default', name: 'ray' };

export type TestCluster = {
  readonly clock: EventClock;
  readonly store: ObjectStore;
  /** For the test's own requests. */
  readonly api: KubeApi;
  readonly signal: AbortSignal;
  readonly standIn: RayStandIn;
  readonly records: readonly DecisionRecord[];
  readonly warnings: readonly string[];
  wait(seconds: number): Promise<void>;
  /** Looks every 100 ms of virtual time until `holds`; fails after `limit` seconds. */
  until(what: string, limit: number, holds: () => boolean): Promise<void>;
  /** Stops and starts the inhabitants of this test: what they remember is gone. */
  restart(): Promise<void>;
  pods(group?: string): readonly Pod[];
  nodes(): readonly KubeNode[];
  claims(): readonly NodeClaim[];
  pool(): NodePool;
  ray(): RayCluster;
  events(reason: string): readonly KubeEvent[];
  editRay(spec: Partial<RayCluster['spec']>): Promise<void>;
};

export type TestClusterOptions = {
  readonly seed?: number;
  /** At the requests of the operator and the node provisioner: half of the faults are refusals, half lost replies. */
  readonly faults?: 'none' | 'one request in five';
};

/** Runs `play` among these inhabitants; every one of them must still run at the end and stop when told. */
export async function inTestCluster(
  play: (cluster: TestCluster) => Promise<void>,
  { seed = 1, faults = 'none' }: TestClusterOptions = {},
): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(24 * 3600) });
  const random = new SeededRandom(seed);
  const store = new ObjectStore({ clock, random });
  const outer = abortScope();
  const { signal } = outer;
  const warnings: string[] = [];
  const records: DecisionRecord[] = [];
  const deps = (manager: string, own: AbortSignal): ControllerDeps => ({
    api: new EmbeddedKubeApi({ store, clock, random, manager }),
    clock,
    random,
    recorder: { record: (record) => records.push(record) },
    log: { warn: (message) => warnings.push(message) },
    signal: own,
  });
  const api = deps('test', signal).api;
  const standIn = new RayStandIn({ ...deps('ray', signal), cluster: CLUSTER });
  let ended = 0;
  const watched = (running: readonly Promise<void>[]): Promise<unknown> => {
    for (const one of running) one.then(() => ended++).catch(() => (ended += 100));
    return Promise.all(running);
  };
  let inner = abortScope(signal);
  const faulty = (manager: string): ControllerDeps => {
    const own = deps(manager, inner.signal);
    if (faults === 'none') return own;
    const chance = random.stream(`faults/${manager}`);
    const plan: FaultPlan = () => (['refused', 'lost-reply'] as const)[Math.floor(chance.next() * 10)];
    return { ...own, api: faultyKubeApi(own.api, new FaultInjector({ clock, controller: manager, plan })) };
  };
  const start = (): Promise<unknown> =>
    watched([rayClusterOperator(faulty('kuberay-operator')), nodeProvisioner(faulty('karpenter'))]);
  const wait = (s: number): Promise<void> => clock.sleepUntil(epochMs(clock.now() + s * 1000), signal);
  await clock.run(async () => {
    const others = watched([
      podScheduler(deps('kube-scheduler', signal)),
      kubelet(deps('kubelet', signal)),
      garbageCollector(deps('garbage-collector', signal)),
      standIn.run(),
    ]);
    let mine = start();
    const cluster: TestCluster = {
      clock,
      store,
      api,
      signal,
      standIn,
      records,
      warnings,
      wait,
      async until(what, limit, holds) {
        const end = clock.now() + limit * 1000;
        while (!holds()) {
          if (clock.now() > end) throw new Error(`${what}: not within ${limit} s\n${warnings.join('\n')}`);
          await wait(0.1);
        }
      },
      async restart() {
        const before = ended;
        inner.abort(new Error('restart'));
        await mine;
        ended = before;
        inner = abortScope(signal);
        mine = start();
      },
      pods: (group) =>
        store.list(PODS).items.filter((pod) => group === undefined || pod.metadata.labels?.['ray.io/group'] === group),
      nodes: () => store.list(NODES).items,
      claims: () => store.list(NODE_CLAIMS).items,
      pool: () => store.get(NODE_POOLS, { namespace: '', name: 'default' }),
      ray: () => store.get(RAY_CLUSTERS, CLUSTER),
      events: (reason) => store.list(EVENTS).items.filter((event) => event.reason === reason),
      async editRay(spec) {
        await api.patch(RAY_CLUSTERS, CLUSTER, { type: 'merge', value: { spec } }, { signal });
      },
    };
    await play(cluster);
    if (ended > 0) throw new Error('an inhabitant ended by itself');
    outer.abort(new Error('the test is over'));
    await Promise.all([others, mine]);
  });
}

/** A pool of one instance type, empty nodes go after 30 s. */
export function nodePool(spec: Partial<NodePool['spec']> = {}): NodePool {
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name: 'default' },
    spec: {
      template: {
        spec: {
          nodeClassRef: { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'default' },
          requirements: [
            { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['s-4x-amd64-linux'] },
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
          ],
        },
      },
      disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: '30s' },
      ...spec,
    },
  };
}

/** An autoscaling cluster with one group `small` of one-CPU workers, 0 to 10. */
export function rayCluster(
  group: Partial<WorkerGroupSpec> = {},
  spec: Partial<RayCluster['spec']> = {},
  name: string = CLUSTER.name,
): RayCluster {
  const resources = { requests: { cpu: '1', memory: '2Gi' }, limits: { cpu: '1', memory: '2Gi' } };
  const container = (of: string): { name: string; image: string; resources: typeof resources } => ({
    name: of,
    image: 'rayproject/ray:2.60.0',
    resources,
  });
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name, namespace: CLUSTER.namespace },
    spec: {
      rayVersion: '2.60.0',
      enableInTreeAutoscaling: true,
      headGroupSpec: {
        rayStartParams: { 'num-cpus': '0' },
        template: { spec: { containers: [container('ray-head')] } },
      },
      workerGroupSpecs: [
        {
          groupName: 'small',
          replicas: 0,
          minReplicas: 0,
          maxReplicas: 10,
          template: { spec: { containers: [container('ray-worker')] } },
          ...group,
        },
      ],
      ...spec,
    },
  };
}
