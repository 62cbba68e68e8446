/** Who owns whom, by uid: what the garbage collector knows of the cluster. A structure only; what follows is `garbage.ts`. */

import type { AnyObject } from '../kube/object.ts';
import type { AnyKind } from './kinds/table.ts';

export type OwnerNode = { readonly kind: AnyKind; readonly object: AnyObject };

/** Objects and their dependents. Every operation is O(owner references of the object). */
export class OwnerGraph {
  readonly #nodes = new Map<string, OwnerNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): OwnerNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Takes in a new or changed object. */
  put(kind: AnyKind, object: AnyObject): void {
    const { uid = '' } = object.metadata;
    const previous = this.#nodes.get(uid);
    if (previous !== undefined) this.#unlink(uid, previous.object);
    this.#nodes.set(uid, { kind, object });
    for (const owner of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      if (dependents === undefined) this.#dependents.set(owner.uid, new Set([uid]));
      else dependents.add(uid);
    }
  }

  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    this.#unlink(uid, node.object);
  }

  /** What refers to `uid` as an owner, in the order it was taken in; the owner itself may be gone or never seen. */
  dependentsOf(uid: string): readonly OwnerNode[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#nodes.get(dependent) ?? []);
  }

  #unlink(uid: string, object: AnyObject): void {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      if (dependents?.delete(uid) === true && dependents.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}
