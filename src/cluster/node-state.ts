/**
 * What the node provisioner knows: pools, claims, nodes and pods from caches, claims that it created and its cache has not shown yet,
 * and what it promised: nominated nodes and nodes that it is about to remove. The last two are gone after a restart, which costs
 * time only.
 */

import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { packingNode } from '../core/cluster/node-claims.ts';
import type { PoolNode } from '../core/cluster/node-disruption.ts';
import type { PackingNode } from '../core/cluster/node-packing.ts';
import { isNodeReady } from '../core/cluster/node-fit.ts';
import { NODE_POOL_LABEL } from '../core/cluster/node-requirements.ts';
import { isDisrupted } from '../core/cluster/node-termination.ts';
import { isReschedulable } from '../core/cluster/node-provisioning.ts';
import type { KubeNode, Pod } from '../core/kube/core-v1.ts';
import type { NodeClaim, NodePool } from '../core/kube/karpenter.ts';
import { NODE_CLAIMS, NODE_POOLS, NODES, PODS } from '../core/kube/resource.ts';
import { seconds, type EpochMs } from '../core/time/time.ts';
import { compareText } from '../lib/compare.ts';

/** A claim that the cache does not show after this long was deleted before it was seen. */
const UNSEEN_FOR = seconds(30);

export class NodeState {
  readonly pools: Informer<NodePool>;
  readonly claims: Informer<NodeClaim>;
  readonly nodes: Informer<KubeNode>;
  readonly pods: Informer<Pod>;
  readonly #created = new Map<string, { readonly claim: NodeClaim; readonly at: EpochMs }>();
  readonly #nominated = new Map<string, EpochMs>();
  readonly #leaving = new Set<string>();

  constructor(deps: ControllerDeps) {
    this.pools = new Informer(deps, NODE_POOLS);
    this.claims = new Informer(deps, NODE_CLAIMS);
    this.nodes = new Informer(deps, NODES);
    this.pods = new Informer(deps, PODS);
    this.claims.subscribe(({ kind, object }) => {
      const { name } = object.metadata;
      this.#created.delete(name);
      if (kind !== 'deleted') return;
      this.#nominated.delete(name);
      this.#leaving.delete(name);
    });
  }

  get informers(): readonly [Informer<NodePool>, Informer<NodeClaim>, Informer<KubeNode>, Informer<Pod>] {
    return [this.pools, this.claims, this.nodes, this.pods];
  }

  /** A claim just created counts from now on, whether the cache has heard of it or not. */
  remember(claim: NodeClaim, at: EpochMs): void {
    if (this.claims.get({ namespace: '', name: claim.metadata.name }) === undefined) {
      this.#created.set(claim.metadata.name, { claim, at });
    }
  }

  nominate(name: string, until: EpochMs): void {
    this.#nominated.set(name, until);
  }

  setLeaving(name: string, leaving: 'leaving' | 'staying'): void {
    if (leaving === 'leaving') this.#leaving.add(name);
    else this.#leaving.delete(name);
  }

  /** Claims by name, those just created among them. O(n log n). */
  allClaims(now: EpochMs): readonly NodeClaim[] {
    for (const [name, { at }] of this.#created) if (now - at > UNSEEN_FOR) this.#created.delete(name);
    const created = [...this.#created.values()].map(({ claim }) => claim);
    return [...this.claims.values(), ...created].toSorted((a, b) => compareText(a.metadata.name, b.metadata.name));
  }

  /** A node is named like its claim. */
  nodeOf(claim: NodeClaim): KubeNode | undefined {
    return this.nodes.get({ namespace: '', name: claim.metadata.name });
  }

  podsOn(nodeName: string): readonly Pod[] {
    return [...this.pods.values()].filter((pod) => pod.spec.nodeName === nodeName);
  }

  podsByNode(): ReadonlyMap<string, readonly Pod[]> {
    const pods = new Map<string, Pod[]>();
    for (const pod of this.pods.values()) {
      const { nodeName } = pod.spec;
      if (nodeName === undefined || nodeName === '') continue;
      const same = pods.get(nodeName);
      if (same === undefined) pods.set(nodeName, [pod]);
      else same.push(pod);
    }
    return pods;
  }

  /** All nodes of all pools, by pool. O(claims + pods). */
  poolNodes(now: EpochMs): ReadonlyMap<string, readonly PoolNode[]> {
    const pods = this.podsByNode();
    const pools = new Map<string, PoolNode[]>();
    for (const claim of this.allClaims(now)) {
      const pool = claim.metadata.labels?.[NODE_POOL_LABEL] ?? '';
      const { name } = claim.metadata;
      const nominatedUntil = this.#nominated.get(name);
      const node = { claim, node: this.nodeOf(claim), pods: pods.get(name) ?? [], nominatedUntil };
      const same = pools.get(pool);
      if (same === undefined) pools.set(pool, [node]);
      else same.push(node);
    }
    return pools;
  }

  isLeaving(claim: NodeClaim): boolean {
    const node = this.nodeOf(claim);
    return (
      claim.metadata.deletionTimestamp !== undefined ||
      this.#leaving.has(claim.metadata.name) ||
      (node !== undefined && (node.metadata.deletionTimestamp !== undefined || isDisrupted(node)))
    );
  }

  /** Where pods may go without a launch: claims and nodes of others that are not leaving. */
  packingNodes(now: EpochMs): readonly PackingNode[] {
    const pods = this.podsByNode();
    const nodes: PackingNode[] = [];
    const claimed = new Set<string>();
    for (const claim of this.allClaims(now)) {
      const { name } = claim.metadata;
      claimed.add(name);
      if (this.isLeaving(claim)) continue;
      const node = this.nodeOf(claim);
      const packed = packingNode(claim, node, pods.get(name) ?? []);
      if (packed !== undefined && isUsable(packed, node)) nodes.push(packed);
    }
    for (const node of this.nodes.values()) {
      const { name, deletionTimestamp } = node.metadata;
      if (claimed.has(name) || deletionTimestamp !== undefined || node.spec?.unschedulable === true) continue;
      const packed = packingNode(undefined, node, pods.get(name) ?? []);
      if (packed !== undefined && isUsable(packed, node)) nodes.push(packed);
    }
    return nodes;
  }

  /** Pods on nodes that are going away: they will need a place. */
  podsOnLeavingNodes(now: EpochMs): readonly Pod[] {
    const leaving = this.allClaims(now).filter((claim) => this.isLeaving(claim));
    if (leaving.length === 0) return [];
    const pods = this.podsByNode();
    return leaving.flatMap((claim) => (pods.get(claim.metadata.name) ?? []).filter(isReschedulable));
  }
}

/** A node that was in use and is not ready now takes no pods; one that is still starting will. */
function isUsable(packed: PackingNode, node: KubeNode | undefined): boolean {
  return !packed.initialized || (node !== undefined && isNodeReady(node));
}
