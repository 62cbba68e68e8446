/**
 * The model of a Ray cluster behind the stand-in: nodes with resources, a queue of tasks and actors by shape, placement groups,
 * placement, durations, idleness, drains and losses. It knows neither pods nor a protocol; every method is told the time.
 */

import { assert } from '../../lib/assert.ts';
import { compareText } from '../../lib/compare.ts';
import { Heap } from '../../lib/heap.ts';
import { durationMs, epochMs, type DurationMs, type EpochMs } from '../time/time.ts';
import { amountsOf, give, needOf, resourcesOf, roomFor, take, type Amounts, type Need } from './ray-amounts.ts';
import { placeBundles } from './ray-bundles.ts';
import { groupLabel, groupTotals, insideBundle, insideGroup, RayGroups } from './ray-groups.ts';
import type { Bundle, GroupView, RayGroup } from './ray-groups.ts';
import type { RayResources } from './ray-node-resources.ts';

/** An actor occupies its resources for `duration` as a task does, and then ends. */
export type RayWork = {
  readonly kind: 'task' | 'actor';
  readonly resources: RayResources;
  readonly count: number;
  readonly duration: DurationMs;
  /** The placement group it runs in; outside of all of them when absent. */
  readonly groupId?: string;
};

/**
 * `lost` counts every loss; work that was lost for the first time is pending again, unless its placement group was removed: then what
 * waited inside is lost as well.
 */
export type RayCounts = {
  readonly pending: number;
  readonly running: number;
  readonly finished: number;
  readonly lost: number;
};

/** What a node brings when it joins. */
export type JoiningNode = {
  readonly nodeId: string;
  /** The pod's name. */
  readonly instanceId: string;
  readonly group: string;
  readonly address: string;
  readonly resources: RayResources;
  readonly labels: Readonly<Record<string, string>>;
};

/** `resources` and `available` with those of the bundles that stand on it. */
export type NodeView = JoiningNode & {
  /** One for each placement group with a bundle here. */
  readonly dynamicLabels: Readonly<Record<string, string>>;
  readonly status: 'RUNNING' | 'IDLE' | 'DRAINING' | 'DEAD';
  readonly available: RayResources;
  /** 0 unless IDLE. */
  readonly idleFor: DurationMs;
};

export type DemandView = { readonly resources: RayResources; readonly count: number };

type Batch = {
  readonly kind: RayWork['kind'];
  /** As it was asked for, and as it is told: inside a placement group other names. */
  readonly asked: RayResources;
  readonly resources: RayResources;
  readonly need: Need;
  readonly duration: DurationMs;
  readonly groupId: string | undefined;
  readonly attempt: 'first' | 'retry';
  waiting: number;
};

type Run = {
  readonly batch: Batch;
  readonly node: Node;
  readonly taken: Need;
  readonly endsAt: EpochMs;
  readonly sequence: number;
  state: 'running' | 'over';
};

type Node = JoiningNode & {
  readonly free: Amounts;
  readonly bundles: Set<Bundle>;
  readonly runs: Set<Run>;
  state: 'alive' | 'draining' | 'dead';
  idleSince: EpochMs;
};

/** Dead nodes that are still listed; the oldest are forgotten first. */
const MAX_DEAD = 1000;

export class RayTasks {
  readonly #nodes = new Map<string, Node>();
  readonly #groups = new RayGroups();
  readonly #dead: Node[] = [];
  #queue: Batch[] = [];
  readonly #ends = new Heap<Run>((a, b) => a.endsAt < b.endsAt || (a.endsAt === b.endsAt && a.sequence < b.sequence));
  #sequence = 0;
  #nodesVersion = 0;
  #running = 0;
  #finished = 0;
  #lost = 0;

  submit(work: RayWork, now: EpochMs): void {
    assert(Number.isInteger(work.count) && work.count >= 0, `count is ${work.count}, a whole number was expected`);
    const { kind, resources: asked, duration, count, groupId } = work;
    assert(groupId === undefined || this.#groups.has(groupId), `there is no placement group ${groupId}`);
    if (count > 0) {
      const resources = groupId === undefined ? asked : insideGroup(asked, groupId);
      const need = needOf(resources);
      this.#queue.push({ kind, asked, resources, need, duration, groupId, attempt: 'first', waiting: count });
    }
    this.advance(now);
  }

  /** It waits until all its bundles have a place, and then keeps it until it is removed or the node is gone. */
  createGroup(group: RayGroup, now: EpochMs): void {
    this.#groups.create(group);
    this.advance(now);
  }

  /** What runs or waits inside is lost for good. Unknown groups: nothing happens. */
  removeGroup(id: string, now: EpochMs): void {
    this.advance(now);
    for (const batch of this.#queue) if (batch.groupId === id) this.#lost += batch.waiting;
    this.#queue = this.#queue.filter(({ groupId }) => groupId !== id);
    for (const { runs } of this.#nodes.values()) {
      for (const run of runs) if (run.batch.groupId === id) this.#drop(run);
    }
    for (const { nodeId } of this.#groups.remove(id)) {
      const node = this.#nodes.get(nodeId);
      if (node !== undefined) this.#rest(node, now);
    }
    this.advance(now);
  }

  join(node: JoiningNode, now: EpochMs): void {
    assert(!this.#nodes.has(node.nodeId), `node ${node.nodeId} has joined already`);
    const free = amountsOf(node.resources);
    const joined: Node = { ...node, free, bundles: new Set(), runs: new Set(), state: 'alive', idleSince: now };
    this.#nodes.set(node.nodeId, joined);
    this.#nodesVersion++;
    this.advance(now);
  }

  /** The node ends at once; what runs on it is lost. Unknown and dead nodes: nothing happens. */
  kill(nodeId: string, now: EpochMs): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    for (const run of node.runs) this.#lose(run);
    this.#groups.lose(node);
    this.#bury(node);
    this.advance(now);
  }

  /** Idle termination. `busy`: refused, nothing changed. Unknown and dead nodes are accepted without effect. */
  terminateIdle(nodeId: string, now: EpochMs): 'accepted' | 'busy' {
    this.advance(now);
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return 'accepted';
    if (isBusy(node)) return 'busy';
    this.#bury(node);
    return 'accepted';
  }

  /** No new work; the node ends with its last piece of work and its last bundle. */
  preempt(nodeId: string, now: EpochMs): void {
    this.advance(now);
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    node.state = 'draining';
    this.#nodesVersion++;
    if (!isBusy(node)) this.#bury(node);
  }

  /** The session ends: every node is gone and forgotten, what ran is lost. Queue, groups and counts stay, as a driver that tries again. */
  reset(): void {
    for (const node of this.#nodes.values()) for (const run of node.runs) this.#lose(run);
    this.#groups.reset();
    this.#nodes.clear();
    this.#nodesVersion++;
    this.#dead.length = 0;
  }

  /** Ends what is due by `now`, then places what waits. O(due x log running + queue x nodes). */
  advance(now: EpochMs): void {
    for (let next = this.#ends.peek(); next !== undefined && next.endsAt <= now; next = this.#ends.peek()) {
      this.#ends.pop();
      if (next.state === 'running') this.#finish(next);
      // freed resources take new work at the instant they are free, also when nobody looked for a while
      const following = this.#ends.peek();
      if (following === undefined || following.endsAt > next.endsAt) this.#place(next.endsAt);
    }
    this.#place(now);
  }

  /** When the next piece of work ends; undefined when nothing runs. */
  nextEnd(): EpochMs | undefined {
    for (let next = this.#ends.peek(); next !== undefined; next = this.#ends.peek()) {
      if (next.state === 'running') return next.endsAt;
      this.#ends.pop();
    }
    return undefined;
  }

  get counts(): RayCounts {
    const pending = this.#queue.reduce((sum, { waiting }) => sum + waiting, 0);
    return { pending, running: this.#running, finished: this.#finished, lost: this.#lost };
  }

  /** Alive nodes in the order they joined, then dead ones in the order they died. */
  nodes(now: EpochMs): readonly NodeView[] {
    return [...this.#nodes.values(), ...this.#dead].map((node) => viewOf(node, now));
  }

  /** What waits, by shape, in the order in which shapes were first submitted. */
  demands(): readonly DemandView[] {
    const shapes = new Map<string, { resources: RayResources; count: number }>();
    for (const { resources, need, waiting } of this.#queue) {
      const key = JSON.stringify(need.toSorted(([a], [b]) => compareText(a, b)));
      const shape = shapes.get(key);
      if (shape === undefined)
        shapes.set(key, { resources: resources.filter(([, amount]) => amount > 0), count: waiting });
      else shape.count += waiting;
    }
    return [...shapes.values()];
  }

  /** In the order they were asked for. */
  groups(): readonly GroupView[] {
    return this.#groups.views();
  }

  /** How many pieces of work wait or run inside a group. */
  workIn(groupId: string): number {
    let work = 0;
    for (const batch of this.#queue) if (batch.groupId === groupId) work += batch.waiting;
    for (const { runs } of this.#nodes.values()) for (const { batch } of runs) if (batch.groupId === groupId) work++;
    return work;
  }

  /** Another number whenever the nodes that take work are others than before. */
  get nodesVersion(): number {
    return this.#nodesVersion;
  }

  /** Whether all of it fits at once on the nodes that take work, if nothing else ran on them. O(bundles x nodes). */
  hasRoomFor(bundles: readonly RayResources[]): boolean {
    const nodes = this.#alive().map(({ resources }) => ({ free: amountsOf(resources), isTaken: false }));
    return placeBundles('PACK', bundles.map(needOf), nodes) !== undefined;
  }

  /** Groups, then work: first come, first served by batch; what does not fit does not hold up the others. Nodes in the order they joined. */
  #place(now: EpochMs): void {
    const nodes = this.#alive();
    this.#groups.place(nodes);
    for (const batch of this.#queue) {
      for (const node of nodes) {
        if (batch.waiting === 0) break;
        for (const need of needsOn(batch, node)) {
          for (let room = Math.min(roomFor(need, node.free), batch.waiting); room > 0; room--)
            this.#start(batch, { node, need, now });
        }
      }
    }
    this.#queue = this.#queue.filter(({ waiting }) => waiting > 0);
  }

  #alive(): readonly Node[] {
    return [...this.#nodes.values()].filter(({ state }) => state === 'alive');
  }

  #start(batch: Batch, { node, need, now }: { readonly node: Node; readonly need: Need; readonly now: EpochMs }): void {
    take(need, node.free);
    const run: Run = {
      batch,
      node,
      taken: need,
      endsAt: epochMs(now + batch.duration),
      sequence: this.#sequence++,
      state: 'running',
    };
    batch.waiting--;
    node.runs.add(run);
    this.#ends.push(run);
    this.#running++;
  }

  #finish(run: Run): void {
    const { node } = run;
    this.#finished++;
    this.#release(run);
    this.#rest(node, run.endsAt);
  }

  /** Something on the node has ended: it may be idle now, and is buried if that was what it waited for. */
  #rest(node: Node, now: EpochMs): void {
    if (isBusy(node)) return;
    node.idleSince = now;
    if (node.state === 'draining') this.#bury(node);
  }

  #drop(run: Run): void {
    this.#lost++;
    this.#release(run);
  }

  /** Ray tries once more. */
  #lose(run: Run): void {
    this.#drop(run);
    const { batch } = run;
    if (batch.attempt === 'retry') return;
    const last = this.#queue.at(-1);
    if (last?.attempt === 'retry' && last.resources === batch.resources && last.duration === batch.duration)
      last.waiting++;
    else this.#queue.push({ ...batch, attempt: 'retry', waiting: 1 });
  }

  #release(run: Run): void {
    const { node } = run;
    run.state = 'over';
    this.#running--;
    node.runs.delete(run);
    give(run.taken, node.free);
  }

  #bury(node: Node): void {
    node.state = 'dead';
    this.#nodes.delete(node.nodeId);
    this.#nodesVersion++;
    this.#dead.push(node);
    if (this.#dead.length > MAX_DEAD) this.#dead.shift();
  }
}

function isBusy({ runs, bundles }: Node): boolean {
  return runs.size > 0 || bundles.size > 0;
}

/** What a piece of the batch takes of the node: inside a group there are as many ways as bundles stand there. */
function needsOn({ asked, need, groupId }: Batch, { bundles }: Node): readonly Need[] {
  if (groupId === undefined) return [need];
  return [...bundles].filter((bundle) => bundle.groupId === groupId).map((bundle) => insideBundle(asked, bundle));
}

/** A dead node keeps its names and nothing else. */
const BURIED = {
  resources: [],
  labels: {},
  dynamicLabels: {},
  available: [],
  status: 'DEAD',
  idleFor: durationMs(0),
} as const;

function viewOf(node: Node, now: EpochMs): NodeView {
  const { nodeId, instanceId, group, address, labels, bundles, free, state, idleSince } = node;
  if (state === 'dead') {
    return { nodeId, instanceId, group, address, ...BURIED };
  }
  const resources = [...node.resources, ...groupTotals(bundles)];
  const dynamicLabels = Object.fromEntries([...bundles].map(({ groupId }) => [groupLabel(groupId), '']));
  const available = resourcesOf(free);
  const status = state === 'draining' ? 'DRAINING' : isBusy(node) ? 'RUNNING' : 'IDLE';
  const idleFor = durationMs(status === 'IDLE' ? now - idleSince : 0);
  return { nodeId, instanceId, group, address, resources, labels, dynamicLabels, available, status, idleFor };
}
