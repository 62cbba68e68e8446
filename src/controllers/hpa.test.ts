import { describe, expect, test } from 'vitest';
import { cpuUtilization, hpa, pod, podMetrics } from '../../test/support/hpa.ts';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { EmbeddedKubeApi } from '../cluster/embedded-kube-api.ts';
import { DEFAULT_NETWORK } from '../cluster/network-model.ts';
import { ObjectStore } from '../cluster/store.ts';
import { DEFAULT_HPA_CONFIG, DEFAULT_HPA_GATES, type HpaConfig } from '../core/hpa/config.ts';
import type { Deployment } from '../core/kube/apps.ts';
import type { KubeEvent, Pod } from '../core/kube/core-v1.ts';
import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import { DEPLOYMENTS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, NAMESPACES, PODS } from '../core/kube/resource.ts';
import { durationMs, epochMs, seconds, toRfc3339 } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import { KubeError, type KubeApi } from '../ports/kube-api.ts';
import type { MetricsApi } from '../ports/metrics-api.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import { FAULT_KINDS, FaultInjector, faultyKubeApi, faultyMetricsApi, type FaultKind } from '../sim/faults.ts';
import { abortScope } from './deps.ts';
import { hpaController } from './hpa.ts';

type Cluster = {
  readonly clock: EventClock;
  readonly api: KubeApi;
  readonly store: ObjectStore;
  /** CPU of every pod of a namespace; undefined: the metrics API refuses. */
  readonly usage: Map<string, string>;
  readonly records: readonly DecisionRecord[];
  readonly warnings: readonly string[];
  readonly requests: readonly string[];
  wait(seconds: number): Promise<void>;
  /** Replicas that the HPA asked for, of the Deployment `web`. */
  replicas(namespace?: string): number;
};

type Options = {
  readonly config?: Partial<HpaConfig>;
  readonly fault?: { readonly request: string; readonly kind: FaultKind };
  readonly wrapMetrics?: (metrics: MetricsApi, clock: EventClock) => MetricsApi;
  /** How late the controller's watches are. */
  readonly watchLagMs?: number;
};

const OPTIONS = { signal: new AbortController().signal };

/** Only the HPA controller runs: pods stay as they are, whatever the scale says. */
async function inCluster(play: (cluster: Cluster) => Promise<void>, options: Options = {}): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(100_000) });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const scope = abortScope();
  const usage = new Map<string, string>();
  const records: DecisionRecord[] = [];
  const warnings: string[] = [];
  const requests: string[] = [];
  let faults = 1;
  const injector = new FaultInjector({
    clock,
    controller: 'hpa-controller',
    plan: ({ request }) => {
      requests.push(request);
      return request === options.fault?.request && faults-- > 0 ? options.fault.kind : undefined;
    },
  });
  const metrics: MetricsApi = {
    listPodMetrics: async ({ namespace }) => {
      const cpu = usage.get(namespace);
      if (cpu === undefined)
        throw new KubeError({ code: 503, reason: 'ServiceUnavailable', message: 'no metrics now' });
      const timestamp = toRfc3339(epochMs(clock.now() - 15_000));
      return ['web-0', 'web-1'].map((name) => ({ ...podMetrics(name, { cpu }), timestamp }));
    },
  };
  const api = new EmbeddedKubeApi({ store, clock, random, manager: 'test' });
  const { watchLagMs } = options;
  const lag = watchLagMs === undefined ? {} : { watchLag: { minMs: watchLagMs, maxMs: watchLagMs } };
  const network = { ...DEFAULT_NETWORK, ...lag };
  await clock.run(async () => {
    const controller = hpaController({
      api: faultyKubeApi(new EmbeddedKubeApi({ store, clock, random, network, manager: 'hpa-controller' }), injector),
      metrics: faultyMetricsApi((options.wrapMetrics ?? ((inner) => inner))(metrics, clock), injector),
      config: { ...DEFAULT_HPA_CONFIG, ...options.config },
      clock,
      random,
      recorder: { record: (record) => records.push(record) },
      log: { warn: (message) => warnings.push(message) },
      signal: scope.signal,
    });
    await play({
      clock,
      api,
      store,
      usage,
      records,
      warnings,
      requests,
      wait: (s) => clock.sleepUntil(epochMs(clock.now() + s * 1000), scope.signal),
      replicas: (namespace = 'default') => store.get(DEPLOYMENTS, { namespace, name: 'web' }).spec.replicas ?? 0,
    });
    scope.abort(new Error('the test is over'));
    await controller;
  });
}

/** A Deployment of two, its two pods ready since long ago, and the CPU they use. */
async function application({ api, usage }: Cluster, cpu: string, namespace = 'default'): Promise<void> {
  usage.set(namespace, cpu);
  if (namespace !== 'default') {
    await api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, OPTIONS);
  }
  const labels = { app: 'web' };
  const spec = { containers: [{ name: 'c', image: 'example.org/c:1', resources: { requests: { cpu: '100m' } } }] };
  const web: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  await api.create(DEPLOYMENTS, web, OPTIONS);
  for (const name of ['web-0', 'web-1']) {
    const made = await api.create(
      PODS,
      { ...pod(name), metadata: { name, namespace, labels }, spec, status: {} },
      OPTIONS,
    );
    const before = toRfc3339(epochMs(DEMO_START - 7_200_000));
    const status: Pod['status'] = {
      phase: 'Running',
      startTime: before,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: before }],
    };
    await api.update(PODS, { ...made, status }, { ...OPTIONS, subresource: 'status' });
  }
}

function autoscaler(
  spec: Partial<HorizontalPodAutoscaler['spec']> = {},
  namespace = 'default',
): HorizontalPodAutoscaler {
  return { ...hpa(spec), metadata: { name: 'web', namespace } };
}

const create = ({ api }: Cluster, object: HorizontalPodAutoscaler): Promise<HorizontalPodAutoscaler> =>
  api.create(HORIZONTAL_POD_AUTOSCALERS, object, OPTIONS);
const read = ({ store }: Cluster): HorizontalPodAutoscaler =>
  store.get(HORIZONTAL_POD_AUTOSCALERS, { namespace: 'default', name: 'web' });
const events = ({ store }: Cluster): readonly KubeEvent[] => store.list(EVENTS).items;
const syncTimes = ({ records }: Cluster): readonly number[] =>
  records.map(({ at }) => Math.round((at - DEMO_START) / 1000));

test('HPA-16.2, HPA-17.12 a new HPA is synchronized at once: scale, status, event and record', async () => {
  await inCluster(async (cluster) => {
    await application(cluster, '92m');
    await create(cluster, autoscaler());
    await cluster.wait(2);
    expect(cluster.replicas()).toBe(4);
    expect(read(cluster).status).toMatchObject({ currentReplicas: 2, desiredReplicas: 4 });
    expect(events(cluster)).toMatchObject([
      {
        type: 'Normal',
        reason: 'SuccessfulRescale',
        message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target',
        involvedObject: { kind: 'HorizontalPodAutoscaler', name: 'web' },
        source: { component: 'horizontal-pod-autoscaler' },
        count: 1,
      },
    ]);
    expect(cluster.records).toMatchObject([
      {
        layer: 'hpa',
        object: { kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'web' },
        decision: { kind: 'scale', from: 2, to: 4, of: 'replicas' },
        reason: 'SuccessfulRescale',
        message: 'cpu is at 92 % of request, target 60 %: ratio 1.533 x 2 pods = 4 replicas',
        numbers: { utilizationPercent: 92, targetPercent: 60, readyPods: 2, desiredReplicas: 4 },
      },
    ]);
  });
});

test('HPA-16.7, HPA-16.10 one sync per period, a spec change in between at once', async () => {
  await inCluster(async (cluster) => {
    await application(cluster, '60m');
    const made = await create(cluster, autoscaler());
    const [, settled] = [await cluster.wait(20), read(cluster)];
    await cluster.api.update(
      HORIZONTAL_POD_AUTOSCALERS,
      { ...settled, spec: { ...made.spec, maxReplicas: 12 } },
      OPTIONS,
    );
    await cluster.wait(30);
    const [first = 0, ...rest] = syncTimes(cluster);
    expect(rest.map((time) => time - first)).toEqual([15, 20, 30, 45]);
  });
});

describe('a change of the HPA in the middle of a period', () => {
  const changed = (made: HorizontalPodAutoscaler, maxReplicas: number): HorizontalPodAutoscaler => ({
    ...made,
    metadata: { ...made.metadata, labels: { changed: String(maxReplicas) } },
    spec: { ...made.spec, maxReplicas },
  });
  test.each([
    ['HPA-16.3 of its spec: at once', 12, true, [15, 20, 30, 45]],
    ['HPA-16.3, HPA-24.3 of its spec, without the gate HPAGeneration: in its turn', 12, false, [15, 30, 45]],
    ['HPA-16.4 of its labels alone: in its turn', 10, true, [15, 30, 45]],
  ])('%s', async (_name, maxReplicas, isOn, times) => {
    const gates = { ...DEFAULT_HPA_GATES, HPAGeneration: isOn };
    await inCluster(
      async (cluster) => {
        await application(cluster, '60m');
        await create(cluster, autoscaler({ maxReplicas: 10 }));
        await cluster.wait(20);
        await cluster.api.update(HORIZONTAL_POD_AUTOSCALERS, changed(read(cluster), maxReplicas), OPTIONS);
        await cluster.wait(30);
        const [first = 0, ...rest] = syncTimes(cluster);
        expect(rest.map((time) => time - first)).toEqual(times);
      },
      { config: { gates } },
    );
  });
});

/** As the original does whose shared cache has a resync. Without one the second line would be 8, 31, 54, 77, 100. */
test.each([
  ['that are short: no difference', 0, [0, 15, 30, 45, 60, 75, 90]],
  ['that are long: the next does not wait for a period after their end', 8, [8, 31, 53, 68, 83, 98]],
])('HPA-16.5 all HPAs are looked at one period after each resync, beside syncs %s', async (_name, lasts, ends) => {
  const wrapMetrics = (inner: MetricsApi, clock: EventClock): MetricsApi => ({
    listPodMetrics: async (query, options) => {
      await clock.sleepUntil(epochMs(clock.now() + lasts * 1000), options.signal);
      return inner.listPodMetrics(query, options);
    },
  });
  await inCluster(
    async (cluster) => {
      await application(cluster, '60m');
      await create(cluster, autoscaler());
      await cluster.wait(101);
      expect(syncTimes(cluster)).toEqual(ends);
    },
    { wrapMetrics },
  );
});

test('one failing HPA does not stop the other, not even by a defect', async () => {
  const wrapMetrics = (inner: MetricsApi): MetricsApi => ({
    listPodMetrics: async (query, options) => {
      if (query.namespace === 'broken') throw new TypeError('a defect');
      return inner.listPodMetrics(query, options);
    },
  });
  await inCluster(
    async (cluster) => {
      await application(cluster, '92m');
      await application(cluster, '92m', 'broken');
      await create(cluster, autoscaler({}, 'broken'));
      await create(cluster, autoscaler());
      await cluster.wait(40);
      expect([cluster.replicas(), cluster.replicas('broken')]).toEqual([4, 2]);
      const broken = cluster.records.filter(({ object }) => object.namespace === 'broken');
      expect(broken.length).toBeGreaterThanOrEqual(3);
      expect(new Set(broken.map(({ reason }) => reason))).toEqual(new Set(['InternalError']));
    },
    { wrapMetrics },
  );
});

test('HPA-16.15 a spec that changes during a sync: its status write conflicts, and the next sync follows at once', async () => {
  const wrapMetrics = (inner: MetricsApi, clock: EventClock): MetricsApi => ({
    listPodMetrics: async (query, options) => {
      await clock.sleepUntil(epochMs(clock.now() + 4000), options.signal);
      return inner.listPodMetrics(query, options);
    },
  });
  await inCluster(
    async (cluster) => {
      await application(cluster, '92m');
      const made = await create(cluster, autoscaler());
      await cluster.wait(2);
      await cluster.api.update(
        HORIZONTAL_POD_AUTOSCALERS,
        { ...made, spec: { ...made.spec, maxReplicas: 3 } },
        OPTIONS,
      );
      await cluster.wait(8);
      expect(cluster.replicas(), 'the old maximum allowed 4, the new one takes that back').toBe(3);
      expect(events(cluster).map(({ reason, message }) => [reason, message.split(';')[0]])).toEqual([
        ['SuccessfulRescale', 'New size: 4'],
        ['FailedUpdateStatus', expect.stringContaining('the object has been modified')],
        ['SuccessfulRescale', 'New size: 3'],
      ]);
      expect(syncTimes(cluster)).toEqual([4, 4]);
    },
    { wrapMetrics },
  );
});

test('HPA-8.7 without metrics nothing is scaled; the condition says why, and it goes on when they are back', async () => {
  await inCluster(async (cluster) => {
    await application(cluster, '92m');
    cluster.usage.delete('default');
    await create(cluster, autoscaler());
    await cluster.wait(40);
    expect(cluster.replicas()).toBe(2);
    const condition = read(cluster).status?.conditions?.find(({ type }) => type === 'ScalingActive');
    expect(condition).toMatchObject({
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message: expect.stringContaining('no metrics now'),
    });
    expect(cluster.records.at(-1)).toMatchObject({ decision: { kind: 'fail' }, reason: 'FailedGetResourceMetric' });
    cluster.usage.set('default', '92m');
    await cluster.wait(16);
    expect(cluster.replicas()).toBe(4);
  });
});

test('HPA-21.13 the same failure again and again counts on two events', async () => {
  await inCluster(async (cluster) => {
    await application(cluster, '92m');
    cluster.usage.delete('default');
    await create(cluster, autoscaler());
    await cluster.wait(15 * 12);
    const reasons = events(cluster).map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(['FailedComputeMetricsReplicas', 'FailedGetResourceMetric']);
    expect(Math.min(...events(cluster).map(({ count = 0 }) => count))).toBeGreaterThanOrEqual(10);
  });
});

test('HPA-16.6 a deleted HPA is not synchronized any more, and its target stays as it is', async () => {
  await inCluster(async (cluster) => {
    await application(cluster, '60m');
    await create(cluster, autoscaler());
    await cluster.wait(20);
    await cluster.api.delete(HORIZONTAL_POD_AUTOSCALERS, { namespace: 'default', name: 'web' }, OPTIONS);
    const before = cluster.records.length;
    cluster.usage.set('default', '500m');
    await cluster.wait(60);
    expect([cluster.replicas(), cluster.records.length]).toEqual([2, before]);
  });
});

test('HPA-8.14 with behavior the step is limited by what was scaled within the period', async () => {
  await inCluster(async (cluster) => {
    await application(cluster, '180m');
    const policies = [{ type: 'Pods' as const, value: 1, periodSeconds: 60 }];
    await create(cluster, autoscaler({ behavior: { scaleUp: { policies } } }));
    await cluster.wait(40);
    expect(cluster.replicas()).toBe(3);
    await cluster.wait(60);
    expect(cluster.replicas()).toBe(4);
  });
});

test('HPA-16.12 no more HPAs at once than there are workers', async () => {
  let running = 0;
  let most = 0;
  const wrapMetrics = (inner: MetricsApi, clock: EventClock): MetricsApi => ({
    listPodMetrics: async (query, options) => {
      most = Math.max(most, ++running);
      await clock.sleepUntil(epochMs(clock.now() + 50), options.signal);
      running--;
      return inner.listPodMetrics(query, options);
    },
  });
  await inCluster(
    async (cluster) => {
      for (const namespace of ['a', 'b', 'c', 'd']) {
        await application(cluster, '92m', namespace);
        await create(cluster, autoscaler({ metrics: [cpuUtilization(60), cpuUtilization(70)] }, namespace));
      }
      await cluster.wait(60);
      expect(['a', 'b', 'c', 'd'].map((namespace) => cluster.replicas(namespace))).toEqual([4, 4, 4, 4]);
      expect(most).toBeLessThanOrEqual(2);
    },
    { config: { concurrentSyncs: 2 }, wrapMetrics },
  );
});

/** Of an informer's first list, in seconds. */
const LIST_DEADLINE = 30;

describe('the loss of any one request costs at most two rounds and scales nothing', () => {
  const REQUESTS = [
    'discover',
    'list horizontalpodautoscalers',
    'list pods',
    'get deployments/scale',
    'list pods.metrics.k8s.io',
    'update deployments/scale',
    'update horizontalpodautoscalers/status',
    'create events',
  ];
  const ROWS = REQUESTS.flatMap((request) => FAULT_KINDS.map((kind) => ({ request, kind })));

  test.each(ROWS)('$request, $kind', async (fault) => {
    await inCluster(
      async (cluster) => {
        const seen: number[] = [];
        await application(cluster, '92m');
        await create(cluster, autoscaler());
        for (let second = 0; second < 100; second++) {
          await cluster.wait(1);
          seen.push(cluster.replicas());
        }
        expect(cluster.requests).toContain(fault.request);
        // 2 until it is 4, and nothing else ever; a slow answer takes its deadline beside the round
        const lost = fault.request.startsWith('list h') || fault.request === 'list pods' ? LIST_DEADLINE : 0;
        const reached = seen.indexOf(4);
        expect(seen.every((replicas, i) => replicas === (i < reached ? 2 : 4))).toBe(true);
        expect(reached).toBeLessThanOrEqual(lost + 2 * 15 + 10);
        expect(cluster.replicas()).toBe(4);
        expect(cluster.records.at(-1)).toMatchObject({ decision: { kind: 'hold', at: 4 } });
        expect(read(cluster).status).toMatchObject({ currentReplicas: 4, desiredReplicas: 4 });
      },
      { fault },
    );
  });
});

test('HPA-2.40 a cache that has not seen our own status write is not decided upon', async () => {
  await inCluster(
    async (cluster) => {
      await application(cluster, '92m');
      await create(cluster, autoscaler());
      await cluster.wait(60);
      expect(cluster.records.map(({ reason }) => reason).slice(0, 2)).toEqual(['SuccessfulRescale', 'StaleCache']);
      expect(cluster.replicas()).toBe(4);
      expect(cluster.records.at(-1)).toMatchObject({ decision: { kind: 'hold', at: 4 } });
    },
    { watchLagMs: 20_000 },
  );
});

test('HPA-16.14 a period of 0 and no workers are refused', async () => {
  const never = new AbortController().signal;
  const deps = { signal: never } as unknown as Parameters<typeof hpaController>[0]; // refused before anything else is used
  const config = (part: Partial<HpaConfig>): HpaConfig => ({ ...DEFAULT_HPA_CONFIG, ...part });
  await expect(hpaController({ ...deps, config: config({ syncPeriodMs: durationMs(0) }) })).rejects.toThrow(
    'longer than 0 ms',
  );
  await expect(hpaController({ ...deps, config: config({ concurrentSyncs: 0 }) })).rejects.toThrow(
    'greater than 0, but got 0',
  );
});
