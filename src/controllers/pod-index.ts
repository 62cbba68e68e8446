/** The pods of an informer by namespace, so that a reader of one namespace does not walk the cluster. */

import type { Pod } from '../core/kube/core-v1.ts';
import { matchesSelector, type Selector } from '../core/selector/selector.ts';
import { compareText } from '../lib/compare.ts';
import type { InformerEvent } from './informer.ts';

export class PodIndex {
  readonly #namespaces = new Map<string, Map<string, Pod>>();

  /** Takes in one event of the informer. */
  apply(event: InformerEvent<Pod>): void {
    const { namespace = '', name } = event.object.metadata;
    const pods = this.#namespaces.get(namespace) ?? new Map<string, Pod>();
    if (event.kind === 'deleted') pods.delete(name);
    else pods.set(name, event.object);
    if (pods.size === 0) this.#namespaces.delete(namespace);
    else this.#namespaces.set(namespace, pods);
  }

  /** The pods of a namespace that match, by name. O(pods of the namespace), and n log n in those that match. */
  select(namespace: string, selector: Selector): readonly Pod[] {
    const matching: Pod[] = [];
    for (const pod of this.#namespaces.get(namespace)?.values() ?? []) {
      if (matchesSelector(selector, pod.metadata.labels)) matching.push(pod);
    }
    return matching.toSorted((a, b) => compareText(a.metadata.name, b.metadata.name));
  }
}
