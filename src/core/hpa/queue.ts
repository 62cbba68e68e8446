/** Which HPA is synchronized next, and when: a set of ready keys and a list of delayed ones. Time is told to it; it waits for nothing. */

import { Heap } from '../../lib/heap.ts';
import type { DurationMs } from '../time/time.ts';
import type { QueueObserver } from './queue-counters.ts';

type Delayed = { readonly key: string; readonly due: DurationMs; readonly sequence: number };

/**
 * The work queue of the controller. A key is ready at most once, delayed at most once (the earlier time holds), and never in process
 * twice: a key that becomes ready while it is in process is taken again right after.
 *
 * Cost: O(1) per ready key, O(log delayed keys) per delayed one.
 * Spec: HPA-16.8 to HPA-16.10, HPA-16.12.   Source: client-go util/workqueue/{queue,delaying_queue}.go (v0.37.2).
 */
export class HpaQueue {
  /** Ready keys, first in first out, and since when each of them is. */
  readonly #ready = new Map<string, DurationMs>();
  /** The same for those in process. */
  readonly #inProcess = new Map<string, DurationMs>();
  /** Ready again, once their present sync ends. */
  readonly #again = new Map<string, DurationMs>();
  readonly #readyIn = new Map<string, number>();
  /** Monotonic due times. Entries of the heap that this does not confirm are overtaken. */
  readonly #dueOf = new Map<string, Delayed>();
  readonly #delayed = new Heap<Delayed>((a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence));
  readonly #observer: QueueObserver | undefined;
  #sequence = 0;

  constructor(observer?: QueueObserver) {
    this.#observer = observer;
  }

  /** Makes `key` ready. A delay that it is waiting out stays. */
  addNow(key: string, now: DurationMs): void {
    if (this.#ready.has(key) || this.#again.has(key)) return;
    this.#observer?.added();
    if (this.#inProcess.has(key)) this.#again.set(key, now);
    else this.#makeReady(key, now);
  }

  /** Since when a key that is in process was ready. */
  readySince(key: string): DurationMs | undefined {
    return this.#inProcess.get(key);
  }

  /** How many keys of the namespace of `key` are ready and wait to be taken. */
  waitingBeside(key: string): number {
    return this.#readyIn.get(namespaceIn(key)) ?? 0;
  }

  /** Makes `key` ready at `due` at the latest. */
  addAt(key: string, due: DurationMs): void {
    this.#observer?.delayed();
    const waiting = this.#dueOf.get(key);
    if (waiting !== undefined && waiting.due <= due) return;
    const entry = { key, due, sequence: this.#sequence++ };
    this.#dueOf.set(key, entry);
    this.#delayed.push(entry);
  }

  /** Makes ready what is due, the longest overdue first. */
  release(now: DurationMs): void {
    for (let next = this.#first(); next !== undefined && next.due <= now; next = this.#first()) {
      this.#delayed.pop();
      this.#dueOf.delete(next.key);
      this.addNow(next.key, now);
    }
  }

  /** When the next delayed key is due; undefined when none is delayed. */
  nextDue(): DurationMs | undefined {
    return this.#first()?.due;
  }

  /** The next key to process, or undefined. It is in process until {@link done}. */
  take(): string | undefined {
    const first = this.#ready.entries().next().value;
    if (first === undefined) return undefined;
    const [key, since] = first;
    this.#ready.delete(key);
    this.#count(key, -1);
    this.#inProcess.set(key, since);
    this.#observer?.taken(key, since);
    return key;
  }

  done(key: string): void {
    this.#inProcess.delete(key);
    this.#observer?.done(key);
    const since = this.#again.get(key);
    if (since === undefined) return;
    this.#again.delete(key);
    this.#makeReady(key, since);
  }

  #makeReady(key: string, since: DurationMs): void {
    if (this.#ready.has(key)) return;
    this.#ready.set(key, since);
    this.#count(key, 1);
  }

  #count(key: string, by: 1 | -1): void {
    const namespace = namespaceIn(key);
    const count = (this.#readyIn.get(namespace) ?? 0) + by;
    if (count === 0) this.#readyIn.delete(namespace);
    else this.#readyIn.set(namespace, count);
  }

  #first(): Delayed | undefined {
    for (let entry = this.#delayed.peek(); entry !== undefined; entry = this.#delayed.peek()) {
      if (this.#dueOf.get(entry.key) === entry) return entry;
      this.#delayed.pop();
    }
    return undefined;
  }
}

function namespaceIn(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}
