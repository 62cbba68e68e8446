/** The pods of the cluster, kept by list and watch as what decisions read of them; whole Pods are let go as they come. */

import { PodTable } from '../core/hpa/pod-table.ts';
import type { PodFacts } from '../core/hpa/pod-facts.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { keyOf, keyText } from '../core/kube/object.ts';
import { PODS } from '../core/kube/resource.ts';
import type { Selector } from '../core/selector/selector.ts';
import type { CallOptions } from '../ports/kube-api.ts';
import { Reflector, type ReflectorDeps, type ReflectorQuery } from './reflector.ts';

export class PodCache {
  readonly #api: ReflectorDeps['api'];
  readonly #table = new PodTable();
  readonly #reflector: Reflector<Pod>;

  constructor(deps: ReflectorDeps) {
    this.#api = deps.api;
    this.#reflector = new Reflector(deps, {
      resource: PODS,
      query: {},
      target: {
        list: (query, options, alive) => this.#list(query, options, alive),
        upsert: (pod) => this.#table.upsert(pod),
        remove: (pod) => this.#table.remove(keyOf(pod)),
      },
    });
  }

  /** Resolves once all pods are known. */
  synced(): Promise<void> {
    return this.#reflector.synced();
  }

  /** Lists and watches until the signal is aborted; then resolves. Never rejects. */
  run(): Promise<void> {
    return this.#reflector.run();
  }

  /** How many pods a namespace has. */
  countOf(namespace: string): number {
    return this.#table.countOf(namespace);
  }

  /** The pods of a namespace that match, by name. */
  select(namespace: string, selector: Selector): readonly PodFacts[] {
    return this.#table.select(namespace, selector);
  }

  /** Pods that a list shows are taken in as it goes on; only a whole list tells which ones are gone. */
  async #list(query: ReflectorQuery, options: CallOptions, alive: () => void): Promise<string> {
    const before = new Set(this.#table.values());
    const listed = new Set<string>();
    const version = await this.#api.listEach(
      PODS,
      query,
      (pod) => {
        if (before.size > 0) listed.add(keyText(keyOf(pod)));
        this.#table.upsert(pod);
        alive();
      },
      options,
    );
    for (const pod of before) if (!listed.has(keyText(pod))) this.#table.remove(pod);
    return version;
  }
}
