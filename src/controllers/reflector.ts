/** Follows one kind by list and watch, for as long as it is let: what is found goes to a target, what fails is said and tried again. */

import type { KubeObject } from '../core/kube/object.ts';
import { groupResourceText, type Resource } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { errorText } from '../lib/error.ts';
import { KubeError, type CallOptions, type ListQuery } from '../ports/kube-api.ts';
import { backoffAfter } from './backoff.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps, type OutageFields } from './deps.ts';

export type ReflectorDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'log' | 'signal'>;

export type ReflectorQuery = Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>;

/** Where a kind is kept. */
export type ReflectorTarget<T> = {
  /** Asks for everything and keeps it, and nothing else from then on. Returns the version of the list. See callWithin for `alive`. */
  list(query: ReflectorQuery, options: CallOptions, alive: () => void): Promise<string>;
  upsert(object: T): void;
  remove(object: T): void;
};

export type ReflectorOptions<T extends KubeObject> = {
  readonly resource: Resource<T>;
  readonly query: ReflectorQuery;
  readonly target: ReflectorTarget<T>;
};

const LIST_TIMEOUT = seconds(30);
/** A watch that ends within this time without an event is no service: opened again at once, it would keep both sides busy. */
const SHORT_WATCH = seconds(1);
const BACKOFF = { firstMs: 500, maxMs: 30_000 };

export class Reflector<T extends KubeObject> {
  readonly #deps: ReflectorDeps;
  readonly #options: ReflectorOptions<T>;
  readonly #waiters: (() => void)[] = [];
  #synced = false;
  #resourceVersion = '';
  #failures = 0;
  /** On the monotonic clock. */
  #failingSince: number | undefined;

  constructor(deps: ReflectorDeps, options: ReflectorOptions<T>) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The newest version of any list, event or bookmark that was applied. '' before the first list. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** Whether the first list has been applied. */
  get isSynced(): boolean {
    return this.#synced;
  }

  /** Resolves once the first list has been applied. */
  synced(): Promise<void> {
    return this.#synced ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Lists and watches until the signal is aborted; then resolves. Never rejects: failures are logged and retried. */
  async run(): Promise<void> {
    const { clock, random, log, signal } = this.#deps;
    const jitter = random.stream(`informer/${groupResourceText(this.#options.resource)}`);
    let listed = false;
    while (!signal.aborted) {
      let failure: string;
      try {
        if (!listed) await this.#list();
        listed = true;
        if ((await this.#watch()) === 'served') {
          this.#works();
          continue;
        }
        failure = 'the watch ended at once, without an event';
      } catch (error) {
        if (isAbort(error, signal)) return;
        if (error instanceof KubeError && error.status.code === 410) {
          listed = false;
          if (this.#failures === 0) continue;
        }
        failure = failureText(error);
      }
      this.#failures++;
      this.#failingSince ??= clock.instant().mono;
      const wait = backoffAfter(this.#failures, BACKOFF, jitter);
      const source = groupResourceText(this.#options.resource);
      const fields: OutageFields = { source, outage: { cause: failure } };
      log.warn(`list or watch of ${source} failed, next try in ${wait} ms: ${failure}`, fields);
      await clock.sleepUntil(epochMs(clock.now() + wait), signal).catch(() => undefined); // an abort ends the loop above
    }
  }

  async #list(): Promise<void> {
    const { clock, signal } = this.#deps;
    const { resource, query, target } = this.#options;
    const deadline = { clock, timeout: LIST_TIMEOUT, signal };
    const what = `list of ${groupResourceText(resource)}`;
    this.#resourceVersion = await callWithin(what, deadline, (options, alive) => target.list(query, options, alive));
    this.#works();
    if (!this.#synced) {
      this.#synced = true;
      for (const resolve of this.#waiters.splice(0)) resolve();
    }
  }

  /** Source: client-go tools/cache/reflector.go VeryShortWatchError (v0.37.2). */
  async #watch(): Promise<'served' | 'cut-short'> {
    const { api, clock, signal } = this.#deps;
    const { resource, target } = this.#options;
    const opened = clock.instant().mono;
    let events = 0;
    const query = { ...this.#options.query, resourceVersion: this.#resourceVersion, allowWatchBookmarks: true };
    for await (const event of api.watch(resource, query, { signal })) {
      events += 1;
      this.#failures = 0;
      this.#works();
      if (event.type === 'BOOKMARK') {
        this.#resourceVersion = event.resourceVersion;
        continue;
      }
      this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
      if (event.type === 'DELETED') target.remove(event.object);
      else target.upsert(event.object);
    }
    if (events > 0 || signal.aborted || clock.instant().mono - opened >= SHORT_WATCH) return 'served';
    return 'cut-short';
  }

  #works(): void {
    if (this.#failingSince === undefined) return;
    const { clock, log } = this.#deps;
    const lasted = Math.round((clock.instant().mono - this.#failingSince) / 1000);
    this.#failingSince = undefined;
    const source = groupResourceText(this.#options.resource);
    const fields: OutageFields = { source, outage: 'over' };
    log.info?.(`list and watch of ${source} works again after ${lasted} s`, fields);
  }
}

function failureText(error: unknown): string {
  const isLost = error instanceof KubeError && error.status.code === 0;
  return isLost ? `${errorText(error)}; check that the API server runs and can be reached` : errorText(error);
}
