/**
 * What the store remembers: objects, the version counter, the history and who watches. The only place that commits; which write is
 * allowed and what it makes of an object is `store-writes.ts`.
 */

import { keyOf, type AnyObject, type ObjectKey } from '../core/kube/object.ts';
import type { GroupVersionResource } from '../core/kube/resource.ts';
import { kindOfResource, type AnyKind } from '../core/cluster/kinds/table.ts';
import { notFound, resourceNotServed } from '../core/cluster/status-errors.ts';
import { assert } from '../lib/assert.ts';
import { deepFreeze } from '../lib/json.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Clock } from '../ports/clock.ts';
import { KubeError } from '../ports/kube-api.ts';
import type { Random } from '../ports/random.ts';
import { Collection } from './store-collection.ts';
import { History, type Change } from './store-history.ts';

export type StoreOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** How many changes are kept for watches that resume and lists that go on. */
  readonly historySize?: number;
};

/** Told of every change of one kind, within the write. Must not throw and must not write. */
export type ChangeListener = (change: Change) => void;

const HISTORY_SIZE = 20_000;

/** Above 1, as clients expect of a server that has been written to. */
const START_VERSION = 1;

export class StoreState {
  readonly clock: Clock;
  readonly names: RandomStream;
  readonly uids: RandomStream;
  readonly #collections = new Map<AnyKind, Collection>();
  readonly #listeners = new Map<AnyKind, Set<ChangeListener>>();
  readonly #history: History;
  #version = START_VERSION;
  #committing = false;

  constructor(options: StoreOptions) {
    this.clock = options.clock;
    this.names = options.random.stream('store/names');
    this.uids = options.random.stream('store/uids');
    this.#history = new History({ capacity: options.historySize ?? HISTORY_SIZE, startVersion: START_VERSION });
  }

  /** The version of the newest write. */
  get version(): number {
    return this.#version;
  }

  get history(): History {
    return this.#history;
  }

  /** Throws 404 when nothing is served there. */
  kindOf(resource: GroupVersionResource): AnyKind {
    const kind = kindOfResource(resource);
    if (kind === undefined) throw new KubeError(resourceNotServed());
    return kind;
  }

  collection(kind: AnyKind): Collection {
    let collection = this.#collections.get(kind);
    if (collection === undefined) {
      collection = new Collection();
      this.#collections.set(kind, collection);
    }
    return collection;
  }

  find(kind: AnyKind, key: ObjectKey): AnyObject | undefined {
    return this.#collections.get(kind)?.get(key);
  }

  /** Throws 404 when it is not there. */
  get(kind: AnyKind, key: ObjectKey): AnyObject {
    const object = this.find(kind, key);
    if (object === undefined) throw new KubeError(notFound(kind.resource, key.name));
    return object;
  }

  /** Stores `object` under the next version and returns it as stored: frozen. */
  put(kind: AnyKind, object: AnyObject): AnyObject {
    const previous = this.find(kind, keyOf(object));
    const stored = this.#numbered(object);
    this.collection(kind).put(stored);
    this.#tell(kind, { type: previous === undefined ? 'ADDED' : 'MODIFIED', object: stored, previous });
    return stored;
  }

  /** Removes the object of that key; `object` is its final content. */
  remove(kind: AnyKind, object: AnyObject): AnyObject {
    const previous = this.get(kind, keyOf(object));
    const last = this.#numbered(object);
    this.collection(kind).remove(keyOf(object));
    this.#tell(kind, { type: 'DELETED', object: last, previous });
    return last;
  }

  /** Calls `listener` for every later change of `kind`; the returned function ends that. */
  listen(kind: AnyKind, listener: ChangeListener): () => void {
    let listeners = this.#listeners.get(kind);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(kind, listeners);
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #numbered(object: AnyObject): AnyObject {
    assert(!this.#committing, `a listener of the store wrote ${object.kind} ${object.metadata.name}`);
    this.#version += 1;
    return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
  }

  #tell(kind: AnyKind, change: Pick<Change, 'type' | 'object' | 'previous'>): void {
    const numbered: Change = { version: this.#version, kind, ...change };
    this.#history.push(numbered);
    this.#committing = true;
    try {
      for (const listener of this.#listeners.get(kind) ?? []) listener(numbered);
    } finally {
      this.#committing = false;
    }
  }
}
