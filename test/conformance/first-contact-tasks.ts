/** A run of tasks inside a Ray head (first_contact.py): where each one began and how it ended. */

import type { Bed } from './bed/bed.ts';
import type { Started } from './bed/run.ts';

export type Place = { readonly number: number; readonly nodeId: string; readonly pid: number };

type Event =
  | { readonly event: 'submitting'; readonly at: number }
  | ({ readonly event: 'began' | 'ended'; readonly at: number } & Place)
  | { readonly event: 'lost'; readonly at: number; readonly number: number; readonly why: string };

export type Placed = Place & { readonly at: number };

export type TaskRunOptions = {
  readonly bed: Bed;
  readonly driver: Started;
  readonly count: number;
  readonly free: (name: string) => Promise<void>;
};

const WITHIN = { timeoutMs: 300_000 };
/** Five Ray nodes on two busy cores start one after the other. */
const ALL_BEGUN = { timeoutMs: 600_000 };

export class TaskRun {
  readonly #options: TaskRunOptions;
  #ended: number | undefined;

  constructor(options: TaskRunOptions) {
    this.#options = options;
    const { driver } = options;
    void driver.done.then(
      (code) => (this.#ended = code),
      () => (this.#ended = -1),
    );
  }

  /** When the tasks were handed to Ray, once that is so. */
  async submittedAt(): Promise<number> {
    const { bed } = this.#options;
    const event = (): Event | undefined => this.#events('submitting')[0];
    return (await bed.waitFor('tasks submitted', event, WITHIN)).value.at;
  }

  /** Where tasks run or ran, once so many have begun (all, unless said otherwise). */
  async begun(count: number = this.#options.count): Promise<readonly Placed[]> {
    const { bed } = this.#options;
    const places = (): readonly Placed[] | undefined => {
      const found = this.#events('began');
      return found.length >= count ? (found as readonly (Event & Placed)[]) : undefined;
    };
    return (await bed.waitFor(`${count} tasks run`, places, ALL_BEGUN)).value;
  }

  /** Lets tasks end: the ones with these numbers, or all. */
  async free(...numbers: readonly number[]): Promise<void> {
    for (const name of numbers.length === 0 ? ['all'] : numbers.map(String)) await this.#options.free(name);
  }

  /** Where the tasks ended that have ended so far. */
  get ended(): readonly Placed[] {
    return this.#events('ended') as readonly (Event & Placed)[];
  }

  /** Tasks whose worker was lost so far. */
  get lost(): number {
    return this.#events('lost').length;
  }

  /** Waits for the end of all tasks. */
  async done(): Promise<void> {
    const { bed, count } = this.#options;
    const over = (): boolean => this.ended.length + this.lost === count;
    await bed.waitFor('all tasks have ended', over, WITHIN);
    await this.#options.driver.done;
  }

  #events(kind: Event['event']): readonly Event[] {
    const lines = this.#options.driver.output().split('\n');
    if (this.#ended !== undefined && this.#ended !== 0) {
      throw new Error(`the driver of the tasks ended with ${this.#ended}:\n${lines.slice(-20).join('\n')}`);
    }
    return lines
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Event) // first_contact.py
      .filter(({ event }) => event === kind);
  }
}

/** `numbers` of a run, in the order of their tasks: equal for two runs of the same tasks in the same places. */
export function placesOf(placed: readonly Placed[]): readonly string[] {
  return placed.map(({ number, nodeId, pid }) => `task ${number}: process ${pid} on node ${nodeId}`).toSorted();
}
