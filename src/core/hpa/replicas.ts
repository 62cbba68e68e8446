/** From samples to a proposal: ratios, tolerance, and the cautious treatment of pods that did not report. */

import { err, ok, type Result } from '../../lib/result.ts';
import type { PodGroups } from './readiness.ts';
import { ceilInt32, wrapInt32, wrapInt64 } from './numbers.ts';

/** How far below and above 1 a ratio may be before anything moves; both ends belong to it. Spec: HPA-7.1, HPA-7.2. */
export type Tolerance = { readonly down: number; readonly up: number };

/** Usage over target, and what it was made of. */
export type Ratio = {
  readonly ratio: number;
  /** Per pod, thousandths, truncated. */
  readonly averageMilli: bigint;
  /** Of the request, whole percent, truncated; absent for a target in absolute terms. */
  readonly utilizationPercent?: number;
};

/** How one kind of target turns values per pod (milli) into a ratio. */
export type Calculator = {
  ratioOf(values: ReadonlyMap<string, bigint>): Result<Ratio, string>;
  /** What a pod without a sample is taken to use when the others ask for fewer replicas. */
  assumedWhenShrinking(pod: string): bigint;
};

/**
 * Percent of the request. The ratio is made of the truncated whole percentage; values of pods without a known request are skipped.
 *
 * Units: requests and values in milli-units.
 * Spec: HPA-5.3 (formula), HPA-5.7, HPA-5.10, HPA-5.13.   Source: metrics/utilization.go GetResourceUtilizationRatio (v1.37.2).
 */
export function utilizationCalculator(requests: ReadonlyMap<string, bigint>, targetPercent: number): Calculator {
  const assumedPercent = BigInt(Math.max(100, targetPercent));
  return {
    ratioOf(values) {
      let usage = 0n;
      let requested = 0n;
      let count = 0n;
      for (const [pod, value] of values) {
        const request = requests.get(pod);
        if (request === undefined) continue;
        usage += value;
        requested += request;
        count++;
      }
      usage = wrapInt64(usage);
      requested = wrapInt64(requested);
      if (requested === 0n) return err('no metrics returned matched known pods');
      const utilizationPercent = wrapInt32(wrapInt64(usage * 100n) / requested);
      return ok({ ratio: utilizationPercent / targetPercent, averageMilli: usage / count, utilizationPercent });
    },
    assumedWhenShrinking: (pod) => wrapInt64((requests.get(pod) ?? 0n) * assumedPercent) / 100n,
  };
}

/**
 * An absolute average per pod. The ratio is made of the truncated average; values of unknown pods count.
 *
 * Units: milli-units. `ratioOf` must be given at least one value.
 * Spec: HPA-5.5 (formula), HPA-5.18, HPA-5.20.   Source: metrics/utilization.go GetMetricUsageRatio (v1.37.2).
 */
export function averageValueCalculator(targetMilli: bigint): Calculator {
  return {
    ratioOf(values) {
      let usage = 0n;
      for (const value of values.values()) usage += value;
      const averageMilli = wrapInt64(usage) / BigInt(values.size);
      return ok({ ratio: Number(averageMilli) / Number(targetMilli), averageMilli });
    },
    assumedWhenShrinking: () => targetMilli,
  };
}

/** Spec: HPA-7.1, HPA-7.3. */
export function isWithinTolerance(ratio: number, tolerance: Tolerance): boolean {
  return 1.0 - tolerance.down <= ratio && ratio <= 1.0 + tolerance.up;
}

export type ProposalInput = {
  readonly currentReplicas: number;
  readonly groups: PodGroups;
  /** Milli-units per pod name, without ignored and unready pods, with unknown ones. Not empty. */
  readonly values: ReadonlyMap<string, bigint>;
  readonly calculator: Calculator;
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
 * Cost: O(pods). Returns the text of why there is no ratio.
 * Spec: HPA-5.11 to HPA-5.17.   Source: replica_calculator.go GetResourceReplicas, calcPlainMetricReplicas (v1.37.2).
 */
export function proposeReplicas(input: ProposalInput): Result<Proposal, string> {
  const { currentReplicas, groups, values, calculator, tolerance } = input;
  const first = calculator.ratioOf(values);
  if (!first.ok) return first;
  const ratio = first.value.ratio;
  const upWithUnready = groups.unready.length > 0 && ratio > 1.0;
  if (!upWithUnready && groups.missing.length === 0) {
    const podCount = groups.ready.length;
    if (isWithinTolerance(ratio, tolerance)) {
      return ok({ replicas: currentReplicas, first: first.value, podCount, kept: 'within-tolerance' });
    }
    return ok({ replicas: ceilInt32(ratio * podCount), first: first.value, podCount });
  }
  const extended = extend(values, groups, { ratio, calculator });
  const second = calculator.ratioOf(extended);
  if (!second.ok) return second;
  const common = { first: first.value, rebalanced: second.value, podCount: extended.size };
  const again = second.value.ratio;
  const keep = (kept: KeepReason): Result<Proposal, string> => ok({ replicas: currentReplicas, ...common, kept });
  if (isWithinTolerance(again, tolerance)) return keep('within-tolerance');
  if ((ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0)) return keep('direction-changed');
  const replicas = ceilInt32(again * extended.size);
  if ((again < 1.0 && replicas > currentReplicas) || (again > 1.0 && replicas < currentReplicas))
    return keep('against-direction');
  return ok({ replicas, ...common });
}

/** The values with assumed ones for missing and unready pods. Spec: HPA-5.13, HPA-5.17. */
function extend(
  values: ReadonlyMap<string, bigint>,
  groups: PodGroups,
  { ratio, calculator }: { readonly ratio: number; readonly calculator: Calculator },
): ReadonlyMap<string, bigint> {
  const extended = new Map(values);
  if (ratio < 1.0) for (const pod of groups.missing) extended.set(pod, calculator.assumedWhenShrinking(pod));
  if (ratio > 1.0) for (const pod of [...groups.missing, ...groups.unready]) extended.set(pod, 0n);
  return extended;
}
