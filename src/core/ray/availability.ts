/** How likely a node type is to be had: types whose pods did not come up in time count less, but only between equal scores. */

import type { EpochMs, DurationMs } from '../time/time.ts';
import type { InstanceTable, InstanceUpdate } from './instances.ts';
import type { Availabilities } from './snapshot.ts';

/** When a pod of a type last failed to bring up Ray in time, by type. */
export type AllocationTimeouts = ReadonlyMap<string, EpochMs>;

/**
 * The record after a batch: an ALLOCATION_TIMEOUT enters its type, a node that runs clears it.
 *
 * `table` is the one before the batch. Cost: O(updates).
 * Spec: RAY-24.5.   Source: v2/instance_manager/subscribers/cloud_resource_monitor.py (Ray 2.60.0).
 */
export function noteTimeouts(
  timeouts: AllocationTimeouts,
  table: InstanceTable,
  updates: readonly InstanceUpdate[],
  now: EpochMs,
): AllocationTimeouts {
  const next = new Map(timeouts);
  for (const update of updates) {
    if (update.kind !== 'transition') continue;
    const type = table.rows.get(update.instanceId)?.instanceType ?? '';
    if (update.to === 'ALLOCATION_TIMEOUT') next.set(type, now);
    if (update.to === 'RAY_RUNNING') next.delete(type);
  }
  return next;
}

/**
 * `cloud`: the newest failure scores exactly 0, older ones hardly more. `recoverable`: 0 at first, then growing to 1 over the window.
 *
 * Spec: RAY-24.5.   Source: cloud_resource_monitor.py get_resource_availabilities (Ray 2.60.0).
 */
export function availabilitiesOf(timeouts: AllocationTimeouts, now: EpochMs, window: DurationMs): Availabilities {
  const newest = Math.max(0, ...timeouts.values());
  return {
    cloud: new Map([...timeouts].map(([type, at]) => [type, 1 - at / newest])),
    recoverable: new Map([...timeouts].map(([type, at]) => [type, recovered(now - at, window)])),
  };
}

function recovered(ageMs: number, windowMs: number): number {
  return ageMs < Math.min(10_000, 0.1 * windowMs) ? 0 : Math.min(1, ageMs / windowMs);
}
