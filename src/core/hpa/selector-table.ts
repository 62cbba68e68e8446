/** Which HPA claims which pods: the selectors seen so far, by namespace. Rivals are found by pods, not by equal selectors. */

import type { Pod } from '../kube/core-v1.ts';
import { keyText, type ObjectKey } from '../kube/object.ts';
import { matchesSelector, NOTHING, type Selector } from '../selector/selector.ts';
import type { Claim } from './conversation.ts';

/**
 * The selectors that HPAs were last seen with. An HPA is entered when it appears and claims nothing until its first sync gets that far.
 *
 * Spec: HPA-3.21 to HPA-3.24.   Source: pkg/controller/util/selectors/bimultimap.go and its successor store (v1.37.2).
 */
export class SelectorTable {
  readonly #namespaces = new Map<string, Map<string, Selector>>();

  /** Enters an HPA, claiming nothing; one that is there keeps its selector. */
  track({ namespace, name }: ObjectKey): void {
    let selectors = this.#namespaces.get(namespace);
    if (selectors === undefined) {
      selectors = new Map();
      this.#namespaces.set(namespace, selectors);
    }
    if (!selectors.has(name)) selectors.set(name, NOTHING);
  }

  forget({ namespace, name }: ObjectKey): void {
    const selectors = this.#namespaces.get(namespace);
    selectors?.delete(name);
    if (selectors?.size === 0) this.#namespaces.delete(namespace);
  }

  /**
   * Notes the HPA's selector and tells whether it is alone with its pods. `pods` are those of its namespace that the selector matches.
   * The search stops at two claimants; the HPA itself need not be among them.
   *
   * Cost: O(HPAs of the namespace x pods), stopping at the first pod of each HPA that matches.
   * Spec: HPA-3.19, HPA-3.20, HPA-3.22.
   */
  claim(key: ObjectKey, selector: Selector, pods: readonly Pod[]): Claim {
    const selectors = this.#namespaces.get(key.namespace);
    if (selectors?.has(key.name) !== true) return { kind: 'not-tracked' };
    selectors.set(key.name, selector);
    let first: string | undefined;
    for (const [name, claimed] of selectors) {
      if (!pods.some((pod) => matchesSelector(claimed, pod.metadata.labels))) continue;
      const claimant = keyText({ namespace: key.namespace, name });
      if (first !== undefined) return { kind: 'ambiguous', claimants: [first, claimant] };
      first = claimant;
    }
    return { kind: 'sole' };
  }
}
