/**
 * What a controller of pods asked the API for and its cache does not show yet. While something is pending, nothing new is planned, so a
 * cache that lags cannot make it create or delete twice. Writes whose outcome is unknown are asked for again under the same name or
 * uid, which is harmless when they had happened. This is what the original calls expectations; those are counts, and a lost reply
 * lets them create one pod too many.
 */

import type { Pod } from '../core/kube/core-v1.ts';

type Creation = { readonly kind: 'unknown' } | { readonly kind: 'done'; readonly resourceVersion: string };

/** The part of the cache that settles what is pending. */
export type SeenPods = { podNamed(name: string): Pod | undefined; readonly resourceVersion: string };

export type Deletion = { readonly name: string; readonly uid: string };

export class PendingWrites {
  readonly #creations = new Map<string, Creation>();
  readonly #deletions = new Map<string, { readonly name: string; known: boolean }>();

  get isEmpty(): boolean {
    return this.#creations.size === 0 && this.#deletions.size === 0;
  }

  /** Before the request is sent. */
  creationAsked(name: string): void {
    this.#creations.set(name, { kind: 'unknown' });
  }

  creationDone(name: string, resourceVersion: string): void {
    this.#creations.set(name, { kind: 'done', resourceVersion });
  }

  /** The server said no: nothing was made. */
  creationRefused(name: string): void {
    this.#creations.delete(name);
  }

  /** Before the request is sent. */
  deletionAsked({ name, uid }: Deletion): void {
    this.#deletions.set(uid, { name, known: false });
  }

  /** Accepted: the cache will show it as terminating, or gone. */
  deletionDone(uid: string): void {
    const deletion = this.#deletions.get(uid);
    if (deletion !== undefined) deletion.known = true;
  }

  deletionRefused(uid: string): void {
    this.#deletions.delete(uid);
  }

  /** Names of creations that may or may not have happened. */
  unknownCreations(): readonly string[] {
    return [...this.#creations].filter(([, { kind }]) => kind === 'unknown').map(([name]) => name);
  }

  unknownDeletions(): readonly Deletion[] {
    return [...this.#deletions].filter(([, { known }]) => !known).map(([uid, { name }]) => ({ uid, name }));
  }

  /** Forgets what the cache shows by now: the pod itself, or a version past its creation (it came and went). O(pending). */
  settle(seen: SeenPods): void {
    for (const [name, creation] of this.#creations) {
      const past = creation.kind === 'done' && isAtLeast(seen.resourceVersion, creation.resourceVersion);
      if (past || seen.podNamed(name) !== undefined) this.#creations.delete(name);
    }
    for (const [uid, { name }] of this.#deletions) {
      const pod = seen.podNamed(name);
      if (pod?.metadata.uid !== uid || pod.metadata.deletionTimestamp !== undefined) this.#deletions.delete(uid);
    }
  }
}

/** Versions are decimal numbers without leading zeros that may exceed 2^53. Spec: cluster-api 8.2. */
function isAtLeast(version: string, other: string): boolean {
  return version.length === other.length ? version >= other : version.length > other.length;
}
