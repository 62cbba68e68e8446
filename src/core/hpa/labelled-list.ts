/** A list of labelled things that is asked by many selectors: each finds its part without walking the whole. */

import { matchesSelector, type Selector } from '../selector/selector.ts';
import type { PodLabels } from './pod-facts.ts';
import { labelText, rarestOf } from './demanded-label.ts';

type Place<T> = { readonly item: T; readonly at: number };
type Group<T> = { readonly labels: PodLabels; readonly places: Place<T>[] };

/** The list itself does not change. */
export class LabelledList<T> {
  readonly #groups = new Map<string, Group<T>>();
  readonly #groupsOfLabel = new Map<string, Set<Group<T>>>();

  /** Cost: O(items x labels). */
  constructor(items: readonly T[], labelsOf: (item: T) => PodLabels) {
    for (const [at, item] of items.entries()) {
      const labels = labelsOf(item);
      const key = JSON.stringify(labels);
      let group = this.#groups.get(key);
      if (group === undefined) {
        group = { labels, places: [] };
        this.#groups.set(key, group);
        for (const [name, value] of Object.entries(labels)) this.#enter(labelText(name, value), group);
      }
      group.places.push({ item, at });
    }
  }

  /** Those that match, in the order of the list. Cost: the groups of the rarest label that is asked for, and what is found. */
  select(selector: Selector): readonly T[] {
    if (selector.kind === 'nothing') return [];
    const found: Group<T>[] = [];
    for (const group of this.#candidates(selector)) if (matchesSelector(selector, group.labels)) found.push(group);
    const places = found.flatMap((group) => group.places);
    if (found.length > 1) places.sort((a, b) => a.at - b.at);
    return places.map(({ item }) => item);
  }

  #enter(label: string, group: Group<T>): void {
    const sharing = this.#groupsOfLabel.get(label);
    if (sharing === undefined) this.#groupsOfLabel.set(label, new Set([group]));
    else sharing.add(group);
  }

  #candidates(selector: Extract<Selector, { kind: 'requirements' }>): Iterable<Group<T>> {
    return rarestOf(selector, this.#groupsOfLabel) ?? this.#groups.values();
  }
}
