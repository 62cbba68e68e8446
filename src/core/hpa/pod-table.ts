/**
 * The pods of the cluster as decisions read them, found by selector without walking a namespace. Pods with equal labels stand in one
 * group, so a selector is tried once per group; what equal pods have in common is kept once.
 */

import { compareText } from '../../lib/compare.ts';
import type { Pod } from '../kube/core-v1.ts';
import { matchesSelector, selectorText, type Selector } from '../selector/selector.ts';
import { labelText, rarestOf } from './demanded-label.ts';
import {
  podFactsWith,
  requestsKey,
  requestsOfSpec,
  type PodFacts,
  type PodLabels,
  type PodRequests,
} from './pod-facts.ts';

type Group = {
  readonly labels: PodLabels;
  readonly pods: Map<string, PodFacts>;
  /** Of the templates that its pods were made from, by what they request. */
  readonly requests: Map<string, PodRequests>;
  /** By name; undefined after a change. */
  sorted: readonly PodFacts[] | undefined;
};

type NamespacePods = {
  readonly groups: Map<string, Group>;
  readonly groupOf: Map<string, Group>;
  /** By {@link labelText}. */
  readonly groupsOfLabel: Map<string, Set<Group>>;
  /** Answers since the last change, by the text of their selector. */
  readonly selections: Map<string, readonly PodFacts[]>;
};

const NONE: readonly PodFacts[] = [];

export class PodTable {
  readonly #namespaces = new Map<string, NamespacePods>();
  #size = 0;
  #evaluated = 0;

  /** How many pods there are. */
  get size(): number {
    return this.#size;
  }

  /** How many times a selector was held against labels so far: what the cost of {@link select} is counted in. */
  get evaluated(): number {
    return this.#evaluated;
  }

  /** Takes in a pod as it is now. Cost: O(labels + containers). */
  upsert(pod: Pod): void {
    const { namespace = '', name, labels } = pod.metadata;
    const table = this.#namespace(namespace);
    const key = JSON.stringify(labels ?? {});
    const before = table.groupOf.get(name);
    let group = table.groups.get(key);
    if (before !== undefined && before !== group) {
      this.#leave(table, before, name);
    }
    if (group === undefined) {
      group = { labels: labels ?? {}, pods: new Map(), requests: new Map(), sorted: undefined };
      table.groups.set(key, group);
      enter(table, group);
    }
    if (!group.pods.has(name)) this.#size++;
    group.pods.set(name, podFactsWith(pod, { labels: group.labels, requests: requestsIn(group, pod) }));
    group.sorted = undefined;
    table.groupOf.set(name, group);
    table.selections.clear();
  }

  /** Forgets a pod. One that is not there is no matter. */
  remove({ namespace, name }: { readonly namespace: string; readonly name: string }): void {
    const table = this.#namespaces.get(namespace);
    const group = table?.groupOf.get(name);
    if (table === undefined || group === undefined) return;
    this.#leave(table, group, name);
    table.groupOf.delete(name);
    table.selections.clear();
    if (table.groupOf.size === 0) this.#namespaces.delete(namespace);
  }

  /** Every pod, in no particular order. */
  *values(): Generator<PodFacts> {
    for (const { groups } of this.#namespaces.values()) for (const { pods } of groups.values()) yield* pods.values();
  }

  /** How many pods a namespace has. */
  countOf(namespace: string): number {
    return this.#namespaces.get(namespace)?.groupOf.size ?? 0;
  }

  /**
   * The pods of a namespace that match, by name. Do not change the list: it is handed out again until a pod of the namespace changes.
   *
   * Cost: the groups of the rarest label that the selector asks for; n log n in matching pods after a change.
   * Spec: HPA-4, HPA-3.22.
   */
  select(namespace: string, selector: Selector): readonly PodFacts[] {
    const table = this.#namespaces.get(namespace);
    if (table === undefined || selector.kind === 'nothing') return NONE;
    const text = selectorText(selector);
    const known = table.selections.get(text);
    if (known !== undefined) return known;
    const groups: Group[] = [];
    for (const group of rarestOf(selector, table.groupsOfLabel) ?? table.groups.values()) {
      this.#evaluated++;
      if (matchesSelector(selector, group.labels)) groups.push(group);
    }
    const only = groups.length === 1 ? groups[0] : undefined;
    const pods = only === undefined ? byName(groups.flatMap(({ pods }) => [...pods.values()])) : sortedOf(only);
    table.selections.set(text, pods);
    return pods;
  }

  #namespace(name: string): NamespacePods {
    let table = this.#namespaces.get(name);
    if (table === undefined) {
      table = { groups: new Map(), groupOf: new Map(), groupsOfLabel: new Map(), selections: new Map() };
      this.#namespaces.set(name, table);
    }
    return table;
  }

  #leave(table: NamespacePods, group: Group, name: string): void {
    if (group.pods.delete(name)) this.#size--;
    group.sorted = undefined;
    if (group.pods.size > 0) return;
    table.groups.delete(JSON.stringify(group.labels));
    for (const [key, value] of Object.entries(group.labels)) {
      const text = labelText(key, value);
      const sharing = table.groupsOfLabel.get(text);
      sharing?.delete(group);
      if (sharing?.size === 0) table.groupsOfLabel.delete(text);
    }
  }
}

function enter(table: NamespacePods, group: Group): void {
  for (const [key, value] of Object.entries(group.labels)) {
    const text = labelText(key, value);
    const sharing = table.groupsOfLabel.get(text);
    if (sharing === undefined) table.groupsOfLabel.set(text, new Set([group]));
    else sharing.add(group);
  }
}

function requestsIn(group: Group, { spec }: Pod): PodRequests {
  const key = requestsKey(spec);
  let requests = group.requests.get(key);
  if (requests === undefined) {
    requests = requestsOfSpec(spec);
    group.requests.set(key, requests);
  }
  return requests;
}

function sortedOf(group: Group): readonly PodFacts[] {
  group.sorted ??= byName([...group.pods.values()]);
  return group.sorted;
}

function byName(pods: PodFacts[]): readonly PodFacts[] {
  return pods.sort((a, b) => compareText(a.name, b.name));
}
