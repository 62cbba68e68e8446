/** Holding back decisions that recent ones contradict. Without `behavior` only the way down is damped, with it both ways are. */

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
  readonly replicas: number;
  /** The recommendation that holds the candidate back; absent when none does. */
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
  let i = 0;
  for (const recommendation of recommendations) {
    if (recommendation.at < cut) reuse = i;
    else if (recommendation.replicas > (heldBy?.replicas ?? candidate)) heldBy = recommendation;
    i++;
  }
  const nextRecommendations = recommendations.slice();
  nextRecommendations[reuse] = { replicas: candidate, at: now };
  return { replicas: heldBy?.replicas ?? candidate, ...(heldBy === undefined ? {} : { heldBy }), nextRecommendations };
}

export type StabilizeBothInput = {
  readonly candidate: number;
  readonly currentReplicas: number;
  /** In storage order, which is not by time. */
  readonly recommendations: readonly Recommendation[];
  readonly upWindowMs: DurationMs;
  readonly downWindowMs: DurationMs;
  /** Monotonic. */
  readonly now: DurationMs;
};

/**
 * The current number, moved only as far as the candidate and all recommendations of both windows agree: up to the lowest of the upward
 * window, down to the highest of the downward one. A recommendation exactly as old as a window is outside of it. The list reuses the
 * place of one that is older than both.
 *
 * Cost: O(recommendations).
 * Spec: HPA-9.4, HPA-9.5, HPA-9.7, HPA-9.10, HPA-9.11.   Source: horizontal.go stabilizeRecommendationWithBehaviors (v1.37.2).
 */
export function stabilizeBothWays(input: StabilizeBothInput): Stabilized {
  const { candidate, currentReplicas, recommendations, upWindowMs, downWindowMs, now } = input;
  const upCut = now - upWindowMs;
  const downCut = now - downWindowMs;
  let lowest: Recommendation | undefined;
  let highest: Recommendation | undefined;
  let reuse = recommendations.length;
  let i = 0;
  for (const recommendation of recommendations) {
    const { replicas, at } = recommendation;
    if (at > upCut && replicas < (lowest?.replicas ?? candidate)) lowest = recommendation;
    if (at > downCut && replicas > (highest?.replicas ?? candidate)) highest = recommendation;
    if (at < upCut && at < downCut) reuse = i;
    i++;
  }
  const low = lowest?.replicas ?? candidate;
  const high = highest?.replicas ?? candidate;
  const replicas = Math.min(Math.max(currentReplicas, low), high);
  const heldBy = replicas === candidate ? undefined : candidate >= currentReplicas ? lowest : highest;
  const nextRecommendations = recommendations.slice();
  nextRecommendations[reuse] = { replicas: candidate, at: now };
  return { replicas, ...(heldBy === undefined ? {} : { heldBy }), nextRecommendations };
}
