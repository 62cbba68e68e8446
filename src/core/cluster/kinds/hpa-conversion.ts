/**
 * HorizontalPodAutoscaler between its two versions. What v1 has no members for travels in annotations; a v2 client never sees them. The
 * form in between is that of v2, read but not printed: lists may be empty, members may be absent.
 */

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
  MetricStatus,
  ScalingRules,
} from '../../kube/hpa.ts';
import type { Condition, ObjectMeta } from '../../kube/object.ts';
import { HPA_V1, INTERNAL_BEHAVIOR, V1_CONDITIONS, V1_METRIC_STATUSES, V1_METRICS } from './hpa-v1-types.ts';
import { HPA_V2 } from './hpa-wire-types.ts';
import {
  metricFromV1,
  metricStatusFromV1,
  metricStatusToV1,
  metricToV1,
  type V1Metric,
  type V1MetricStatus,
} from './hpa-v1-metrics.ts';
import { printWire, readWire, wireText, type WireType } from './wire-type.ts';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
/** No object that passed a version keeps these from before. Spec: HPA-15.2. */
const ROUND_TRIP: ReadonlySet<string> = new Set([
  METRICS,
  CURRENT_METRICS,
  CONDITIONS,
  BEHAVIOR,
  `${PREFIX}scale-down-tolerance`,
  `${PREFIX}scale-up-tolerance`,
]);

/** autoscaling/v1 in the form that it is read in. */
export type HpaV1 = {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Omit<HorizontalPodAutoscalerSpec, 'metrics' | 'behavior'> & {
    readonly targetCPUUtilizationPercentage?: number;
  };
  readonly status?: Omit<HorizontalPodAutoscalerStatus, 'currentMetrics' | 'conditions'> & {
    readonly currentCPUUtilizationPercentage?: number;
  };
};

/** Without the annotations that only conversion writes. */
export function withoutRoundTrip(metadata: ObjectMeta): ObjectMeta {
  const { annotations } = metadata;
  if (annotations === undefined || !Object.keys(annotations).some((key) => ROUND_TRIP.has(key))) return metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !ROUND_TRIP.has(key)));
  return { ...metadata, annotations: kept };
}

/** The object as autoscaling/v2 prints it. */
export function printV2(hpa: HorizontalPodAutoscaler): unknown {
  const { spec, status, metadata } = hpa;
  const kind = { kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v2' };
  return printWire(HPA_V2, { ...kind, metadata: withoutRoundTrip(metadata), spec, status });
}

/**
 * The object as autoscaling/v1 prints it: the first cpu utilization target is a member, every other metric is in an annotation.
 *
 * Spec: HPA-15.3 to HPA-15.6, HPA-15.9.   Source: pkg/apis/autoscaling/v1/conversion.go (v1.37.2).
 */
export function printV1({ metadata, spec, status }: HorizontalPodAutoscaler): unknown {
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [], behavior } = spec;
  const utilization = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const others = metrics.filter((metric) => !isCpuUtilization(metric)).map(metricToV1);
  const statuses = (status?.currentMetrics ?? []).map(metricStatusToV1);
  const conditions = status?.conditions ?? [];
  const { currentMetrics, conditions: _, ...otherStatus } = status ?? { desiredReplicas: 0 };
  const current = lastCpuUtilization(currentMetrics ?? []);
  const kept = withoutRoundTrip(metadata);
  const annotations: Readonly<Record<string, string>> = {
    ...kept.annotations,
    ...(others.length === 0 ? {} : { [METRICS]: annotation(V1_METRICS, others) }),
    ...(statuses.length === 0 ? {} : { [CURRENT_METRICS]: annotation(V1_METRIC_STATUSES, statuses) }),
    ...(behavior === undefined ? {} : { [BEHAVIOR]: annotation(INTERNAL_BEHAVIOR, internalBehavior(behavior)) }),
    ...(conditions.length === 0 ? {} : { [CONDITIONS]: annotation(V1_CONDITIONS, conditions) }),
  };
  return printWire(HPA_V1, {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v1',
    metadata: { ...kept, annotations },
    spec: { scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage: utilization },
    status: { ...otherStatus, currentCPUUtilizationPercentage: current },
  });
}

function annotation(type: WireType, value: unknown): string {
  return wireText(printWire(type, value));
}

function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined;
}

function lastCpuUtilization(statuses: readonly MetricStatus[]): number | undefined {
  const ofCpu = statuses.filter(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu');
  return ofCpu.findLast(({ resource }) => resource?.current?.averageUtilization !== undefined)?.resource?.current
    .averageUtilization;
}

/**
 * The form in between of an object that was read as autoscaling/v1. Metrics of the annotation come before the cpu target; without any
 * metric the target is 80 % of cpu. An annotation that cannot be read is ignored.
 *
 * Spec: HPA-15.5, HPA-15.7, HPA-15.8, HPA-13.9.   Source: pkg/apis/autoscaling/v1/conversion.go (v1.37.2).
 */
export function fromV1({ metadata, spec, status }: HpaV1): HorizontalPodAutoscaler {
  const meta = { name: '', ...metadata };
  const { targetCPUUtilizationPercentage: percent, ...shared } = spec ?? {};
  const { currentCPUUtilizationPercentage: currentPercent, ...sharedStatus } = status ?? {};
  const kept = (name: string, type: WireType): unknown => readAnnotation(meta.annotations?.[name], type);
  const listed = kept(METRICS, V1_METRICS) as readonly V1Metric[] | undefined; // read by this very type
  const metrics = [...(listed ?? []).map(metricFromV1), ...(percent === undefined ? [] : [cpuUtilization(percent)])];
  const behavior = behaviorOf(kept(BEHAVIOR, INTERNAL_BEHAVIOR));
  const statuses = kept(CURRENT_METRICS, V1_METRIC_STATUSES) as readonly V1MetricStatus[] | undefined; // as above
  const conditions = kept(CONDITIONS, V1_CONDITIONS) as readonly Condition[] | undefined; // as above
  const ofCpu = currentPercent === undefined ? undefined : [cpuUtilizationStatus(currentPercent)];
  const currentMetrics = statuses?.map(metricStatusFromV1) ?? ofCpu;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withoutRoundTrip(meta),
    spec: {
      ...(shared as HorizontalPodAutoscalerSpec), // members may be absent until validation
      metrics: metrics.length === 0 ? [cpuUtilization(DEFAULT_CPU_UTILIZATION)] : metrics,
      ...(behavior === undefined ? {} : { behavior }),
    },
    status: {
      desiredReplicas: 0,
      ...sharedStatus,
      ...(currentMetrics === undefined ? {} : { currentMetrics }),
      ...(conditions === undefined ? {} : { conditions }),
    },
  };
}

const DEFAULT_CPU_UTILIZATION = 80;

function cpuUtilization(percent: number): MetricSpec {
  return {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
  };
}

function cpuUtilizationStatus(percent: number): MetricStatus {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: percent } } };
}

function readAnnotation(text: string | undefined, type: WireType): unknown {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // what is not JSON is not there: HPA-15.7
  }
  if (value === null) return type.kind === 'list' ? [] : undefined;
  const read = readWire(type, value, 'any-case');
  return read?.ok === true ? read.value : undefined;
}

type Behavior = NonNullable<HorizontalPodAutoscalerSpec['behavior']>;

type InternalRules = {
  readonly StabilizationWindowSeconds?: number;
  readonly SelectPolicy?: NonNullable<ScalingRules['selectPolicy']>;
  readonly Policies?: readonly {
    readonly Type?: 'Pods' | 'Percent';
    readonly Value?: number;
    readonly PeriodSeconds?: number;
  }[];
  readonly Tolerance?: string;
};

type InternalBehavior = { readonly ScaleUp?: InternalRules; readonly ScaleDown?: InternalRules };

function internalBehavior({ scaleUp, scaleDown }: Behavior): unknown {
  return { ScaleUp: internalRules(scaleUp), ScaleDown: internalRules(scaleDown) };
}

function internalRules(rules: ScalingRules | undefined): unknown {
  if (rules === undefined) return undefined;
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds,
    SelectPolicy: rules.selectPolicy,
    Policies: rules.policies?.map(({ type, value, periodSeconds }) => ({
      Type: type,
      Value: value,
      PeriodSeconds: periodSeconds,
    })),
    Tolerance: rules.tolerance,
  };
}

function behaviorOf(read: unknown): Behavior | undefined {
  const { ScaleUp: up, ScaleDown: down } = (read ?? {}) as InternalBehavior; // read by its type
  if (up === undefined && down === undefined) return undefined;
  return {
    ...(up === undefined ? {} : { scaleUp: rulesOf(up) }),
    ...(down === undefined ? {} : { scaleDown: rulesOf(down) }),
  };
}

function rulesOf(rules: InternalRules): ScalingRules {
  const { StabilizationWindowSeconds: window, SelectPolicy: select, Policies: policies, Tolerance: tolerance } = rules;
  return {
    ...(window === undefined ? {} : { stabilizationWindowSeconds: window }),
    ...(select === undefined ? {} : { selectPolicy: select }),
    ...(policies === undefined
      ? {}
      : {
          policies: policies.map(({ Type: type, Value: value = 0, PeriodSeconds: periodSeconds = 0 }) => ({
            type: type ?? ('' as 'Pods'), // for validation to name
            value,
            periodSeconds,
          })),
        }),
    ...(tolerance === undefined ? {} : { tolerance }),
  };
}
