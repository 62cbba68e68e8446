/**
 * Whether somebody else acts on the same HPAs: told by who wrote their status. It is shown what the HPA cache sees, and when (on the
 * monotonic clock). Times inside the objects are only compared with each other: they are of another clock.
 */

import type { HorizontalPodAutoscaler } from '../kube/hpa.ts';
import { keyOf, keyText, type ObjectKey } from '../kube/object.ts';
import { durationMs, type DurationMs } from '../time/time.ts';
import { compareText } from '../../lib/compare.ts';

/** A status write that is not ours. `object` is the HPA's `namespace/name`; `manager` is our own name where another process has it, too. */
export type ForeignWrite = { readonly manager: string; readonly object: string };

/** What became of a status write of ours: `unknown` may have happened or not. */
export type OwnWrite =
  | { readonly kind: 'written'; readonly hpa: HorizontalPodAutoscaler }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

export type SecondWriterView =
  /** Somebody has written before; whether he still does is not known until `until`. */
  | { readonly kind: 'watching'; readonly write: ForeignWrite; readonly until: DurationMs; readonly waitMs: DurationMs }
  | { readonly kind: 'alone' }
  /** `write` was seen; without another one until `until`, he counts as gone. */
  | {
      readonly kind: 'foreign';
      readonly write: ForeignWrite;
      readonly until: DurationMs;
      readonly quietMs: DurationMs;
    };

export type SecondWriterOptions = {
  /** The manager that the server notes for our writes. */
  readonly own: string;
  /** From one sync of an HPA to its next, of whoever is slower. */
  readonly periodMs: DurationMs;
};

/** A period is measured from the end of a sync to the start of the next, so two syncs lie a little further apart. */
const SLACK_MS = 1000;
/** Periods without a foreign status write after which the writer counts as gone: a status that does not change is not written. */
const QUIET_PERIODS = 4;
/** Each time that he comes back he is believed to be gone twice as late, up to this. */
const MAX_QUIET_MS = 3_600_000;

type StatusEntry = { readonly manager: string; readonly time: string };
type Seen = { readonly uid: string | undefined; readonly writes: readonly string[] };

/** Our writes to one HPA. The watch may show one before its answer is there: what it shows meanwhile waits. */
type Own = {
  running: number;
  readonly waiting: { readonly hpa: HorizontalPodAutoscaler; readonly at: DurationMs }[];
  /** Times of the newest entries that we know to be ours. */
  times: readonly string[];
  /** Writes that may have happened: as many entries that nobody claims are taken for ours. */
  unknown: number;
};

/** Events of a watch may be late by some writes. */
const KNOWN_TIMES = 8;

/** Memory: one entry per HPA. */
export class SecondWriter {
  readonly #options: SecondWriterOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #own = new Map<string, Own>();
  #past: Extract<SecondWriterView, { kind: 'watching' }> | undefined;
  #foreign: { readonly write: ForeignWrite; readonly at: DurationMs; readonly quietMs: DurationMs } | undefined;

  constructor(options: SecondWriterOptions) {
    this.#options = options;
  }

  /**
   * Shows an HPA as the cache has it at `at`. What an HPA carries when it is first shown is the past; a status entry that is new after
   * that and not of a write of ours is a foreign write, whatever name its manager has.
   */
  saw(hpa: HorizontalPodAutoscaler, at: DurationMs): void {
    const object = keyText(keyOf(hpa));
    const own = this.#own.get(object);
    if (own !== undefined && own.running > 0) own.waiting.push({ hpa, at });
    else this.#judge(hpa, at);
  }

  /** Call before a status is written, and `wrote` once it is known what became of it. */
  writing(key: ObjectKey): void {
    this.#ownOf(key).running++;
  }

  wrote(key: ObjectKey, write: OwnWrite): void {
    const own = this.#ownOf(key);
    own.running--;
    if (write.kind === 'unknown') own.unknown++;
    if (write.kind === 'written') {
      const entry = statusEntries(write.hpa).find(({ manager }) => manager === this.#options.own);
      if (entry !== undefined) own.times = [...own.times, entry.time].slice(-KNOWN_TIMES);
    }
    if (own.running === 0) for (const { hpa, at } of own.waiting.splice(0)) this.#judge(hpa, at);
  }

  removed(hpa: HorizontalPodAutoscaler): void {
    const object = keyText(keyOf(hpa));
    this.#seen.delete(object);
    if (this.#own.get(object)?.running === 0) this.#own.delete(object);
  }

  view(at: DurationMs): SecondWriterView {
    if (this.#foreign !== undefined) {
      const { write, at: seenAt, quietMs } = this.#foreign;
      const until = durationMs(seenAt + quietMs);
      if (at < until) return { kind: 'foreign', write, until, quietMs };
    }
    if (this.#past !== undefined && at < this.#past.until) return this.#past;
    return { kind: 'alone' };
  }

  #watching(write: ForeignWrite, at: DurationMs): Extract<SecondWriterView, { kind: 'watching' }> {
    const waitMs = durationMs(this.#options.periodMs + SLACK_MS);
    return { kind: 'watching', write, until: durationMs(at + waitMs), waitMs };
  }

  #noticed(write: ForeignWrite, at: DurationMs): void {
    const before = this.#foreign;
    const first = durationMs(QUIET_PERIODS * this.#options.periodMs);
    const cameBack = before !== undefined && at >= before.at + before.quietMs;
    const quietMs = cameBack ? durationMs(Math.min(2 * before.quietMs, MAX_QUIET_MS)) : (before?.quietMs ?? first);
    this.#foreign = { write, at, quietMs };
  }

  #judge(hpa: HorizontalPodAutoscaler, at: DurationMs): void {
    const object = keyText(keyOf(hpa));
    const { uid } = hpa.metadata;
    const entries = statusEntries(hpa);
    const before = this.#seen.get(object);
    this.#seen.set(object, { uid, writes: entries.map(textOf) });
    if (before === undefined || before.uid !== uid) {
      const first = entries.find(({ manager }) => manager !== this.#options.own);
      if (first !== undefined) this.#past ??= this.#watching({ manager: first.manager, object }, at);
      return;
    }
    const entry = entries.find((one) => !before.writes.includes(textOf(one)) && !this.#isOurs(one, object));
    if (entry !== undefined) this.#noticed({ manager: entry.manager, object }, at);
  }

  #isOurs({ manager, time }: StatusEntry, object: string): boolean {
    const own = this.#own.get(object);
    if (manager !== this.#options.own || own === undefined) return false;
    if (own.times.includes(time)) return true;
    if (own.unknown === 0) return false;
    own.unknown--;
    return true;
  }

  #ownOf(key: ObjectKey): Own {
    const object = keyText(key);
    const own = this.#own.get(object) ?? { running: 0, waiting: [], times: [], unknown: 0 };
    this.#own.set(object, own);
    return own;
  }
}

/** In a fixed order. Applied fields are a person's or a pipeline's, not a loop's. */
function statusEntries({ metadata }: HorizontalPodAutoscaler): readonly StatusEntry[] {
  return (metadata.managedFields ?? [])
    .filter(({ operation, subresource }) => subresource === 'status' && operation === 'Update')
    .toSorted((a, b) => compareText(a.manager, b.manager) || compareText(a.time, b.time));
}

function textOf({ manager, time }: StatusEntry): string {
  return `${manager} ${time}`;
}
