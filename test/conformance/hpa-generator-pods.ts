/** Pods of generated HPA cases, and what metrics.k8s.io says of them. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { aroundMs, instant, quantity, type Selection } from './hpa-generator-parts.ts';
import type { Dice } from './ray-dice.ts';

/** What the controller of a case is set to, and where its one HPA stands. Times in milliseconds. */
export type Scene = {
  readonly namespace: string;
  readonly app: string;
  readonly selection: Selection;
  readonly startMs: number;
  readonly latencyMs: number;
  readonly initializationMs: number;
  readonly delayMs: number;
  readonly tolerance: number;
  readonly replicas: number;
  readonly statusReplicas: number;
};

/** How odd the pods may be. Probabilities. */
export type PodDials = {
  /** Not simply running and ready for hours. */
  readonly unready: number;
  /** Phases other than Running, deletion. */
  readonly phases: number;
  /** Requests that are missing, sidecars, pod-level requests, overhead. */
  readonly requests: number;
  /** No sample, part of one, or two. */
  readonly missing: number;
};

export type PlannedPod = {
  readonly name: string;
  readonly json: Fields;
  readonly containers: readonly string[];
  /** Thousandths that count for a utilization of the whole pod, as far as they are simple. */
  readonly requests: Readonly<Record<string, number>>;
};

const HOUR_MS = 3_600_000;
const GIB_MILLI = 2 ** 30 * 1000;

/** When a metric's pods are looked at: after the scale was read and `metric` requests were made. */
export function metricInstant(scene: Scene, dueMs: number, metric: number): number {
  return scene.startMs + dueMs + scene.latencyMs * (1 + metric);
}

export function makePods(
  dice: Dice,
  scene: Scene,
  { dials, count, dueMs }: { readonly dials: PodDials; readonly count: number; readonly dueMs: number },
): readonly PlannedPod[] {
  const same = dice.chance(0.6) ? makeContainers(dice, dials) : undefined;
  return dice.times(count, (i) => {
    const containers = same ?? makeContainers(dice, dials);
    const seen = metricInstant(scene, dueMs, dice.pick([1, 1, 1, 2]));
    const status = makeStatus(dice, scene, { dials, seen });
    const name = `${scene.app}-${i}`;
    const deleted = dice.chance(dials.phases * 0.15) ? { deletionTimestamp: instant(seen - 1000) } : {};
    const labels = dice.chance(0.03) ? { app: 'other' } : { ...scene.selection.labels, pod: name };
    return {
      name,
      json: {
        metadata: {
          name,
          ...(scene.namespace === 'default' && dice.chance(0.7) ? {} : { namespace: scene.namespace }),
          labels,
          ...deleted,
        },
        spec: containers.spec,
        status,
      },
      containers: containers.names,
      requests: containers.requests,
    };
  });
}

type Containers = {
  readonly spec: Fields;
  readonly names: readonly string[];
  readonly requests: Readonly<Record<string, number>>;
};

function makeContainers(dice: Dice, dials: PodDials): Containers {
  const names = dice.chance(0.6) ? ['c'] : ['c', 'd'];
  const cpu = dice.pick([100, 100, 100, 200, 250, 1000, 1, 3, 333]);
  const memory = dice.pick([GIB_MILLI, GIB_MILLI / 4, 100_000_000, 333_333_000]);
  const perContainer = (): Fields => {
    if (dice.chance(dials.requests * 0.12))
      return { requests: dice.pick<Fields>([{}, { memory: '1Gi' }, { cpu: '1' }]) };
    if (dice.chance(dials.requests * 0.04)) return {};
    if (dice.chance(dials.requests * 0.05)) return { requests: { cpu: '0', memory: '0' } };
    return { requests: { cpu: quantity(dice, cpu), memory: quantity(dice, memory) }, limits: { cpu: '64' } };
  };
  const containers = names.map((name) => ({ name, resources: perContainer() }));
  const init = dice.perhaps(dials.requests * 0.5, () => makeInitContainers(dice));
  const podLevel = dice.perhaps(dials.requests * 0.35, () => makePodLevel(dice));
  const overhead = dice.perhaps(dials.requests * 0.25, () => ({ cpu: dice.pick(['10m', '1', '0']), memory: '1Mi' }));
  return {
    spec: { containers, initContainers: init, resources: podLevel, overhead },
    names,
    requests: { cpu: cpu * names.length, memory: memory * names.length },
  };
}

function makeInitContainers(dice: Dice): readonly Fields[] {
  return dice.times(dice.whole(1, 3), (i) => ({
    name: dice.pick([`i${i}`, `i${i}`, 'c', 'side']),
    ...(dice.chance(0.6) ? { restartPolicy: dice.pick(['Always', 'Always', 'Never', 'always', 'OnFailure']) } : {}),
    ...(dice.chance(0.9)
      ? {
          resources: {
            requests: { cpu: dice.pick(['50m', '400m', '1']), ...(dice.chance(0.8) ? { memory: '64Mi' } : {}) },
          },
        }
      : {}),
  }));
}

function makePodLevel(dice: Dice): Fields {
  const requests = dice.pick<Json>([
    { cpu: '300m' },
    { cpu: '1', memory: '2Gi' },
    { memory: '2Gi' },
    { 'hugepages-2Mi': '4Mi' },
    { 'nvidia.com/gpu': '1' },
    {},
    { cpu: '0' },
  ]);
  return dice.chance(0.9) ? { requests } : { limits: { cpu: '2' } };
}

/** Start, transition and the time of the sample sit on the edges of the readiness rule. */
function makeStatus(
  dice: Dice,
  scene: Scene,
  { dials, seen }: { readonly dials: PodDials; readonly seen: number },
): Fields {
  const phase = dice.chance(dials.phases)
    ? dice.pick(['Pending', 'Pending', 'Failed', 'Succeeded', 'Unknown', '', 'Running'])
    : 'Running';
  if (!dice.chance(dials.unready)) {
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: instant(seen - 2 * HOUR_MS + 10_000) };
    return { phase, startTime: instant(seen - 2 * HOUR_MS), conditions: [ready] };
  }
  const abroad = dice.chance(0.1);
  const started = seen - scene.initializationMs + aroundMs(dice);
  const turned = dice.pick([
    started + scene.delayMs + aroundMs(dice),
    seen - 30_000 + aroundMs(dice),
    seen - 45_000 + aroundMs(dice),
    seen - HOUR_MS,
  ]);
  const ready = {
    type: 'Ready',
    status: dice.pick(['True', 'True', 'False', 'False', 'False', 'Unknown', '']),
    lastTransitionTime: dice.chance(0.95) ? instant(turned, abroad) : null,
  };
  const others = dice.some(
    [
      { type: 'PodScheduled', status: 'True' },
      { type: 'ContainersReady', status: 'False' },
    ],
    0.3,
  );
  const second = dice.perhaps(0.04, () => ({ ...ready, status: 'True' }));
  const conditions = [...others, ...(dice.chance(0.95) ? [ready] : []), ...(second === undefined ? [] : [second])];
  return {
    ...(dice.chance(0.95) ? { phase } : {}),
    ...(dice.chance(0.94) ? { startTime: instant(dice.chance(0.85) ? started : seen - HOUR_MS, abroad) } : {}),
    ...(conditions.length > 0 || dice.chance(0.5) ? { conditions } : {}),
  };
}

/** Thousandths per pod, container and resource. */
export type Usage = ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, number>>>>;

/** One item per pod that has usage, some left out or doubled, some of strangers. */
export function makePodMetrics(
  dice: Dice,
  scene: Scene,
  {
    usage,
    missing,
    seen,
  }: { readonly usage: Usage; readonly missing: number; /** When the first metric is read. */ readonly seen: number },
): Fields {
  const items = [...usage].flatMap(([name, containers]) => {
    if (dice.chance(missing)) return [];
    const item = makeItem(dice, scene, { name, containers, missing, seen });
    return dice.chance(0.02 * missing) ? [item, item] : [item];
  });
  const stranger = dice.perhaps(missing * 0.3, () => {
    const containers = new Map([['c', { cpu: dice.pick([0, 100, 5000]), memory: 64_000 }]]);
    return makeItem(dice, scene, { name: `${scene.app}-gone`, containers, missing: 0, seen });
  });
  const all = stranger === undefined ? items : [...items, stranger];
  return { items: dice.chance(0.1) ? dice.shuffled(all) : all };
}

function makeItem(
  dice: Dice,
  scene: Scene,
  {
    name,
    containers,
    missing,
    seen,
  }: {
    readonly name: string;
    readonly containers: ReadonlyMap<string, Readonly<Record<string, number>>>;
    readonly missing: number;
    readonly seen: number;
  },
): Fields {
  const list = [...containers].flatMap(([container, usage]): Fields[] => {
    if (dice.chance(missing * 0.1)) return [];
    const left = Object.entries(usage).filter(() => !dice.chance(missing * 0.08));
    const entry = {
      name: container,
      usage: Object.fromEntries(left.map(([key, milli]) => [key, quantity(dice, milli)])),
    };
    return dice.chance(missing * 0.15) ? [entry, { ...entry, usage: { cpu: '7m', memory: '7Mi' } }] : [entry];
  });
  const labels = dice.chance(0.04) ? undefined : dice.chance(0.02) ? { app: 'x' } : scene.selection.labels;
  return {
    metadata: { name, namespace: scene.namespace, labels },
    timestamp: instant(seen - dice.pick([0, 15_000, 15_000, 30_000, 45_000, 14_999, 300_000]), dice.chance(0.05)),
    window: dice.pick(['30s', '30s', '15s', '1m0s', '10.5s', '0s', '500ms']),
    containers: list,
  };
}
