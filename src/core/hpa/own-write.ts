/** Not deciding on a status older than the one we wrote: comparing versions of our writes with what the cache has seen. */

import { compareText } from '../../lib/compare.ts';

/** The last status write of one HPA, as the server answered it. */
export type OwnWrite = { readonly uid: string; readonly resourceVersion: string };

/**
 * What is remembered after another write: the newer of the two, or the written one where they cannot be compared or belong to
 * different objects.
 *
 * Spec: HPA-2.40.   Source: pkg/controller/util/consistency (v1.37.2).
 */
export function rememberWrite(old: OwnWrite | undefined, written: OwnWrite): OwnWrite {
  if (old === undefined || old.uid !== written.uid) return written;
  const order = compareVersions(written.resourceVersion, old.resourceVersion);
  return order === undefined || order > 0 ? written : old;
}

/**
 * Whether a cache that has seen `storeVersion` knows of the write; what cannot be compared passes.
 *
 * Spec: HPA-2.40, HPA-2.41.
 */
export function hasSeen(storeVersion: string, written: OwnWrite): boolean {
  const order = compareVersions(written.resourceVersion, storeVersion);
  return order === undefined || order <= 0;
}

/** Spec: HPA-2.42. */
export function notReadyText(storeVersion: string, written: OwnWrite): string {
  const versions = `read version: ${storeVersion} is not as new as written version: ${written.resourceVersion}`;
  return `${versions} for group resource horizontalpodautoscalers.autoscaling`;
}

const VERSION = /^[1-9]\d*$/;

/** Orders two resource versions; undefined when one is no decimal number. Spec: HPA-2.41. */
function compareVersions(a: string, b: string): number | undefined {
  if (!VERSION.test(a) || !VERSION.test(b)) return undefined;
  return a.length === b.length ? compareText(a, b) : a.length - b.length;
}
