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

/** What we thought of a number when we looked at it. */
export type Look = {
  /**
   * Whether what we look at would have led us to this step of the other, too, had we come before: only where that can be told, because
   * nothing of what we look at follows from the step itself.
   */
  readonly agrees?: (step: ScaleStep) => boolean;
};

/** A look that left a number as it is. */
export type Kept = Pick<ScaleStep, 'at' | 'object'> & { readonly replicas: number } & Look;

export type AgreementReport = {
  readonly at: EpochMs;
  /** Steps that were decided here and seen there. */
  readonly matched: number;
  /** Seen before we looked, and what we then looked at asks for the same number. */
  readonly confirmed: number;
  /** Seen before we looked, and we would not undo it: no more can be said. */
  readonly notContradicted: number;
  /** Decided here, and nobody did it in time. */
  readonly onlyOurs: number;
  /** Seen, not decided here in time, and none of the two above. */
  readonly onlyTheirs: number;
  /** Not paired yet, and still in time. */
  readonly waiting: number;
  /** The newest of the steps that were made or decided on one side only, oldest first, one sentence each. */
  readonly mismatches: readonly string[];
};

export type AgreementOptions = {
  /** How far apart the two sides of a pair may lie, in either order. */
  readonly windowMs: number;
};

type Side = 'ours' | 'theirs';
/** What our first look after a step of theirs made of it. */
type Judgement = 'none yet' | 'held' | 'contradicted';
type Waiting = ScaleStep & {
  readonly side: Side;
  judged: Judgement;
  /** Of ours: we went on to a number further in its direction before anybody moved. It may find a partner, and is not missed if not. */
  passed: boolean;
};

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
  #confirmed = 0;
  #notContradicted = 0;
  #onlyOurs = 0;
  #onlyTheirs = 0;

  constructor({ windowMs }: AgreementOptions) {
    assert(windowMs >= 0, `the window must not be negative, but is ${windowMs} ms`);
    this.#windowMs = windowMs;
  }

  /**
   * We would have made this step. The same decision again, while the number has not moved, is the first one still standing; one that
   * goes further makes that a step on the way, which another need not make.
   */
  decided(step: ScaleStep & Look): void {
    const { at, object, from, to } = step;
    const pairing = this.#touch(step);
    const { standing } = pairing;
    if (standing !== undefined && standing.from === from && standing.to === to) return;
    if (standing !== undefined && standing.from === from && isBetween(standing.to, { from, to }))
      for (const ours of pairing.waiting) if (ours.side === 'ours' && ours.to === standing.to) ours.passed = true;
    pairing.standing = { at, object, from, to };
    // to go on in its direction is no objection to a step
    this.#judge(pairing, from, (theirs) =>
      this.#agrees(step, theirs) || Math.sign(theirs.to - theirs.from) === Math.sign(to - from)
        ? 'held'
        : 'contradicted',
    );
    this.#confirm(pairing, step, from);
    this.#pair(pairing, { at, object, from, to, side: 'ours', judged: 'none yet', passed: false });
  }

  /** The number was changed, by whomever. */
  seen(step: ScaleStep): void {
    const pairing = this.#touch(step);
    pairing.standing = undefined;
    this.#pair(pairing, { ...step, side: 'theirs', judged: 'none yet', passed: false });
  }

  /** We looked at the number and would leave it: of a step that led there this says no more than that we would not undo it. */
  kept(look: Kept): void {
    const pairing = this.#touch(look);
    pairing.standing = undefined;
    this.#judge(pairing, look.replicas, () => 'held');
    this.#confirm(pairing, look, look.replicas);
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
      confirmed: this.#confirmed,
      notContradicted: this.#notContradicted,
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

  /** The first look at a number judges the steps of theirs that led to it. */
  #judge({ waiting }: Pairing, replicas: number, judge: (theirs: ScaleStep) => Judgement): void {
    for (const step of waiting)
      if (step.side === 'theirs' && step.judged === 'none yet' && step.to === replicas) step.judged = judge(step);
  }

  /** Their longest waiting step to this number that we would have made, too, is settled. */
  #confirm({ waiting }: Pairing, look: Look, replicas: number): void {
    const confirmed = waiting.findIndex(
      (step) => step.side === 'theirs' && step.to === replicas && this.#agrees(look, step),
    );
    if (confirmed === -1) return;
    waiting.splice(confirmed, 1);
    this.#confirmed++;
  }

  #agrees({ agrees }: Look, { at, object, from, to }: ScaleStep): boolean {
    return agrees?.({ at, object, from, to }) === true;
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
      if (step.passed) continue;
      if (step.side === 'theirs' && step.judged === 'held') {
        this.#notContradicted++;
        continue;
      }
      if (step.side === 'ours') this.#onlyOurs++;
      else this.#onlyTheirs++;
      this.#mismatches.push(mismatchText(step));
      if (this.#mismatches.length > MAX_MISMATCHES) this.#mismatches.shift();
    }
  }
}

function isBetween(number: number, { from, to }: Pick<ScaleStep, 'from' | 'to'>): boolean {
  return (from < number && number < to) || (to < number && number < from);
}

function mismatchText({ at, object, from, to, side }: Waiting): string {
  const what = side === 'ours' ? 'was decided here and done by nobody' : 'was done by another and not decided here';
  return `${toRfc3339(at)} ${object}: ${from} -> ${to} ${what}`;
}

/** A report for people: one line that begins with what speaks against agreement, then the newest mismatches. */
export function agreementText(report: AgreementReport): string {
  const { matched, confirmed, notContradicted, onlyOurs, onlyTheirs, waiting, mismatches } = report;
  const unmatched = onlyOurs + onlyTheirs;
  const before = confirmed + notContradicted;
  const settled = matched + before + unmatched;
  const open = waiting === 0 ? '' : `, ${waiting} still open`;
  if (settled === 0) return `agreement: no scale step yet${open}`;
  const counts = [
    `${matched} alike`,
    ...(before === 0
      ? []
      : [`${before} made before our look (${confirmed} confirmed, ${notContradicted} not contradicted)`]),
    ...(onlyOurs === 0 ? [] : [`${onlyOurs} decided only here`]),
    ...(onlyTheirs === 0 ? [] : [`${onlyTheirs} done only by the other`]),
  ];
  const headline = `${unmatched} ${unmatched === 1 ? 'mismatch' : 'mismatches'} in ${settled} scale ${settled === 1 ? 'step' : 'steps'}`;
  return [`agreement: ${headline}: ${counts.join(', ')}${open}`, ...mismatches].join('\n  ');
}
