/** Holding back decisions that recent ones contradict. Without `behavior` only the way down is damped. */

import type { DurationMs } from '../time/time.ts';

/**
 * What one sync wanted before stabilization and limits, stamped on the monotonic clock.
 *
 * Spec: HPA-9 (the list), HPA-2.28.   Source: pkg/controller/podautoscaler/horizontal.go timestampedRecommendation (v1.37.2).
 */
export type Recommendation = { readonly replicas: number; readonly at: DurationMs };

export type StabilizeInput = {
  readonly candidate: number;
  /** In storage order, which is not by time. */
  readonly recommendations: readonly Recommendation[];
  readonly windowMs: DurationMs;
  /** Monotonic. */
  readonly now: DurationMs;
};

export type Stabilized = {
  /** Never less than the candidate. */
  readonly replicas: number;
  /** The recommendation that raised the candidate; absent when none did. */
  readonly heldBy?: Recommendation;
  readonly nextRecommendations: readonly Recommendation[];
};

/**
 * The highest of the candidate and all recommendations of the window, and the list with the candidate in it. A recommendation exactly
 * `windowMs` old still counts. The list reuses the place of one that is older, so it stays about window / period long.
 *
 * Cost: O(recommendations).
 * Spec: HPA-9.1 to HPA-9.3, HPA-9.10, HPA-9.11.   Source: horizontal.go stabilizeRecommendation (v1.37.2).
 */
export function stabilizeDown({ candidate, recommendations, windowMs, now }: StabilizeInput): Stabilized {
  const cut = now - windowMs;
  let heldBy: Recommendation | undefined;
  let reuse = recommendations.length;
  for (const [i, recommendation] of recommendations.entries()) {
    if (recommendation.at < cut) reuse = i;
    else if (recommendation.replicas > (heldBy?.replicas ?? candidate)) heldBy = recommendation;
  }
  const nextRecommendations = [...recommendations];
  nextRecommendations[reuse] = { replicas: candidate, at: now };
  return { replicas: heldBy?.replicas ?? candidate, ...(heldBy === undefined ? {} : { heldBy }), nextRecommendations };
}
