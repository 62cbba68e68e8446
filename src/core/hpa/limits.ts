/** Keeping a desired number within what the spec and the rate of growth allow, without `behavior`. */

import { truncInt32 } from './numbers.ts';
import type { PolicyLimits } from './policy-limits.ts';

export type LimitInput = {
  readonly desired: number;
  readonly currentReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
};

/** Upstream's words for what a limit did. Spec: HPA-11.15 to HPA-11.19. */
export type LimitReason =
  'DesiredWithinRange' | 'TooFewReplicas' | 'TooManyReplicas' | 'ScaleUpLimit' | 'ScaleDownLimit';

export type Limited = {
  readonly replicas: number;
  readonly reason: LimitReason;
  /** The lowest and the highest number that was allowed; an end that was not looked at is absent. */
  readonly low?: number;
  readonly high?: number;
  /** What the policies of `behavior` allowed. */
  readonly policy?: PolicyLimits;
};

/**
 * The desired number within [minReplicas, the smaller of maxReplicas and the growth limit]. One sync may double the replicas, or reach
 * 4; there is no limit on the way down. The low end is tested first.
 *
 * Spec: HPA-8.9 to HPA-8.11.   Source: horizontal.go convertDesiredReplicasWithRules (v1.37.2).
 */
export function limitReplicas({ desired, currentReplicas, minReplicas, maxReplicas }: LimitInput): Limited {
  const growthLimit = truncInt32(Math.max(2.0 * currentReplicas, 4.0));
  const grows = maxReplicas > growthLimit;
  const high = grows ? growthLimit : maxReplicas;
  const ends = { low: minReplicas, high };
  if (desired < minReplicas) return { replicas: minReplicas, reason: 'TooFewReplicas', ...ends };
  if (desired > high) return { replicas: high, reason: grows ? 'ScaleUpLimit' : 'TooManyReplicas', ...ends };
  return { replicas: desired, reason: 'DesiredWithinRange', ...ends };
}
