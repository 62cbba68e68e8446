/** What the inhabitants of the cluster have in common: how they start, and what they make of a failed write. */

import type { Informer } from '../controllers/informer.ts';
import type { ReconcileLoop, Requeue } from '../controllers/reconcile-loop.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { durationMs, seconds, type DurationMs } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';

/** How long a request of an inhabitant may take. */
export const CALL_TIMEOUT: DurationMs = seconds(30);

/** Longer than a watch usually lags, so that the second try sees what the first did not. */
const CONFLICT_WAIT: DurationMs = durationMs(100);

type Runner = Pick<Informer<KubeObject>, 'run' | 'synced'>;

/** Fills the caches, then works until the signal is aborted. Never rejects. */
export async function runInhabitant(
  informers: readonly Runner[],
  loops: readonly Pick<ReconcileLoop, 'run'>[],
): Promise<void> {
  const ended = Promise.all(informers.map((informer) => informer.run()));
  await Promise.race([Promise.all(informers.map((informer) => informer.synced())), ended]);
  await Promise.all([ended, ...loops.map((loop) => loop.run())]);
}

/** A write that lost a race, or whose object is gone, is no failure: the cache was behind. Looks again soon. */
export async function whenCacheIsBehind(work: () => Promise<Requeue>): Promise<Requeue> {
  try {
    return await work();
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return { kind: 'requeue', after: CONFLICT_WAIT };
    throw error;
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof TandemError && error.code === 'TANDEM_KUBE_CONFLICT';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof TandemError && error.code === 'TANDEM_KUBE_NOT_FOUND';
}

export function isAlreadyThere(error: unknown): boolean {
  return error instanceof TandemError && error.code === 'TANDEM_KUBE_ALREADY_EXISTS';
}

/** No answer came, or none that says whether the write happened. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof TandemError && (error.code === 'TANDEM_DEADLINE' || error.code === 'TANDEM_KUBE_UNAVAILABLE');
}
