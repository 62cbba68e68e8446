/** The status of an HPA: what a sync writes into it, and when it is worth writing. */

import { deepEqual } from '../../lib/json.ts';
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerStatus,
  MetricIdentifier,
  MetricStatus,
  MetricValueStatus,
} from '../kube/hpa.ts';
import type { Condition, LabelSelector } from '../kube/object.ts';
import { compareQuantity, parseJsonQuantity } from '../quantity/quantity.ts';
import { parseRfc3339, toRfc3339, type EpochMs } from '../time/time.ts';

export type StatusInput = {
  readonly old: HorizontalPodAutoscalerStatus;
  readonly generation: number | undefined;
  /** `spec.replicas` of the target as read, before any write. */
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly currentMetrics: readonly MetricStatus[] | null;
  readonly conditions: readonly Condition[];
  /** Wall time of a rescale in this sync. */
  readonly scaledAt: EpochMs | undefined;
};

/** A new status in full. Spec: HPA-10.1, HPA-10.2.   Source: horizontal.go setStatus (v1.37.2). */
export function rebuildStatus(input: StatusInput): HorizontalPodAutoscalerStatus {
  const { generation, scaledAt, old, currentReplicas, desiredReplicas, currentMetrics, conditions } = input;
  const lastScaleTime = scaledAt === undefined ? old.lastScaleTime : toRfc3339(scaledAt);
  const status: Growing<HorizontalPodAutoscalerStatus> = {};
  if (generation !== undefined) status.observedGeneration = generation;
  if (lastScaleTime !== undefined) status.lastScaleTime = lastScaleTime;
  if (currentReplicas !== 0) status.currentReplicas = currentReplicas;
  status.desiredReplicas = desiredReplicas;
  status.currentMetrics = currentMetrics;
  if (conditions.length > 0) status.conditions = conditions;
  return status as HorizontalPodAutoscalerStatus; // its one required field is set
}

type Growing<T> = { -readonly [field in keyof T]?: T[field] };

/**
 * Whether two statuses mean the same: quantities by value, times by instant, an absent list like an empty one, everything else exactly
 * and in order. What is the same is not written.
 *
 * Cost: O(size). Spec: HPA-10.3, HPA-10.5.   Source: apimachinery pkg/api/equality Semantic (v0.37.2).
 */
export function isSameStatus(a: HorizontalPodAutoscalerStatus, b: HorizontalPodAutoscalerStatus): boolean {
  return (
    a.observedGeneration === b.observedGeneration &&
    isSameTime(a.lastScaleTime, b.lastScaleTime) &&
    (a.currentReplicas ?? 0) === (b.currentReplicas ?? 0) &&
    a.desiredReplicas === b.desiredReplicas &&
    isSameList(a.currentMetrics, b.currentMetrics, isSameMetric) &&
    isSameList(a.conditions, b.conditions, isSameCondition)
  );
}

function isSameList<T>(
  a: readonly T[] | null | undefined,
  b: readonly T[] | null | undefined,
  same: (a: T, b: T) => boolean,
): boolean {
  const left = a ?? [];
  const right = b ?? [];
  return left.length === right.length && left.every((item, i) => same(item, right[i] as T)); // in bounds: equal lengths
}

function isSameTime(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || (parseRfc3339(a) !== undefined && parseRfc3339(a) === parseRfc3339(b));
}

function isSameCondition(a: Condition, b: Condition): boolean {
  if (a === b) return true;
  return (
    a.type === b.type &&
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    isSameTime(a.lastTransitionTime ?? undefined, b.lastTransitionTime ?? undefined)
  );
}

const SOURCES = ['resource', 'containerResource', 'pods', 'object', 'external'] as const;

function isSameMetric(a: MetricStatus, b: MetricStatus): boolean {
  return a.type === b.type && SOURCES.every((source) => isSameSource(a[source], b[source]));
}

type Source = {
  readonly name?: string;
  readonly container?: string;
  readonly metric?: MetricIdentifier;
  readonly describedObject?: CrossVersionObjectReference;
  readonly current: MetricValueStatus;
};

function isSameSource(a: Source | undefined, b: Source | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.name === b.name &&
    a.container === b.container &&
    isSameIdentifier(a.metric, b.metric) &&
    deepEqual(a.describedObject, b.describedObject) &&
    isSameValue(a.current, b.current)
  );
}

function isSameIdentifier(a: MetricIdentifier | undefined, b: MetricIdentifier | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.name === b.name && isSameSelector(a.selector, b.selector);
}

/** Nothing asked for is one thing, an absent selector another. */
function isSameSelector(a: LabelSelector | undefined, b: LabelSelector | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  return (
    deepEqual(a.matchLabels ?? {}, b.matchLabels ?? {}) &&
    isSameList(a.matchExpressions, b.matchExpressions, isSameRequirement)
  );
}

type LabelRequirement = NonNullable<LabelSelector['matchExpressions']>[number];

function isSameRequirement(a: LabelRequirement, b: LabelRequirement): boolean {
  return a.key === b.key && a.operator === b.operator && deepEqual(a.values ?? [], b.values ?? []);
}

function isSameValue(a: MetricValueStatus, b: MetricValueStatus): boolean {
  return (
    a.averageUtilization === b.averageUtilization &&
    isSameQuantity(a.averageValue, b.averageValue) &&
    isSameQuantity(a.value, b.value)
  );
}

function isSameQuantity(a: string | undefined, b: string | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  const left = parseJsonQuantity(a);
  const right = parseJsonQuantity(b);
  return left.ok && right.ok && compareQuantity(left.value, right.value) === 0;
}
