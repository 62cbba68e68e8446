import { describe, expect, test } from 'vitest';
import { randomStream, SeededRandom } from './random.ts';

const draws = (seed: number, name: string, count: number): readonly number[] => {
  const stream = randomStream(seed, name);
  return Array.from({ length: count }, () => stream.next());
};

describe('random streams', () => {
  test('repeat for one seed and name, differ for another', () => {
    expect(draws(1, 'a', 20)).toEqual(draws(1, 'a', 20));
    expect(draws(1, 'a', 20)).not.toEqual(draws(2, 'a', 20));
    expect(draws(1, 'a', 20)).not.toEqual(draws(1, 'b', 20));
  });

  test('one more draw in a stream changes nothing in another', () => {
    const plain = new SeededRandom(7);
    const busy = new SeededRandom(7);
    for (let i = 0; i < 10; i++) busy.stream('other').next();
    expect(busy.stream('mine').next()).toBe(plain.stream('mine').next());
  });

  test('asking again goes on where the stream was', () => {
    const random = new SeededRandom(3);
    const [first, second] = draws(3, 'x', 2);
    expect(random.stream('x').next()).toBe(first);
    expect(random.stream('x').next()).toBe(second);
  });

  test('are uniform in [0, 1): each tenth gets its share', () => {
    const counts = new Array<number>(10).fill(0);
    const values = draws(11, 'uniform', 20_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (const value of values) {
      const bin = Math.floor(value * 10);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});
