/** Keeps the status of NodePools: counters and conditions follow changes within a second. Rules: core/cluster/node-pool-status.ts. */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { nodePoolStatus } from '../core/cluster/node-pool-status.ts';
import { NODE_POOL_LABEL } from '../core/cluster/node-requirements.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { NODE_POOLS } from '../core/kube/resource.ts';
import { seconds } from '../core/time/time.ts';
import { CALL_TIMEOUT, whenCacheIsBehind } from './inhabitant.ts';
import type { NodeState } from './node-state.ts';

/** Changes of one moment are counted once. */
const GATHER = seconds(1);

export class NodePoolCounter {
  readonly #deps: ControllerDeps;
  readonly #state: NodeState;
  readonly loop: ReconcileLoop;

  constructor(deps: ControllerDeps, state: NodeState) {
    this.#deps = deps;
    this.#state = state;
    this.loop = new ReconcileLoop(deps, {
      name: 'nodepool-status',
      reconcile: (name) => whenCacheIsBehind(() => this.#reconcile(name)),
    });
    const ofPool = ({ object }: { readonly object: KubeObject }): void => {
      const pool = object.metadata.labels?.[NODE_POOL_LABEL];
      if (pool !== undefined) this.loop.enqueueAfter(pool, GATHER);
    };
    state.claims.subscribe(ofPool);
    state.nodes.subscribe(ofPool);
    state.pools.subscribe(({ object }) => this.loop.enqueue(object.metadata.name));
  }

  async #reconcile(name: string): Promise<Requeue> {
    const { api, clock, signal } = this.#deps;
    const pool = this.#state.pools.get({ namespace: '', name });
    if (pool === undefined) return DONE;
    const now = clock.now();
    const status = nodePoolStatus(pool, this.#state.poolNodes(now).get(name) ?? [], now);
    if (status === undefined) return DONE;
    await callWithin(`status of NodePool ${name}`, { clock, timeout: CALL_TIMEOUT, signal }, (options) =>
      api.update(NODE_POOLS, { ...pool, status }, { ...options, subresource: 'status' }),
    );
    return DONE;
  }
}
