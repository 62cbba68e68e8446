/**
 * How repeated events become few objects: distinct messages of one reason are merged, equal events are counted, floods are dropped.
 * A structure that decides; writing is the shell's.
 */

import type { EpochMs } from '../time/time.ts';
import type { HpaEvent } from './conversation.ts';

/** The object that an event is about. */
export type EventSubject = { readonly namespace: string; readonly name: string; readonly uid: string };

/**
 * What to do with one event. `create`: a new object of this name; `patch`: raise the count of the one that is there, or create it under
 * that name with that count when it is gone.
 *
 * `isAggregate`: it stands for many messages, and has no reporting component.
 * Spec: HPA-21.11, HPA-21.18.
 */
export type Correlated =
  | {
      readonly kind: 'create' | 'patch';
      readonly name: string;
      readonly event: HpaEvent;
      readonly count: number;
      readonly isAggregate: boolean;
    }
  | { readonly kind: 'drop' };

const MAX_DISTINCT_MESSAGES = 10;
const FORGET_GROUP_MS = 600_000;
const BURST = 25;
/** The original keeps the rate as a float32. */
const TOKENS_PER_SECOND = Math.fround(1 / 300);
/** In tokens: waiting for less is not waiting. */
const LESS_THAN_A_NANOSECOND = TOKENS_PER_SECOND * 1e-9;
const MAX_KEYS = 4096;
/** Of a DNS subdomain. Spec: HPA-21.10. */
const MAX_NAME = 253;

type Group = { readonly messages: Set<string>; lastMs: number };
type Counted = { readonly name: string; count: number };
type Bucket = { tokens: number; filledMs: number };

/**
 * The correlator of one process. Messages beyond ten of one reason share one object; equal events share one and count; per object and
 * type 25 writes are free, then one per 300 s. The count goes on while writes are dropped or fail.
 *
 * **Differs:** of ten messages of a group the oldest is forgotten, where the original forgets any.
 * Cost: O(1) per event; memory is bounded by 4096 keys per table.
 * Spec: HPA-21.12 to HPA-21.16, HPA-21.10 (names).   Source: client-go tools/record/events_cache.go (v0.37.2), golang.org/x/time rate.
 */
export class EventCorrelator {
  readonly #groups = new Map<string, Group>();
  readonly #counted = new Map<string, Counted>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #uuid: (() => string) | undefined;
  /** Events of one millisecond differ in what would be their nanoseconds. */
  #sequence = 0;

  /** `uuid` names the events of objects whose own name leaves no room for more; absent: they keep a name that is too long. */
  constructor(options: { readonly uuid?: () => string } = {}) {
    this.#uuid = options.uuid;
  }

  correlate(subject: EventSubject, event: HpaEvent, now: EpochMs): Correlated {
    const object = `${subject.namespace}/${subject.name}/${subject.uid}`;
    const { key, merged, isAggregate } = this.#aggregate(`${object}/${event.type}/${event.reason}`, event, now);
    const counted = this.#counted.get(key);
    const entry = counted ?? { name: this.#nameOf(subject, now), count: 0 };
    entry.count++;
    touch(this.#counted, key, entry);
    if (!this.#mayWrite(`${object}/${event.type}`, now)) return { kind: 'drop' };
    const { name, count } = entry;
    return { kind: counted === undefined ? 'create' : 'patch', name, event: merged, count, isAggregate };
  }

  #aggregate(
    group: string,
    event: HpaEvent,
    now: EpochMs,
  ): { readonly key: string; readonly merged: HpaEvent; readonly isAggregate: boolean } {
    const known = this.#groups.get(group);
    const entry =
      known === undefined || now - known.lastMs > FORGET_GROUP_MS
        ? { messages: new Set<string>(), lastMs: now }
        : known;
    entry.lastMs = now;
    entry.messages.add(event.message);
    touch(this.#groups, group, entry);
    if (entry.messages.size < MAX_DISTINCT_MESSAGES)
      return { key: `${group}/${event.message}`, merged: event, isAggregate: false };
    const [oldest = ''] = entry.messages;
    entry.messages.delete(oldest);
    const merged = { ...event, message: `(combined from similar events): ${event.message}` };
    return { key: group, merged, isAggregate: true };
  }

  #mayWrite(bucketKey: string, now: EpochMs): boolean {
    const bucket = this.#buckets.get(bucketKey) ?? { tokens: BURST, filledMs: now };
    touch(this.#buckets, bucketKey, bucket);
    const refill = Math.max(0, (now - bucket.filledMs) / 1000) * TOKENS_PER_SECOND;
    const left = Math.min(BURST, bucket.tokens + refill) - 1;
    if (left < -LESS_THAN_A_NANOSECOND) return false;
    bucket.tokens = left; // a refusal leaves the bucket as it was, so that no rounding adds up
    bucket.filledMs = now;
    return true;
  }

  #nameOf({ name }: EventSubject, now: EpochMs): string {
    const nanoseconds = BigInt(Math.trunc(now)) * 1_000_000n + BigInt(this.#sequence++ % 1_000_000);
    const full = `${name}.${nanoseconds.toString(16)}`;
    return full.length > MAX_NAME && this.#uuid !== undefined ? this.#uuid() : full;
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
