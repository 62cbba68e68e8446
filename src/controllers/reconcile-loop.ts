/** A keyed work queue and its one worker: level-triggered, a key waits at most once, a failing key backs off alone. */

import { epochMs, type DurationMs } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import type { Timer } from '../ports/clock.ts';
import { backoffAfter } from './backoff.ts';
import { isAbort, type ControllerDeps } from './deps.ts';

/** When to look at a key again without being told. */
export type Requeue = { readonly kind: 'done' } | { readonly kind: 'requeue'; readonly after: DurationMs };

export const DONE: Requeue = { kind: 'done' };

export type ReconcileLoopOptions = {
  readonly name: string;
  readonly reconcile: (key: string) => Promise<Requeue>;
};

const BACKOFF = { firstMs: 200, maxMs: 30_000 };

export class ReconcileLoop {
  readonly #deps: Pick<ControllerDeps, 'clock' | 'random' | 'log' | 'signal'>;
  readonly #options: ReconcileLoopOptions;
  readonly #ready = new Set<string>();
  readonly #delayed = new Map<string, { readonly timer: Timer; readonly at: number }>();
  readonly #failures = new Map<string, number>();
  #wake: (() => void) | undefined;

  constructor(deps: Pick<ControllerDeps, 'clock' | 'random' | 'log' | 'signal'>, options: ReconcileLoopOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  enqueue(key: string): void {
    this.#ready.add(key);
    this.#wake?.();
  }

  /** The earlier of two delayed additions of a key holds. */
  enqueueAfter(key: string, after: DurationMs): void {
    const { clock } = this.#deps;
    const at = epochMs(clock.now() + after);
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined && waiting.at <= at) return;
    waiting?.timer.cancel();
    const timer = clock.timer(at, () => {
      this.#delayed.delete(key);
      this.enqueue(key);
    });
    this.#delayed.set(key, { timer, at });
  }

  /** Works until the signal is aborted; then resolves. Keys come in the order they were added. */
  async run(): Promise<void> {
    const { signal } = this.#deps;
    const stop = (): void => this.#wake?.();
    signal.addEventListener('abort', stop);
    while (!signal.aborted) {
      const key = this.#ready.values().next().value;
      if (key === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
        continue;
      }
      this.#ready.delete(key);
      await this.#work(key);
    }
    for (const { timer } of this.#delayed.values()) timer.cancel();
  }

  async #work(key: string): Promise<void> {
    const { random, log, signal } = this.#deps;
    try {
      const next = await this.#options.reconcile(key);
      this.#failures.delete(key);
      if (next.kind === 'requeue') this.enqueueAfter(key, next.after);
    } catch (error) {
      if (isAbort(error, signal)) return;
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const wait = backoffAfter(failures, BACKOFF, random.stream(`requeue/${this.#options.name}`));
      log.warn(`${this.#options.name}: ${key} failed, next try in ${wait} ms: ${errorText(error)}`);
      this.enqueueAfter(key, wait);
    }
  }
}
