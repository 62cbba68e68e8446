/** Watches, synchronously: where one starts, and how a change looks to somebody who sees only a selection (cluster-api 10). */

import type { AnyObject } from '../core/kube/object.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { expired, versionTooLarge } from '../core/cluster/status-errors.ts';
import { deepFreeze } from '../lib/json.ts';
import { KubeError, type WatchQuery } from '../ports/kube-api.ts';
import type { Change } from './store-history.ts';
import { versionNumber } from './store-reads.ts';
import { selectionOf, type Selection } from './store-selection.ts';
import type { StoreState } from './store-state.ts';

export type StoreEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: AnyObject };

export type StoreWatch = {
  /** What happened before the watch was opened and belongs to it, oldest first. */
  readonly initial: readonly StoreEvent[];
  /** The version at which live events begin. */
  readonly version: number;
  stop(): void;
};

/**
 * Opens a watch; `listener` hears every later event within the write that causes it, so it must not throw and must not write.
 * Throws 400 for bad selectors, 410 for a version that is no longer kept, 504 for one that is yet to come.
 */
export function openWatch(
  state: StoreState,
  kind: AnyKind,
  query: WatchQuery,
  listener: (event: StoreEvent) => void,
): StoreWatch {
  const selection = selectionOf(kind, query);
  const initial = initialEvents(state, kind, selection, query.resourceVersion ?? '');
  const stop = state.listen(kind, (change) => {
    const event = eventOf(change, selection);
    if (event !== undefined) listener(event);
  });
  return { initial, version: state.version, stop };
}

function initialEvents(
  state: StoreState,
  kind: AnyKind,
  selection: Selection,
  resourceVersion: string,
): readonly StoreEvent[] {
  if (resourceVersion === '' || resourceVersion === '0') {
    const present = state.collection(kind).list(selection.namespace);
    return present.filter((object) => selection.matches(object)).map((object) => ({ type: 'ADDED', object }));
  }
  const from = versionNumber(resourceVersion);
  if (from > state.version) throw new KubeError(versionTooLarge(from, state.version));
  if (from < state.history.oldest) throw new KubeError(expired(from, state.history.oldest));
  const events: StoreEvent[] = [];
  for (const change of state.history.after(from)) {
    const event = change.kind === kind ? eventOf(change, selection) : undefined;
    if (event !== undefined) events.push(event);
  }
  return events;
}

/** An object that enters the selection is ADDED, one that leaves it is DELETED with what it last held while inside. */
function eventOf(change: Change, selection: Selection): StoreEvent | undefined {
  const { type, object, previous } = change;
  if (selection.namespace !== undefined && object.metadata.namespace !== selection.namespace) return undefined;
  if (selection.narrowed === 'no') return { type, object };
  const was = previous !== undefined && selection.matches(previous);
  const is = type !== 'DELETED' && selection.matches(object);
  if (was && type === 'DELETED') return { type, object };
  if (was && is) return { type: 'MODIFIED', object };
  if (is) return { type: 'ADDED', object };
  if (!was) return undefined;
  const { resourceVersion } = object.metadata;
  const metadata = resourceVersion === undefined ? previous.metadata : { ...previous.metadata, resourceVersion };
  return { type: 'DELETED', object: deepFreeze({ ...previous, metadata }) };
}
