/** Which HPA is synchronized next, and when: a set of ready keys and a list of delayed ones. Time is told to it; it waits for nothing. */

import { Heap } from '../../lib/heap.ts';
import type { DurationMs } from '../time/time.ts';

type Delayed = { readonly key: string; readonly due: DurationMs; readonly sequence: number };

/**
 * The work queue of the controller. A key is ready at most once, delayed at most once (the earlier time holds), and never in process
 * twice: a key that becomes ready while it is in process is taken again right after.
 *
 * Cost: O(1) per ready key, O(log delayed keys) per delayed one.
 * Spec: HPA-16.8 to HPA-16.10, HPA-16.12.   Source: client-go util/workqueue/{queue,delaying_queue}.go (v0.37.2).
 */
export class HpaQueue {
  /** Ready keys, first in first out. */
  readonly #ready = new Set<string>();
  readonly #inProcess = new Set<string>();
  /** Ready again, once their present sync ends. */
  readonly #again = new Set<string>();
  /** Monotonic due times. Entries of the heap that this does not confirm are overtaken. */
  readonly #dueOf = new Map<string, Delayed>();
  readonly #delayed = new Heap<Delayed>((a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence));
  #sequence = 0;

  /** Makes `key` ready. A delay that it is waiting out stays. */
  addNow(key: string): void {
    if (this.#inProcess.has(key)) this.#again.add(key);
    else this.#ready.add(key);
  }

  /** Makes `key` ready at `due` at the latest. */
  addAt(key: string, due: DurationMs): void {
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
      this.addNow(next.key);
    }
  }

  /** When the next delayed key is due; undefined when none is delayed. */
  nextDue(): DurationMs | undefined {
    return this.#first()?.due;
  }

  /** The next key to process, or undefined. It is in process until {@link done}. */
  take(): string | undefined {
    const key = this.#ready.values().next().value;
    if (key === undefined) return undefined;
    this.#ready.delete(key);
    this.#inProcess.add(key);
    return key;
  }

  done(key: string): void {
    this.#inProcess.delete(key);
    if (this.#again.delete(key)) this.#ready.add(key);
  }

  #first(): Delayed | undefined {
    for (let entry = this.#delayed.peek(); entry !== undefined; entry = this.#delayed.peek()) {
      if (this.#dueOf.get(entry.key) === entry) return entry;
      this.#delayed.pop();
    }
    return undefined;
  }
}
