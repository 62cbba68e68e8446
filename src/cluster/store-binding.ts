/** POST pods/binding: puts a pod on a node, once (cluster-api 14). */

import type { Pod } from '../core/kube/core-v1.ts';
import type { ObjectKey } from '../core/kube/object.ts';
import { withCondition } from '../core/cluster/conditions.ts';
import type { Writer } from '../core/cluster/managed-fields.ts';
import { requiredField } from '../core/cluster/field-errors.ts';
import { conflict, invalid } from '../core/cluster/status-errors.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { KubeError } from '../ports/kube-api.ts';
import type { StoreState } from './store-state.ts';
import { commitUpdate } from './store-writes.ts';

/** How messages name the subresource. */
const PODS_BINDING = { group: '', resource: 'pods/binding' };

/** Not an update of the pod: a bound pod's spec could not be changed that way. The generation stays. */
export function bindPod(
  state: StoreState,
  kind: AnyKind,
  request: { readonly key: ObjectKey; readonly nodeName: string; readonly writer: Writer },
): void {
  const { key, nodeName, writer } = request;
  if (nodeName === '') {
    throw new KubeError(invalid({ group: '', kind: 'Binding' }, key.name, [requiredField('target.name')]));
  }
  const pod = state.get(kind, key) as Pod; // found under pods
  if (pod.metadata.deletionTimestamp !== undefined) {
    const why = `pod ${key.name} is being deleted, cannot be assigned to a host`;
    throw new KubeError(conflict(PODS_BINDING, key.name, why));
  }
  const bound = pod.spec.nodeName ?? '';
  if (bound !== '') {
    throw new KubeError(conflict(PODS_BINDING, key.name, `pod ${key.name} is already assigned to node "${bound}"`));
  }
  const scheduled = { type: 'PodScheduled', status: 'True' } as const;
  const conditions = withCondition(pod.status?.conditions, scheduled, state.clock.now());
  const next: Pod = { ...pod, spec: { ...pod.spec, nodeName }, status: { ...pod.status, conditions } };
  commitUpdate(state, kind, next, writer);
}
