/**
 * The ways in which a snapshot makes the original give up a round. Thrown deep inside packing and caught once, in `schedule`, which
 * returns it as a decision: nothing of the round is kept, so there is nothing to unwind.
 */

import type { AbortReason } from './snapshot.ts';

export class SchedulingAbort extends Error {
  override readonly name = 'SchedulingAbort';
  readonly reason: AbortReason;

  constructor(reason: AbortReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** What the original raises instead, and in which of its functions. Spec: RAY-12.2. */
export type OriginalError = {
  readonly error: 'AssertionError' | 'KeyError' | 'ValueError';
  readonly where: string;
};

export const ORIGINAL_ERRORS: Readonly<Record<AbortReason, OriginalError>> = {
  'unknown-node-type': { error: 'KeyError', where: '_enforce_max_workers_per_type' },
  'several-constraints': { error: 'AssertionError', where: '_enforce_resource_constraints' },
  'several-placements': { error: 'AssertionError', where: 'combine_requests_with_affinity' },
  'overfull-node': { error: 'AssertionError', where: '_compute_score' },
  'label-clash': { error: 'AssertionError', where: '_add_label' },
  'negative-request': { error: 'AssertionError', where: '_inplace_subtract' },
  'limit-out-of-reach': { error: 'AssertionError', where: '_enforce_max_workers_global' },
  'limit-below-zero': { error: 'ValueError', where: '_select_nodes_to_terminate' },
};
