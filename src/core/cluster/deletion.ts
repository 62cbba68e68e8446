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

/** `mark`: store `object`, which now carries when it is due. `none`: an earlier deletion goes on as it is. */
export type DeletionPlan =
  | { readonly kind: 'remove'; readonly object: AnyObject }
  | { readonly kind: 'mark'; readonly object: AnyObject }
  | { readonly kind: 'none' };

/**
 * Decides one DELETE. `graceSeconds` is what the kind allows: undefined means that it goes without grace, whatever is asked.
 *
 * A repeated DELETE only shortens what is left. Negative grace counts as 1 second.
 * Spec: cluster-api 13.1.   Source: apiserver pkg/registry/rest/delete.go BeforeDelete (v1.37.2).
 */
export function planDeletion(
  object: AnyObject,
  request: DeletionRequest,
  context: { readonly now: EpochMs; readonly graceSeconds: number | undefined },
): DeletionPlan {
  const finalizers = finalizersFor(object, request.propagationPolicy);
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return repeated(object, request, { ...context, finalizers });
  const asked = request.gracePeriodSeconds ?? context.graceSeconds ?? 0;
  const grace = context.graceSeconds === undefined ? 0 : asked < 0 ? 1 : asked;
  const withFinalizers = setFinalizers(object, finalizers);
  if (grace === 0 && finalizers.length === 0) return { kind: 'remove', object: withFinalizers };
  return {
    kind: 'mark',
    object: {
      ...withFinalizers,
      metadata: {
        ...withFinalizers.metadata,
        deletionTimestamp: toRfc3339(epochMs(context.now + grace * 1000)),
        deletionGracePeriodSeconds: grace,
        ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
      },
    },
  };
}

function repeated(
  object: AnyObject,
  request: DeletionRequest,
  context: { readonly graceSeconds: number | undefined; readonly finalizers: readonly string[] },
): DeletionPlan {
  const { metadata } = object;
  const left = metadata.deletionGracePeriodSeconds ?? 0;
  const asked = context.graceSeconds === undefined ? 0 : request.gracePeriodSeconds;
  const wanted = asked === undefined ? left : asked < 0 ? 1 : asked;
  const changed = setFinalizers(object, context.finalizers);
  if (wanted >= left) {
    if (left === 0 && context.finalizers.length === 0) return { kind: 'remove', object: changed };
    return changed === object ? { kind: 'none' } : { kind: 'mark', object: changed };
  }
  if (wanted === 0 && context.finalizers.length === 0) return { kind: 'remove', object: changed };
  const due = defined(parseRfc3339(metadata.deletionTimestamp ?? ''), 'a deletionTimestamp that parses');
  return {
    kind: 'mark',
    object: {
      ...changed,
      metadata: {
        ...changed.metadata,
        deletionTimestamp: toRfc3339(epochMs(due - (left - wanted) * 1000)),
        deletionGracePeriodSeconds: wanted,
      },
    },
  };
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
