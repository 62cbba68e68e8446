/** The Kubernetes API as the controllers see it. Implemented by the embedded store (src/cluster) and over HTTPS (src/kube). */

import type { Scale } from '../core/kube/apps.ts';
import type { KubeObject, ObjectKey, ObjectList, Status } from '../core/kube/object.ts';
import type { GroupVersionResource, Resource } from '../core/kube/resource.ts';
import { TandemError } from '../lib/error.ts';
import type { ErrorCode } from '../lib/error-codes.ts';

export type CallOptions = { readonly signal: AbortSignal };

/** Selectors are in text form. An absent namespace means all of them. */
export type ListQuery = {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'NotOlderThan' | 'Exact';
};

export type WatchQuery = Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'> & {
  /** Events after this version. Absent or '0': an ADDED for everything there is, then live events. */
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
};

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly value: unknown };

export type WriteOptions = CallOptions & { readonly subresource?: 'status' };

export type DeleteOptions = CallOptions & {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
};

/** One entry of discovery: a kind as one version of a group serves it. */
export type ApiResource = Resource<KubeObject> & {
  /** Whether this is the group's preferred version. */
  readonly preferred: boolean;
  readonly subresources: readonly string[];
};

/**
 * Every call rejects with a {@link KubeError} when the server refuses or cannot be reached, and with the signal's reason when aborted.
 * What is returned may be shared between readers: copy before changing. The embedded store hands out frozen objects that many hold; over
 * HTTPS each answer is fresh from the wire and is not frozen, which would cost as much as parsing it and protect nobody.
 */
export interface KubeApi {
  discover(options: CallOptions): Promise<readonly ApiResource[]>;
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: CallOptions): Promise<T>;
  list<T extends KubeObject>(resource: Resource<T>, query: ListQuery, options: CallOptions): Promise<ObjectList<T>>;
  /**
   * A list too long to be held: each object is handed over in turn and not kept. Returns the version of the list. When it rejects, some
   * may have been handed over. `each` must not throw.
   */
  listEach<T extends KubeObject>(
    resource: Resource<T>,
    query: Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>,
    each: (object: T) => void,
    options: CallOptions,
  ): Promise<string>;
  /** Ends when the server ends it or the signal is aborted; throws KubeError 410 `Expired` when the version is no longer kept. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    query: WatchQuery,
    options: CallOptions,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions): Promise<T>;
  /** PUT. A `metadata.resourceVersion` in the object is an optimistic lock. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, patch: Patch, options: WriteOptions): Promise<T>;
  /** Resolves when the server accepted; the object may stay until its grace period and finalizers are over. */
  delete<T extends KubeObject>(resource: Resource<T>, key: ObjectKey, options: DeleteOptions): Promise<void>;
  getScale(resource: GroupVersionResource, key: ObjectKey, options: CallOptions): Promise<Scale>;
  updateScale(resource: GroupVersionResource, key: ObjectKey, scale: Scale, options: CallOptions): Promise<Scale>;
  /** POST pods/binding. */
  bindPod(key: ObjectKey, nodeName: string, options: CallOptions): Promise<void>;
  /** POST pods/eviction. */
  evictPod(key: ObjectKey, options: CallOptions): Promise<void>;
}

/** The server's answer to a refused request, or a connection that failed (`status.code` 0). */
export class KubeError extends TandemError {
  override readonly name = 'KubeError';
  readonly status: Status;

  constructor(status: Status, options?: { readonly cause?: unknown }) {
    super(codeOf(status), status.message, options);
    this.status = status;
  }
}

function codeOf(status: Status): ErrorCode {
  switch (status.code) {
    case 400:
      return 'TANDEM_KUBE_BAD_REQUEST';
    case 401:
    case 403:
      return 'TANDEM_KUBE_FORBIDDEN';
    case 404:
      return 'TANDEM_KUBE_NOT_FOUND';
    case 409:
      return status.reason === 'AlreadyExists' ? 'TANDEM_KUBE_ALREADY_EXISTS' : 'TANDEM_KUBE_CONFLICT';
    case 410:
      return 'TANDEM_KUBE_EXPIRED';
    case 422:
      return 'TANDEM_KUBE_INVALID';
    case 429:
      return 'TANDEM_KUBE_TOO_MANY_REQUESTS';
    default:
      return 'TANDEM_KUBE_UNAVAILABLE';
  }
}
