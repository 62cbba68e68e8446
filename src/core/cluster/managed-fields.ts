/**
 * Who wrote an object: one entry per manager, operation, version and subresource (cluster-api 12.1). Which fields they own is not kept
 * yet; the entries are what it will be hung on.
 */

import type { ManagedFieldsEntry } from '../kube/object.ts';
import { compareText } from '../../lib/compare.ts';

/** Who writes, by which way. */
export type Writer = {
  readonly manager: string;
  readonly operation: ManagedFieldsEntry['operation'];
  readonly subresource?: string;
};

const MAX_UPDATE_ENTRIES = 10;
const MERGED_MANAGER = 'ancient-changes';

/**
 * The entries after one more write at `time`: the writer's is renewed, and update entries beyond ten are merged into one,
 * oldest first. Ordered by operation (Apply first), time, manager, subresource.
 *
 * Cost: O(entries x log entries).   Source: apimachinery pkg/util/managedfields/internal (v0.37.2).
 */
export function withManager(
  entries: readonly ManagedFieldsEntry[],
  writer: Writer,
  version: { readonly apiVersion: string; readonly time: string },
): readonly ManagedFieldsEntry[] {
  const { manager, operation, subresource } = writer;
  const renewed: ManagedFieldsEntry = {
    manager,
    operation,
    ...version,
    ...(subresource === undefined ? {} : { subresource }),
  };
  const others = entries.filter((entry) => !isSameWriter(entry, renewed));
  return capped([...others, renewed].toSorted(compareEntries));
}

function capped(sorted: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  const updates = sorted.filter((entry) => entry.operation === 'Update');
  const surplus = updates.length - MAX_UPDATE_ENTRIES;
  if (surplus <= 0) return sorted;
  const merged = updates.slice(0, surplus + 1);
  const newest = merged.at(-1);
  if (newest === undefined) return sorted;
  const { apiVersion, time } = newest;
  const ancient: ManagedFieldsEntry = { manager: MERGED_MANAGER, operation: 'Update', apiVersion, time };
  return [...sorted.filter((entry) => !merged.includes(entry)), ancient].toSorted(compareEntries);
}

function isSameWriter(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    (a.subresource ?? '') === (b.subresource ?? '')
  );
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time, b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.subresource ?? '', b.subresource ?? '') ||
    compareText(a.apiVersion, b.apiVersion)
  );
}
