/** Namespaces: what may be created in them, and how one goes away with all it holds (cluster-api 13.3). */

import { keyOf, type AnyObject, type ObjectKey } from '../core/kube/object.ts';
import { NAMESPACES } from '../core/kube/resource.ts';
import { KINDS, type AnyKind } from '../core/cluster/kinds/table.ts';
import { forbidden, namespaceTerminating, notFound } from '../core/cluster/status-errors.ts';
import { toRfc3339 } from '../core/time/time.ts';
import { KubeError } from '../ports/kube-api.ts';
import type { StoreState } from './store-state.ts';

/** Present from the start. */
export const FIRST_NAMESPACES: readonly string[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

const PERMANENT: ReadonlySet<string> = new Set(['default', 'kube-public', 'kube-system']);

/** Throws 404 when the namespace is not there, 403 while it goes away. */
export function checkNamespace(state: StoreState, kind: AnyKind, key: ObjectKey): void {
  const namespace = state.find(state.kindOf(NAMESPACES), { namespace: '', name: key.namespace });
  if (namespace === undefined) throw new KubeError(notFound(NAMESPACES, key.namespace));
  if (isTerminating(namespace)) throw new KubeError(namespaceTerminating(kind.resource, key.name, key.namespace));
}

/** Throws 403 for the namespaces a cluster cannot be without. */
export function checkNamespaceMayGo(name: string): void {
  if (PERMANENT.has(name)) throw new KubeError(forbidden(NAMESPACES, name, 'this namespace may not be deleted'));
}

export function isTerminating(namespace: AnyObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined;
}

/** The namespace as it is once its deletion was asked for. */
export function asTerminating(state: StoreState, namespace: AnyObject): AnyObject {
  return {
    ...namespace,
    metadata: {
      ...namespace.metadata,
      deletionTimestamp: toRfc3339(state.clock.now()),
      deletionGracePeriodSeconds: 0,
    },
    status: { ...namespace.status, phase: 'Terminating' },
  };
}

/** Everything in a namespace, kind by kind. */
export function contentOf(
  state: StoreState,
  name: string,
): readonly { readonly kind: AnyKind; readonly key: ObjectKey }[] {
  return namespacedKinds().flatMap((kind) =>
    state
      .collection(kind)
      .list(name)
      .map((object) => ({ kind, key: keyOf(object) })),
  );
}

/** Whether a namespace has nothing left that it must wait for. */
export function isVacant(state: StoreState, namespace: AnyObject): boolean {
  if ((namespace.metadata.finalizers ?? []).length > 0) return false;
  return namespacedKinds().every((kind) => state.collection(kind).isEmpty(namespace.metadata.name));
}

function namespacedKinds(): readonly AnyKind[] {
  return KINDS.filter((kind) => kind.resource.namespaced);
}
