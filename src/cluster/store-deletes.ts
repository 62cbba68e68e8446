/** The ways out of the store: DELETE, eviction, the last finalizer, a namespace that goes with its content (cluster-api 13, 14). */

import { keyOf, type AnyObject, type ObjectKey } from '../core/kube/object.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { NAMESPACES } from '../core/kube/resource.ts';
import { withCondition } from '../core/cluster/conditions.ts';
import { planDeletion } from '../core/cluster/deletion.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { otherUid, otherVersion } from '../core/cluster/status-errors.ts';
import { unreachable } from '../lib/assert.ts';
import { KubeError, type DeleteOptions } from '../ports/kube-api.ts';
import { asTerminating, checkNamespaceMayGo, contentOf, isTerminating, isVacant } from './store-namespaces.ts';
import type { StoreState } from './store-state.ts';

export type DeletionOptions = Omit<DeleteOptions, 'signal'>;

/** `object` is the final content of what is gone, or the present content of what stays for its grace or its finalizers. */
export type Deletion = { readonly kind: 'removed' | 'pending'; readonly object: AnyObject };

/** DELETE. */
export function deleteObject(state: StoreState, kind: AnyKind, key: ObjectKey, options: DeletionOptions): Deletion {
  const object = state.get(kind, key);
  checkPreconditions(kind, object, options);
  if (isNamespace(kind)) return deleteNamespace(state, kind, object);
  const graceSeconds = kind.graceSecondsOf?.(object, options.gracePeriodSeconds);
  const plan = planDeletion(object, options, { now: state.clock.now(), graceSeconds });
  switch (plan.kind) {
    case 'remove':
      return { kind: 'removed', object: removeObject(state, kind, object) };
    case 'mark': {
      const marked = state.put(kind, plan.object);
      if (plan.then === 'stays') return { kind: 'pending', object: marked };
      return { kind: 'removed', object: removeObject(state, kind, marked) };
    }
    case 'none':
      return { kind: 'pending', object };
    default:
      return unreachable(plan);
  }
}

/** Takes an object out, and with it a namespace that waited for its last object. Returns the final content. */
export function removeObject(state: StoreState, kind: AnyKind, object: AnyObject): AnyObject {
  if (isNamespace(kind) && !isVacant(state, object)) return state.put(kind, object);
  const last = state.remove(kind, object);
  const { namespace } = keyOf(object);
  if (namespace !== '') finishNamespace(state, namespace);
  return last;
}

/** POST pods/eviction. No budget is served yet, so nothing forbids one. */
export function evictPod(state: StoreState, kind: AnyKind, key: ObjectKey): void {
  const pod = state.get(kind, key) as Pod; // found under pods
  const { phase } = pod.status ?? {};
  const leaving = pod.metadata.deletionTimestamp !== undefined;
  if (!leaving && phase === 'Running') {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    } as const;
    const conditions = withCondition(pod.status?.conditions, condition, state.clock.now());
    state.put(kind, { ...pod, status: { ...pod.status, conditions } });
  }
  deleteObject(state, kind, key, {});
}

function checkPreconditions(kind: AnyKind, object: AnyObject, options: DeletionOptions): void {
  const { name, uid = '', resourceVersion = '' } = object.metadata;
  const { preconditions } = options;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw new KubeError(otherUid(kind.resource, name, { asked: preconditions.uid, is: uid }));
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const versions = { asked: preconditions.resourceVersion, is: resourceVersion };
    throw new KubeError(otherVersion(kind.resource, name, versions));
  }
}

function isNamespace(kind: AnyKind): boolean {
  return kind.resource.group === NAMESPACES.group && kind.resource.resource === NAMESPACES.resource;
}

/** Marks it, asks all its content to go, and removes it at once when nothing holds it. */
function deleteNamespace(state: StoreState, kind: AnyKind, namespace: AnyObject): Deletion {
  const { name } = namespace.metadata;
  checkNamespaceMayGo(name);
  if (isTerminating(namespace)) return { kind: 'pending', object: namespace };
  const marked = state.put(kind, asTerminating(state, namespace));
  for (const { kind: other, key } of contentOf(state, name)) {
    deleteObject(state, other, key, { propagationPolicy: 'Background' });
  }
  finishNamespace(state, name);
  return { kind: 'pending', object: marked };
}

function finishNamespace(state: StoreState, name: string): void {
  const kind = state.kindOf(NAMESPACES);
  const namespace = state.find(kind, { namespace: '', name });
  if (namespace !== undefined && isTerminating(namespace) && isVacant(state, namespace)) state.remove(kind, namespace);
}
