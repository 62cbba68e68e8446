/**
 * Whether somebody else acts on the same HPAs: told by who wrote their status. It is shown what the HPA cache sees, and when (on the
 * monotonic clock). Times inside the objects are only compared with each other: they are of another clock.
 */

import type { HorizontalPodAutoscaler } from '../kube/hpa.ts';
import { keyOf, keyText } from '../kube/object.ts';
import { durationMs, type DurationMs } from '../time/time.ts';
import { compareText } from '../../lib/compare.ts';

/** A status write that is not ours. `object` is the HPA's `namespace/name`. */
export type ForeignWrite = { readonly manager: string; readonly object: string };

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

type Seen = { readonly uid: string | undefined; readonly writes: readonly string[] };

/** Memory: one entry per HPA. */
export class SecondWriter {
  readonly #options: SecondWriterOptions;
  readonly #seen = new Map<string, Seen>();
  #past: Extract<SecondWriterView, { kind: 'watching' }> | undefined;
  #foreign: { readonly write: ForeignWrite; readonly at: DurationMs; readonly quietMs: DurationMs } | undefined;

  constructor(options: SecondWriterOptions) {
    this.#options = options;
  }

  /**
   * Shows an HPA as the cache has it at `at`. What an HPA carries when it is first shown is the past; a status entry of another manager
   * that is new after that is a foreign write.
   */
  saw(hpa: HorizontalPodAutoscaler, at: DurationMs): void {
    const object = keyText(keyOf(hpa));
    const { uid } = hpa.metadata;
    const entries = this.#foreignEntries(hpa);
    const writes = entries.map(({ manager, time }) => `${manager} ${time}`);
    const before = this.#seen.get(object);
    this.#seen.set(object, { uid, writes });
    if (before === undefined || before.uid !== uid) {
      const [first] = entries;
      if (first !== undefined) this.#past ??= this.#watching({ manager: first.manager, object }, at);
      return;
    }
    const entry = entries.find((_, i) => !before.writes.includes(writes[i] ?? ''));
    if (entry !== undefined) this.#noticed({ manager: entry.manager, object }, at);
  }

  removed(hpa: HorizontalPodAutoscaler): void {
    this.#seen.delete(keyText(keyOf(hpa)));
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

  /** Status entries of others, in a fixed order. Applied fields are a person's or a pipeline's, not a loop's. */
  #foreignEntries({
    metadata,
  }: HorizontalPodAutoscaler): readonly { readonly manager: string; readonly time: string }[] {
    return (metadata.managedFields ?? [])
      .filter(
        ({ manager, operation, subresource }) =>
          subresource === 'status' && operation === 'Update' && manager !== this.#options.own,
      )
      .toSorted((a, b) => compareText(a.manager, b.manager) || compareText(a.time, b.time));
  }
}
