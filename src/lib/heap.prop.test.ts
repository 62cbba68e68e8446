import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from './heap.ts';

test('gives back what went in, smallest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 })), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const n of numbers) heap.push(n);
      expect(heap.size).toBe(numbers.length);
      const out: number[] = [];
      while (heap.size > 0) {
        const peeked = heap.peek();
        const popped = heap.pop();
        expect(peeked).toBe(popped);
        if (popped !== undefined) out.push(popped);
      }
      expect(out).toEqual(numbers.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
