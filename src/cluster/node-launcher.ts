/** Provisioning: a batch of pods without a place becomes NodeClaims. Rules are in core/cluster/node-packing.ts. */

import { callWithin } from '../controllers/call.ts';
import { isAbort, type ControllerDeps } from '../controllers/deps.ts';
import { nodeClaim, offeringFor, packingPool } from '../core/cluster/node-claims.ts';
import type { Offering } from '../core/cluster/instance-types.ts';
import { solve, type Packing, type PackingInput } from '../core/cluster/node-packing.ts';
import { poolUsage } from '../core/cluster/node-pool-status.ts';
import {
  cpuMillicores,
  isProvisionable,
  nodesText,
  offeringsText,
  podsText,
  reasonsText,
} from '../core/cluster/node-provisioning.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import type { NodeClaim, NodePool } from '../core/kube/karpenter.ts';
import { NODE_CLAIMS } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { compareNumber, compareText } from '../lib/compare.ts';
import { errorText } from '../lib/error.ts';
import { digest } from '../lib/json.ts';
import type { Timer } from '../ports/clock.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import type { EventWriter } from './event-writer.ts';
import { CALL_TIMEOUT } from './inhabitant.ts';
import type { NodeState } from './node-state.ts';
import { TriggerWindow } from './trigger-window.ts';

const BATCH_IDLE = seconds(1);
const BATCH_LONGEST = seconds(10);
/** Pods that still wait ask again. */
const RETRIGGER = seconds(10);
/** 2 x the longest batch: a node that pods were promised to is not removed meanwhile. */
const NOMINATED_FOR = seconds(20);

type Launched = {
  readonly claim: NodeClaim;
  readonly pool: string;
  readonly offering: Offering | undefined;
  readonly pods: readonly Pod[];
};

export class NodeLauncher {
  readonly #deps: ControllerDeps;
  readonly #state: NodeState;
  readonly #events: EventWriter;
  readonly #window: TriggerWindow;
  #retrigger: Timer | undefined;
  /** What each waiting pod was told last. Only pods of the last batch. */
  #told = new Map<string, string>();

  constructor(deps: ControllerDeps, state: NodeState, events: EventWriter) {
    const { clock, signal } = deps;
    this.#deps = deps;
    this.#state = state;
    this.#events = events;
    this.#window = new TriggerWindow({ clock, idle: BATCH_IDLE, longest: BATCH_LONGEST, signal });
    state.pods.subscribe(({ kind, object }) => {
      if (kind !== 'deleted' && isProvisionable(object)) this.#window.trigger();
    });
    state.claims.subscribe((event) => {
      if (event.kind !== 'updated') return;
      // the pods of a node that begins to leave need a place
      const { object, previous } = event;
      const leaves = object.metadata.deletionTimestamp !== undefined;
      if (leaves && previous.metadata.deletionTimestamp === undefined) this.#window.trigger();
    });
  }

  /** Works until aborted; never rejects. */
  async run(): Promise<void> {
    const { log, signal } = this.#deps;
    for (;;) {
      await this.#window.closed();
      if (signal.aborted) break;
      try {
        await this.#round();
      } catch (error) {
        if (!isAbort(error, signal)) log.warn(`provisioning of nodes failed: ${errorText(error)}`);
      }
    }
    this.#retrigger?.cancel();
  }

  async #round(): Promise<void> {
    const { clock } = this.#deps;
    const now = clock.now();
    const pending = [...this.#state.pods.values()].filter(isProvisionable);
    const pods = [...pending, ...this.#state.podsOnLeavingNodes(now)];
    if (pods.length === 0) return;
    this.#retrigger?.cancel();
    this.#retrigger = clock.timer(epochMs(now + RETRIGGER), () => this.#window.trigger());
    const pools = this.#pools();
    const nodesOfPool = this.#state.poolNodes(now);
    const input: PackingInput = {
      pods,
      nodes: this.#state.packingNodes(now),
      pools: pools.map((pool) => packingPool(pool, poolUsage(nodesOfPool.get(pool.metadata.name) ?? [], 'in-flight'))),
    };
    const packing = solve(input);
    const counts = new Map(pools.map(({ metadata: { name } }) => [name, this.#staying(name)]));
    const launched = await this.#launch(pools, packing);
    for (const { node } of packing.placed) this.#state.nominate(node, epochMs(now + NOMINATED_FOR));
    this.#record({ input, packing, launched, counts });
    await this.#tell(packing, launched);
  }

  /** Pools that may be used, in the order in which they are tried: weight, then name. */
  #pools(): readonly NodePool[] {
    return [...this.#state.pools.values()]
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted(
        (a, b) =>
          compareNumber(b.spec.weight ?? 0, a.spec.weight ?? 0) || compareText(a.metadata.name, b.metadata.name),
      );
  }

  #staying(pool: string): number {
    const nodes = this.#state.poolNodes(this.#deps.clock.now()).get(pool) ?? [];
    return nodes.filter(({ claim }) => !this.#state.isLeaving(claim)).length;
  }

  async #launch(pools: readonly NodePool[], packing: Packing): Promise<readonly Launched[]> {
    const { api, clock, log, signal } = this.#deps;
    const byName = new Map(pools.map((pool) => [pool.metadata.name, pool]));
    const launched: Launched[] = [];
    for (const launch of packing.launches) {
      const pool = byName.get(launch.pool);
      if (pool === undefined) continue;
      try {
        const claim = await callWithin('create of a NodeClaim', { clock, timeout: CALL_TIMEOUT, signal }, (options) =>
          api.create(NODE_CLAIMS, nodeClaim(pool, launch), options),
        );
        const now = clock.now();
        this.#state.remember(claim, now);
        this.#state.nominate(claim.metadata.name, epochMs(now + NOMINATED_FOR));
        launched.push({ claim, pool: launch.pool, offering: offeringFor(claim), pods: launch.pods });
      } catch (error) {
        if (isAbort(error, signal)) throw error;
        // its pods ask again; if the claim exists all the same, the cache will show it by then
        log.warn(`a NodeClaim of ${launch.pool} was not created: ${errorText(error)}`);
      }
    }
    return launched;
  }

  #record(round: {
    readonly input: PackingInput;
    readonly packing: Packing;
    readonly launched: readonly Launched[];
    readonly counts: ReadonlyMap<string, number>;
  }): void {
    const { input, packing, launched, counts } = round;
    const inputsDigest = digestOf(input);
    const base = { at: this.#deps.clock.now(), layer: 'nodes', controller: 'node-provisioner', inputsDigest } as const;
    const object = (name: string): DecisionRecord['object'] => ({ kind: 'NodePool', namespace: '', name });
    for (const [name, from] of counts) {
      const own = launched.filter(({ pool }) => pool === name);
      if (own.length === 0) continue;
      const pods = own.flatMap((launch) => launch.pods);
      const offerings = own.flatMap(({ offering }) => offering ?? []);
      this.#deps.recorder.record({
        ...base,
        object: object(name),
        decision: { kind: 'scale', from, to: from + own.length, of: 'nodes' },
        reason: 'Unschedulable',
        message: `${podsText(pods)} ${pods.length === 1 ? 'fits' : 'fit'} no node: ${offeringsText(offerings)}`,
        numbers: { pods: pods.length, requestedMillicores: cpuMillicores(pods), launchedNodes: own.length },
      });
    }
    const [first] = counts;
    const failed = packing.failed.map(({ pod }) => pod);
    const waits = packing.placed.map(({ pod }) => pod);
    if (first === undefined || (launched.length > 0 && failed.length === 0)) return;
    const [name, at] = first;
    const hold = failed.length > 0;
    const targets = new Set(packing.placed.map(({ node }) => node));
    this.#deps.recorder.record({
      ...base,
      object: object(name),
      decision: { kind: 'hold', at: at + launched.length, of: 'nodes' },
      reason: hold ? 'FailedScheduling' : 'Nominated',
      message: hold
        ? `no node for ${podsText(failed)}: ${reasonsText(packing.failed)}`
        : `room for ${podsText(waits)} on ${nodesText(targets.size)} that are there or on the way`,
      numbers: { failedPods: failed.length, placedPods: waits.length },
    });
  }

  /** Events on the pods, where something changed for them. */
  async #tell(packing: Packing, launched: readonly Launched[]): Promise<void> {
    const told = new Map<string, string>();
    const tell = async (pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> => {
      const uid = pod.metadata.uid ?? '';
      told.set(uid, message);
      if (this.#told.get(uid) !== message) await this.#events.write(pod, { type, reason, message });
    };
    for (const { pod, node } of packing.placed) {
      await tell(pod, 'Normal', 'Nominated', nominatedText(node));
    }
    for (const { claim, pods } of launched) {
      for (const pod of pods) await tell(pod, 'Normal', 'Nominated', nominatedText(claim.metadata.name));
    }
    for (const { pod, reason } of packing.failed) await tell(pod, 'Warning', 'FailedScheduling', reason);
    this.#told = told;
  }
}

/** A node is named like its claim. */
function nominatedText(name: string): string {
  return `Pod should schedule on: nodeclaim/${name}, node/${name}`;
}

function digestOf({ pods, nodes, pools }: PackingInput): string {
  return digest({
    pods: pods.map(({ metadata }) => metadata.uid ?? '').toSorted(compareText),
    nodes: nodes.map(({ name, free }) => [name, Object.fromEntries(free)]),
    pools: pools.map(({ name, remaining, types }) => [
      name,
      Object.fromEntries(remaining),
      types.map((type) => type.name),
    ]),
  });
}
