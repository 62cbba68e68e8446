/**
 * Gives pending pods their nodes. Rules: core/cluster/scheduling.ts. One pass places all pods that are due, on paper; the bindings then
 * go out together. A pod counts on its node from the moment it is placed, since the watch shows the binding later.
 */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { conditionOf, withCondition } from '../core/cluster/conditions.ts';
import { isPodFinished } from '../core/cluster/pods.ts';
import { dueAt, type Attempt } from '../core/cluster/scheduling-queue.ts';
import {
  compareQueued,
  isPending,
  needsOf,
  place,
  schedule,
  shapeOf,
  snapshotOf,
  type PlacedPod,
  type ScoringStrategy,
} from '../core/cluster/scheduling.ts';
import type { KubeNode, Pod } from '../core/kube/core-v1.ts';
import { keyOf, keyText, type Condition } from '../core/kube/object.ts';
import { NODES, PODS } from '../core/kube/resource.ts';
import { durationMs, epochMs, seconds, type EpochMs } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { deepEqual } from '../lib/json.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { EventWriter } from './event-writer.ts';
import { CALL_TIMEOUT, isConflict, isNotFound, isOutcomeUnknown, runInhabitant } from './inhabitant.ts';

export type PodSchedulerOptions = { readonly strategy: ScoringStrategy };

const SCHEDULER_NAME = 'default-scheduler';
const PASS = 'pass';
/** How soon a binding or a condition is tried again that failed for a reason of the moment. */
const RETRY = seconds(1);

/** Runs until aborted; never rejects. */
export async function podScheduler(
  deps: ControllerDeps,
  options: PodSchedulerOptions = { strategy: 'LeastAllocated' },
): Promise<void> {
  await new PodScheduler(deps, options).run();
}

/** A pod placed by this scheduler whose binding the cache does not show yet. `retryAt`: nobody knows whether it was bound. */
type Assumed = PlacedPod & { retryAt: EpochMs | undefined };

class PodScheduler {
  readonly #deps: ControllerDeps;
  readonly #options: PodSchedulerOptions;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<KubeNode>;
  readonly #loop: ReconcileLoop;
  readonly #events: EventWriter;
  /** By key: the pods that a pass has to look at. */
  readonly #pending = new Map<string, Pod>();
  readonly #assumed = new Map<string, Assumed>();
  readonly #attempts = new Map<string, Attempt>();
  /** Goes up with everything that could make room or let a pod in. */
  #change = 0;

  constructor(deps: ControllerDeps, options: PodSchedulerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#pods = new Informer(deps, PODS);
    this.#nodes = new Informer(deps, NODES);
    this.#events = new EventWriter(deps, SCHEDULER_NAME);
    this.#loop = new ReconcileLoop(deps, { name: 'scheduler', reconcile: () => this.#pass() });
    this.#pods.subscribe((event) => this.#podSeen(event.object, event.kind));
    this.#nodes.subscribe(() => this.#changed());
  }

  run(): Promise<void> {
    return runInhabitant([this.#pods, this.#nodes], [this.#loop]);
  }

  #changed(): void {
    this.#change++;
    this.#loop.enqueue(PASS);
  }

  #podSeen(pod: Pod, kind: 'added' | 'updated' | 'deleted'): void {
    const key = keyText(keyOf(pod));
    const { uid } = pod.metadata;
    const placed = (pod.spec.nodeName ?? '') !== '';
    const gone = kind === 'deleted' || isPodFinished(pod);
    const assumed = this.#assumed.get(key);
    if (assumed !== undefined && (gone || placed || assumed.pod.metadata.uid !== uid)) this.#assumed.delete(key);
    if (kind !== 'deleted' && isPending(pod, SCHEDULER_NAME)) {
      this.#pending.set(key, pod);
      this.#loop.enqueue(PASS);
    } else {
      this.#pending.delete(key);
      this.#attempts.delete(key);
    }
    if (gone && placed) this.#changed();
  }

  async #pass(): Promise<Requeue> {
    const now = this.#deps.clock.now();
    const bindings: Promise<void>[] = [...this.#assumed.entries()]
      .filter(([, { retryAt }]) => retryAt !== undefined && retryAt <= now)
      .map(([key, assumed]) => this.#bind(key, assumed));
    const refused = this.#placeDue(now, bindings);
    // Conditions wait for the bindings: a pod that got a node is worth more than the reason why another did not.
    await Promise.all(bindings);
    await Promise.all(refused.map(({ pod, message }) => this.#reportUnschedulable(pod, message)));
    return this.#nextPass();
  }

  /** Places what is due, adds the bindings to `bindings` and returns the pods that found no node. */
  #placeDue(now: EpochMs, bindings: Promise<void>[]): readonly { readonly pod: Pod; readonly message: string }[] {
    const due = [...this.#pending.entries()].filter(
      ([key]) => !this.#assumed.has(key) && dueAt(this.#attempts.get(key), this.#change) <= now,
    );
    if (due.length === 0) return [];
    const snapshot = snapshotOf(this.#nodes.values(), this.#placed());
    const refusedShapes = new Map<string, string>();
    const refused: { readonly pod: Pod; readonly message: string }[] = [];
    for (const [key, pod] of due.toSorted(([, a], [, b]) => compareQueued(a, b))) {
      const needs = needsOf(pod);
      const shape = shapeOf(needs);
      const known = refusedShapes.get(shape);
      const placement =
        known === undefined
          ? schedule(needs, snapshot, this.#options.strategy)
          : ({ kind: 'unschedulable', message: known } as const);
      if (placement.kind === 'node') {
        place(snapshot, needs, placement.name);
        const assumed: Assumed = { pod, nodeName: placement.name, retryAt: undefined };
        this.#assumed.set(key, assumed);
        bindings.push(this.#bind(key, assumed));
      } else {
        refusedShapes.set(shape, placement.message);
        refused.push({ pod, message: placement.message });
        this.#noteAttempt(key, now);
      }
    }
    return refused;
  }

  #noteAttempt(key: string, at: EpochMs): void {
    const count = (this.#attempts.get(key)?.count ?? 0) + 1;
    this.#attempts.set(key, { count, at, change: this.#change });
  }

  /** Everything that uses a node: what the cache shows as placed and what is assumed. */
  *#placed(): Iterable<PlacedPod> {
    for (const pod of this.#pods.values()) {
      const { nodeName } = pod.spec;
      if (nodeName !== undefined && nodeName !== '') yield { pod, nodeName };
    }
    yield* this.#assumed.values();
  }

  async #bind(key: string, assumed: Assumed): Promise<void> {
    const { api, clock, log, signal } = this.#deps;
    const { pod, nodeName } = assumed;
    assumed.retryAt = undefined;
    try {
      await this.#call(`binding of pod ${key}`, (options) => api.bindPod(keyOf(pod), nodeName, options));
      const message = `Successfully assigned ${key} to ${nodeName}`;
      void this.#events.write(pod, { type: 'Normal', reason: 'Scheduled', message });
    } catch (error) {
      if (signal.aborted) return;
      if (isOutcomeUnknown(error)) {
        assumed.retryAt = epochMs(clock.now() + RETRY); // to the same node: if it was bound, this is where
      } else {
        this.#assumed.delete(key);
        this.#noteAttempt(key, clock.now());
        this.#changed();
      }
      if (isConflict(error) || isNotFound(error)) return; // bound already, or gone: the cache will show it
      log.warn(`scheduler: binding of pod ${key} to ${nodeName} failed: ${errorText(error)}`);
    }
  }

  /** The condition PodScheduled=False for users and autoscalers, and the event. Best effort: the next try writes it again. */
  async #reportUnschedulable(pod: Pod, message: string): Promise<void> {
    const { api, clock, log, signal } = this.#deps;
    void this.#events.write(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    const condition: Condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    const conditions = withCondition(pod.status?.conditions, condition, clock.now());
    if (deepEqual(conditionOf(conditions, 'PodScheduled'), conditionOf(pod.status?.conditions, 'PodScheduled'))) return;
    const next: Pod = { ...pod, status: { ...pod.status, conditions } };
    try {
      await this.#call(`condition of pod ${keyText(keyOf(pod))}`, (options) =>
        api.update(PODS, next, { ...options, subresource: 'status' }),
      );
    } catch (error) {
      if (signal.aborted || isNotFound(error)) return;
      this.#attempts.delete(keyText(keyOf(pod))); // tried and reported again with the next pass
      if (!isConflict(error)) log.warn(`scheduler: condition of a pod was not written: ${errorText(error)}`);
    }
  }

  /** Looks again when the first of the waiting is due. O(pending). */
  #nextPass(): Requeue {
    const now = this.#deps.clock.now();
    let next = Infinity;
    for (const { retryAt } of this.#assumed.values()) if (retryAt !== undefined) next = Math.min(next, retryAt);
    for (const key of this.#pending.keys()) {
      if (this.#assumed.has(key)) continue;
      const attempt = this.#attempts.get(key);
      next = Math.min(next, attempt === undefined ? now + RETRY : dueAt(attempt, this.#change));
    }
    return next === Infinity ? DONE : { kind: 'requeue', after: durationMs(Math.max(0, next - now)) };
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}
