/**
 * How far two autoscalers of one world agree, while only one of them writes: the steps we decided (and withheld) beside the steps that
 * were seen to happen. Pure: instants come with the steps.
 */

import { toRfc3339, type EpochMs } from '../core/time/time.ts';
import { assert } from '../lib/assert.ts';

/** One change of one number. */
export type ScaleStep = {
  readonly at: EpochMs;
  /** `Deployment ns/name`, `RayCluster ns/name/group`. */
  readonly object: string;
  readonly from: number;
  readonly to: number;
};

/** A round that left a number as it is. */
export type Kept = Pick<ScaleStep, 'at' | 'object'> & { readonly replicas: number };

export type AgreementReport = {
  readonly at: EpochMs;
  /** Steps that were decided here and seen there. */
  readonly matched: number;
  /** Decided here, and nobody did it in time. */
  readonly onlyOurs: number;
  /** Seen, and nobody here decided it in time. */
  readonly onlyTheirs: number;
  /** Not paired yet, and still in time. */
  readonly waiting: number;
  /** The newest of the steps that found no partner, oldest first, one sentence each. */
  readonly mismatches: readonly string[];
};

export type AgreementOptions = {
  /** How far apart the two sides of a pair may lie, in either order. */
  readonly windowMs: number;
};

type Side = 'ours' | 'theirs';
type Waiting = ScaleStep & { readonly side: Side };

/** One object: its steps without a partner, and the decision that stands while the world does not follow. */
type Pairing = { waiting: Waiting[]; standing: ScaleStep | undefined };

const MAX_MISMATCHES = 5;
/** Steps of one object that may wait; of more the oldest count as mismatches early. */
const MAX_WAITING = 32;
/** Objects that are remembered; of more the one longest without news is forgotten. */
const MAX_OBJECTS = 20_000;

/**
 * Pairs steps of one object with equal `to` within the window, the longest waiting first. `from` does not count: who looks more often
 * sees smaller steps. Steps come in the order of their instants.
 *
 * Cost: O(steps that wait for the object) per step; O(objects) per report. Memory is bounded.
 */
export class Agreement {
  readonly #windowMs: number;
  readonly #objects = new Map<string, Pairing>();
  readonly #mismatches: string[] = [];
  #matched = 0;
  #onlyOurs = 0;
  #onlyTheirs = 0;

  constructor({ windowMs }: AgreementOptions) {
    assert(windowMs >= 0, `the window must not be negative, but is ${windowMs} ms`);
    this.#windowMs = windowMs;
  }

  /**
   * We would have made this step. The same decision again, while the number has not moved, is the first one still standing. A step that
   * was just seen to lead where this one goes on from, in the same direction, is one we agree with.
   */
  decided(step: ScaleStep): void {
    const pairing = this.#touch(step);
    const { standing } = pairing;
    if (standing !== undefined && standing.from === step.from && standing.to === step.to) return;
    pairing.standing = step;
    this.#agreeWith(pairing, ({ from, to }) => to === step.from && Math.sign(to - from) === Math.sign(step.to - to));
    this.#pair(pairing, { ...step, side: 'ours' });
  }

  /** The number was changed, by whomever. */
  seen(step: ScaleStep): void {
    const pairing = this.#touch(step);
    pairing.standing = undefined;
    this.#pair(pairing, { ...step, side: 'theirs' });
  }

  /** We looked at the number and would leave it. A step to it that was just seen is one we agree with: it only came before ours. */
  kept({ at, object, replicas }: Kept): void {
    const pairing = this.#touch({ at, object });
    pairing.standing = undefined;
    this.#agreeWith(pairing, ({ to }) => to === replicas);
  }

  /** The counts at `at`: what has waited longer than the window has found no partner. */
  report(at: EpochMs): AgreementReport {
    let waiting = 0;
    for (const [object, pairing] of this.#objects) {
      this.#expire(pairing, at);
      waiting += pairing.waiting.length;
      if (pairing.waiting.length === 0 && pairing.standing === undefined) this.#objects.delete(object);
    }
    return {
      at,
      matched: this.#matched,
      onlyOurs: this.#onlyOurs,
      onlyTheirs: this.#onlyTheirs,
      waiting,
      mismatches: [...this.#mismatches],
    };
  }

  /** The object's pairing, as the newest of all, with what is too old taken out. */
  #touch({ at, object }: Pick<ScaleStep, 'at' | 'object'>): Pairing {
    const pairing = this.#objects.get(object) ?? { waiting: [], standing: undefined };
    this.#objects.delete(object);
    this.#objects.set(object, pairing);
    this.#expire(pairing, at);
    if (this.#objects.size > MAX_OBJECTS) this.#forgetOldest();
    return pairing;
  }

  /** Their longest waiting step of this kind counts as ours, too. */
  #agreeWith({ waiting }: Pairing, is: (step: ScaleStep) => boolean): void {
    const agreed = waiting.findIndex((step) => step.side === 'theirs' && is(step));
    if (agreed === -1) return;
    waiting.splice(agreed, 1);
    this.#matched++;
  }

  #pair(pairing: Pairing, step: Waiting): void {
    const { waiting } = pairing;
    const partner = waiting.findIndex(({ side, to }) => side !== step.side && to === step.to);
    if (partner !== -1) {
      waiting.splice(partner, 1);
      this.#matched++;
      return;
    }
    waiting.push(step);
    if (waiting.length > MAX_WAITING) this.#unmatched(waiting.splice(0, 1));
  }

  #expire(pairing: Pairing, at: EpochMs): void {
    const { waiting } = pairing;
    const inTime = waiting.findIndex((step) => at - step.at <= this.#windowMs);
    this.#unmatched(waiting.splice(0, inTime === -1 ? waiting.length : inTime));
  }

  #forgetOldest(): void {
    const oldest = this.#objects.entries().next().value;
    if (oldest === undefined) return;
    const [object, { waiting }] = oldest;
    this.#unmatched(waiting);
    this.#objects.delete(object);
  }

  #unmatched(steps: readonly Waiting[]): void {
    for (const step of steps) {
      if (step.side === 'ours') this.#onlyOurs++;
      else this.#onlyTheirs++;
      this.#mismatches.push(mismatchText(step));
      if (this.#mismatches.length > MAX_MISMATCHES) this.#mismatches.shift();
    }
  }
}

function mismatchText({ at, object, from, to, side }: Waiting): string {
  const what = side === 'ours' ? 'was decided here and done by nobody' : 'was done by another and not decided here';
  return `${toRfc3339(at)} ${object}: ${from} -> ${to} ${what}`;
}

/** A report for people: one line with the counts, then the newest mismatches. */
export function agreementText({ matched, onlyOurs, onlyTheirs, waiting, mismatches }: AgreementReport): string {
  const settled = matched + onlyOurs + onlyTheirs;
  const open = waiting === 0 ? '' : `, ${waiting} still open`;
  if (settled === 0) return `agreement: no scale step yet${open}`;
  const counts = `${onlyOurs} decided only here, ${onlyTheirs} done only by the other`;
  return [`agreement: ${matched} of ${settled} scale steps alike; ${counts}${open}`, ...mismatches].join('\n  ');
}
