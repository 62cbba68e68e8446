/** From the sums of pods and samples to a proposal: ratios, tolerance, and the cautious treatment of pods that did not report. */

import { err, ok, type Result } from '../../lib/result.ts';
import { add64, divide64, int64, multiply64, type Int64 } from './int64.ts';
import { ceilInt32, wrapInt32 } from './numbers.ts';
import type { PodSums } from './pod-sums.ts';
import { isWithinTolerance, type Tolerance } from './tolerance.ts';

/** What usage per pod is held against: a percentage of its request, or an amount in milli-units. */
export type PodsTarget =
  | { readonly kind: 'utilization'; readonly percent: number }
  | { readonly kind: 'average-value'; readonly milli: bigint };

/** Usage over target, and what it was made of. */
export type Ratio = {
  readonly ratio: number;
  /** Per pod, thousandths, truncated. */
  readonly averageMilli: bigint;
  /** Of the request, whole percent, truncated; absent for a target in absolute terms. */
  readonly utilizationPercent?: number;
};

/** Sums over the pods that count. Units: milli-units. */
type Counted = { readonly usage: Int64; readonly request: Int64; readonly count: number };

/**
 * The ratio of what was summed up. That of a utilization is made of the truncated whole percentage, that of an average of the truncated
 * average.
 *
 * Units: milli-units. `count` is not 0 for an average.
 * Spec: HPA-5.3 and HPA-5.5 (formulas), HPA-5.7, HPA-5.10, HPA-5.20.
 * Source: metrics/utilization.go GetResourceUtilizationRatio, GetMetricUsageRatio (v1.37.2).
 */
function ratioOf(target: PodsTarget, { usage, request, count }: Counted): Result<Ratio, string> {
  if (target.kind === 'average-value') {
    const average = divide64(usage, count);
    return ok({ ratio: Number(average) / Number(target.milli), averageMilli: BigInt(average) });
  }
  if (request === 0) return err('no metrics returned matched known pods');
  const utilizationPercent = wrapInt32(BigInt(divide64(multiply64(usage, 100), request)));
  const averageMilli = BigInt(divide64(usage, count));
  return ok({ ratio: utilizationPercent / target.percent, averageMilli, utilizationPercent });
}

/**
 * What a pod without a sample is taken to use when the others ask for fewer replicas.
 *
 * Units: milli-units. Spec: HPA-5.13, HPA-5.18.
 */
export function assumedUsage(target: PodsTarget, request: Int64): Int64 {
  if (target.kind === 'average-value') return int64(target.milli);
  return divide64(multiply64(request, Math.max(100, target.percent)), 100);
}

export type ProposalInput = {
  readonly currentReplicas: number;
  /** With at least one sample that counts. */
  readonly sums: PodSums;
  readonly target: PodsTarget;
  readonly tolerance: Tolerance;
};

/** Why a proposal is the present number although the ratio is not 1. */
export type KeepReason = 'within-tolerance' | 'direction-changed' | 'against-direction';

/** One metric's number of replicas, with what it takes to compute it by hand. */
export type Proposal = {
  readonly replicas: number;
  /** Of the pods that reported: what status shows. */
  readonly first: Ratio;
  /** With assumed values for pods that did not; present when there were such pods to assume. */
  readonly rebalanced?: Ratio;
  /** What the ratio is multiplied with. */
  readonly podCount: number;
  readonly kept?: KeepReason;
};

/**
 * Desired replicas for one metric over pods, before limits and stabilization. Pods that did not report are taken to be harmless: idle
 * when the others ask for more, at the target when they ask for fewer; and their part may damp the change but not turn it around.
 *
 * Cost: O(1). Returns the text of why there is no ratio.
 * Spec: HPA-5.11 to HPA-5.17.   Source: replica_calculator.go GetResourceReplicas, calcPlainMetricReplicas (v1.37.2).
 */
export function proposeReplicas({ currentReplicas, sums, target, tolerance }: ProposalInput): Result<Proposal, string> {
  const reported = reportedOf(target, sums);
  const first = ratioOf(target, reported);
  if (!first.ok) return first;
  const { ratio } = first.value;
  const upWithUnready = sums.unready.count > 0 && ratio > 1.0;
  if (!upWithUnready && sums.missing.count === 0) {
    const podCount = sums.ready.count;
    if (isWithinTolerance(ratio, tolerance)) {
      return ok({ replicas: currentReplicas, first: first.value, podCount, kept: 'within-tolerance' });
    }
    return ok({ replicas: ceilInt32(ratio * podCount), first: first.value, podCount });
  }
  const { counted, podCount } = extend(reported, sums, ratio);
  const second = ratioOf(target, counted);
  if (!second.ok) return second;
  const common = { first: first.value, rebalanced: second.value, podCount };
  const again = second.value.ratio;
  const keep = (kept: KeepReason): Result<Proposal, string> => ok({ replicas: currentReplicas, ...common, kept });
  if (isWithinTolerance(again, tolerance)) return keep('within-tolerance');
  if ((ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0)) return keep('direction-changed');
  const replicas = ceilInt32(again * podCount);
  if ((again < 1.0 && replicas > currentReplicas) || (again > 1.0 && replicas < currentReplicas))
    return keep('against-direction');
  return ok({ replicas, ...common });
}

/** Pods that reported. A sample of an unknown pod has no request, so a utilization leaves it out. Spec: HPA-5.3, HPA-5.15. */
function reportedOf(target: PodsTarget, { ready, unknown }: PodSums): Counted {
  if (target.kind === 'utilization') return ready;
  return { usage: add64(ready.usage, unknown.usage), request: 0, count: ready.count + unknown.count };
}

/** With assumed values for missing and unready pods; `podCount` counts unknown ones too. Spec: HPA-5.13, HPA-5.15, HPA-5.17. */
function extend(
  reported: Counted,
  { ready, unknown, unready, missing }: PodSums,
  ratio: number,
): { readonly counted: Counted; readonly podCount: number } {
  let { usage, request, count } = reported;
  let added = 0;
  if (ratio < 1.0 || ratio > 1.0) {
    added += missing.count;
    request = add64(request, missing.request);
    if (ratio < 1.0) usage = add64(usage, missing.assumed);
  }
  if (ratio > 1.0) {
    added += unready.count;
    request = add64(request, unready.request);
  }
  count += added;
  return { counted: { usage, request, count }, podCount: ready.count + unknown.count + added };
}
