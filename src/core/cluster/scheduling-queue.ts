/**
 * Which pending pods are tried in this pass: a pod that found no node waits 1 to 10 s, and then until something has changed that could
 * give it one, or five minutes are over.
 */

import { seconds, epochMs, type EpochMs } from '../time/time.ts';

const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 10_000;

/** Pods are tried again after this long although nothing seems to have changed. Source: scheduling_queue.go (v1.37.2). */
const UNSCHEDULABLE_FLUSH = seconds(300);

/** The last try of a pod that found no node. */
export type Attempt = {
  /** How many tries in a row; counts from 1. */
  readonly count: number;
  readonly at: EpochMs;
  /** The number of the world's change that the try had seen. */
  readonly change: number;
};

/**
 * When the pod may be tried again: the past means now.
 * Source: pkg/scheduler/backend/queue/backoff_queue.go calculateBackoffDuration (v1.37.2).
 */
export function dueAt(attempt: Attempt | undefined, change: number): EpochMs {
  if (attempt === undefined) return epochMs(0);
  if (change === attempt.change) return epochMs(attempt.at + UNSCHEDULABLE_FLUSH);
  return epochMs(attempt.at + Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt.count - 1, 10)));
}
