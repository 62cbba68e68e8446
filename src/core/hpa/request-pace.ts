/** How fast requests may follow each other: structures that say how long the next one waits. Time is told to them; they wait for nothing. */

import { durationMs, type DurationMs } from '../time/time.ts';

export type Pace = {
  /** How long a request that is asked for now waits before it is sent. Its place is taken. */
  reserve(now: DurationMs): DurationMs;
  /** The server has said that there are too many, and to come again after `retryAfterMs`. */
  throttled(now: DurationMs, retryAfterMs: DurationMs): void;
};

/**
 * A bucket of `burst` tokens that fills at `perSecond`; whoever finds none waits for the one that will be theirs, in order. The server's
 * word changes nothing: the rate was asked for.
 *
 * Spec: HPA-17.6.   Source: golang.org/x/time/rate, client-go util/flowcontrol/throttle.go (v0.37.2).
 */
export class TokenBucket implements Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: DurationMs | undefined;

  constructor({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  reserve(now: DurationMs): DurationMs {
    const elapsed = Math.max(0, now - (this.#filledAt ?? now)) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#perSecond) - 1;
    this.#filledAt = now;
    return durationMs(this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000);
  }

  throttled(): void {}
}

/** As slow as it gets, in requests per second. */
const SLOWEST = 2;
/** Requests per second that come back each second. */
const REGAINED_PER_SECOND = 5;
/** Beyond this a limit is none. */
const FREE = 2000;
const SECOND_MS = 1000;

/**
 * As fast as the server takes them. When it says that there are too many, everybody waits as long as it asks for, then half as many as
 * were sent in the last second are sent per second, and each second a few more.
 *
 * Cost: O(1) per request.
 * **Differs:** the original sends 20 a second, whatever the server says (ADR 6).
 */
export class AdaptivePace implements Pace {
  /** Requests per second; undefined: free. */
  #limit: number | undefined;
  /** When the limit last moved. */
  #movedAt: DurationMs = durationMs(0);
  #holdUntil: DurationMs = durationMs(Number.NEGATIVE_INFINITY);
  /** When the place after the last one is. */
  #nextAt: DurationMs = durationMs(Number.NEGATIVE_INFINITY);
  /** Requests of the running second and of the one before it. */
  #sent = { second: 0, now: 0, before: 0 };

  /** Requests per second that are sent at most; undefined: as many as there are. */
  get limit(): number | undefined {
    return this.#limit;
  }

  reserve(now: DurationMs): DurationMs {
    this.#regain(now);
    const at = Math.max(now, this.#holdUntil, this.#limit === undefined ? now : this.#nextAt);
    this.#count(durationMs(at));
    if (this.#limit !== undefined) this.#nextAt = durationMs(at + SECOND_MS / this.#limit);
    return durationMs(at - now);
  }

  throttled(now: DurationMs, retryAfterMs: DurationMs): void {
    // requests that were sent together are refused together: that is one refusal
    if (now >= this.#holdUntil) {
      this.#count(now);
      const rate = Math.max(this.#sent.now, this.#sent.before);
      this.#limit = Math.max(SLOWEST, Math.min(this.#limit ?? Infinity, rate) / 2);
      this.#movedAt = durationMs(now + retryAfterMs);
    }
    this.#holdUntil = durationMs(Math.max(this.#holdUntil, now + retryAfterMs));
  }

  #regain(now: DurationMs): void {
    if (this.#limit === undefined || now <= this.#movedAt) return;
    this.#limit += ((now - this.#movedAt) / SECOND_MS) * REGAINED_PER_SECOND;
    this.#movedAt = now;
    if (this.#limit >= FREE) this.#limit = undefined;
  }

  #count(at: DurationMs): void {
    const second = Math.floor(at / SECOND_MS);
    if (second !== this.#sent.second)
      this.#sent = { second, now: 0, before: second === this.#sent.second + 1 ? this.#sent.now : 0 };
    this.#sent.now++;
  }
}
