/** A placement group that a driver inside a Ray head holds (first_contact.py): when it was asked for, became ready and was removed. */

import type { Bed } from './bed/bed.ts';
import type { Started } from './bed/run.ts';

export type Strategy = 'PACK' | 'SPREAD' | 'STRICT_PACK' | 'STRICT_SPREAD';

type Event =
  | { readonly event: 'submitting'; readonly at: number }
  | { readonly event: 'removed'; readonly at: number }
  | { readonly event: 'ready'; readonly at: number; readonly nodeIds: readonly string[] };

type Of<K extends Event['event']> = Extract<Event, { readonly event: K }>;

export type GroupRunOptions = {
  readonly bed: Bed;
  readonly driver: Started;
  readonly remove: () => Promise<void>;
};

/** Two Ray nodes on two busy cores start one after the other. */
const WITHIN = { timeoutMs: 600_000 };

export class GroupRun {
  readonly #options: GroupRunOptions;
  #ended: number | undefined;

  constructor(options: GroupRunOptions) {
    this.#options = options;
    void options.driver.done.then(
      (code) => (this.#ended = code),
      () => (this.#ended = -1),
    );
  }

  /** When the group was asked for. */
  async submittedAt(): Promise<number> {
    return (await this.#seen('submitting')).at;
  }

  /** When Ray had a place for every bundle, and the node of each. */
  async ready(): Promise<{ readonly at: number; readonly nodeIds: readonly string[] }> {
    return await this.#seen('ready');
  }

  /** Removes the group; when that was done. */
  async remove(): Promise<number> {
    await this.#options.remove();
    const { at } = await this.#seen('removed');
    await this.#options.driver.done;
    return at;
  }

  async #seen<K extends Event['event']>(kind: K): Promise<Of<K>> {
    return (await this.#options.bed.waitFor(`placement group: ${kind}`, () => this.#event(kind), WITHIN)).value;
  }

  #event<K extends Event['event']>(kind: K): Of<K> | undefined {
    const lines = this.#options.driver.output().split('\n');
    const found = lines
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Event) // first_contact.py
      .find(({ event }) => event === kind);
    if (found === undefined && this.#ended !== undefined) {
      throw new Error(`the driver of the group ended with ${this.#ended}:\n${lines.slice(-20).join('\n')}`);
    }
    return found as Of<K> | undefined; // by its event
  }
}
