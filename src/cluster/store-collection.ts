/** The objects of one kind, found by key and listed in storage order: namespace, then name, by bytes. */

import { keyOf, type AnyObject, type ObjectKey } from '../core/kube/object.ts';
import { compareText } from '../lib/compare.ts';

/** Orders keys as the API server lists them. */
export function compareKeys(a: ObjectKey, b: ObjectKey): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

type Shard = {
  readonly objects: Map<string, AnyObject>;
  /** Names in order; undefined after a name came or went. */
  names: readonly string[] | undefined;
};

/** One shard per namespace, so that what one namespace does costs the others nothing. */
export class Collection {
  readonly #shards = new Map<string, Shard>();

  get(key: ObjectKey): AnyObject | undefined {
    return this.#shards.get(key.namespace)?.objects.get(key.name);
  }

  put(object: AnyObject): void {
    const { namespace, name } = keyOf(object);
    let shard = this.#shards.get(namespace);
    if (shard === undefined) {
      shard = { objects: new Map(), names: undefined };
      this.#shards.set(namespace, shard);
    }
    if (!shard.objects.has(name)) shard.names = undefined;
    shard.objects.set(name, object);
  }

  remove(key: ObjectKey): void {
    const shard = this.#shards.get(key.namespace);
    if (shard === undefined || !shard.objects.delete(key.name)) return;
    shard.names = undefined;
    if (shard.objects.size === 0) this.#shards.delete(key.namespace);
  }

  isEmpty(namespace: string): boolean {
    return !this.#shards.has(namespace);
  }

  /** In storage order. O(objects listed), plus a sort when names came or went since the last time. */
  list(namespace: string | undefined): readonly AnyObject[] {
    if (namespace !== undefined) return this.#listShard(namespace);
    return [...this.#shards.keys()].toSorted(compareText).flatMap((each) => this.#listShard(each));
  }

  #listShard(namespace: string): readonly AnyObject[] {
    const shard = this.#shards.get(namespace);
    if (shard === undefined) return [];
    const { objects } = shard;
    shard.names ??= [...objects.keys()].toSorted(compareText);
    return shard.names.flatMap((name) => objects.get(name) ?? []);
  }
}
