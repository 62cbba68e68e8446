/**
 * One watch as it arrives at the client: events late by their lag, in order, bookmarks in between, and an end. Lives from its making until
 * it ends or the caller's signal is aborted.
 */

import type { KubeObject } from '../core/kube/object.ts';
import type { Resource } from '../core/kube/resource.ts';
import { durationMs, type DurationMs, type EpochMs } from '../core/time/time.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { WatchEvent, WatchQuery } from '../ports/kube-api.ts';
import { drawMs, later, type NetworkModel } from './network-model.ts';
import type { ObjectStore, StoreWatchEvent, StoreWatchHandle } from './store.ts';

export type WatchStreamDeps = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: RandomStream;
  readonly network: NetworkModel;
};

type Arrival<T> = { readonly at: EpochMs; readonly event: WatchEvent<T> };

/** A client that falls this far behind loses the watch and resumes from the last version it saw. */
const MAX_PENDING = 10_000;

/** The last bookmark comes this long before the server ends the watch. */
const LAST_BOOKMARK_MS = 2000;

export class WatchStream<T extends KubeObject> {
  readonly #deps: WatchStreamDeps;
  readonly #signal: AbortSignal;
  readonly #watch: StoreWatchHandle<T>;
  readonly #pending: Arrival<T>[] = [];
  readonly #timers = new Set<Timer>();
  /** Index of the first arrival that was not handed out. */
  #next = 0;
  #lastBookmark: string;
  #armed = false;
  #ended = false;
  #wake: (() => void) | undefined;

  /** Opens the watch; throws what the store throws: bad selectors, a version that is gone. */
  constructor(deps: WatchStreamDeps, resource: Resource<T>, query: WatchQuery, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#watch = deps.store.watch(resource, query, (event) => this.#push(event));
    this.#lastBookmark = this.#watch.resourceVersion;
    for (const event of this.#watch.initial) this.#send(event);
    signal.addEventListener('abort', this.#end, { once: true });
    const timeout = drawMs(deps.network.watchTimeout, deps.random);
    this.#after(timeout, this.#end);
    if (query.allowWatchBookmarks === true) {
      this.#after(durationMs(timeout - LAST_BOOKMARK_MS), () => this.#bookmark());
      this.#bookmarkRegularly();
    }
  }

  /** What arrives, until the watch ends. */
  async *events(): AsyncGenerator<WatchEvent<T>> {
    try {
      while (!this.#ended) {
        const arrival = this.#take();
        if (arrival !== undefined) yield arrival.event;
        else await this.#arrival();
      }
    } finally {
      this.#end();
    }
  }

  #take(): Arrival<T> | undefined {
    const arrival = this.#pending[this.#next];
    if (arrival === undefined || arrival.at > this.#deps.clock.now()) return undefined;
    this.#next += 1;
    if (this.#next === this.#pending.length) {
      this.#pending.length = 0;
      this.#next = 0;
    }
    return arrival;
  }

  #arrival(): Promise<void> {
    this.#arm();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #push(event: WatchEvent<T> | StoreWatchEvent<T>): void {
    if (this.#pending.length - this.#next >= MAX_PENDING) this.#end();
    else this.#send(event);
  }

  #send(event: WatchEvent<T> | StoreWatchEvent<T>): void {
    const { clock, network, random } = this.#deps;
    // the first in line holds up the others, so none overtakes it whatever their lags
    this.#pending.push({ at: later(clock.now(), drawMs(network.watchLag, random)), event });
    if (this.#wake !== undefined) this.#arm();
  }

  /** One timer at a time, for the first arrival, and only while somebody waits. */
  #arm(): void {
    const first = this.#pending[this.#next];
    if (this.#armed || first === undefined) return;
    this.#armed = true;
    this.#at(first.at, () => {
      this.#armed = false;
      this.#resume();
    });
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #bookmarkRegularly(): void {
    this.#after(drawMs(this.#deps.network.bookmarkInterval, this.#deps.random), () => {
      this.#bookmark();
      this.#bookmarkRegularly();
    });
  }

  /** Tells the version that everything sent so far adds up to, when it is a new one. */
  #bookmark(): void {
    const { resourceVersion } = this.#deps.store;
    if (resourceVersion === this.#lastBookmark) return;
    this.#lastBookmark = resourceVersion;
    this.#push({ type: 'BOOKMARK', resourceVersion });
  }

  #after(after: DurationMs, fire: () => void): void {
    this.#at(later(this.#deps.clock.now(), after), fire);
  }

  #at(at: EpochMs, fire: () => void): void {
    const timer = this.#deps.clock.timer(at, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
  }

  readonly #end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#watch.stop();
    this.#signal.removeEventListener('abort', this.#end);
    for (const timer of this.#timers) timer.cancel();
    this.#resume();
  };
}
