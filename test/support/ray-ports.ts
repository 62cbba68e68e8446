/** A `RayWorld` behind the ports that the Ray autoscaler uses. A lost answer is one that never comes: the caller's deadline ends it. */

import type { RayRequest, RayResults } from '../../src/core/ray/conversation.ts';
import type { Pod } from '../../src/core/kube/core-v1.ts';
import { keyText } from '../../src/core/kube/object.ts';
import { durationMs, epochMs } from '../../src/core/time/time.ts';
import { deepCopy, deepFreeze } from '../../src/lib/json.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { GcsError, type GcsApi } from '../../src/ports/gcs-api.ts';
import { KubeError, type CallOptions, type KubeApi, type WatchEvent } from '../../src/ports/kube-api.ts';
import type { PatchOperation } from '../../src/core/ray/plan-patch.ts';
import { KEY, type RayWorld } from './ray-world.ts';

const DELAY = durationMs(3);

export function portsOf(world: RayWorld, clock: Clock): { readonly api: KubeApi; readonly gcs: GcsApi } {
  async function ask<R extends RayRequest>(request: R, signal: AbortSignal): Promise<unknown> {
    await clock.sleepUntil(epochMs(clock.now() + DELAY), signal);
    const result: RayResults[keyof RayResults] = world.serve(request);
    if (result.ok) return deepFreeze(deepCopy(result.value));
    if (result.error.code === 0)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const status = { code: result.error.code, reason: result.error.reason, message: result.error.message };
    const kube = ['get-ray-cluster', 'patch-ray-cluster'].includes(request.kind);
    throw kube ? new KubeError(status) : new GcsError('TANDEM_GCS_UNAVAILABLE', status.message);
  }

  async function* watch(signal: AbortSignal): AsyncGenerator<WatchEvent<Pod>> {
    let known = new Map<string, Pod>();
    for (;;) {
      const here = new Map(world.pods.map((pod) => [pod.metadata.name, pod]));
      for (const [name, pod] of here) if (!known.has(name)) yield { type: 'ADDED', object: pod };
      for (const [name, pod] of known) if (!here.has(name)) yield { type: 'DELETED', object: pod };
      known = here;
      await clock.sleepUntil(epochMs(clock.now() + 100), signal);
    }
  }

  // only what the Ray autoscaler uses; the casts stand for the generic signatures of the ports
  const api = {
    get: (_: unknown, key: typeof KEY, { signal }: CallOptions) =>
      keyText(key) === keyText(KEY)
        ? ask({ kind: 'get-ray-cluster', key }, signal)
        : Promise.reject(new Error(`unexpected ${keyText(key)}`)),
    list: () => Promise.resolve({ resourceVersion: '1', items: world.pods }),
    watch: (_: unknown, __: unknown, { signal }: CallOptions) => watch(signal),
    patch: (_: unknown, key: typeof KEY, patch: { operations: readonly PatchOperation[] }, { signal }: CallOptions) =>
      ask({ kind: 'patch-ray-cluster', key, operations: patch.operations }, signal),
  } as unknown as KubeApi;
  const gcs = {
    getClusterResourceState: ({ signal }) => ask({ kind: 'get-cluster-resource-state' }, signal),
    getClusterStatus: ({ signal }) => ask({ kind: 'get-cluster-status' }, signal),
    drainNode: (request, { signal }) => ask({ kind: 'drain-node', request }, signal),
    stopNodes: (nodeIds, { signal }) => ask({ kind: 'stop-nodes', nodeIds }, signal),
    reportAutoscalingState: (state, { signal }) => ask({ kind: 'report-autoscaling-state', state }, signal),
  } as { [K in keyof GcsApi]: (...args: Parameters<GcsApi[K]>) => Promise<unknown> } as GcsApi;
  return { api, gcs };
}
