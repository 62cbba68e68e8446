/** One HPA with its target, pods, metrics and steps, made at random: the ground that the families of reconcile cases stand on. */

import type { Fields, Json } from './hpa-generator-types.ts';
import { aimedRatio, Load, type MetricDials, type PlannedMetric } from './hpa-generator-load.ts';
import { makeMetric } from './hpa-generator-metrics.ts';
import {
  instant,
  makeBehavior,
  makeSelection,
  NAMESPACES,
  nextDouble,
  plainSelection,
  quantity,
  START_MS,
} from './hpa-generator-parts.ts';
import {
  makePodMetrics,
  makePods,
  metricInstant,
  type PlannedPod,
  type PodDials,
  type Scene,
} from './hpa-generator-pods.ts';
import type { Dice } from './ray-dice.ts';

/** What a family turns up and down. Probabilities, and sizes as [least, most]. */
export type Dials = {
  readonly pods: PodDials;
  readonly podCount: readonly [number, number];
  readonly metrics: MetricDials;
  readonly metricCount: readonly [number, number];
  readonly replicas: readonly number[];
  readonly highest: readonly number[];
  readonly behavior: number;
  readonly steps: readonly [number, number];
  readonly zero: number;
  /** Requests that take another time than 1 ms, starts within a second. None: a request more or less moves no second. */
  readonly latency: number;
  /** Settings of the controller other than the defaults. */
  readonly settings: number;
  /** The HPA has a status already. */
  readonly status: number;
  /** Pods and status follow the scale. */
  readonly follows: number;
  /** Between two steps: other answers of the metrics. */
  readonly changes: number;
};

const MAX_INT32 = 2_147_483_647;

/** A case in the making. */
export type Draft = {
  readonly scene: Scene;
  readonly hpa: Fields;
  readonly scale: Fields;
  readonly pods: readonly PlannedPod[];
  readonly metrics: readonly PlannedMetric[];
  readonly controller: Fields;
  readonly world: Fields;
  readonly steps: readonly Fields[];
};

export function caseOf({ scene, controller, world, steps }: Draft): Fields {
  return { kind: 'reconcile', start: instant(scene.startMs), controller, world, steps };
}

export function makeDraft(dice: Dice, dials: Dials, named: { readonly app?: string } = {}): Draft {
  const app = named.app ?? 'web';
  const settings = makeSettings(dice, dials);
  const replicas = dice.pick(dials.replicas);
  const namespace = dice.chance(0.85) ? 'default' : dice.pick(NAMESPACES);
  const scene: Scene = {
    namespace,
    app,
    selection: dice.chance(0.15) ? makeSelection(dice, app) : plainSelection(app),
    startMs: START_MS + (dials.latency > 0 ? dice.pick([0, 0, 0, 0, 500, 999]) : 0),
    replicas,
    statusReplicas: dice.chance(0.8)
      ? replicas
      : Math.min(MAX_INT32, Math.max(0, replicas + dice.pick([-1, 1, 2, -replicas]))),
    ...settings.scene,
  };
  const pods = makePods(dice, scene, { dials: dials.pods, count: podCount(dice, dials, scene), dueMs: 0 });
  const metrics = dice.times(dice.whole(...dials.metricCount), (index) =>
    makeMetric(dice, { scene, pods, dials: dials.metrics, index }),
  );
  const hpa = makeHpa(dice, dials, { scene, metrics });
  const follows = dice.chance(dials.follows);
  const scale: Fields = {
    group: 'apps',
    resource: 'deployments',
    ...(namespace === 'default' ? {} : { namespace }),
    name: app,
    specReplicas: replicas,
    statusReplicas: scene.statusReplicas,
    selector: scene.selection.text,
    ...(follows ? { statusFollowsSpec: true } : {}),
  };
  const world: Fields = {
    hpas: [hpa],
    scales: [scale],
    pods: pods.map(({ json }) => json),
    ...(follows && dice.chance(0.6) ? { podsFollowScale: `apps/deployments/${namespace}/${app}` } : {}),
    ...makeLoad(dice, dials, { scene, metrics, dueMs: 0 }),
  };
  const draft = { scene, hpa, scale, pods, metrics, controller: settings.controller, world };
  return { ...draft, steps: makeSteps(dice, dials, draft) };
}

function podCount(dice: Dice, dials: Dials, scene: Scene): number {
  const [least, most] = dials.podCount;
  if (dice.chance(0.5)) return Math.min(most, Math.max(least, scene.replicas));
  return dice.whole(least, most);
}

function makeSettings(
  dice: Dice,
  dials: Dials,
): {
  readonly controller: Fields;
  readonly scene: Pick<Scene, 'latencyMs' | 'initializationMs' | 'delayMs' | 'tolerance'>;
} {
  const latency = dice.perhaps(dials.latency, () => dice.pick([0, 0, 2, 5, 100, 500, 1000, 2000]));
  const initialization = dice.perhaps(dials.settings, () => dice.pick([0, 10, 60, 600, 0.5]));
  const delay = dice.perhaps(dials.settings, () => dice.pick([0, 10, 60, 0.25]));
  const downscale = dice.perhaps(dials.settings, () => dice.pick([0, 1, 30, 60, 600, 1.5]));
  const tolerance = dice.perhaps(dials.settings, () => makeTolerance(dice));
  return {
    controller: {
      cpuInitializationPeriodSeconds: initialization,
      initialReadinessDelaySeconds: delay,
      downscaleStabilizationSeconds: downscale,
      tolerance,
      requestLatencyMs: latency,
    },
    scene: {
      latencyMs: latency ?? 1,
      initializationMs: (initialization ?? 300) * 1000,
      delayMs: (delay ?? 30) * 1000,
      tolerance: tolerance ?? 0.1,
    },
  };
}

/** Also the double on either side of one that a ratio meets exactly. */
function makeTolerance(dice: Dice): number {
  const edge = dice.pick([0.1, 0.05, 0.2, 0.25, 1 / 3, 110 / 100 - 1, 67 / 60 - 1, 33 / 30 - 1, 7 / 6 - 1, 0.7, 0.57]);
  return dice.pick([0, 1, edge, edge, nextDouble(edge, 1), nextDouble(edge, -1), dice.whole(1, 99) / 100]);
}

function makeHpa(
  dice: Dice,
  dials: Dials,
  { scene, metrics }: { readonly scene: Scene; readonly metrics: readonly PlannedMetric[] },
): Fields {
  const highest = dice.pick(dials.highest);
  const zero = dice.chance(dials.zero);
  const least = zero ? dice.pick([0, 0, 0, 1, 2, 3]) : dice.pick([undefined, 1, 1, 1, 2, 3, 5]);
  const behavior = dice.perhaps(dials.behavior, () => makeBehavior(dice));
  const spec: Fields = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: scene.app },
    ...(least === undefined ? {} : { minReplicas: Math.min(least, highest) }),
    maxReplicas: highest,
    ...(dice.chance(0.03) ? {} : { metrics: metrics.map((metric) => metric.spec) }),
    behavior,
  };
  const status = dice.perhaps(zero ? 0.7 : dials.status, () => makeStatus(dice, dials, scene));
  return {
    metadata: {
      name: scene.app,
      ...(scene.namespace === 'default' ? {} : { namespace: scene.namespace }),
      ...(dice.chance(0.5) ? { generation: dice.pick([1, 1, 2, 7]) } : {}),
    },
    spec,
    status,
  };
}

/** Conditions of every kind and order, a value in another spelling than the controller's. */
function makeStatus(dice: Dice, dials: Dials, scene: Scene): Fields {
  const condition = (type: string, status: string): Fields => ({
    type,
    status,
    ...(dice.chance(0.9) ? { lastTransitionTime: instant(START_MS - dice.pick([60_000, 3_600_000])) } : {}),
    reason: dice.pick(['ReadyForNewScale', 'x', 'FailedUpdateScale']),
    message: dice.pick(['recommended size matches current size', 'x', '']),
    ...(dice.chance(0.03) ? { observedGeneration: 3 } : {}),
  });
  const types = [
    'AbleToScale',
    'ScalingActive',
    'ScalingLimited',
    ...(dice.chance(0.1) ? ['Other', 'AbleToScale'] : []),
  ];
  const some = dice.some(dice.chance(0.2) ? dice.shuffled(types) : types, 0.6);
  const zeroed = dice.perhaps(0.2 + dials.zero * 0.7, () => dice.pick(['True', 'True', 'True', 'False', 'Unknown']));
  const conditions = [
    ...some.map((type) => condition(type, dice.pick(['True', 'False', 'Unknown']))),
    ...(zeroed === undefined ? [] : [condition('ScaledToZero', zeroed)]),
  ];
  return {
    ...(dice.chance(0.5) ? { observedGeneration: dice.pick([1, 2]) } : {}),
    ...(dice.chance(0.4) ? { lastScaleTime: instant(START_MS - 120_000) } : {}),
    ...(dice.chance(0.8) ? { currentReplicas: dice.pick([scene.replicas, 0, 5]) } : {}),
    desiredReplicas: dice.pick([scene.replicas, 0, 5]),
    ...(dice.chance(0.5) ? { currentMetrics: null } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** What the three metrics APIs answer at one moment. */
export function makeLoad(
  dice: Dice,
  dials: Pick<Dials, 'pods'>,
  {
    scene,
    metrics,
    dueMs,
  }: { readonly scene: Scene; readonly metrics: readonly PlannedMetric[]; readonly dueMs: number },
): Fields {
  const load = new Load();
  for (const metric of metrics) metric.load(dice, load, scene);
  const seen = metricInstant(scene, dueMs, 1);
  return {
    ...(load.usage.size > 0
      ? { podMetrics: makePodMetrics(dice, scene, { usage: load.usage, missing: dials.pods.missing, seen }) }
      : {}),
    ...(load.custom.length > 0 ? { customMetrics: load.custom } : {}),
    ...(load.external.length > 0 ? { externalMetrics: load.external } : {}),
  };
}

/** Distances after which something leaves a window or a period, to the millisecond. */
function edges(draft: Pick<Draft, 'hpa' | 'controller' | 'scene'>): readonly number[] {
  const text = JSON.stringify(draft.hpa['spec'] ?? {});
  const named = [...text.matchAll(/"(?:periodSeconds|stabilizationWindowSeconds)":(\d+)/g)].map(([, n]) => Number(n));
  const given = draft.controller['downscaleStabilizationSeconds'];
  const flag = typeof given === 'number' ? given : 300;
  const all = [...named, flag, Math.trunc(flag)].filter((seconds) => seconds > 0); // with a behavior the flag is cut
  const one = draft.scene.latencyMs / 1000;
  return all.flatMap((seconds) => [
    seconds,
    seconds,
    seconds - 0.001,
    seconds + 0.001,
    seconds + one,
    seconds + one + 0.001,
  ]);
}

const PLAIN_DISTANCES = [15, 15, 15, 15, 1, 5, 30, 60, 0, 0.001, 1.001, 4.35, 0.29, 14.999, 299, 301];

export function makeDistance(dice: Dice, draft: Pick<Draft, 'hpa' | 'controller' | 'scene'>): number {
  const found = edges(draft);
  return found.length > 0 && dice.chance(0.45) ? dice.pick(found) : dice.pick(PLAIN_DISTANCES);
}

function makeSteps(dice: Dice, dials: Dials, draft: Omit<Draft, 'steps'>): readonly Fields[] {
  const first: Fields = dice.chance(0.9) ? {} : { advanceSeconds: dice.pick([0.5, 15, 0.002]) };
  let due = Number(first['advanceSeconds'] ?? 0);
  const more = dice.times(dice.whole(...dials.steps) - 1, (): Fields => {
    const advanceSeconds = makeDistance(dice, draft);
    due += advanceSeconds;
    const world = stepWorld(dice, dials, { draft, dueMs: Math.round(due * 1000) });
    return { advanceSeconds, ...(Object.keys(world).length > 0 ? { world } : {}) };
  });
  return [first, ...more];
}

function stepWorld(
  dice: Dice,
  dials: Dials,
  { draft, dueMs }: { readonly draft: Omit<Draft, 'steps'>; readonly dueMs: number },
): Fields {
  const { scene, metrics, scale } = draft;
  const load = dice.chance(dials.changes) ? makeLoad(dice, dials, { scene, metrics, dueMs }) : {};
  const scales = dice.perhaps(0.1 + dials.zero * 0.1, () => {
    const at: Record<string, Json | undefined> = { specReplicas: dice.pick([0, 1, 3, scene.replicas, 12]) };
    if (dice.chance(0.5)) at['statusReplicas'] = dice.pick([0, 1, 3, scene.replicas]);
    return [{ group: scale['group'], resource: scale['resource'], namespace: scene.namespace, name: scene.app, ...at }];
  });
  return { ...load, ...(scales === undefined ? {} : { scales }) };
}

/** Tolerances of a spec so that a ratio lies on its edge: behavior of one direction, in a spelling of its own. */
export function makeEdgeBehavior(dice: Dice, scene: Scene): Fields {
  const edge = Math.abs(aimedRatio(dice, scene, 0) - 1);
  const rules = { tolerance: quantity(dice, Math.round(edge * 1000)), stabilizationWindowSeconds: 0 };
  return dice.pick<Fields>([{ scaleUp: rules }, { scaleDown: rules }, { scaleUp: rules, scaleDown: rules }]);
}
