/** The order in which Go's `sort.Sort` leaves equal items: up to twelve stay as given, more are moved in a way of its own. */

/** Below 0: a before b. */
export type Compare<T> = (a: T, b: T) => number;

const FEW = 12;
/** From here on a pivot is the median of three medians. */
const MANY = 50;
const MOST_SHIFTS = 5;
/** Orders of pairs that one choice of a pivot looks at when there are many. */
const ALL_PAIRS = 12;

/**
 * A sorted copy. Equal items stand where the original's pattern-defeating quicksort puts them, which follows from the number of items
 * and from nothing random.
 *
 * Cost: O(n log n) comparisons.   Source: Go 1.26 sort.Sort (sort/zsortinterface.go).
 */
export function sortedAsGo<T>(items: readonly T[], compare: Compare<T>): readonly T[] {
  if (items.length <= FEW) return items.toSorted(compare);
  const sorted = [...items];
  new GoSort(sorted, compare).sort(0, sorted.length, bitLength(sorted.length));
  return sorted;
}

function bitLength(n: number): number {
  return 32 - Math.clz32(n);
}

/** What the comparisons for a pivot tell of the range. */
type Pattern = 'rising' | 'falling' | 'unknown';

/** Ranges are [begin, end). */
class GoSort<T> {
  readonly #items: T[];
  readonly #compare: Compare<T>;

  constructor(items: T[], compare: Compare<T>) {
    this.#items = items;
    this.#compare = compare;
  }

  /** `mayFail`: so many bad pivots until heapsort takes over. */
  sort(begin: number, end: number, mayFail: number): void {
    let isBalanced = true;
    let wasInOrder = true;
    while (end - begin > FEW) {
      const length = end - begin;
      if (mayFail === 0) return this.#heapSort(begin, end);
      if (!isBalanced) {
        this.#scatter(begin, length);
        mayFail--;
      }
      let { pivot, pattern } = this.#pivot(begin, length);
      if (pattern === 'falling') {
        this.#reverse(begin, end);
        pivot = end - 1 - (pivot - begin);
        pattern = 'rising';
      }
      if (isBalanced && wasInOrder && pattern === 'rising' && this.#nearlySorted(begin, end)) return;
      if (begin > 0 && !this.#less(begin - 1, pivot)) {
        begin = this.#splitEqual(begin, end, pivot);
        continue;
      }
      const { at, inOrder } = this.#split(begin, end, pivot);
      wasInOrder = inOrder;
      const [left, right] = [at - begin, end - at];
      isBalanced = Math.min(left, right) >= Math.floor(length / 8);
      if (left < right) {
        this.sort(begin, at, mayFail);
        begin = at + 1;
      } else {
        this.sort(at + 1, end, mayFail);
        end = at;
      }
    }
    this.#insertionSort(begin, end);
  }

  #at(i: number): T {
    return this.#items[i] as T; // every place stays within the range
  }

  #less(i: number, j: number): boolean {
    return this.#compare(this.#at(i), this.#at(j)) < 0;
  }

  #swap(i: number, j: number): void {
    const item = this.#at(i);
    this.#items[i] = this.#at(j);
    this.#items[j] = item;
  }

  #reverse(begin: number, end: number): void {
    for (let i = begin, j = end - 1; i < j; i++, j--) this.#swap(i, j);
  }

  #insertionSort(begin: number, end: number): void {
    for (let i = begin + 1; i < end; i++) for (let j = i; j > begin && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
  }

  #heapSort(begin: number, end: number): void {
    const size = end - begin;
    for (let root = Math.trunc((size - 1) / 2); root >= 0; root--) this.#sink(root, size, begin);
    for (let last = size - 1; last >= 0; last--) {
      this.#swap(begin, begin + last);
      this.#sink(0, last, begin);
    }
  }

  #sink(from: number, size: number, begin: number): void {
    for (let root = from, child = 2 * root + 1; child < size; root = child, child = 2 * root + 1) {
      if (child + 1 < size && this.#less(begin + child, begin + child + 1)) child++;
      if (!this.#less(begin + root, begin + child)) return;
      this.#swap(begin + root, begin + child);
    }
  }

  /** Less than the pivot goes before it, everything else behind. `inOrder`: nothing but the pivot had to move. */
  #split(begin: number, end: number, pivot: number): { readonly at: number; readonly inOrder: boolean } {
    this.#swap(begin, pivot);
    const at = { i: begin + 1, j: end - 1 };
    let inOrder = true;
    for (;;) {
      while (at.i <= at.j && this.#less(at.i, begin)) at.i++;
      while (at.i <= at.j && !this.#less(at.j, begin)) at.j--;
      if (at.i > at.j) break;
      inOrder = false;
      this.#swap(at.i++, at.j--);
    }
    this.#swap(at.j, begin);
    return { at: at.j, inOrder };
  }

  /** Where nothing is less than the pivot: what is equal to it goes first. The begin of the rest. */
  #splitEqual(begin: number, end: number, pivot: number): number {
    this.#swap(begin, pivot);
    let i = begin + 1;
    let j = end - 1;
    for (;;) {
      while (i <= j && !this.#less(begin, i)) i++;
      while (i <= j && this.#less(begin, j)) j--;
      if (i > j) return i;
      this.#swap(i++, j--);
    }
  }

  /** Puts a few items in order where all others are; whether that was enough. */
  #nearlySorted(begin: number, end: number): boolean {
    let i = begin + 1;
    for (let shifts = 0; shifts < MOST_SHIFTS; shifts++) {
      while (i < end && !this.#less(i, i - 1)) i++;
      if (i === end) return true;
      if (end - begin < MANY) return false;
      this.#swap(i, i - 1);
      if (i - begin >= 2) for (let j = i - 1; j >= 1 && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
      if (end - i >= 2) for (let j = i + 1; j < end && this.#less(j, j - 1); j++) this.#swap(j, j - 1);
    }
    return false;
  }

  /** Moves three items in the middle, by a generator whose seed is the length. */
  #scatter(begin: number, length: number): void {
    const mask = (1n << BigInt(bitLength(length))) - 1n;
    let state = BigInt(length);
    const middle = begin + Math.floor(length / 4) * 2;
    for (let i = middle - 1; i <= middle + 1; i++) {
      state = BigInt.asUintN(64, state ^ (state << 13n));
      state ^= state >> 7n;
      state = BigInt.asUintN(64, state ^ (state << 17n));
      const other = Number(state & mask);
      this.#swap(i, begin + (other >= length ? other - length : other));
    }
  }

  #pivot(begin: number, length: number): { pivot: number; pattern: Pattern } {
    let swaps = 0;
    const pair = (a: number, b: number): readonly [number, number] => {
      if (!this.#less(b, a)) return [a, b];
      swaps++;
      return [b, a];
    };
    const median = (a: number, b: number, c: number): number => {
      const [low, high] = pair(a, b);
      const [middle] = pair(high, c);
      return pair(low, middle)[1];
    };
    const quarter = Math.floor(length / 4);
    const places = [1, 2, 3].map((n) => begin + n * quarter);
    const [a = 0, b = 0, c = 0] = length < MANY ? places : places.map((place) => median(place - 1, place, place + 1));
    const pivot = median(a, b, c);
    return { pivot, pattern: swaps === 0 ? 'rising' : swaps === ALL_PAIRS ? 'falling' : 'unknown' };
  }
}
