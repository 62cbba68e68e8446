/** The last changes of the store, by version: what watches resume from and snapshots are rolled back with. */

import type { AnyObject } from '../core/kube/object.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { assert, defined } from '../lib/assert.ts';

/** One committed write. `previous` is absent for what was created; a deletion's `object` is the final content. */
export type Change = {
  readonly version: number;
  readonly kind: AnyKind;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: AnyObject;
  readonly previous: AnyObject | undefined;
};

/** A ring: every version has exactly one change, so a version is an index. */
export class History {
  readonly #capacity: number;
  readonly #changes: (Change | undefined)[];
  #newest: number;
  #size = 0;

  constructor(options: { readonly capacity: number; readonly startVersion: number }) {
    this.#capacity = options.capacity;
    this.#changes = new Array<Change | undefined>(options.capacity);
    this.#newest = options.startVersion;
  }

  /** The oldest version whose successors are all kept. */
  get oldest(): number {
    return this.#newest - this.#size;
  }

  push(change: Change): void {
    assert(change.version === this.#newest + 1, `version ${change.version} does not follow ${this.#newest}`);
    this.#newest = change.version;
    this.#changes[change.version % this.#capacity] = change;
    this.#size = Math.min(this.#size + 1, this.#capacity);
  }

  /** Changes with a version above `version`, oldest first. Callers have checked that it is not older than {@link oldest}. */
  *after(version: number): Generator<Change> {
    for (let next = version + 1; next <= this.#newest; next++) yield this.#at(next);
  }

  /** The same, newest first. */
  *backTo(version: number): Generator<Change> {
    for (let next = this.#newest; next > version; next--) yield this.#at(next);
  }

  #at(version: number): Change {
    return defined(this.#changes[version % this.#capacity], `the change of version ${version}`);
  }
}
