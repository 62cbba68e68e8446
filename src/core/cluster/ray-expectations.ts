/**
 * What the operator has done and not yet seen in its cache: while an expectation is open, nothing more is done for that group, so a
 * stale cache cannot make it create or delete twice. Spec: kuberay 2.7 "Expectations".
 */

import type { Pod } from '../kube/core-v1.ts';
import { seconds, type EpochMs } from '../time/time.ts';

/** `group` is '' for the head, so that a worker group of any name stays apart from it. */
export type RayExpectation = {
  readonly kind: 'create' | 'delete';
  readonly group: string;
  readonly podName: string;
  readonly podUid: string;
  readonly since: EpochMs;
};

const CREATE_TIMEOUT = seconds(30);

/**
 * The expectations that are still open: a create until the cache shows the pod or 30 s are over; a delete until the pod is gone,
 * however long that takes. Cost: O(expectations + pods).
 */
export function openExpectations(
  expectations: readonly RayExpectation[],
  pods: readonly Pod[],
  now: EpochMs,
): readonly RayExpectation[] {
  if (expectations.length === 0) return expectations;
  const known = new Set(pods.map((pod) => pod.metadata.uid));
  return expectations.filter(({ kind, podUid, since }) =>
    kind === 'create' ? !known.has(podUid) && now - since < CREATE_TIMEOUT : known.has(podUid),
  );
}
