/** Watches on a case's server: what changed since the last time is sent to everyone who watches, at once and in order. */

import type { HorizontalPodAutoscaler } from '../core/kube/hpa.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { keyOf, keyText, type KubeObject } from '../core/kube/object.ts';
import type { WatchEvent } from '../ports/kube-api.ts';
import { printedHpa, type CaseStore } from './hpa-case-store.ts';

/** One kind of object: what everyone was told of it last. */
type Kind<T extends KubeObject> = {
  readonly current: () => readonly T[];
  readonly known: Map<string, { readonly object: T; readonly text: string }>;
  readonly watchers: Set<Watcher<T>>;
};

export class CaseWatches {
  readonly #store: CaseStore;
  readonly #texts = new WeakMap<object, string>();
  readonly #print = new WeakMap<HorizontalPodAutoscaler, HorizontalPodAutoscaler>();
  readonly hpas: Kind<HorizontalPodAutoscaler>;
  readonly pods: Kind<Pod>;

  constructor(store: CaseStore) {
    this.#store = store;
    this.hpas = kindOf(() => [...store.hpas().values()].map((hpa) => this.#printed(hpa)));
    this.pods = kindOf(() => store.settle());
  }

  /** Over the wire an object is what it prints as; printed once, it stays the same object. */
  #printed(hpa: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
    const known = this.#print.get(hpa) ?? printedHpa(hpa);
    this.#print.set(hpa, known);
    return known;
  }

  /** Sends what changed. */
  notify(): void {
    this.#notify(this.hpas);
    this.#notify(this.pods);
  }

  #notify<T extends KubeObject>(kind: Kind<T>): void {
    const now = new Map(kind.current().map((object) => [keyText(keyOf(object)), object]));
    for (const key of [...new Set([...now.keys(), ...kind.known.keys()])].toSorted()) {
      const object = now.get(key);
      const before = kind.known.get(key);
      const text = object === undefined ? undefined : this.#textOf(object);
      if (text === before?.text) continue;
      const version = this.#store.nextVersion();
      if (object === undefined || text === undefined) {
        kind.known.delete(key);
        if (before !== undefined) send(kind, { type: 'DELETED', object: before.object });
        continue;
      }
      const sent = withVersion(object, version);
      kind.known.set(key, { object: sent, text });
      send(kind, { type: before === undefined ? 'ADDED' : 'MODIFIED', object: sent });
    }
  }

  #textOf(object: object): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object);
    this.#texts.set(object, text);
    return text;
  }
}

function kindOf<T extends KubeObject>(current: () => readonly T[]): Kind<T> {
  return { current, known: new Map(), watchers: new Set() };
}

/** Pods of a case have no version of their own. */
export function withVersion<T extends KubeObject>(object: T, version: string): T {
  const { resourceVersion = version } = object.metadata;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function send<T extends KubeObject>({ watchers }: Kind<T>, event: WatchEvent<T>): void {
  for (const watcher of watchers) watcher.push(event);
}

class Watcher<T> {
  readonly #events: WatchEvent<T>[] = [];
  #wake: (() => void) | undefined;

  push(event: WatchEvent<T>): void {
    this.#events.push(event);
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  async next(signal: AbortSignal): Promise<WatchEvent<T> | undefined> {
    while (this.#events.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return signal.aborted ? undefined : this.#events.shift();
  }
}

/** Events from now on, until the signal is aborted. */
export async function* watchKind<T extends KubeObject>(
  kind: Kind<T>,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const watcher = new Watcher<T>();
  const stop = (): void => watcher.wake();
  kind.watchers.add(watcher);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (let event = await watcher.next(signal); event !== undefined; event = await watcher.next(signal)) yield event;
  } finally {
    kind.watchers.delete(watcher);
    signal.removeEventListener('abort', stop);
  }
}
