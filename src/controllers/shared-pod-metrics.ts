/**
 * One list of pod metrics for all HPAs of a namespace that fall due together, instead of one request each. What a sync gets was asked for
 * after it fell due, as if it had asked itself at once.
 */

import type { Failure } from '../core/hpa/conversation.ts';
import { LabelledList } from '../core/hpa/labelled-list.ts';
import type { PodMetrics } from '../core/kube/metrics.ts';
import type { Selector } from '../core/selector/selector.ts';
import type { DurationMs } from '../core/time/time.ts';
import { ok, type Result } from '../lib/result.ts';

export type PodMetricsQuery = { readonly namespace: string; readonly labelSelector: string };

/** With the selector that the text stands for. */
export type SelectedQuery = PodMetricsQuery & { readonly selector: Selector };

/** One request of the API. */
export type FetchPodMetrics = (query: PodMetricsQuery) => Promise<Result<readonly PodMetrics[], Failure>>;

export type Together = {
  /** Now, and since when the sync that asks is due: on the monotonic clock. */
  readonly now: DurationMs;
  readonly since: DurationMs;
  /** How many other HPAs of the namespace are due and have not begun. */
  readonly others: number;
  /** How many pods the selector finds, and how many the namespace has. */
  readonly ownPods: number;
  readonly allPods: number;
};

type Shared = {
  readonly askedAt: DurationMs;
  /** Undefined: the items do not tell their labels, so nobody but the server can select. */
  readonly items: Promise<Result<LabelledList<PodMetrics> | undefined, Failure>>;
};

/** A list of the whole namespace is asked for as long as it is at most this much longer than those that it stands for, taken together. */
const MAX_SURPLUS = 4;

export class SharedPodMetrics {
  readonly #fetch: FetchPodMetrics;
  readonly #shared = new Map<string, Shared>();
  /** Namespaces whose items come without labels. */
  readonly #unlabelled = new Set<string>();

  constructor(fetch: FetchPodMetrics) {
    this.#fetch = fetch;
  }

  /**
   * The items that match, in the server's order. Metrics of the whole namespace are kept no longer than somebody waits for them.
   *
   * Spec: HPA-20.1, HPA-20.6.   **Differs:** upstream asks once per metric of each HPA; for one state of the server the answers are the same.
   */
  async list(query: SelectedQuery, together: Together): Promise<Result<readonly PodMetrics[], Failure>> {
    const { namespace, labelSelector, selector } = query;
    const shared = this.#sharedFor(namespace, together);
    if (together.others === 0) this.#shared.delete(namespace);
    if (shared === undefined) return this.#fetch({ namespace, labelSelector });
    const items = await shared.items;
    if (!items.ok) return items;
    if (items.value !== undefined) return ok(items.value.select(selector));
    this.#unlabelled.add(namespace);
    return this.#fetch({ namespace, labelSelector });
  }

  #sharedFor(namespace: string, { now, since, others, ownPods, allPods }: Together): Shared | undefined {
    const known = this.#shared.get(namespace);
    if (known !== undefined && known.askedAt >= since) return known;
    const worth = others > 0 && allPods <= MAX_SURPLUS * ownPods * (others + 1);
    if (!worth || this.#unlabelled.has(namespace)) return undefined;
    const items = this.#fetch({ namespace, labelSelector: '' }).then((answer) =>
      answer.ok ? ok(labelled(answer.value)) : answer,
    );
    const shared = { askedAt: now, items };
    this.#shared.set(namespace, shared);
    return shared;
  }
}

function labelled(items: readonly PodMetrics[]): LabelledList<PodMetrics> | undefined {
  if (items.some(({ metadata }) => metadata.labels === undefined)) return undefined;
  return new LabelledList(items, ({ metadata }) => metadata.labels ?? {});
}
