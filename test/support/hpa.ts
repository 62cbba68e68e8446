/** HPAs, pods and samples for tests, and a table that answers the conversation of a sync. */

import { DEFAULT_HPA_CONFIG, type HpaConfig } from '../../src/core/hpa/config.ts';
import type { DiscoveredKind, HpaEvent, HpaRequest, HpaResults } from '../../src/core/hpa/conversation.ts';
import { NO_HISTORY, type HpaHistory, type HpaOutcome, type Writer } from '../../src/core/hpa/draft.ts';
import { podFacts, type PodFacts } from '../../src/core/hpa/pod-facts.ts';
import { sync } from '../../src/core/hpa/sync.ts';
import type { Scale } from '../../src/core/kube/apps.ts';
import type { Pod, PodStatus } from '../../src/core/kube/core-v1.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ScalingRules,
} from '../../src/core/kube/hpa.ts';
import type { ExternalMetricValue, MetricValue, PodMetrics } from '../../src/core/kube/metrics.ts';
import type { LabelSelector } from '../../src/core/kube/object.ts';
import { durationMs, epochMs, toRfc3339, type EpochMs } from '../../src/core/time/time.ts';
import { deepFreeze } from '../../src/lib/json.ts';

/** 2026-03-01T00:00:00Z: the instant at which the syncs of these tests start. */
export const START: EpochMs = epochMs(1_772_323_200_000);

export const at = (seconds: number): string => toRfc3339(epochMs(START + seconds * 1000));

export function cpuUtilization(percent: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } };
}

export function averageValue(name: string, value: string): MetricSpec {
  return { type: 'Resource', resource: { name, target: { type: 'AverageValue', averageValue: value } } };
}

export function containerUtilization(container: string, percent: number): MetricSpec {
  const target = { type: 'Utilization', averageUtilization: percent } as const;
  return { type: 'ContainerResource', containerResource: { name: 'cpu', container, target } };
}

export function podsAverage(name: string, value: string, selector?: LabelSelector): MetricSpec {
  const target = { type: 'AverageValue', averageValue: value } as const;
  return { type: 'Pods', pods: { metric: identifier(name, selector), target } };
}

export const SERVICE = { apiVersion: 'v1', kind: 'Service', name: 'front' } as const;

export function objectTarget(name: string, target: MetricTarget, selector?: LabelSelector): MetricSpec {
  return { type: 'Object', object: { describedObject: SERVICE, metric: identifier(name, selector), target } };
}

export function externalTarget(name: string, target: MetricTarget, selector?: LabelSelector): MetricSpec {
  return { type: 'External', external: { metric: identifier(name, selector), target } };
}

export function valueOf(value: string): MetricTarget {
  return { type: 'Value', value };
}

export function averageOf(averageValue: string): MetricTarget {
  return { type: 'AverageValue', averageValue };
}

function identifier(name: string, selector: LabelSelector | undefined): MetricIdentifier {
  return selector === undefined ? { name } : { name, selector };
}

/** Rules as the API server fills them in. Spec: HPA-13.5, HPA-13.6. */
export const DEFAULT_RULES = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
} as const satisfies HorizontalPodAutoscalerSpec['behavior'];

export type GivenRules = { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules };

/** A `behavior` with all that the API server fills in. */
export function behaviorOf({ scaleUp, scaleDown }: GivenRules = {}): GivenRules {
  return {
    scaleUp: { ...DEFAULT_RULES.scaleUp, ...scaleUp },
    scaleDown: { ...DEFAULT_RULES.scaleDown, ...scaleDown },
  };
}

export function hpa(
  spec: Partial<HorizontalPodAutoscalerSpec> = {},
  status?: HorizontalPodAutoscalerStatus,
): HorizontalPodAutoscaler {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-web', generation: 1, resourceVersion: '10' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [cpuUtilization(60)],
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

export type PodOptions = {
  readonly requestCpu?: string;
  readonly status?: PodStatus;
  readonly deleted?: 'deleted';
};

/** A pod that has been ready for two hours, unless its status says otherwise. */
export function pod(name: string, { requestCpu = '100m', status, deleted }: PodOptions = {}): Pod {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: at(-7190) } as const;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'web' },
      ...(deleted === undefined ? {} : { deletionTimestamp: at(-5) }),
    },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: requestCpu } } }] },
    status: status ?? { phase: 'Running', startTime: at(-7200), conditions: [ready] },
  };
}

/** The same, as the pod cache has it. */
export function facts(name: string, options: PodOptions = {}): PodFacts {
  return podFacts(pod(name, options));
}

export function podMetrics(name: string, usage: Readonly<Record<string, string>>): PodMetrics {
  return {
    metadata: { name, namespace: 'default' },
    timestamp: at(-15),
    window: '30s',
    containers: [{ name: 'c', usage }],
  };
}

/** A value of a custom metric of a pod. */
export function podValue(name: string, value: string): MetricValue {
  const describedObject = { kind: 'Pod', namespace: 'default', name };
  return { describedObject, metric: { name: 'rps' }, timestamp: at(-15), windowSeconds: 60, value };
}

/** What one object measures. */
export function objectValues(...values: readonly string[]): () => HpaResults['get-object-metric'] {
  const describedObject = { kind: 'Service', namespace: 'default', name: 'front' };
  return () => ({
    ok: true,
    value: values.map((value) => ({ describedObject, metric: { name: 'h' }, timestamp: at(-15), value })),
  });
}

/** What the series of an external metric measure. */
export function externalValues(...values: readonly string[]): () => HpaResults['list-external-metric'] {
  const items: readonly ExternalMetricValue[] = values.map((value) => ({
    metricName: 'q',
    timestamp: at(-15),
    value,
  }));
  return () => ({ ok: true, value: items });
}

/** A scale whose two numbers of replicas are told apart. */
export function scaleWith(specReplicas: number, statusReplicas: number): () => HpaResults['get-scale'] {
  const scale = scaleOf(specReplicas);
  return () => ({ ok: true, value: { ...scale, status: { ...scale.status, replicas: statusReplicas } } });
}

export function scaleOf(replicas: number, selector = 'app=web'): Scale {
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web', namespace: 'default', resourceVersion: '7' },
    spec: { replicas },
    status: { replicas, selector },
  };
}

export const DISCOVERED: readonly DiscoveredKind[] = [
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod', preferred: true },
  { group: '', version: 'v1', resource: 'services', kind: 'Service', preferred: true },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', preferred: true },
];

/** Answers by kind of request; a function sees the request. What is not given is answered by a healthy default. */
export type Table = {
  readonly [K in keyof HpaResults]?: (request: Extract<HpaRequest, { kind: K }>, count: number) => HpaResults[K];
};

export type Played = {
  readonly outcome: HpaOutcome;
  readonly requests: readonly HpaRequest[];
  readonly events: readonly HpaEvent[];
  /** Of the last status write; undefined when there was none. */
  readonly status: HorizontalPodAutoscalerStatus | undefined;
  /** Of all scale writes. */
  readonly writes: readonly number[];
};

export type PlayOptions = {
  readonly hpa?: HorizontalPodAutoscaler;
  readonly history?: HpaHistory;
  readonly config?: Partial<HpaConfig>;
  readonly writer?: Writer;
  /** When the sync starts, after START. */
  readonly atSeconds?: number;
};

/** Two ready pods of which each uses as much CPU as is said, unless the table says otherwise; each request takes 1 ms. */
export function play(table: Table, options: PlayOptions = {}): Played {
  const { writer = 'this sync' } = options;
  const input = { hpa: options.hpa ?? hpa(), history: options.history ?? NO_HISTORY, writer };
  const config = { ...DEFAULT_HPA_CONFIG, ...options.config };
  const conversation = sync(deepFreeze({ ...input, config }));
  const requests: HpaRequest[] = [];
  const counts = new Map<string, number>();
  let elapsedMs = (options.atSeconds ?? 0) * 1000;
  let next = conversation.next();
  while (next.done !== true) {
    const request = next.value;
    const count = (counts.get(request.kind) ?? 0) + 1;
    counts.set(request.kind, count);
    requests.push(request);
    if (!['discover', 'emit-event', 'claim-pods', 'list-pods'].includes(request.kind)) elapsedMs += 1;
    const given = table[request.kind] as
      ((request: HpaRequest, count: number) => HpaResults[keyof HpaResults]) | undefined;
    const result = deepFreeze(given === undefined ? healthy(request) : given(request, count));
    next = conversation.next({ at: { wall: epochMs(START + elapsedMs), mono: durationMs(elapsedMs) }, result });
  }
  return {
    outcome: next.value,
    requests,
    events: requests.flatMap((request) => (request.kind === 'emit-event' ? [request.event] : [])),
    status: requests.findLast((request) => request.kind === 'put-status')?.hpa.status,
    writes: requests.flatMap((request) => (request.kind === 'put-scale' ? [request.scale.spec.replicas ?? 0] : [])),
  };
}

function healthy(request: HpaRequest): HpaResults[keyof HpaResults] {
  switch (request.kind) {
    case 'discover':
      return { ok: true, value: DISCOVERED };
    case 'get-scale':
      return { ok: true, value: scaleOf(2) };
    case 'claim-pods':
      return { kind: 'sole' };
    case 'list-pod-metrics':
      return { ok: true, value: ['web-0', 'web-1'].map((name) => podMetrics(name, { cpu: '60m', memory: '100Mi' })) };
    case 'list-pods':
      return [facts('web-0'), facts('web-1')];
    case 'find-custom-metrics':
      return { ok: true, value: undefined };
    case 'list-pods-metric':
    case 'get-object-metric':
    case 'list-external-metric':
      return { ok: true, value: [] };
    case 'put-scale':
      return { ok: true, value: request.scale };
    case 'put-status':
      return { ok: true, value: request.hpa };
    case 'pause':
    case 'emit-event':
      return undefined;
  }
}

/** Pods `web-0`, `web-1`, ... with these CPU usages. */
export function usages(...cpu: readonly string[]): Table {
  return {
    'list-pod-metrics': () => ({ ok: true, value: cpu.map((amount, i) => podMetrics(`web-${i}`, { cpu: amount })) }),
    'list-pods': () => cpu.map((_, i) => facts(`web-${i}`)),
    'get-scale': () => ({ ok: true, value: scaleOf(cpu.length) }),
  };
}

export function refused(
  code: number,
  reason: string,
  message: string,
): () => {
  readonly ok: false;
  readonly error: { readonly code: number; readonly reason: string; readonly message: string };
} {
  return () => ({ ok: false, error: { code, reason, message } });
}
