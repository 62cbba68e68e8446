/** What a DELETE does to one object: gone now, marked to go, or nothing new (cluster-api 13.1). */

import type { AnyObject } from '../kube/object.ts';
import { epochMs, parseRfc3339, toRfc3339, type EpochMs } from '../time/time.ts';
import { defined } from '../../lib/assert.ts';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

export type DeletionRequest = {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
};

/**
 * `remove`: gone now, as it is. `mark`: store `object`, which now carries when it is due; what goes without delay is stored all the same and
 * `removed` right after, so that watchers hear of both. `none`: an earlier deletion goes on as it is.
 */
export type DeletionPlan =
  | { readonly kind: 'remove' }
  | { readonly kind: 'mark'; readonly object: AnyObject; readonly then: 'stays' | 'removed' }
  | { readonly kind: 'none' };

type DeletionContext = {
  readonly now: EpochMs;
  /** What the kind grants this request; undefined for a kind that knows no grace. Counts for the first DELETE only. */
  readonly graceSeconds: number | undefined;
};

/**
 * Decides one DELETE.
 *
 * A repeated DELETE only shortens what is left. Negative grace counts as 1 second.
 * Spec: cluster-api 13.1.   Source: apiserver pkg/registry/rest/delete.go BeforeDelete, generic/registry/store.go Delete (v1.37.2).
 */
export function planDeletion(object: AnyObject, request: DeletionRequest, context: DeletionContext): DeletionPlan {
  const { metadata } = object;
  const finalizers = finalizersFor(object, request.propagationPolicy);
  if (metadata.deletionTimestamp !== undefined) return repeated(object, request, { ...context, finalizers });
  const { now, graceSeconds } = context;
  if (graceSeconds === undefined && finalizers.length === 0) return { kind: 'remove' };
  const grace = atLeastOne(graceSeconds ?? 0);
  const generation = metadata.generation === undefined ? {} : { generation: metadata.generation + 1 };
  const held = setFinalizers(object, finalizers);
  return marked(
    { ...held, metadata: { ...held.metadata, ...generation } },
    { due: epochMs(now + grace * 1000), grace },
  );
}

function repeated(
  object: AnyObject,
  request: DeletionRequest,
  context: DeletionContext & { readonly finalizers: readonly string[] },
): DeletionPlan {
  const { deletionTimestamp = '', deletionGracePeriodSeconds: left = 0 } = object.metadata;
  const { now, finalizers } = context;
  const held = setFinalizers(object, finalizers);
  if (left === 0) {
    if (finalizers.length === 0) return { kind: 'remove' };
    return held === object ? { kind: 'none' } : { kind: 'mark', object: held, then: 'stays' };
  }
  // while its grace runs, not even its finalizers change unless it is shortened
  const asked = request.gracePeriodSeconds === undefined ? left : atLeastOne(request.gracePeriodSeconds);
  if (asked >= left) return { kind: 'none' };
  const due = epochMs(
    defined(parseRfc3339(deletionTimestamp), 'a deletionTimestamp that parses') - (left - asked) * 1000,
  );
  // the past is no time to be due: whoever ends it gracefully still has to be told
  return due < now ? marked(held, { due: now, grace: Math.min(asked, 1) }) : marked(held, { due, grace: asked });
}

function marked(object: AnyObject, { due, grace }: { readonly due: EpochMs; readonly grace: number }): DeletionPlan {
  const metadata = {
    ...object.metadata,
    deletionTimestamp: toRfc3339(due),
    deletionGracePeriodSeconds: grace,
  };
  const isHeld = grace > 0 || (metadata.finalizers ?? []).length > 0;
  return { kind: 'mark', object: { ...object, metadata }, then: isHeld ? 'stays' : 'removed' };
}

function atLeastOne(grace: number): number {
  return grace < 0 ? 1 : grace;
}

/** True for an object that only its finalizers kept, once they are gone: the update that removed the last one removes it. */
export function isFinished(object: AnyObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0 && (finalizers ?? []).length === 0;
}

function finalizersFor(object: AnyObject, policy: DeletionRequest['propagationPolicy']): readonly string[] {
  const finalizers = object.metadata.finalizers ?? [];
  if (policy === undefined) return finalizers;
  const others = finalizers.filter((finalizer) => finalizer !== FOREGROUND_FINALIZER && finalizer !== ORPHAN_FINALIZER);
  if (policy === 'Background') return others;
  return [...others, policy === 'Foreground' ? FOREGROUND_FINALIZER : ORPHAN_FINALIZER];
}

function setFinalizers(object: AnyObject, finalizers: readonly string[]): AnyObject {
  const before = object.metadata.finalizers ?? [];
  if (before.length === finalizers.length && before.every((finalizer, i) => finalizer === finalizers[i])) return object;
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
}
