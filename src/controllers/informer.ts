/** A local copy of one kind, kept by list and watch. Level-triggered readers use the copy; handlers learn what changed. */

import { keyOf, keyText, type KubeObject, type ObjectKey } from '../core/kube/object.ts';
import { groupResourceText, type Resource } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { compareText } from '../lib/compare.ts';
import { errorText } from '../lib/error.ts';
import { KubeError, type ListQuery } from '../ports/kube-api.ts';
import { backoffAfter } from './backoff.ts';
import { callWithin } from './call.ts';
import { isAbort, type ControllerDeps, type OutageFields } from './deps.ts';

export type InformerEvent<T> =
  | { readonly kind: 'added'; readonly object: T }
  | { readonly kind: 'updated'; readonly object: T; readonly previous: T }
  | { readonly kind: 'deleted'; readonly object: T };

export type InformerDeps = Pick<ControllerDeps, 'api' | 'clock' | 'random' | 'log' | 'signal'>;

export type InformerQuery = Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>;

const LIST_TIMEOUT = seconds(30);
/** A watch that ends within this time without an event is no service: opened again at once, it would keep both sides busy. */
const SHORT_WATCH = seconds(1);
const BACKOFF = { firstMs: 500, maxMs: 30_000 };

export class Informer<T extends KubeObject> {
  readonly #deps: InformerDeps;
  readonly #resource: Resource<T>;
  readonly #query: InformerQuery;
  readonly #objects = new Map<string, T>();
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = [];
  readonly #waiters: (() => void)[] = [];
  #synced = false;
  #resourceVersion = '';
  #failures = 0;
  /** On the monotonic clock. */
  #failingSince: number | undefined;

  constructor(deps: InformerDeps, resource: Resource<T>, query: InformerQuery = {}) {
    this.#deps = deps;
    this.#resource = resource;
    this.#query = query;
  }

  /** The newest version of any list, event or bookmark that was applied. '' before the first list. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyText(key));
  }

  /** Everything known, ordered by key. O(n log n). */
  list(): readonly T[] {
    return [...this.#objects.entries()].toSorted(([a], [b]) => compareText(a, b)).map(([, object]) => object);
  }

  /** Everything known, in no particular order, without a copy. */
  values(): Iterable<T> {
    return this.#objects.values();
  }

  /** Handlers must not throw. Those added later are not told of the past. */
  subscribe(handler: (event: InformerEvent<T>) => void): void {
    this.#handlers.push(handler);
  }

  /** Resolves once the first list has been applied. */
  synced(): Promise<void> {
    return this.#synced ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Lists and watches until the signal is aborted; then resolves. Never rejects: failures are logged and retried. */
  async run(): Promise<void> {
    const { clock, random, log, signal } = this.#deps;
    const jitter = random.stream(`informer/${groupResourceText(this.#resource)}`);
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
      const source = groupResourceText(this.#resource);
      const fields: OutageFields = { source, outage: { cause: failure } };
      log.warn(`list or watch of ${source} failed, next try in ${wait} ms: ${failure}`, fields);
      await clock.sleepUntil(epochMs(clock.now() + wait), signal).catch(() => undefined); // an abort ends the loop above
    }
  }

  async #list(): Promise<void> {
    const { api, clock, signal } = this.#deps;
    const what = `list of ${groupResourceText(this.#resource)}`;
    const list = await callWithin(what, { clock, timeout: LIST_TIMEOUT, signal }, (options) =>
      api.list(this.#resource, this.#query, options),
    );
    const gone = new Map(this.#objects);
    for (const object of list.items) {
      gone.delete(keyText(keyOf(object)));
      this.#upsert(object);
    }
    for (const object of gone.values()) this.#remove(object);
    this.#resourceVersion = list.resourceVersion;
    this.#works();
    if (!this.#synced) {
      this.#synced = true;
      for (const resolve of this.#waiters.splice(0)) resolve();
    }
  }

  /** Source: client-go tools/cache/reflector.go VeryShortWatchError (v0.37.2). */
  async #watch(): Promise<'served' | 'cut-short'> {
    const { api, clock, signal } = this.#deps;
    const opened = clock.instant().mono;
    let events = 0;
    const query = { ...this.#query, resourceVersion: this.#resourceVersion, allowWatchBookmarks: true };
    for await (const event of api.watch(this.#resource, query, { signal })) {
      events += 1;
      this.#failures = 0;
      this.#works();
      if (event.type === 'BOOKMARK') {
        this.#resourceVersion = event.resourceVersion;
        continue;
      }
      this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
      if (event.type === 'DELETED') this.#remove(event.object);
      else this.#upsert(event.object);
    }
    if (events > 0 || signal.aborted || clock.instant().mono - opened >= SHORT_WATCH) return 'served';
    return 'cut-short';
  }

  #works(): void {
    if (this.#failingSince === undefined) return;
    const { clock, log } = this.#deps;
    const lasted = Math.round((clock.instant().mono - this.#failingSince) / 1000);
    this.#failingSince = undefined;
    const source = groupResourceText(this.#resource);
    const fields: OutageFields = { source, outage: 'over' };
    log.info?.(`list and watch of ${source} works again after ${lasted} s`, fields);
  }

  #upsert(object: T): void {
    const key = keyText(keyOf(object));
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    if (previous === undefined) this.#tell({ kind: 'added', object });
    else if (previous.metadata.uid !== object.metadata.uid) {
      this.#tell({ kind: 'deleted', object: previous });
      this.#tell({ kind: 'added', object });
    } else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) {
      this.#tell({ kind: 'updated', object, previous });
    }
  }

  #remove(object: T): void {
    if (this.#objects.delete(keyText(keyOf(object)))) this.#tell({ kind: 'deleted', object });
  }

  #tell(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) handler(event);
  }
}

function failureText(error: unknown): string {
  const isLost = error instanceof KubeError && error.status.code === 0;
  return isLost ? `${errorText(error)}; check that the API server runs and can be reached` : errorText(error);
}
