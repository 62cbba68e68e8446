/** Targets of one value for all pods, compared as a whole or as a share per replica. Units: thousandths. */

import { ceilInt32, ceilInt64, MAX_INT32, MAX_INT64, wrapInt64 } from './numbers.ts';
import { isWithinTolerance, type Tolerance } from './tolerance.ts';

/** Which source's arithmetic: they differ at the ends of the integers. Spec: HPA-12.19, section 12.3. */
export type ValueSource = 'Object' | 'External';

/**
 * Value over target. Spec: section 12.2; HPA-12.8 for a target of 0.
 */
export function valueRatio(valueMilli: bigint, targetMilli: bigint): number {
  return Number(valueMilli) / Number(targetMilli);
}

/** What the ratio asks for, based on the pods that are ready and running. Spec: HPA-12.5, HPA-12.8. Source: replica_calculator.go getUsageRatioReplicaCount (v1.37.2). */
export function replicasForRatio(ratio: number, readyPods: number): number {
  const replicas = ratio * readyPods;
  return replicas > MAX_INT32 ? MAX_INT32 : ceilInt32(replicas);
}

/** At 0 replicas there are no pods to base it on: the ratio is the number, without tolerance or cap. Spec: HPA-12.7. */
export function replicasFromZero(ratio: number): number {
  return ceilInt32(ratio);
}

export type AverageInput = {
  readonly source: ValueSource;
  readonly valueMilli: bigint;
  /** Per replica. */
  readonly targetMilli: bigint;
  readonly statusReplicas: number;
  readonly tolerance: Tolerance;
};

export type AverageProposal = {
  readonly replicas: number;
  readonly ratio: number;
  /** What status shows per replica. */
  readonly averageMilli: bigint;
  readonly kept?: 'within-tolerance';
};

/**
 * A value shared by all replicas against a target per replica. Within tolerance the proposal is `status.replicas`. At 0 replicas the
 * ratio is infinite or no number, and so is what status shows.
 *
 * Spec: HPA-12.9 to HPA-12.11, HPA-7.6.
 * Source: replica_calculator.go GetObjectPerPodMetricReplicas, GetExternalPerPodMetricReplicas (v1.37.2).
 */
export function proposeByAverage({
  source,
  valueMilli,
  targetMilli,
  statusReplicas,
  tolerance,
}: AverageInput): AverageProposal {
  const value = Number(valueMilli);
  const target = Number(targetMilli);
  const ratio = value / (target * statusReplicas);
  const isHuge = source === 'External' && value >= Number(MAX_INT64);
  const averageMilli = isHuge ? MAX_INT64 : ceilInt64(value / statusReplicas);
  if (isWithinTolerance(ratio, tolerance))
    return { replicas: statusReplicas, ratio, averageMilli, kept: 'within-tolerance' };
  const asked = Math.ceil(value / target);
  const replicas = source === 'External' && asked > MAX_INT32 ? MAX_INT32 : ceilInt32(asked);
  return { replicas, ratio, averageMilli };
}

/** The sum of all series for a target of the whole: above int64 it stays at the largest number, below it wraps. Spec: HPA-12.19, HPA-12.20. */
export function sumForValue(values: readonly bigint[]): bigint {
  let sum = 0n;
  for (const value of values) {
    if (value > 0n && sum > MAX_INT64 - value) return MAX_INT64;
    sum = wrapInt64(sum + value);
  }
  return sum;
}

/** The sum of all series for a target per replica: once it is negative, by overflow or not, it is the largest number. Spec: HPA-12.19, HPA-12.20. */
export function sumForAverage(values: readonly bigint[]): bigint {
  let sum = 0n;
  for (const value of values) {
    sum = wrapInt64(sum + value);
    if (sum < 0n) return MAX_INT64;
  }
  return sum;
}
