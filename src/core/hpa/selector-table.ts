/** Which HPA claims which pods: the selectors seen so far, by namespace. Rivals are found by pods, not by equal selectors. */

import { keyText, type ObjectKey } from '../kube/object.ts';
import { matchesSelector, NOTHING, selectorText, type Selector } from '../selector/selector.ts';
import type { Claim } from './conversation.ts';
import type { PodFacts, PodLabels } from './pod-facts.ts';
import { demandedLabels, labelText } from './demanded-label.ts';

/** One HPA that is tracked. */
type Tracked = {
  readonly name: string;
  /** In the order in which they were entered. */
  readonly sequence: number;
  selector: Selector;
  text: string;
  /** The label that its pods must have, or undefined when none can be named. */
  label: string | undefined;
};

type Claims = { readonly version: number; readonly claimants: readonly Tracked[] };

type NamespaceSelectors = {
  readonly tracked: Map<string, Tracked>;
  /** HPAs whose pods all have this label. */
  readonly byLabel: Map<string, Set<Tracked>>;
  /** HPAs that may claim any pod. */
  readonly anywhere: Set<Tracked>;
  /** Who claims the pods with these labels, as of a version. */
  readonly claims: WeakMap<PodLabels, Claims>;
  /** Counts changes of selectors. */
  version: number;
};

const NO_LABELS: PodLabels = {};

/**
 * The selectors that HPAs were last seen with. An HPA is entered when it appears and claims nothing until its first sync gets that far.
 *
 * Spec: HPA-3.21 to HPA-3.24.   Source: pkg/controller/util/selectors/bimultimap.go and its successor store (v1.37.2).
 */
export class SelectorTable {
  readonly #namespaces = new Map<string, NamespaceSelectors>();
  readonly #named: number;
  #sequence = 0;
  #evaluated = 0;

  /** `claimants`: how many of those that claim the same pods are looked for. Spec: HPA-3.23. */
  constructor({ claimants }: { readonly claimants: 'two' | 'all' } = { claimants: 'two' }) {
    this.#named = claimants === 'two' ? 2 : Infinity;
  }

  /** How many times a selector was held against labels so far: what the cost of {@link claim} is counted in. */
  get evaluated(): number {
    return this.#evaluated;
  }

  /** Enters an HPA, claiming nothing; one that is there keeps its selector. */
  track({ namespace, name }: ObjectKey): void {
    let selectors = this.#namespaces.get(namespace);
    if (selectors === undefined) {
      selectors = { tracked: new Map(), byLabel: new Map(), anywhere: new Set(), claims: new WeakMap(), version: 0 };
      this.#namespaces.set(namespace, selectors);
    }
    if (selectors.tracked.has(name)) return;
    const sequence = this.#sequence++;
    selectors.tracked.set(name, { name, sequence, selector: NOTHING, text: '', label: undefined });
  }

  forget({ namespace, name }: ObjectKey): void {
    const selectors = this.#namespaces.get(namespace);
    const tracked = selectors?.tracked.get(name);
    if (selectors === undefined || tracked === undefined) return;
    withdraw(selectors, tracked);
    selectors.tracked.delete(name);
    selectors.version++;
    if (selectors.tracked.size === 0) this.#namespaces.delete(namespace);
  }

  /**
   * Notes the HPA's selector and tells whether it is alone with its pods. `pods` are those of its namespace that the selector matches.
   * No more than two claimants are named unless all are wanted; the HPA itself need not be among them.
   *
   * Cost: O(pods) while no selector of the namespace changes; after a change O(distinct labels of the pods x HPAs that share one).
   * Spec: HPA-3.19, HPA-3.20, HPA-3.22.
   */
  claim(key: ObjectKey, selector: Selector, pods: readonly Pick<PodFacts, 'labels'>[]): Claim {
    const selectors = this.#namespaces.get(key.namespace);
    const own = selectors?.tracked.get(key.name);
    if (selectors === undefined || own === undefined) return { kind: 'not-tracked' };
    note(selectors, own, selector);
    const claimants = this.#claimantsOfAll(selectors, pods);
    if (claimants.length < 2) return { kind: 'sole' };
    const named = claimants.toSorted((a, b) => a.sequence - b.sequence).slice(0, this.#named);
    return {
      kind: 'ambiguous',
      claimants: named.map(({ name }) => keyText({ namespace: key.namespace, name })),
    };
  }

  #claimantsOfAll(selectors: NamespaceSelectors, pods: readonly Pick<PodFacts, 'labels'>[]): readonly Tracked[] {
    let first: readonly Tracked[] = [];
    let all: Set<Tracked> | undefined;
    let last: PodLabels | undefined;
    for (const { labels = NO_LABELS } of pods) {
      if (labels === last) continue; // pods of one template stand together and share their labels
      const claimants = this.#claimantsOf(selectors, labels);
      if (last === undefined) first = claimants;
      else {
        all ??= new Set(first);
        for (const claimant of claimants) all.add(claimant);
      }
      last = labels;
      if ((all?.size ?? first.length) >= this.#named) break;
    }
    return all === undefined ? first : [...all];
  }

  #claimantsOf(selectors: NamespaceSelectors, labels: PodLabels): readonly Tracked[] {
    const known = selectors.claims.get(labels);
    if (known?.version === selectors.version) return known.claimants;
    const claimants: Tracked[] = [];
    const consider = (candidates: Iterable<Tracked>): void => {
      for (const candidate of candidates) {
        this.#evaluated++;
        if (matchesSelector(candidate.selector, labels)) claimants.push(candidate);
        if (claimants.length >= this.#named) return;
      }
    };
    for (const [key, value] of Object.entries(labels)) {
      if (claimants.length < this.#named) consider(selectors.byLabel.get(labelText(key, value)) ?? []);
    }
    if (claimants.length < this.#named) consider(selectors.anywhere);
    selectors.claims.set(labels, { version: selectors.version, claimants });
    return claimants;
  }
}

/** Enters the selector under the label that the fewest others stand under. */
function note(selectors: NamespaceSelectors, own: Tracked, selector: Selector): void {
  const text = selectorText(selector);
  if (text === own.text && selector.kind === own.selector.kind) return;
  withdraw(selectors, own);
  own.selector = selector;
  own.text = text;
  own.label = rarestLabel(selectors, selector);
  selectors.version++;
  if (selector.kind === 'nothing') return;
  if (own.label === undefined) {
    selectors.anywhere.add(own);
    return;
  }
  const sharing = selectors.byLabel.get(own.label);
  if (sharing === undefined) selectors.byLabel.set(own.label, new Set([own]));
  else sharing.add(own);
}

function withdraw(selectors: NamespaceSelectors, own: Tracked): void {
  selectors.anywhere.delete(own);
  if (own.label === undefined) return;
  const sharing = selectors.byLabel.get(own.label);
  sharing?.delete(own);
  if (sharing?.size === 0) selectors.byLabel.delete(own.label);
}

function rarestLabel({ byLabel }: NamespaceSelectors, selector: Selector): string | undefined {
  if (selector.kind === 'nothing') return undefined;
  let rarest: string | undefined;
  for (const label of demandedLabels(selector)) {
    if (rarest === undefined || (byLabel.get(label)?.size ?? 0) < (byLabel.get(rarest)?.size ?? 0)) rarest = label;
  }
  return rarest;
}
