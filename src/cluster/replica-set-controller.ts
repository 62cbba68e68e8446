/**
 * Keeps the pods of every ReplicaSet at their number. Rules: core/cluster/replica-set.ts. Creations go out in batches of 1, 2, 4, ... so
 * that a server that refuses is asked once and not five hundred times.
 */

import { callWithin } from '../controllers/call.ts';
import type { ControllerDeps } from '../controllers/deps.ts';
import { Informer } from '../controllers/informer.ts';
import { DONE, ReconcileLoop, type Requeue } from '../controllers/reconcile-loop.ts';
import { generatedName } from '../core/cluster/identity.ts';
import { isPodActive, isPodReady } from '../core/cluster/pods.ts';
import {
  nextAvailability,
  planReplicaSet,
  podOf,
  podsByDeletionOrder,
  replicaSetOwner,
  replicaSetStatus,
  type ReplicaFailure,
} from '../core/cluster/replica-set.ts';
import type { ReplicaSet } from '../core/kube/apps.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { controllerOf, keyOf, keyText, type ObjectKey } from '../core/kube/object.ts';
import { PODS, REPLICA_SETS } from '../core/kube/resource.ts';
import { matchesSelector, selectorFrom } from '../core/selector/selector.ts';
import { durationMs, seconds, type DurationMs } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { deepEqual } from '../lib/json.ts';
import type { RandomStream } from '../lib/random.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { EventWriter, type EventText } from './event-writer.ts';
import {
  CALL_TIMEOUT,
  isAlreadyThere,
  isConflict,
  isNotFound,
  isOutcomeUnknown,
  runInhabitant,
  whenCacheIsBehind,
} from './inhabitant.ts';
import { OwnerIndex } from './owner-index.ts';
import { PendingWrites } from './pending-writes.ts';

/** How soon to look again for what is pending, should no event tell. */
const PENDING_CHECK = seconds(1);
const REFUSED_RETRY = seconds(5);

/** Runs until aborted; never rejects. */
export async function replicaSetController(deps: ControllerDeps): Promise<void> {
  await new ReplicaSetController(deps).run();
}

/** What became of one write: done, refused by the server, or nobody knows. */
type Outcome =
  { readonly kind: 'done' } | { readonly kind: 'refused'; readonly message: string } | { readonly kind: 'unknown' };

class ReplicaSetController {
  readonly #deps: ControllerDeps;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #podsBySet: OwnerIndex<Pod>;
  readonly #setsByOwner: OwnerIndex<ReplicaSet>;
  readonly #loop: ReconcileLoop;
  readonly #events: EventWriter;
  readonly #names: RandomStream;
  readonly #pending = new Map<string, PendingWrites>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#sets = new Informer(deps, REPLICA_SETS);
    this.#pods = new Informer(deps, PODS);
    this.#podsBySet = new OwnerIndex(this.#pods);
    this.#setsByOwner = new OwnerIndex(this.#sets);
    this.#events = new EventWriter(deps, 'replicaset-controller');
    this.#names = deps.random.stream('names/replicaset-controller');
    this.#loop = new ReconcileLoop(deps, {
      name: 'replicaset',
      reconcile: (key) => whenCacheIsBehind(() => this.#reconcile(key)),
    });
    this.#sets.subscribe(({ object }) => this.#loop.enqueue(keyText(keyOf(object))));
    this.#pods.subscribe((event) => {
      if (event.kind === 'updated' && countsAlike(event.previous, event.object)) return;
      this.#enqueueOwner(event.object);
      if (event.kind === 'updated') this.#enqueueOwner(event.previous);
    });
  }

  run(): Promise<void> {
    return runInhabitant([this.#sets, this.#pods], [this.#loop]);
  }

  /** The pod's set, or, for a pod without controller, the sets that could adopt it. */
  #enqueueOwner(pod: Pod): void {
    const owner = controllerOf(pod);
    const { namespace } = keyOf(pod);
    if (owner?.kind === REPLICA_SETS.kind) this.#loop.enqueue(keyText({ namespace, name: owner.name }));
    if (owner !== undefined || pod.metadata.deletionTimestamp !== undefined) return;
    for (const set of this.#sets.list()) {
      if (set.metadata.namespace === namespace && selects(set, pod)) this.#loop.enqueue(keyText(keyOf(set)));
    }
  }

  async #reconcile(key: string): Promise<Requeue> {
    const [namespace = '', name = ''] = key.split('/');
    const replicaSet = this.#sets.get({ namespace, name });
    if (replicaSet === undefined) {
      this.#pending.delete(key);
      return DONE;
    }
    const pending = this.#pending.get(key) ?? new PendingWrites();
    this.#pending.set(key, pending);
    pending.settle({
      podNamed: (pod) => this.#pods.get({ namespace, name: pod }),
      resourceVersion: this.#pods.resourceVersion,
    });
    const owned = this.#podsBySet.ownedBy(replicaSet.metadata.uid);
    const failure = await this.#manage(replicaSet, owned, pending);
    const after = await this.#reportStatus(replicaSet, owned, failure);
    if (failure !== undefined) return { kind: 'requeue', after: REFUSED_RETRY };
    if (!pending.isEmpty) return { kind: 'requeue', after: PENDING_CHECK };
    return after === undefined ? DONE : { kind: 'requeue', after };
  }

  async #manage(
    replicaSet: ReplicaSet,
    owned: readonly Pod[],
    pending: PendingWrites,
  ): Promise<ReplicaFailure | undefined> {
    if (!pending.isEmpty) {
      return (
        (await this.#create(replicaSet, pending.unknownCreations(), pending)) ??
        (await this.#delete(replicaSet, pending.unknownDeletions(), pending))
      );
    }
    if (replicaSet.metadata.deletionTimestamp !== undefined) return undefined;
    if (await this.#adopt(replicaSet)) return undefined;
    const plan = planReplicaSet({ replicaSet, owned });
    switch (plan.kind) {
      case 'none':
        return undefined;
      case 'create': {
        const prefix = `${replicaSet.metadata.name}-`;
        const names = new Set<string>();
        while (names.size < plan.count) names.add(generatedName(prefix, this.#names));
        return this.#create(replicaSet, [...names], pending);
      }
      case 'delete': {
        const inOrder = podsByDeletionOrder(plan.active, this.#relatedPods(replicaSet), this.#deps.clock.now());
        const pods = inOrder.slice(0, plan.count);
        return this.#delete(
          replicaSet,
          pods.map(({ metadata }) => ({ name: metadata.name, uid: metadata.uid ?? '' })),
          pending,
        );
      }
    }
  }

  /** Pods of the sets that have the same owner: of its own alone when nobody owns it. */
  #relatedPods(replicaSet: ReplicaSet): readonly Pod[] {
    const owner = controllerOf(replicaSet);
    const sets = owner === undefined ? [replicaSet] : this.#setsByOwner.ownedBy(owner.uid);
    return sets.flatMap((set) => this.#podsBySet.ownedBy(set.metadata.uid));
  }

  /** Takes pods that it selects and nobody controls; they count once the cache shows them as owned. True when there were any. */
  async #adopt(replicaSet: ReplicaSet): Promise<boolean> {
    const found = this.#podsBySet
      .orphans()
      .filter((pod) => isPodActive(pod) && keyOf(pod).namespace === keyOf(replicaSet).namespace)
      .filter((pod) => selects(replicaSet, pod));
    for (const pod of found) {
      const { uid, resourceVersion, ownerReferences = [] } = pod.metadata;
      const metadata = { uid, resourceVersion, ownerReferences: [...ownerReferences, replicaSetOwner(replicaSet)] };
      await this.#call(`adoption of pod ${pod.metadata.name}`, (options) =>
        this.#deps.api.patch(PODS, keyOf(pod), { type: 'merge', value: { metadata } }, options),
      );
    }
    return found.length > 0;
  }

  async #create(
    replicaSet: ReplicaSet,
    names: readonly string[],
    pending: PendingWrites,
  ): Promise<ReplicaFailure | undefined> {
    for (let done = 0, batch = 1; done < names.length; done += batch, batch *= 2) {
      const asked = names.slice(done, done + batch);
      const outcomes = await Promise.all(asked.map((name) => this.#createPod(replicaSet, name, pending)));
      const refused = outcomes.find((outcome) => outcome.kind === 'refused');
      if (refused !== undefined) {
        this.#say(replicaSet, {
          type: 'Warning',
          reason: 'FailedCreate',
          message: `Error creating: ${refused.message}`,
        });
        return { reason: 'FailedCreate', message: refused.message };
      }
      if (outcomes.some((outcome) => outcome.kind === 'unknown')) return undefined;
    }
    return undefined;
  }

  async #createPod(replicaSet: ReplicaSet, name: string, pending: PendingWrites): Promise<Outcome> {
    const { api } = this.#deps;
    const key: ObjectKey = { namespace: keyOf(replicaSet).namespace, name };
    pending.creationAsked(name);
    try {
      const pod = await this.#call(`creation of pod ${name}`, (options) =>
        api.create(PODS, podOf(replicaSet, name), options),
      );
      pending.creationDone(name, pod.metadata.resourceVersion ?? '');
      const message = `Created pod: ${name}`;
      this.#say(replicaSet, { type: 'Normal', reason: 'SuccessfulCreate', message });
      return { kind: 'done' };
    } catch (error) {
      if (isAlreadyThere(error)) return this.#foundInstead(replicaSet, key, pending);
      return this.#failed(error, `creation of pod ${name}`, () => pending.creationRefused(name));
    }
  }

  /** The name is taken: by this set's own earlier request, or by somebody else. */
  async #foundInstead(replicaSet: ReplicaSet, key: ObjectKey, pending: PendingWrites): Promise<Outcome> {
    const what = `read of pod ${key.name}`;
    try {
      const pod = await this.#call(what, (options) => this.#deps.api.get(PODS, key, options));
      if (controllerOf(pod)?.uid === replicaSet.metadata.uid) {
        pending.creationDone(key.name, pod.metadata.resourceVersion ?? '');
      } else {
        pending.creationRefused(key.name);
      }
      return { kind: 'done' };
    } catch (error) {
      return this.#failed(error, what, () => pending.creationRefused(key.name));
    }
  }

  async #delete(
    replicaSet: ReplicaSet,
    pods: readonly { readonly name: string; readonly uid: string }[],
    pending: PendingWrites,
  ): Promise<ReplicaFailure | undefined> {
    const outcomes = await Promise.all(pods.map((pod) => this.#deletePod(replicaSet, pod, pending)));
    const refused = outcomes.find((outcome) => outcome.kind === 'refused');
    return refused && { reason: 'FailedDelete', message: refused.message };
  }

  async #deletePod(
    replicaSet: ReplicaSet,
    pod: { readonly name: string; readonly uid: string },
    pending: PendingWrites,
  ): Promise<Outcome> {
    const { name, uid } = pod;
    const key: ObjectKey = { namespace: keyOf(replicaSet).namespace, name };
    pending.deletionAsked(pod);
    try {
      await this.#call(`deletion of pod ${name}`, (options) =>
        this.#deps.api.delete(PODS, key, { ...options, preconditions: { uid } }),
      );
      pending.deletionDone(uid);
      const message = `Deleted pod: ${name}`;
      this.#say(replicaSet, { type: 'Normal', reason: 'SuccessfulDelete', message });
      return { kind: 'done' };
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) {
        pending.deletionDone(uid); // gone, or another pod under that name: the cache will say so
        return { kind: 'done' };
      }
      return this.#failed(error, `deletion of pod ${name}`, () => pending.deletionRefused(uid));
    }
  }

  /** Keeps the write as pending when nobody knows what became of it; ends the pass when the controller is told to stop. */
  #failed(error: unknown, what: string, refused: () => void): Outcome {
    const { log, signal } = this.#deps;
    signal.throwIfAborted();
    const unknown = isOutcomeUnknown(error);
    log.warn(`replicaset: ${what} failed${unknown ? ', outcome unknown' : ''}: ${errorText(error)}`);
    if (unknown) return { kind: 'unknown' };
    refused();
    return { kind: 'refused', message: errorText(error) };
  }

  /** Writes the status if it changed. Returns when a pod becomes available by the mere passing of time. */
  async #reportStatus(
    replicaSet: ReplicaSet,
    owned: readonly Pod[],
    failure: ReplicaFailure | undefined,
  ): Promise<DurationMs | undefined> {
    const input = { replicaSet, owned, now: this.#deps.clock.now() };
    const status = replicaSetStatus(input, failure);
    if (!deepEqual(status, replicaSet.status)) {
      await this.#call(`status of ${replicaSet.metadata.name}`, (options) =>
        this.#deps.api.update(REPLICA_SETS, { ...replicaSet, status }, { ...options, subresource: 'status' }),
      );
    }
    const next = nextAvailability(input);
    return next === undefined ? undefined : durationMs(next);
  }

  /** Events are written beside the work: they are best effort and nothing waits for them. */
  #say(replicaSet: ReplicaSet, event: EventText): void {
    void this.#events.write(replicaSet, event);
  }

  #call<T>(what: string, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { clock, signal } = this.#deps;
    return callWithin(what, { clock, timeout: CALL_TIMEOUT, signal }, call);
  }
}

function selects(replicaSet: ReplicaSet, pod: Pod): boolean {
  const selector = selectorFrom(replicaSet.spec.selector);
  return selector.ok && matchesSelector(selector.value, pod.metadata.labels);
}

/** Nothing changed that a set counts or selects by: most of what a kubelet writes. */
function countsAlike(a: Pod, b: Pod): boolean {
  return (
    isPodReady(a) === isPodReady(b) &&
    isPodActive(a) === isPodActive(b) &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    controllerOf(a)?.uid === controllerOf(b)?.uid &&
    deepEqual(a.metadata.labels, b.metadata.labels)
  );
}
