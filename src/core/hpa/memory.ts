/**
 * What the controller keeps between syncs, for all HPAs: histories by key, own status writes, tracked selectors. A structure that says
 * how a key is to be treated; it calls nobody and is lost with the process.
 */

import { err, ok, type Result } from '../../lib/result.ts';
import type { HorizontalPodAutoscaler } from '../kube/hpa.ts';
import { keyOf, keyText, type ObjectKey } from '../kube/object.ts';
import { DEFAULT_HPA_GATES, type HpaGates } from './config.ts';
import { NO_HISTORY, type HpaHistory } from './draft.ts';
import { hasSeen, notReadyText, rememberWrite, type OwnWrite } from './own-write.ts';
import { SelectorTable } from './selector-table.ts';

/** What to do with a key that was taken from the queue. `skip`: look again one period later. */
export type Begin =
  | { readonly kind: 'skip'; readonly error: string }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'sync'; readonly hpa: HorizontalPodAutoscaler; readonly history: HpaHistory };

/** What the HPA cache holds for one key, and the newest version it has seen of any HPA. */
export type CacheView = { readonly hpa: HorizontalPodAutoscaler | undefined; readonly resourceVersion: string };

/** Spec: HPA-1.4, HPA-2.2, HPA-2.3, HPA-2.40, HPA-2.44.   Source: pkg/controller/podautoscaler/horizontal.go (v1.37.2). */
export class HpaMemory {
  readonly selectors: SelectorTable;
  readonly #checksOwnWrites: boolean;
  readonly #histories = new Map<string, HpaHistory>();
  readonly #ownWrites = new Map<string, OwnWrite>();

  constructor(gates: HpaGates = DEFAULT_HPA_GATES) {
    this.selectors = new SelectorTable({ claimants: gates.HPAOptimizedSelectorStore ? 'two' : 'all' });
    this.#checksOwnWrites = gates.StaleControllerConsistencyHPA;
  }

  /** An HPA appeared, or its spec changed. Spec: HPA-16.2, HPA-16.3. */
  track(key: ObjectKey): void {
    this.selectors.track(key);
  }

  /** An HPA was deleted. Its history stays until its key is next looked at: one made anew at once inherits it. Spec: HPA-2.44. */
  removed(hpa: HorizontalPodAutoscaler): void {
    const key = keyOf(hpa);
    this.selectors.forget(key);
    if (this.#ownWrites.get(keyText(key))?.uid === hpa.metadata.uid) this.#ownWrites.delete(keyText(key));
  }

  /** How to treat a key now. A key that is not in the cache loses its history. Spec: HPA-2.2, HPA-2.3. */
  begin(key: ObjectKey, cache: CacheView): Begin {
    const text = keyText(key);
    const written = this.#ownWrites.get(text);
    if (written !== undefined) {
      if (!hasSeen(cache.resourceVersion, written))
        return { kind: 'skip', error: notReadyText(cache.resourceVersion, written) };
      this.#ownWrites.delete(text);
    }
    if (cache.hpa === undefined) {
      this.#histories.delete(text);
      return { kind: 'deleted' };
    }
    return { kind: 'sync', hpa: cache.hpa, history: this.#histories.get(text) ?? NO_HISTORY };
  }

  /** A status write was answered with `written`. Spec: HPA-2.40. */
  wroteStatus(written: HorizontalPodAutoscaler): void {
    if (!this.#checksOwnWrites) return; // HPA-24.5
    const key = keyText(keyOf(written));
    const { uid = '', resourceVersion = '' } = written.metadata;
    this.#ownWrites.set(key, rememberWrite(this.#ownWrites.get(key), { uid, resourceVersion }));
  }

  historyOf(key: ObjectKey): HpaHistory {
    return this.#histories.get(keyText(key)) ?? NO_HISTORY;
  }

  /** Keeps what a sync handed on. */
  end(key: ObjectKey, next: HpaHistory): void {
    this.#histories.set(keyText(key), next);
  }
}

/** Reads `<namespace>/<name>`; a key without `/` has no namespace. Spec: HPA-2.1. */
export function parseHpaKey(text: string): Result<ObjectKey, string> {
  const parts = text.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) return err(`unexpected key format: "${text}"`);
  return ok(second === undefined ? { namespace: '', name: first } : { namespace: first, name: second });
}
