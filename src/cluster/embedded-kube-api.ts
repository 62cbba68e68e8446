/**
 * The embedded store as a controller meets it: over a network. A request reaches the store after one delay and is answered after
 * another, so a caller that gives up in between cannot know whether its write happened.
 */

import type { Scale } from '../core/kube/apps.ts';
import type { KubeObject, ObjectKey, ObjectList } from '../core/kube/object.ts';
import type { GroupVersionResource, Resource } from '../core/kube/resource.ts';
import { KINDS } from '../core/cluster/kinds/table.ts';
import type { RandomStream } from '../lib/random.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  ApiResource,
  CallOptions,
  DeleteOptions,
  KubeApi,
  ListQuery,
  Patch,
  WatchEvent,
  WatchQuery,
  WriteOptions,
} from '../ports/kube-api.ts';
import type { Random } from '../ports/random.ts';
import { attempt, DEFAULT_NETWORK, drawMs, roundTrip, type NetworkModel } from './network-model.ts';
import type { ObjectStore, Writer } from './store.ts';
import { WatchStream } from './watch-stream.ts';

export type EmbeddedKubeApiOptions = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Who writes: stands in managedFields, and names the random stream. */
  readonly manager: string;
  readonly network?: NetworkModel;
};

/** One per writer. */
export class EmbeddedKubeApi implements KubeApi {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #random: RandomStream;
  readonly #network: NetworkModel;
  readonly #manager: string;

  constructor(options: EmbeddedKubeApiOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#random = options.random.stream(`network/${options.manager}`);
    this.#network = options.network ?? DEFAULT_NETWORK;
    this.#manager = options.manager;
  }

  discover(options: CallOptions): Promise<readonly ApiResource[]> {
    return this.#request(options, () => DISCOVERY);
  }

  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: CallOptions): Promise<T> {
    return this.#request(options, () => this.#store.get(resource, key));
  }

  list<T extends KubeObject>(resource: Resource<T>, query: ListQuery, options: CallOptions): Promise<ObjectList<T>> {
    return this.#request(options, () => this.#store.list(resource, query));
  }

  async listEach<T extends KubeObject>(
    resource: Resource<T>,
    query: ListQuery,
    each: (object: T) => void,
    options: CallOptions,
  ): Promise<string> {
    const { items, resourceVersion } = await this.list(resource, query, options);
    for (const object of items) each(object);
    return resourceVersion;
  }

  /** Ends without an error when the signal is aborted. */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    query: WatchQuery,
    options: CallOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const { signal } = options;
    if (signal.aborted) return;
    const deps = { store: this.#store, clock: this.#clock, random: this.#random, network: this.#network };
    let stream: WatchStream<T>;
    try {
      stream = await this.#request(options, () => new WatchStream(deps, resource, query, signal));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    yield* stream.events();
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions): Promise<T> {
    return this.#request(options, () => this.#store.create(resource, object, this.#writer(options)));
  }

  update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions): Promise<T> {
    return this.#request(options, () => this.#store.update(resource, object, this.#writer(options)));
  }

  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: Patch, options: WriteOptions): Promise<T> {
    return this.#request(options, () => this.#store.patch(resource, key, patch, this.#writer(options)));
  }

  delete<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: DeleteOptions): Promise<void> {
    const { signal: _, ...deletion } = options;
    return this.#request(options, () => {
      this.#store.delete(resource, key, deletion);
    });
  }

  getScale(resource: GroupVersionResource, key: ObjectKey, options: CallOptions): Promise<Scale> {
    return this.#request(options, () => this.#store.getScale(resource, key));
  }

  updateScale(resource: GroupVersionResource, key: ObjectKey, scale: Scale, options: CallOptions): Promise<Scale> {
    return this.#request(options, () => this.#store.updateScale(resource, key, scale, this.#writer(options)));
  }

  bindPod(key: ObjectKey, nodeName: string, options: CallOptions): Promise<void> {
    return this.#request(options, () => this.#store.bindPod(key, nodeName, this.#writer(options)));
  }

  evictPod(key: ObjectKey, options: CallOptions): Promise<void> {
    return this.#request(options, () => this.#store.evictPod(key));
  }

  #writer(options: WriteOptions): Writer {
    const { subresource } = options;
    return { manager: this.#manager, operation: 'Update', ...(subresource === undefined ? {} : { subresource }) };
  }

  /** There, done, and back. Both delays are drawn first, so that an abort does not shift the stream for later requests. */
  async #request<T>({ signal }: CallOptions, run: () => T): Promise<T> {
    signal.throwIfAborted();
    const there = drawMs(this.#network.oneWay, this.#random);
    const back = drawMs(this.#network.oneWay, this.#random);
    return roundTrip(this.#clock, { there, back, signal }, () => attempt(run));
  }
}

const DISCOVERY: readonly ApiResource[] = KINDS.map((kind) => ({
  ...kind.resource,
  preferred: kind.preferredVersion,
  subresources: [
    ...(kind.hasStatus ? ['status'] : []),
    ...(kind.scale === undefined ? [] : ['scale']),
    ...(kind.subresources ?? []),
  ],
}));
