/** JSON merge patch. JSON patch (RFC 6902) stands on a library and lies beside the store. */

import { isRecord } from './kinds/schema.ts';

/**
 * `target` with `patch` merged in: members merge by name, null removes, everything else (lists too) replaces.
 * Neither argument is changed; the result shares what both left alone.
 *
 * Cost: O(size of patch + members on its paths).   Source: RFC 7386.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
