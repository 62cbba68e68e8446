/**
 * The model of a Ray cluster behind the stand-in: nodes with resources, a queue of tasks and actors by shape, placement, durations,
 * idleness, drains and losses. It knows neither pods nor a protocol; every method is told the time.
 */

import { assert } from '../../lib/assert.ts';
import { compareText } from '../../lib/compare.ts';
import { Heap } from '../../lib/heap.ts';
import { durationMs, epochMs, type DurationMs, type EpochMs } from '../time/time.ts';
import type { RayResources } from './ray-node-resources.ts';

/** An actor occupies its resources for `duration` as a task does, and then ends. */
export type RayWork = {
  readonly kind: 'task' | 'actor';
  readonly resources: RayResources;
  readonly count: number;
  readonly duration: DurationMs;
};

/** `lost` counts every loss; work that was lost for the first time is pending again. */
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

export type NodeView = JoiningNode & {
  readonly status: 'RUNNING' | 'IDLE' | 'DRAINING' | 'DEAD';
  readonly available: RayResources;
  /** 0 unless IDLE. */
  readonly idleFor: DurationMs;
};

export type DemandView = { readonly resources: RayResources; readonly count: number };

type Amounts = Map<string, number>;

type Batch = {
  readonly kind: RayWork['kind'];
  readonly resources: RayResources;
  readonly need: readonly (readonly [string, number])[];
  readonly duration: DurationMs;
  readonly attempt: 'first' | 'retry';
  waiting: number;
};

type Run = {
  readonly batch: Batch;
  readonly node: Node;
  readonly endsAt: EpochMs;
  readonly sequence: number;
  state: 'running' | 'over';
};

type Node = JoiningNode & {
  readonly free: Amounts;
  readonly runs: Set<Run>;
  state: 'alive' | 'draining' | 'dead';
  idleSince: EpochMs;
};

/** Ray counts resources in ten-thousandths. */
const UNITS = 10_000;
/** Dead nodes that are still listed; the oldest are forgotten first. */
const MAX_DEAD = 1000;

export class RayTasks {
  readonly #nodes = new Map<string, Node>();
  readonly #dead: Node[] = [];
  #queue: Batch[] = [];
  readonly #ends = new Heap<Run>((a, b) => a.endsAt < b.endsAt || (a.endsAt === b.endsAt && a.sequence < b.sequence));
  #sequence = 0;
  #running = 0;
  #finished = 0;
  #lost = 0;

  submit(work: RayWork, now: EpochMs): void {
    assert(Number.isInteger(work.count) && work.count >= 0, `count is ${work.count}, a whole number was expected`);
    const need = work.resources
      .filter(([, amount]) => amount > 0)
      .map(([name, amount]) => [name, units(amount)] as const);
    if (work.count > 0) {
      const { kind, resources, duration, count } = work;
      this.#queue.push({ kind, resources, need, duration, attempt: 'first', waiting: count });
    }
    this.advance(now);
  }

  join(node: JoiningNode, now: EpochMs): void {
    assert(!this.#nodes.has(node.nodeId), `node ${node.nodeId} has joined already`);
    const free = new Map(node.resources.map(([name, amount]) => [name, units(amount)]));
    this.#nodes.set(node.nodeId, { ...node, free, runs: new Set(), state: 'alive', idleSince: now });
    this.advance(now);
  }

  /** The node ends at once; what runs on it is lost. Unknown and dead nodes: nothing happens. */
  kill(nodeId: string, now: EpochMs): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    for (const run of node.runs) this.#lose(run);
    this.#bury(node);
    this.advance(now);
  }

  /** Idle termination. `busy`: refused, nothing changed. Unknown and dead nodes are accepted without effect. */
  terminateIdle(nodeId: string, now: EpochMs): 'accepted' | 'busy' {
    this.advance(now);
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return 'accepted';
    if (node.runs.size > 0) return 'busy';
    this.#bury(node);
    return 'accepted';
  }

  /** No new work; the node ends with its last piece of work. */
  preempt(nodeId: string, now: EpochMs): void {
    this.advance(now);
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    node.state = 'draining';
    if (node.runs.size === 0) this.#bury(node);
  }

  /** The session ends: every node is gone and forgotten, what ran is lost. Queue and counts stay, as a driver that tries again. */
  reset(): void {
    for (const node of this.#nodes.values()) for (const run of node.runs) this.#lose(run);
    this.#nodes.clear();
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

  /** First come, first served by batch; a shape that does not fit does not hold up the others. Nodes in the order they joined. */
  #place(now: EpochMs): void {
    for (const batch of this.#queue) {
      for (const node of this.#nodes.values()) {
        if (batch.waiting === 0) break;
        if (node.state !== 'alive') continue;
        for (let room = Math.min(roomFor(batch, node), batch.waiting); room > 0; room--) this.#start(batch, node, now);
      }
    }
    this.#queue = this.#queue.filter(({ waiting }) => waiting > 0);
  }

  #start(batch: Batch, node: Node, now: EpochMs): void {
    for (const [name, amount] of batch.need) node.free.set(name, (node.free.get(name) ?? 0) - amount);
    const run: Run = {
      batch,
      node,
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
    if (node.runs.size > 0) return;
    node.idleSince = run.endsAt;
    if (node.state === 'draining') this.#bury(node);
  }

  /** Ray tries once more. */
  #lose(run: Run): void {
    this.#lost++;
    this.#release(run);
    const { batch } = run;
    if (batch.attempt === 'retry') return;
    const last = this.#queue.at(-1);
    if (last?.attempt === 'retry' && last.resources === batch.resources && last.duration === batch.duration)
      last.waiting++;
    else this.#queue.push({ ...batch, attempt: 'retry', waiting: 1 });
  }

  #release(run: Run): void {
    const { batch, node } = run;
    run.state = 'over';
    this.#running--;
    node.runs.delete(run);
    for (const [name, amount] of batch.need) node.free.set(name, (node.free.get(name) ?? 0) + amount);
  }

  #bury(node: Node): void {
    node.state = 'dead';
    this.#nodes.delete(node.nodeId);
    this.#dead.push(node);
    if (this.#dead.length > MAX_DEAD) this.#dead.shift();
  }
}

function units(amount: number): number {
  return Math.round(amount * UNITS);
}

/** How many pieces of the batch fit on the node now. */
function roomFor(batch: Batch, node: Node): number {
  let room = Infinity;
  for (const [name, amount] of batch.need) room = Math.min(room, Math.floor((node.free.get(name) ?? 0) / amount));
  return room;
}

/** Dead nodes are listed without resources and labels. */
/** A dead node keeps its names and nothing else. */
const BURIED = { resources: [], labels: {}, available: [], status: 'DEAD', idleFor: durationMs(0) } as const;

function viewOf(node: Node, now: EpochMs): NodeView {
  const { nodeId, instanceId, group, address, resources, labels, runs, state, idleSince } = node;
  if (state === 'dead') {
    return { nodeId, instanceId, group, address, ...BURIED };
  }
  const available: (readonly [string, number])[] = [];
  for (const [name, free] of node.free) if (free > 0) available.push([name, free / UNITS]);
  const status = state === 'draining' ? 'DRAINING' : runs.size > 0 ? 'RUNNING' : 'IDLE';
  const idleFor = durationMs(status === 'IDLE' ? now - idleSince : 0);
  return { nodeId, instanceId, group, address, resources, labels, available, status, idleFor };
}
