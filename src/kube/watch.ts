/** A watch: one JSON object per line for as long as the server sends them. */

import type { KubeObject } from '../core/kube/object.ts';
import { groupResourceText, type Resource } from '../core/kube/resource.ts';
import { KubeError, type WatchEvent, type WatchQuery } from '../ports/kube-api.ts';
import { BodyTooLong, CutLine, linesOf } from './body.ts';
import { isRecord, textOf } from './json-shape.ts';
import { objectIn } from './objects.ts';
import { collectionAddress } from './paths.ts';
import { brokenAnswer, watchRefusal } from './refusal.ts';
import type { Transport } from './transport.ts';

export type WatchLimits = {
  /** The server ends the watch after this long; the next one starts where it ended. */
  readonly lengthSeconds: number;
  /** Silence this long after the server should have ended it means that the connection is dead. */
  readonly graceSeconds: number;
  /** An object is at most a few megabytes long. */
  readonly lineBytes: number;
};

export const WATCH_LIMITS: WatchLimits = { lengthSeconds: 300, graceSeconds: 30, lineBytes: 16 * 2 ** 20 };

/**
 * What the server tells, in its order. Ends when the server ends the watch or the signal is aborted; throws a KubeError on `ERROR`
 * events (410 `Expired`), on a line that cannot be read, on a stream that breaks off and on one that stays silent for too long.
 */
export async function* watchEvents<T extends KubeObject>(
  transport: Transport,
  {
    resource,
    query,
    limits,
  }: { readonly resource: Resource<T>; readonly query: WatchQuery; readonly limits: WatchLimits },
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  if (signal.aborted) return;
  try {
    const { body } = await transport.open(
      {
        method: 'GET',
        ...collectionAddress(resource, query.namespace ?? ''),
        query: {
          watch: 'true',
          labelSelector: query.labelSelector || undefined,
          fieldSelector: query.fieldSelector || undefined,
          resourceVersion: query.resourceVersion,
          allowWatchBookmarks: query.allowWatchBookmarks === true ? 'true' : undefined,
          timeoutSeconds: String(limits.lengthSeconds),
        },
        bodyMs: (limits.lengthSeconds + limits.graceSeconds) * 1000,
      },
      signal,
    );
    for await (const line of linesOf(body, limits.lineBytes)) yield eventIn(resource, line);
  } catch (error) {
    if (signal.aborted) return;
    throw failureOf(transport, { resource, error, signal });
  }
}

function failureOf<T extends KubeObject>(
  transport: Transport,
  {
    resource,
    error,
    signal,
  }: { readonly resource: Resource<T>; readonly error: unknown; readonly signal: AbortSignal },
): unknown {
  if (error instanceof CutLine || error instanceof BodyTooLong) {
    const message = `the watch of ${groupResourceText(resource)} broke off: ${error.message}`;
    return new KubeError({ code: 0, reason: '', message }, { cause: error });
  }
  return transport.failure(error, signal);
}

function eventIn<T extends KubeObject>(resource: Resource<T>, line: string): WatchEvent<T> {
  const event = parsed(line);
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: objectIn(resource, object) };
    case 'BOOKMARK':
      return { type, resourceVersion: bookmarkVersion(object) };
    case 'ERROR':
      throw watchRefusal(object);
    default:
      throw brokenAnswer(`a line of a watch has the type ${JSON.stringify(type)}`);
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw brokenAnswer('a line of a watch is not JSON', { cause: error });
  }
  if (!isRecord(event)) throw brokenAnswer('a line of a watch is no object');
  return event;
}

function bookmarkVersion(object: unknown): string {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const version = isRecord(metadata) ? textOf(metadata, 'resourceVersion') : undefined;
  if (version === undefined) throw brokenAnswer('a bookmark of a watch has no version');
  return version;
}
