/**
 * Discrete-event time. One loop serves two clocks: `jump` goes from timer to timer without waiting, `scaled` paces the same loop
 * so that virtual time = start + speed x elapsed. In both, a timer fires at exactly its own instant and all promises are drained
 * before the next one, so the order of events does not hang on how fast the machine is.
 */

import type { Clock, Timer } from '../ports/clock.ts';
import { durationMs, epochMs, toRfc3339, type DurationMs, type EpochMs, type Instant } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import { Heap } from '../lib/heap.ts';

/** The wall, as far as pacing needs it. Injected so that tests of the scaled clock need not wait. */
export type Wall = {
  /** Milliseconds on a clock that never steps. */
  elapsedMs(): number;
  /** Calls back after `ms`; returns a function that calls it off. */
  after(ms: number, fire: () => void): () => void;
};

export const HOST_WALL: Wall = {
  elapsedMs: () => performance.now(),
  after: (ms, fire) => {
    const handle = setTimeout(fire, ms);
    return () => clearTimeout(handle);
  },
};

type Entry = { readonly at: EpochMs; readonly sequence: number; readonly fire: () => void; cancelled: boolean };

export type EventClockOptions = {
  readonly start: EpochMs;
  readonly pace: { readonly kind: 'jump' } | { readonly kind: 'scaled'; readonly speed: number; readonly wall: Wall };
  /** `run` fails when this much virtual time has passed and it is still not done. */
  readonly limit: DurationMs;
};

export class EventClock implements Clock {
  readonly kind: 'scaled' | 'jump';
  readonly #start: EpochMs;
  readonly #options: EventClockOptions;
  readonly #timers = new Heap<Entry>((a, b) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence));
  readonly #wallStart: number;
  #now: EpochMs;
  #sequence = 0;
  #fired = 0;
  /** Between events the scaled clock interpolates; while one is handled, time stands at the event's instant. */
  #idle = false;
  #wake: (() => void) | undefined;
  /** How many things outside this loop time waits for, and who is told when there are none. */
  #holds = 0;
  #released: (() => void) | undefined;

  constructor(options: EventClockOptions) {
    this.#options = options;
    this.kind = options.pace.kind;
    this.#start = options.start;
    this.#now = options.start;
    this.#wallStart = options.pace.kind === 'scaled' ? options.pace.wall.elapsedMs() : 0;
  }

  /** How many timers have fired: the work a run took, for tests that gate on counts. */
  get fired(): number {
    return this.#fired;
  }

  now(): EpochMs {
    const pace = this.#options.pace;
    if (pace.kind === 'scaled' && this.#idle) {
      const paced = this.#start + Math.floor((pace.wall.elapsedMs() - this.#wallStart) * pace.speed);
      const next = this.#timers.peek()?.at ?? Infinity;
      this.#now = epochMs(Math.max(this.#now, Math.min(paced, next)));
    }
    return this.#now;
  }

  instant(): Instant {
    const wall = this.now();
    return { wall, mono: durationMs(wall - this.#start) };
  }

  timer(at: EpochMs, fire: () => void): Timer {
    const entry: Entry = { at: epochMs(Math.max(at, this.now())), sequence: this.#sequence++, fire, cancelled: false };
    this.#timers.push(entry);
    this.#wake?.();
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  sleepUntil(at: EpochMs, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const timer = this.timer(at, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /**
   * Time stands still until the returned function is called: for what happens outside this loop and takes real time, such as a message
   * on a wire, so that the order of events does not hang on it.
   */
  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      if (this.#holds === 0) this.#released?.();
    };
  }

  /**
   * Runs `main` and the loop until `main` settles. Rejects with `TANDEM_CLOCK_STUCK` when `main` waits and nothing is left that
   * could wake it, or when the limit is passed; with the error of a timer's callback when one throws.
   */
  async run<T>(main: () => Promise<T>): Promise<T> {
    let outcome: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown } | undefined;
    main().then(
      (value) => {
        outcome = { ok: true, value };
        this.#wake?.();
      },
      (error: unknown) => {
        outcome = { ok: false, error };
        this.#wake?.();
      },
    );
    for (;;) {
      await drainPromises();
      // assigned by the callbacks above, which the compiler cannot see
      const settled = outcome as { ok: true; value: T } | { ok: false; error: unknown } | undefined;
      if (settled !== undefined) {
        if (settled.ok) return settled.value;
        throw settled.error;
      }
      if (this.#holds > 0) {
        await new Promise<void>((resolve) => (this.#released = resolve));
        continue;
      }
      const entry = this.#first();
      if (entry === undefined && this.kind === 'jump')
        throw stuck('nothing is left that could wake what is waited for');
      if (entry !== undefined && entry.at - this.#start > this.#options.limit) {
        throw stuck(`not done after ${this.#options.limit / 1000} virtual seconds`);
      }
      if (!(await this.#due(entry))) continue;
      if (entry === undefined) continue;
      this.#timers.pop();
      this.#now = epochMs(Math.max(this.#now, entry.at));
      this.#fired++;
      entry.fire();
    }
  }

  /** The timer that fires next. */
  #first(): Entry | undefined {
    while (this.#timers.peek()?.cancelled === true) this.#timers.pop();
    return this.#timers.peek();
  }

  /** Waits, in scaled mode, until the wall has reached `entry`; false when something else came first. */
  async #due(entry: Entry | undefined): Promise<boolean> {
    const pace = this.#options.pace;
    if (pace.kind === 'jump') return true;
    const due = entry === undefined ? Infinity : this.#wallStart + (entry.at - this.#start) / pace.speed;
    const wait = due - pace.wall.elapsedMs();
    if (wait <= 0) return true;
    this.#idle = true;
    let woken = false;
    await new Promise<void>((resolve) => {
      const callOff = pace.wall.after(Math.min(wait, 60_000), resolve);
      this.#wake = () => {
        woken = true;
        callOff();
        resolve();
      };
    });
    this.#wake = undefined;
    this.now();
    this.#idle = false;
    return !woken && pace.wall.elapsedMs() >= due;
  }
}

function stuck(why: string): TandemError {
  return new TandemError('TANDEM_CLOCK_STUCK', `the clock cannot go on: ${why}`);
}

/** Everything that hangs on settled promises has run once the event loop comes round. */
function drainPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The instant a scenario starts at when nobody says otherwise; shown in every object it creates. */
export const DEMO_START: EpochMs = epochMs(Date.UTC(2026, 0, 1));

/** For messages: how long after `start` something happened, `12m03s`. */
export function sinceText(start: EpochMs, at: EpochMs): string {
  const total = Math.floor((at - start) / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return total < 0 ? toRfc3339(at) : `${two(Math.floor(total / 60))}m${two(total % 60)}s`;
}
