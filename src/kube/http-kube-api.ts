/** The port `KubeApi` over HTTPS: one request per call, JSON only. What a refusal means is said in refusal.ts. */

import type { Scale } from '../core/kube/apps.ts';
import type { KubeObject, ObjectKey, ObjectList } from '../core/kube/object.ts';
import { PODS, type GroupVersionResource, type Resource } from '../core/kube/resource.ts';
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
import type { RawGet } from '../ports/metrics-api.ts';
import { discoverResources } from './discovery.ts';
import { isRecord } from './json-shape.ts';
import { listIn, objectIn, scaleIn } from './objects.ts';
import { addressOfPath, collectionAddress, objectAddress, scaleAddress } from './paths.ts';
import { Transport, type KubeRequest, type TransportOptions } from './transport.ts';
import { WATCH_LIMITS, watchEvents, type WatchLimits } from './watch.ts';

export type HttpKubeApiOptions = TransportOptions & { readonly watchLimits?: Partial<WatchLimits> };

type Query = Readonly<Record<string, string>>;

/** What it returns is fresh from the wire and belongs to its caller; it is not frozen. Close it when done: it keeps connections. */
export class HttpKubeApi implements KubeApi, RawGet {
  readonly #transport: Transport;
  readonly #watchLimits: WatchLimits;
  #watches = 0;

  constructor(options: HttpKubeApiOptions) {
    this.#transport = new Transport(options);
    this.#watchLimits = { ...WATCH_LIMITS, ...options.watchLimits };
  }

  /** Ends what is under way: calls reject, watches throw. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  discover({ signal }: CallOptions): Promise<readonly ApiResource[]> {
    return discoverResources(this.#transport, signal);
  }

  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: CallOptions): Promise<T>;
  get(path: string, query: Query, options: CallOptions): Promise<unknown>;
  /** An object by its key, or (RawGet) whatever a path serves. */
  async get(
    target: Resource<KubeObject> | string,
    detail: ObjectKey | Query,
    { signal }: CallOptions,
  ): Promise<unknown> {
    if (typeof target === 'string') {
      const query = detail as Query; // goes with a path
      return this.#whole({ method: 'GET', ...addressOfPath(target), query }, signal);
    }
    const address = objectAddress(target, detail as ObjectKey); // goes with a resource
    return objectIn(target, await this.#transport.json({ method: 'GET', ...address }, signal));
  }

  /** A document with all its items; a list is read as it arrives, and is never one text. */
  async #whole(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    const items: unknown[] = [];
    const rest = await this.#transport.list(request, signal, (some) => {
      for (const item of some) items.push(item);
    });
    return isRecord(rest) && Array.isArray(rest['items']) ? { ...rest, items } : rest;
  }

  /** Without a limit the server answers with everything at once. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    query: ListQuery,
    { signal }: CallOptions,
  ): Promise<ObjectList<T>> {
    const request = {
      method: 'GET',
      ...collectionAddress(resource, query.namespace ?? ''),
      query: {
        labelSelector: query.labelSelector || undefined,
        fieldSelector: query.fieldSelector || undefined,
        limit: query.limit?.toString(),
        continue: query.continue || undefined,
        resourceVersion: query.resourceVersion,
        resourceVersionMatch: query.resourceVersionMatch,
      },
    } as const;
    return listIn(resource, await this.#transport.json(request, signal));
  }

  async listEach<T extends KubeObject>(
    resource: Resource<T>,
    { namespace = '', labelSelector, fieldSelector }: ListQuery,
    each: (object: T) => void,
    { signal }: CallOptions,
  ): Promise<string> {
    const query = { labelSelector: labelSelector || undefined, fieldSelector: fieldSelector || undefined };
    const request = { method: 'GET', ...collectionAddress(resource, namespace), query } as const;
    const rest = await this.#transport.list(request, signal, (items) => {
      for (const item of items) each(objectIn(resource, item));
    });
    return listIn(resource, rest).resourceVersion;
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    query: WatchQuery,
    { signal }: CallOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const { lengthSeconds } = this.#watchLimits;
    // up to twice the length, each another one: watches that began together do not end together
    const share = (this.#watches++ % SPREAD) / SPREAD;
    const limits = { ...this.#watchLimits, lengthSeconds: Math.round(lengthSeconds * (1 + share)) };
    return watchEvents(this.#transport, { resource, query, limits }, signal);
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, { signal }: CallOptions): Promise<T> {
    const { path, subject } = collectionAddress(resource, object.metadata.namespace ?? '');
    const request = { method: 'POST', path, subject, body: object } as const;
    return objectIn(resource, await this.#transport.json(request, signal));
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions): Promise<T> {
    const { namespace = '', name } = object.metadata;
    const address = objectAddress(resource, { namespace, name }, options.subresource);
    const request = { method: 'PUT', ...address, body: object } as const;
    return objectIn(resource, await this.#transport.json(request, options.signal));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options: WriteOptions,
  ): Promise<T> {
    const request = {
      method: 'PATCH',
      ...objectAddress(resource, key, options.subresource),
      body: patch.type === 'json' ? patch.operations : patch.value,
      contentType: `application/${patch.type}-patch+json`,
    } as const;
    return objectIn(resource, await this.#transport.json(request, options.signal));
  }

  async delete<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: DeleteOptions): Promise<void> {
    const { gracePeriodSeconds, propagationPolicy, preconditions } = options;
    const deletion = { gracePeriodSeconds, propagationPolicy, preconditions }; // what is undefined is not sent
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...deletion };
    await this.#transport.send({ method: 'DELETE', ...objectAddress(resource, key), body }, options.signal);
  }

  async getScale(resource: GroupVersionResource, key: ObjectKey, { signal }: CallOptions): Promise<Scale> {
    return scaleIn(await this.#transport.json({ method: 'GET', ...scaleAddress(resource, key) }, signal));
  }

  async updateScale(
    resource: GroupVersionResource,
    key: ObjectKey,
    scale: Scale,
    { signal }: CallOptions,
  ): Promise<Scale> {
    const request = { method: 'PUT', ...scaleAddress(resource, key), body: scale } as const;
    return scaleIn(await this.#transport.json(request, signal));
  }

  async bindPod(key: ObjectKey, nodeName: string, { signal }: CallOptions): Promise<void> {
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { ...key }, target };
    await this.#transport.send({ method: 'POST', ...objectAddress(PODS, key, 'binding'), body }, signal);
  }

  async evictPod(key: ObjectKey, { signal }: CallOptions): Promise<void> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { ...key } };
    await this.#transport.send({ method: 'POST', ...objectAddress(PODS, key, 'eviction'), body }, signal);
  }
}

/** In how many steps the lengths of watches are spread. */
const SPREAD = 8;
