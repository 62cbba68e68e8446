/** What is garbage: objects without an owner, old events, pods of nodes that are gone (cluster-api 13.2, 21, 22.5). */

import type { KubeEvent, Pod } from '../kube/core-v1.ts';
import type { AnyObject, OwnerReference } from '../kube/object.ts';
import { durationMs, parseRfc3339, seconds, type DurationMs, type EpochMs } from '../time/time.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './deletion.ts';

/** `solid`: there, same uid. `dangling`: absent. `waiting`: on its way out, and it waits for its dependents. */
export type OwnerState = 'solid' | 'dangling' | 'waiting';

export type OwnerVerdict = { readonly owner: OwnerReference; readonly state: OwnerState };

export type DependentDecision =
  | { readonly kind: 'keep' }
  /** Some owner holds it: the others are forgotten. */
  | { readonly kind: 'forget-owners'; readonly ownerReferences: readonly OwnerReference[] }
  | { readonly kind: 'delete'; readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan' };

/**
 * What becomes of an object whose owners have been looked up.
 *
 * `hasBlocking`: whether it has dependents of its own that block their owner.
 * Cost: O(owners).   Spec: cluster-api 13.2.   Source: pkg/controller/garbagecollector attemptToDeleteItem (v1.37.2).
 */
export function decideDependent(
  object: AnyObject,
  verdicts: readonly OwnerVerdict[],
  hasBlocking: 'has-blocking-dependents' | 'no-blocking-dependents',
): DependentDecision {
  if (verdicts.length === 0) return { kind: 'keep' };
  const solid = verdicts.filter(({ state }) => state === 'solid').map(({ owner }) => owner);
  if (solid.length === verdicts.length) return { kind: 'keep' };
  if (solid.length > 0) return { kind: 'forget-owners', ownerReferences: solid };
  const waited = verdicts.some(({ state }) => state === 'waiting');
  if (waited && hasBlocking === 'has-blocking-dependents') return { kind: 'delete', propagationPolicy: 'Foreground' };
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(ORPHAN_FINALIZER)) return { kind: 'delete', propagationPolicy: 'Orphan' };
  if (finalizers.includes(FOREGROUND_FINALIZER)) return { kind: 'delete', propagationPolicy: 'Foreground' };
  return { kind: 'delete', propagationPolicy: 'Background' };
}

/** What an object on its way out asks of the collector; undefined when nothing. */
export function dependentsPolicyOf(object: AnyObject): 'Foreground' | 'Orphan' | undefined {
  if (object.metadata.deletionTimestamp === undefined) return undefined;
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : undefined;
}

/** Whether `object` keeps the owner of that uid from going as long as it is there itself. */
export function blocks(object: AnyObject, ownerUid: string): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (owner) => owner.uid === ownerUid && owner.blockOwnerDeletion === true,
  );
}

/** How long an event is kept after it was last seen. Spec: cluster-api 21. */
const EVENT_LIFE: DurationMs = durationMs(3_600_000);

export function isEventExpired(event: KubeEvent, now: EpochMs): boolean {
  const seen = parseRfc3339(event.lastTimestamp ?? '') ?? parseRfc3339(event.metadata.creationTimestamp ?? '');
  return seen !== undefined && now - seen >= EVENT_LIFE;
}

/** How long a pod's node must have been missing before the pod goes with it. Spec: cluster-api 22.5. */
export const NODE_QUARANTINE: DurationMs = seconds(40);

/** The pods on nodes that are not there, each with its node's name. O(pods). */
export function podsOnMissingNodes(
  pods: readonly Pod[],
  hasNode: (name: string) => boolean,
): readonly { readonly pod: Pod; readonly nodeName: string }[] {
  return pods.flatMap((pod) => {
    const { nodeName = '' } = pod.spec;
    return nodeName === '' || hasNode(nodeName) ? [] : [{ pod, nodeName }];
  });
}

/**
 * The pods that are being deleted and have no node: no kubelet will ever say that they ended. O(pods).
 *
 * Source: pkg/controller/podgc/gc_controller.go gcUnscheduledTerminating (v1.37.2).
 */
export function unscheduledTerminating(pods: readonly Pod[]): readonly Pod[] {
  return pods.filter(({ metadata, spec }) => metadata.deletionTimestamp !== undefined && (spec.nodeName ?? '') === '');
}
