/**
 * `lastPodEventTime` of claims: when a pod last came to a node, ended on it or began to leave it. Times closer than 10 s to the last
 * one written are dropped, as upstream does. Spec: karpenter 6.5.
 */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import type { InformerEvent } from '../controllers/informer.ts';
import { isPodFinished } from '../core/cluster/pods.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { controllerOf } from '../core/kube/object.ts';
import { NODE_CLAIMS } from '../core/kube/resource.ts';
import { parseRfc3339, seconds, toRfc3339, type EpochMs } from '../core/time/time.ts';
import { CALL_TIMEOUT, whenCacheIsBehind } from './inhabitant.ts';
import type { NodeState } from './node-state.ts';

const COALESCE = seconds(10);

export class NodePodEvents {
  readonly #deps: ControllerDeps;
  readonly #state: NodeState;
  /** By node name; taken out when written or dropped. */
  readonly #seen = new Map<string, EpochMs>();
  readonly loop: ReconcileLoop;

  constructor(deps: ControllerDeps, state: NodeState) {
    this.#deps = deps;
    this.#state = state;
    this.loop = new ReconcileLoop(deps, {
      name: 'nodeclaim-podevents',
      reconcile: (name) => whenCacheIsBehind(() => this.#reconcile(name)),
    });
    state.pods.subscribe((event) => {
      const { nodeName } = event.object.spec;
      if (nodeName === undefined || nodeName === '' || !isPodEvent(event)) return;
      this.#seen.set(nodeName, deps.clock.now());
      this.loop.enqueue(nodeName);
    });
  }

  async #reconcile(name: string): Promise<Requeue> {
    const at = this.#seen.get(name);
    const claim = this.#state.claims.get({ namespace: '', name });
    const last = parseRfc3339(claim?.status?.lastPodEventTime ?? '');
    if (at === undefined || claim === undefined || (last !== undefined && at - last < COALESCE)) {
      this.#seen.delete(name);
      return DONE;
    }
    const { api, clock, signal } = this.#deps;
    const value = { status: { lastPodEventTime: toRfc3339(at) } };
    await callWithin(`pod event time of NodeClaim ${name}`, { clock, timeout: CALL_TIMEOUT, signal }, (options) =>
      api.patch(NODE_CLAIMS, { namespace: '', name }, { type: 'merge', value }, { ...options, subresource: 'status' }),
    );
    if (this.#seen.get(name) === at) this.#seen.delete(name);
    return DONE;
  }
}

/** Bound, ended, or on its way out. */
function isPodEvent(event: InformerEvent<Pod>): boolean {
  if (controllerOf(event.object)?.kind === 'DaemonSet') return false;
  if (event.kind !== 'updated') return true;
  const { object, previous } = event;
  const bound = (previous.spec.nodeName ?? '') === '' && (object.spec.nodeName ?? '') !== '';
  const ended = !isPodFinished(previous) && isPodFinished(object);
  const leaving = previous.metadata.deletionTimestamp === undefined && object.metadata.deletionTimestamp !== undefined;
  return bound || ended || leaving;
}
