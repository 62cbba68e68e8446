/** Objects of a cache by the uid of the controller that owns them, so that a pass over one owner does not look at all objects. */

import type { Informer } from '../controllers/informer.ts';
import { controllerOf, keyOf, keyText, type KubeObject } from '../core/kube/object.ts';
import { compareText } from '../lib/compare.ts';

/** Where objects without a controller are. No uid is empty. */
const ORPHANS = '';

export class OwnerIndex<T extends KubeObject> {
  readonly #byOwner = new Map<string, Map<string, T>>();

  /** Follows `informer` from its first list on: make it before the informer runs. */
  constructor(informer: Pick<Informer<T>, 'subscribe'>) {
    informer.subscribe((event) => {
      if (event.kind === 'updated' && ownerOf(event.previous) !== ownerOf(event.object)) this.#remove(event.previous);
      if (event.kind === 'deleted') this.#remove(event.object);
      else this.#add(event.object);
    });
  }

  /** In the order in which they were first seen: whoever decides by order sorts. O(what is owned). */
  ownedBy(uid: string | undefined): readonly T[] {
    return uid === undefined || uid === ORPHANS ? [] : [...(this.#byOwner.get(uid)?.values() ?? [])];
  }

  /** Objects that no controller owns, ordered by key. */
  orphans(): readonly T[] {
    const orphans = [...(this.#byOwner.get(ORPHANS) ?? [])];
    return orphans.toSorted(([a], [b]) => compareText(a, b)).map(([, object]) => object);
  }

  #add(object: T): void {
    const owner = ownerOf(object);
    const owned = this.#byOwner.get(owner) ?? new Map<string, T>();
    owned.set(keyText(keyOf(object)), object);
    this.#byOwner.set(owner, owned);
  }

  #remove(object: T): void {
    const owner = ownerOf(object);
    const owned = this.#byOwner.get(owner);
    owned?.delete(keyText(keyOf(object)));
    if (owned?.size === 0) this.#byOwner.delete(owner);
  }
}

function ownerOf(object: KubeObject): string {
  return controllerOf(object)?.uid ?? ORPHANS;
}
