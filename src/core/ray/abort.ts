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
