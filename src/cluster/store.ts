/**
 * The embedded API server's store: synchronous, in memory, one version counter over all kinds. Every write runs its whole pipeline and
 * commits, or throws a KubeError and changes nothing. What it hands out is frozen. The network-like face is `embedded-kube-api.ts`.
 */

import type { Scale } from '../core/kube/apps.ts';
import { apiVersionOf, NAMESPACES, PODS, type GroupVersionResource, type Resource } from '../core/kube/resource.ts';
import type { KubeObject, ObjectKey, ObjectList } from '../core/kube/object.ts';
import type { Writer } from '../core/cluster/managed-fields.ts';
import type { ListQuery, Patch, WatchQuery } from '../ports/kube-api.ts';
import { bindPod } from './store-binding.ts';
import { deleteObject, evictPod, type DeletionOptions } from './store-deletes.ts';
import { FIRST_NAMESPACES } from './store-namespaces.ts';
import { listObjects } from './store-reads.ts';
import { StoreState, type StoreOptions } from './store-state.ts';
import { openWatch } from './store-watch.ts';
import { createObject, patchObject, scaleOf, updateObject, updateScale } from './store-writes.ts';

export type { Writer } from '../core/cluster/managed-fields.ts';
export type { DeletionOptions } from './store-deletes.ts';
export type { StoreOptions } from './store-state.ts';

/** An event as the store sees it; bookmarks are made by whoever serves the watch. */
export type StoreWatchEvent<T> = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T };

export type StoreWatchHandle<T> = {
  /** What belongs to the watch and happened before it was opened, oldest first. */
  readonly initial: readonly StoreWatchEvent<T>[];
  /** The version at which live events begin. */
  readonly resourceVersion: string;
  stop(): void;
};

/** Casts below: a kind's collection holds objects of that kind's type only, checked on the way in. */
export class ObjectStore {
  readonly #state: StoreState;

  constructor(options: StoreOptions) {
    this.#state = new StoreState(options);
    const writer: Writer = { manager: 'kube-apiserver', operation: 'Update' };
    for (const name of FIRST_NAMESPACES) {
      this.create(NAMESPACES, { apiVersion: apiVersionOf(NAMESPACES), kind: 'Namespace', metadata: { name } }, writer);
    }
  }

  /** The version of the newest write. */
  get resourceVersion(): string {
    return String(this.#state.version);
  }

  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): T {
    return this.#state.get(this.#state.kindOf(resource), key) as KubeObject as T;
  }

  list<T extends KubeObject>(resource: Resource<T>, query: ListQuery = {}): ObjectList<T> {
    return listObjects(this.#state, this.#state.kindOf(resource), query) as ObjectList<KubeObject> as ObjectList<T>;
  }

  /** `listener` is called within the write that causes the event: it must not throw and must not write. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    query: WatchQuery,
    listener: (event: StoreWatchEvent<T>) => void,
  ): StoreWatchHandle<T> {
    const kind = this.#state.kindOf(resource);
    const typed = (event: StoreWatchEvent<KubeObject>): StoreWatchEvent<T> => event as StoreWatchEvent<T>;
    const watch = openWatch(this.#state, kind, query, (event) => listener(typed(event)));
    return { initial: watch.initial.map(typed), resourceVersion: String(watch.version), stop: () => watch.stop() };
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T, writer: Writer): T {
    return createObject(this.#state, this.#state.kindOf(resource), object, writer) as KubeObject as T;
  }

  /** `writer.subresource` 'status' writes the status and nothing else. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, writer: Writer): T {
    return updateObject(this.#state, this.#state.kindOf(resource), object, writer) as KubeObject as T;
  }

  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: Patch, writer: Writer): T {
    return patchObject(this.#state, this.#state.kindOf(resource), { key, patch, writer }) as KubeObject as T;
  }

  /** `removed`: gone, `object` is its final content. `pending`: it stays until its grace and its finalizers are over. */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: DeletionOptions,
  ): { readonly kind: 'removed' | 'pending'; readonly object: T } {
    const { kind, object } = deleteObject(this.#state, this.#state.kindOf(resource), key, options);
    return { kind, object: object as KubeObject as T };
  }

  getScale(resource: GroupVersionResource, key: ObjectKey): Scale {
    return scaleOf(this.#state, this.#state.kindOf(resource), key);
  }

  updateScale(resource: GroupVersionResource, key: ObjectKey, scale: Scale, writer: Writer): Scale {
    const request = { key, scale, writer: { ...writer, subresource: 'scale' } };
    return updateScale(this.#state, this.#state.kindOf(resource), request);
  }

  bindPod(key: ObjectKey, nodeName: string, writer: Writer): void {
    const request = { key, nodeName, writer: { ...writer, subresource: 'binding' } };
    bindPod(this.#state, this.#state.kindOf(PODS), request);
  }

  evictPod(key: ObjectKey): void {
    evictPod(this.#state, this.#state.kindOf(PODS), key);
  }
}
