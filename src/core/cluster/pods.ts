/** What the controllers of pods ask a Pod: is it active, ready, available, how long. Predicates only. */

import type { Pod } from '../kube/core-v1.ts';
import { parseRfc3339, type EpochMs } from '../time/time.ts';
import { conditionOf } from './conditions.ts';

/** Succeeded or Failed: it will never run again. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither finished nor being deleted. Source: pkg/controller/controller_utils.go IsPodActive (v1.37.2). */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** The condition Ready is True. Source: pkg/api/v1/pod/util.go IsPodReady (v1.37.2). */
export function isPodReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** When the pod became ready; undefined while it is not. */
export function podReadySince(pod: Pod): EpochMs | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  return ready?.status === 'True' && ready.lastTransitionTime !== undefined
    ? parseRfc3339(ready.lastTransitionTime)
    : undefined;
}

/**
 * Ready for at least `minReadySeconds`.
 * Source: pkg/api/v1/pod/util.go IsPodAvailable (v1.37.2).
 */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: EpochMs): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = podReadySince(pod);
  return since !== undefined && since + minReadySeconds * 1000 <= now;
}

/** The highest restart count among its containers; sidecars count. */
export function podRestarts(pod: Pod): number {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.reduce((most, status) => Math.max(most, status.restartCount), 0);
}
