/**
 * Removal of empty nodes: every 10 s one pass, then 15 s of doubt, then the claims of those that are still empty are deleted. Rules
 * are in core/cluster/node-disruption.ts.
 */

import { callWithin } from '../controllers/call.ts';
import { isAbort, type ControllerDeps } from '../controllers/deps.ts';
import { conditionOf, withCondition } from '../core/cluster/conditions.ts';
import { consolidateAfter, emptyNodes, type EmptyNode, type PoolNode } from '../core/cluster/node-disruption.ts';
import { nodesText } from '../core/cluster/node-provisioning.ts';
import { disruptedNode, DISRUPTED, EXCLUDE_FROM_LB_LABEL, isDisrupted } from '../core/cluster/node-termination.ts';
import type { KubeNode } from '../core/kube/core-v1.ts';
import { keyOf } from '../core/kube/object.ts';
import type { NodePool } from '../core/kube/karpenter.ts';
import { NODE_CLAIMS, NODES } from '../core/kube/resource.ts';
import { epochMs, seconds, type DurationMs } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { digest } from '../lib/json.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { CALL_TIMEOUT, isConflict, isNotFound } from './inhabitant.ts';
import type { NodeState } from './node-state.ts';

const PERIOD = seconds(10);
const VALIDATION = seconds(15);

export class NodeEmptiness {
  readonly #deps: ControllerDeps;
  readonly #state: NodeState;

  constructor(deps: ControllerDeps, state: NodeState) {
    this.#deps = deps;
    this.#state = state;
  }

  /** Works until aborted; never rejects. */
  async run(): Promise<void> {
    const { log, signal } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#pass();
        await this.#sleep(PERIOD);
      } catch (error) {
        if (isAbort(error, signal)) return;
        log.warn(`removal of empty nodes failed, next try in ${PERIOD / 1000} s: ${errorText(error)}`);
        await this.#sleep(PERIOD).catch(() => undefined); // an abort ends the loop above
      }
    }
  }

  /** The first pool, by name, that has something to remove ends the pass. */
  async #pass(): Promise<void> {
    const { clock } = this.#deps;
    await this.#takeBackTaints();
    for (const pool of this.#state.pools.list()) {
      const empty = emptyNodes(pool, this.#nodesOf(pool), clock.now());
      if (empty.length === 0) continue;
      await this.#sleep(VALIDATION);
      const names = new Set(empty.map(({ node }) => node.metadata.name));
      const current = this.#state.pools.get(keyOf(pool));
      if (current === undefined) return;
      const nodes = this.#nodesOf(current);
      const still = emptyNodes(current, nodes, clock.now()).filter(({ node }) => names.has(node.metadata.name));
      if (still.length > 0) await this.#remove(current, nodes, still);
      return;
    }
  }

  #nodesOf(pool: NodePool): readonly PoolNode[] {
    return this.#state.poolNodes(this.#deps.clock.now()).get(pool.metadata.name) ?? [];
  }

  /** A taint without a deletion is what an interrupted removal left behind: the node may work again. */
  async #takeBackTaints(): Promise<void> {
    for (const claim of this.#state.claims.list()) {
      const node = this.#state.nodeOf(claim);
      if (node === undefined || !isDisrupted(node)) continue;
      if (claim.metadata.deletionTimestamp !== undefined || node.metadata.deletionTimestamp !== undefined) continue;
      await this.#putNode(undisrupted(node));
    }
  }

  async #remove(pool: NodePool, nodes: readonly PoolNode[], empty: readonly EmptyNode[]): Promise<void> {
    const from = nodes.filter(({ claim }) => !this.#state.isLeaving(claim)).length;
    const removed: EmptyNode[] = [];
    for (const one of empty) {
      const { name } = one.node.metadata;
      this.#state.setLeaving(name, 'leaving');
      try {
        await this.#removeOne(one);
        removed.push(one);
      } catch (error) {
        this.#state.setLeaving(name, 'staying');
        if (isAbort(error, this.#deps.signal)) throw error;
        this.#deps.log.warn(`empty node ${name} was not removed: ${errorText(error)}`);
      }
    }
    if (removed.length > 0) this.#record(pool, nodes, removed, from);
  }

  async #removeOne({ claim, node }: EmptyNode): Promise<void> {
    const { api, clock } = this.#deps;
    await this.#putNode(disruptedNode(node));
    const reason = { type: 'DisruptionReason', status: 'True', reason: 'Empty', message: '' } as const;
    const status = { ...claim.status, conditions: withCondition(claim.status?.conditions, reason, clock.now()) };
    await this.#call('status of a NodeClaim', (options) =>
      api.update(NODE_CLAIMS, { ...claim, status }, { ...options, subresource: 'status' }),
    ).catch((error: unknown) => {
      // the word on the claim is for people: a newer claim is deleted without it
      if (!isConflict(error)) throw error;
    });
    try {
      await this.#call('delete of a NodeClaim', (options) => api.delete(NODE_CLAIMS, keyOf(claim), options));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #record(pool: NodePool, nodes: readonly PoolNode[], removed: readonly EmptyNode[], from: number): void {
    const { clock, recorder } = this.#deps;
    const after = consolidateAfter(pool) ?? seconds(0);
    const longest = Math.max(...removed.map(({ quiet }) => quiet));
    const names = removed.map(({ node }) => node.metadata.name);
    recorder.record({
      at: clock.now(),
      layer: 'nodes',
      controller: 'node-provisioner',
      object: { kind: 'NodePool', namespace: '', name: pool.metadata.name },
      inputsDigest: digest(
        nodes.map(({ claim, node, pods }) => [
          claim.metadata.name,
          conditionOf(claim.status?.conditions, 'Initialized')?.status ?? '',
          claim.status?.lastPodEventTime ?? '',
          node?.metadata.resourceVersion ?? '',
          pods.length,
        ]),
      ),
      decision: { kind: 'scale', from, to: from - removed.length, of: 'nodes' },
      reason: 'Empty',
      message: `${nodesText(removed.length)} empty for ${after / 1000} s: ${names.join(', ')}`,
      numbers: {
        removedNodes: removed.length,
        consolidateAfterSeconds: after / 1000,
        longestQuietSeconds: Math.floor(longest / 1000),
      },
    });
  }

  async #putNode(node: KubeNode): Promise<void> {
    await this.#call('update of a Node', (options) => this.#deps.api.update(NODES, node, options));
  }

  #sleep(span: DurationMs): Promise<void> {
    const { clock, signal } = this.#deps;
    return clock.sleepUntil(epochMs(clock.now() + span), signal);
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}

function undisrupted(node: KubeNode): KubeNode {
  const { [EXCLUDE_FROM_LB_LABEL]: _, ...labels } = node.metadata.labels ?? {};
  const taints = (node.spec?.taints ?? []).filter(({ key }) => key !== DISRUPTED.key);
  return { ...node, metadata: { ...node.metadata, labels }, spec: { ...node.spec, taints } };
}
