/**
 * The whole controller for some minutes: when it looks, not what it decides. Steps fall between syncs, or into the middle of one. Two
 * HPAs that are there from the start are taken up in random order by the original, so others come later.
 */

import type { Fields, Json } from './hpa-generator-types.ts';
import { instant, makeBehavior, START_MS } from './hpa-generator-parts.ts';
import type { Dice } from './ray-dice.ts';

/** Two things on one millisecond are a race in the original: most syncs begin within the first tenth of a second, nothing else does. */
function oddMs(dice: Dice, afterMs: number, most: number): number {
  return Math.ceil(afterMs / 1000) * 1000 + dice.whole(0, most - 1) * 1000 + dice.whole(101, 949);
}

function external(dice: Dice): readonly Fields[] {
  const value = dice.pick(['0', '10', '30', '35', '60', '200']);
  return [{ path: 'namespaces/default/q', items: [{ metricName: 'q', timestamp: instant(START_MS), value }] }];
}

function makeObject(dice: Dice, name: string, generation: number): Fields {
  const external1 = {
    type: 'External',
    external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '10' } },
  };
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
  const metrics = dice.pick<readonly Json[]>([[external1], [external1], [external1, cpu], [cpu]]);
  return {
    metadata: { name, generation },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: dice.pick([1, 1, 0, 2]),
      maxReplicas: dice.pick([3, 10, 30]),
      behavior: dice.perhaps(0.4, () => makeBehavior(dice)),
      metrics,
    },
  };
}

function makePods(dice: Dice, name: string): Fields {
  const pods = dice.times(4, (i) => ({
    metadata: { name: `${name}-${i}`, labels: { app: name } },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m' } } }] },
    status: {
      phase: dice.pick(['Running', 'Running', 'Pending']),
      startTime: instant(START_MS - dice.pick([7_200_000, 60_000])),
      conditions: [
        { type: 'Ready', status: dice.pick(['True', 'True', 'False']), lastTransitionTime: instant(START_MS - 30_000) },
      ],
    },
  }));
  const items = pods.map(({ metadata }) => ({
    metadata: { ...metadata, namespace: 'default' },
    timestamp: instant(START_MS - 15_000),
    window: '30s',
    containers: [{ name: 'c', usage: { cpu: dice.pick(['0', '50m', '90m', '200m']) } }],
  }));
  return { pods, podMetrics: { items } };
}

/** A fault that comes and goes; never a conflict, whose pause is random. */
function makeFaults(dice: Dice): readonly Fields[] {
  const error = dice.pick<Fields>([
    { code: 500, reason: 'InternalError', message: 'boom' },
    { code: 404, reason: 'NotFound', message: 'gone' },
    { code: 403, reason: 'Forbidden', message: 'no' },
  ]);
  const path = dice.pick([
    '/scale$',
    '/status$',
    '/apis/external.metrics.k8s.io/v1beta1/n',
    '/apis/metrics.k8s.io/v1beta1/n',
    '/events$',
  ]);
  return [{ path, times: dice.pick([0, 1, 2, 3]), error }];
}

const NAMES = ['default/web', 'default/new'];
const UNWRITTEN = [{ method: 'PUT', path: '/status$', error: { code: 403, reason: 'Forbidden', message: 'no' } }];

export function makeLoop(dice: Dice): Fields {
  const first = 'web';
  // without status writes there is no news of them to wait for: then a spec may change in the middle of a sync
  const unwritten = dice.chance(0.15);
  const latency = unwritten ? dice.pick([37, 170]) : dice.perhaps(0.4, () => dice.pick([0, 0, 3, 7, 37]));
  const isSlow = !unwritten && latency !== undefined && latency > 3;
  const period = dice.pick([undefined, undefined, 15, 5, 7, latency === undefined || latency === 0 ? 1 : 10]);
  let generation = 1;
  const scaleOf = (name: string): Fields => ({
    group: 'apps',
    resource: 'deployments',
    name,
    specReplicas: dice.pick([0, 1, 2, 3, 12]),
    statusReplicas: dice.pick([1, 3]),
    selector: `app=${name}`,
    statusFollowsSpec: dice.chance(0.8),
  });
  const follows = dice.chance(0.4) ? { podsFollowScale: `apps/deployments/default/${first}` } : {};
  const world: Fields = {
    hpas: [makeObject(dice, first, generation)],
    scales: [scaleOf(first)],
    ...makePods(dice, first),
    ...follows,
    externalMetrics: external(dice),
    faults: unwritten ? UNWRITTEN : dice.perhaps(0.15, () => makeFaults(dice)),
  };
  const changes: readonly (() => Fields)[] = [
    () => ({ externalMetrics: external(dice) }),
    () => ({ externalMetrics: external(dice) }),
    // a new generation in the middle of a sync: whether the next one comes before the news of the own write is a race
    () => ({ hpas: [makeObject(dice, first, isSlow ? generation : ++generation)] }),
    () => ({ hpas: [makeObject(dice, first, generation)] }),
    () => ({ deleteHpas: [`default/${first}`] }),
    () => ({ scales: [scaleOf(first)] }),
    () => ({ deleteScales: [`apps/deployments/default/${first}`] }),
    () => makePods(dice, first),
    ...(unwritten
      ? []
      : [
          () => ({ hpas: [makeObject(dice, 'new', 1)], scales: [scaleOf('new')] }),
          () => ({ faults: makeFaults(dice) }),
          () => ({ faults: [] }),
        ]),
  ];
  let dueMs = 0;
  const step = (atMs: number, does: Fields): Fields => {
    const advanceSeconds = (atMs - dueMs) / 1000;
    dueMs = atMs;
    return { advanceSeconds, ...does };
  };
  const made = dice.times(dice.whole(0, 5), (): Fields => {
    const atMs = unwritten ? dueMs + dice.whole(1, 499) : oddMs(dice, dueMs, dice.pick([2, 20, 40]));
    return step(atMs, dice.chance(0.9) ? { world: dice.pick(changes)() } : { resetDiscovery: true });
  });
  // What is under way at the end may still be told or not: where syncs take long, they end before.
  const isLong = latency !== undefined && latency > 1;
  const last = isLong ? [step(oddMs(dice, dueMs, dice.pick([5, 20, 60])), { world: { deleteHpas: NAMES } })] : [];
  return {
    kind: 'loop',
    start: instant(START_MS),
    durationSeconds: oddMs(dice, dueMs + 2000, dice.pick([5, 20, 60])) / 1000,
    ...(dice.chance(0.3) ? { workers: dice.pick([1, 2, 5]) } : {}),
    controller: {
      syncPeriodSeconds: period,
      requestLatencyMs: latency,
      downscaleStabilizationSeconds: dice.perhaps(0.4, () => dice.pick([0, 10, 30])),
      ...(dice.chance(0.1)
        ? { featureGates: { [dice.pick(['HPAGeneration', 'StaleControllerConsistencyHPA'])]: false } }
        : {}),
    },
    world,
    steps: [...made, ...last],
  };
}
