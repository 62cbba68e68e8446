/**
 * A gate before every write of a controller. While it is closed (a dry run, or somebody else writes the same fields) writes are told
 * instead of done, and answered as if they had been: the controller goes on deciding, and the world stays as it is.
 */

import type { KubeObject, ObjectKey } from '../core/kube/object.ts';
import { groupResourceText, type GroupVersionResource, type Resource } from '../core/kube/resource.ts';
import type { Scale } from '../core/kube/apps.ts';
import { forwardingKubeApi } from './forward.ts';
import type { GcsApi } from '../ports/gcs-api.ts';
import type { KubeApi, Patch, WriteOptions } from '../ports/kube-api.ts';

export type WriteGate = {
  /** Why nothing may be written now; undefined when the gate is open. Asked before each write. */
  heldBack(): string | undefined;
};

/** A write that was not made, in the words of its request. */
export type WithheldWrite = { readonly verb: string; readonly object: string; readonly why: string };

export type GateOptions = { readonly gate: WriteGate; readonly withheld: (write: WithheldWrite) => void };

/** `api` behind the gate. Reads go through. */
export function gatedKubeApi(api: KubeApi, options: GateOptions): KubeApi {
  const pass = passage(options);
  const name = (resource: GroupVersionResource, key: ObjectKey): string =>
    `${groupResourceText(resource)} ${key.namespace === '' ? '' : `${key.namespace}/`}${key.name}`;
  const nameOf = <T extends KubeObject>(resource: Resource<T>, { metadata }: T): string =>
    name(resource, { namespace: metadata.namespace ?? '', name: metadata.name });
  return {
    ...forwardingKubeApi(api),
    create: (resource, object, call) =>
      pass(
        'create',
        nameOf(resource, object),
        async () => object,
        () => api.create(resource, object, call),
      ),
    update: <T extends KubeObject>(resource: Resource<T>, object: T, call: WriteOptions) =>
      pass(
        'update',
        nameOf(resource, object),
        async () => object,
        () => api.update(resource, object, call),
      ),
    patch: <T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: Patch, call: WriteOptions) =>
      pass(
        'patch',
        name(resource, key),
        () => api.get(resource, key, call),
        () => api.patch(resource, key, patch, call),
      ),
    delete: (resource, key, call) =>
      pass(
        'delete',
        name(resource, key),
        async () => undefined,
        () => api.delete(resource, key, call),
      ),
    updateScale: (resource, key, scale: Scale, call) =>
      pass(
        'scale',
        name(resource, key),
        async () => scale,
        () => api.updateScale(resource, key, scale, call),
      ),
    bindPod: (key, nodeName, call) =>
      pass(
        'bind',
        `pods ${key.namespace}/${key.name}`,
        async () => undefined,
        () => api.bindPod(key, nodeName, call),
      ),
    evictPod: (key, call) =>
      pass(
        'evict',
        `pods ${key.namespace}/${key.name}`,
        async () => undefined,
        () => api.evictPod(key, call),
      ),
  };
}

/** `gcs` behind the gate. A withheld drain counts as accepted. */
export function gatedGcsApi(gcs: GcsApi, options: GateOptions): GcsApi {
  const pass = passage(options);
  return {
    getClusterResourceState: (call) => gcs.getClusterResourceState(call),
    getClusterStatus: (call) => gcs.getClusterStatus(call),
    drainNode: (request, call) =>
      pass(
        'drain',
        `Ray node ${request.nodeId}`,
        async () => ({ isAccepted: true, rejectionReasonMessage: '' }),
        () => gcs.drainNode(request, call),
      ),
    stopNodes: (nodeIds, call) =>
      pass(
        'stop',
        `Ray nodes ${nodeIds.join(', ')}`,
        async () => nodeIds,
        () => gcs.stopNodes(nodeIds, call),
      ),
    reportAutoscalingState: (state, call) =>
      pass(
        'report',
        'the autoscaling state',
        async () => undefined,
        () => gcs.reportAutoscalingState(state, call),
      ),
  };
}

function passage({ gate, withheld }: GateOptions) {
  return <T>(verb: string, object: string, instead: () => Promise<T>, write: () => Promise<T>): Promise<T> => {
    const why = gate.heldBack();
    if (why === undefined) return write();
    withheld({ verb, object, why });
    return instead();
  };
}
