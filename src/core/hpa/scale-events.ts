/** What was scaled lately: the base of the limits that `behavior` sets per period. */

import type { HorizontalPodAutoscalerSpec, ScalingRules } from '../kube/hpa.ts';
import type { DurationMs } from '../time/time.ts';
import { wrapSum32 } from './numbers.ts';

export type Behavior = NonNullable<HorizontalPodAutoscalerSpec['behavior']>;

/**
 * One scale write: by how many replicas, in the direction of its list, stamped on the monotonic clock after the write.
 *
 * `outdated`: its place may be taken by a newer event; it still counts where its stamp lies within a period.
 * Spec: HPA-8.18 to HPA-8.21, HPA-2.29.   Source: pkg/controller/podautoscaler/horizontal.go timestampedScaleEvent (v1.37.2).
 */
export type ScaleEvent = { readonly change: number; readonly at: DurationMs; readonly outdated: boolean };

/** Of one HPA, each in storage order, which is not by time. */
export type ScaleEvents = { readonly up: readonly ScaleEvent[]; readonly down: readonly ScaleEvent[] };

/** Replicas changed within the period before `now`. An event exactly a period old no longer counts. Spec: HPA-8.16, HPA-8.21. */
export function changeWithin(events: readonly ScaleEvent[], periodSeconds: number, now: DurationMs): number {
  const cut = now - periodSeconds * 1000;
  let change = 0;
  for (const event of events) if (event.at > cut) change = wrapSum32(change + event.change);
  return change;
}

/**
 * The events with one more. Those older than the longest period of the direction's rules become outdated; the last outdated one gives
 * its place to the new one.
 *
 * Cost: O(events + policies). `rules` are those of the direction of the step.
 * Spec: HPA-8.19, HPA-8.20, HPA-8.22.   Source: horizontal.go storeScaleEvent, markScaleEventsOutdated (v1.37.2).
 */
export function storeScaleEvent(
  events: readonly ScaleEvent[],
  { change, rules, now }: { readonly change: number; readonly rules: ScalingRules; readonly now: DurationMs },
): readonly ScaleEvent[] {
  const cut = now - longestPeriodSeconds(rules) * 1000;
  const next = events.map((event) => (event.at < cut ? { ...event, outdated: true } : event));
  const reuse = next.findLastIndex(({ outdated }) => outdated);
  next[reuse < 0 ? next.length : reuse] = { change: wrapSum32(change), at: now, outdated: false };
  return next;
}

function longestPeriodSeconds({ policies = [] }: ScalingRules): number {
  return Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds));
}
