/** Draws for generators: one named stream, in words. */

import { randomStream } from '../../src/lib/random.ts';

export class Dice {
  readonly #next: () => number;

  constructor(seed: number, name: string) {
    const stream = randomStream(seed, name);
    this.#next = () => stream.next();
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#next() * choices.length)] as T; // callers give at least one
  }

  /** `value()` with this probability, else undefined. */
  perhaps<T>(probability: number, value: () => T): T | undefined {
    return this.chance(probability) ? value() : undefined;
  }

  times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  /** Some of `items`, each with this probability, in order. */
  some<T>(items: readonly T[], probability: number): T[] {
    return items.filter(() => this.chance(probability));
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return this.times(left.length, () => left.splice(this.whole(0, left.length - 1), 1)[0] as T); // never empty here
  }
}
