/**
 * How repeated events become few objects: distinct messages of one reason are merged, equal events are counted, floods are dropped.
 * A structure that decides; writing is the shell's.
 */

import type { EpochMs } from '../time/time.ts';
import type { HpaEvent } from './conversation.ts';

/** The object that an event is about. */
export type EventSubject = { readonly namespace: string; readonly name: string; readonly uid: string };

/** What to do with one event. `create`: a new object of this name; `patch`: raise the count of the one that is there. */
export type Correlated =
  | { readonly kind: 'create'; readonly name: string; readonly event: HpaEvent; readonly count: number }
  | { readonly kind: 'patch'; readonly name: string; readonly event: HpaEvent; readonly count: number }
  | { readonly kind: 'drop' };

const MAX_DISTINCT_MESSAGES = 10;
const FORGET_GROUP_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;
const MAX_KEYS = 4096;

type Group = { readonly messages: Set<string>; lastMs: number };
type Counted = { readonly name: string; count: number };
type Bucket = { tokens: number; filledMs: number };

/**
 * The correlator of one process. Messages beyond ten of one reason share one object; equal events share one and count; per object and
 * type 25 writes are free, then one per 300 s. The count goes on while writes are dropped.
 *
 * Cost: O(1) per event; memory is bounded by 4096 keys per table.
 * Spec: HPA-21.12 to HPA-21.16, HPA-21.10 (names).   Source: client-go tools/record/events_cache.go (v0.37.2).
 */
export class EventCorrelator {
  readonly #groups = new Map<string, Group>();
  readonly #counted = new Map<string, Counted>();
  readonly #buckets = new Map<string, Bucket>();
  /** Events of one millisecond differ in what would be their nanoseconds. */
  #sequence = 0;

  correlate(subject: EventSubject, event: HpaEvent, now: EpochMs): Correlated {
    const object = `${subject.namespace}/${subject.name}/${subject.uid}`;
    const { key, merged } = this.#aggregate(`${object}/${event.type}/${event.reason}`, event, now);
    const counted = this.#counted.get(key);
    const entry = counted ?? { name: this.#nameOf(subject, now), count: 0 };
    entry.count++;
    touch(this.#counted, key, entry);
    if (!this.#mayWrite(`${object}/${event.type}`, now)) return { kind: 'drop' };
    return { kind: counted === undefined ? 'create' : 'patch', name: entry.name, event: merged, count: entry.count };
  }

  #aggregate(group: string, event: HpaEvent, now: EpochMs): { readonly key: string; readonly merged: HpaEvent } {
    const known = this.#groups.get(group);
    const entry =
      known === undefined || now - known.lastMs > FORGET_GROUP_MS
        ? { messages: new Set<string>(), lastMs: now }
        : known;
    entry.lastMs = now;
    entry.messages.add(event.message);
    touch(this.#groups, group, entry);
    if (entry.messages.size < MAX_DISTINCT_MESSAGES) return { key: `${group}/${event.message}`, merged: event };
    const [oldest = ''] = entry.messages;
    entry.messages.delete(oldest);
    return { key: group, merged: { ...event, message: `(combined from similar events): ${event.message}` } };
  }

  #mayWrite(bucketKey: string, now: EpochMs): boolean {
    const bucket = this.#buckets.get(bucketKey) ?? { tokens: BURST, filledMs: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.filledMs) / REFILL_MS);
    bucket.filledMs = now;
    touch(this.#buckets, bucketKey, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #nameOf({ name }: EventSubject, now: EpochMs): string {
    const nanoseconds = BigInt(Math.trunc(now)) * 1_000_000n + BigInt(this.#sequence++ % 1_000_000);
    return `${name}.${nanoseconds.toString(16)}`;
  }
}

/** Makes `key` the most recent; beyond the bound the least recent is forgotten. */
function touch<T>(table: Map<string, T>, key: string, value: T): void {
  table.delete(key);
  table.set(key, value);
  if (table.size <= MAX_KEYS) return;
  const [oldest] = table.keys();
  if (oldest !== undefined) table.delete(oldest);
}
