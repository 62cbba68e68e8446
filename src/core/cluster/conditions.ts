/** Reading and replacing conditions in a status: the one place that knows when `lastTransitionTime` moves. */

import type { Condition } from '../kube/object.ts';
import { toRfc3339, type EpochMs } from '../time/time.ts';

/** The condition of this type, if any. O(conditions). */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * `conditions` with `next` in place of the one of its type, or behind them all. `lastTransitionTime` is `now` when the status
 * moved, else it is kept: that a reason or message changes is no transition. O(conditions).
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  next: Condition,
  now: EpochMs,
): readonly Condition[] {
  const old = conditionOf(conditions, next.type);
  const since = old?.status === next.status ? old.lastTransitionTime : undefined;
  const condition: Condition = { ...next, lastTransitionTime: since ?? toRfc3339(now) };
  if (old === undefined) return [...(conditions ?? []), condition];
  return (conditions ?? []).map((other) => (other.type === next.type ? condition : other));
}
