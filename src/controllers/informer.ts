/** A local copy of one kind, kept by list and watch. Level-triggered readers use the copy; handlers learn what changed. */

import { keyOf, keyText, type KubeObject, type ObjectKey } from '../core/kube/object.ts';
import type { Resource } from '../core/kube/resource.ts';
import { compareText } from '../lib/compare.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { Reflector, type ReflectorDeps, type ReflectorQuery } from './reflector.ts';

export type InformerEvent<T> =
  | { readonly kind: 'added'; readonly object: T }
  | { readonly kind: 'updated'; readonly object: T; readonly previous: T }
  | { readonly kind: 'deleted'; readonly object: T };

export type InformerDeps = ReflectorDeps;

export type InformerQuery = ReflectorQuery;

export class Informer<T extends KubeObject> {
  readonly #api: InformerDeps['api'];
  readonly #resource: Resource<T>;
  readonly #reflector: Reflector<T>;
  readonly #objects = new Map<string, T>();
  readonly #handlers: ((event: InformerEvent<T>) => void)[] = [];

  constructor(deps: InformerDeps, resource: Resource<T>, query: InformerQuery = {}) {
    this.#api = deps.api;
    this.#resource = resource;
    const target = {
      list: (wanted: ReflectorQuery, options: CallOptions) => this.#list(wanted, options),
      upsert: (object: T) => this.#upsert(object),
      remove: (object: T) => this.#remove(object),
    };
    this.#reflector = new Reflector(deps, { resource, query, target });
  }

  /** The newest version of any list, event or bookmark that was applied. '' before the first list. */
  get resourceVersion(): string {
    return this.#reflector.resourceVersion;
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
    return this.#reflector.synced();
  }

  /** Lists and watches until the signal is aborted; then resolves. Never rejects: failures are logged and retried. */
  run(): Promise<void> {
    return this.#reflector.run();
  }

  async #list(query: ReflectorQuery, options: CallOptions): Promise<string> {
    const list = await this.#api.list(this.#resource, query, options);
    const gone = new Map(this.#objects);
    for (const object of list.items) {
      gone.delete(keyText(keyOf(object)));
      this.#upsert(object);
    }
    for (const object of gone.values()) this.#remove(object);
    return list.resourceVersion;
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
