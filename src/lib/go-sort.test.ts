/** Orders that Go 1.26 leaves equal items in: the digests are those of its sort.Sort on the same items. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortedAsGo } from './go-sort.ts';

type Item = { readonly key: number; readonly at: number };

const byKey = (a: Item, b: Item): number => a.key - b.key;
const digest = (items: readonly Item[]): number =>
  items.reduce((hash, { at }) => Math.imul(hash ^ at, 16_777_619) >>> 0, 2_166_136_261);

function keyOf(
  shape: string,
  { i, n, random }: { readonly i: number; readonly n: number; readonly random: number },
): number {
  switch (shape) {
    case 'mixed':
      return random % n;
    case 'few':
      return random % 4;
    case 'rising':
      return Math.floor(i / 2);
    case 'falling':
      return Math.floor((n - i) / 2);
    case 'saw':
      return i % 7;
    case 'organ':
      return i < Math.floor(n / 2) ? i : n - i;
    default:
      return 0;
  }
}

function itemsOf(shape: string, n: number): readonly Item[] {
  if (shape === 'adverse') return adverse(n);
  let state = n;
  return Array.from({ length: n }, (_, at) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { key: keyOf(shape, { i: at, n, random: state >>> 8 }), at };
  });
}

/** Keys are given while they are compared, so that each pivot is a bad one (McIlroy, A Killer Adversary for Quicksort). */
function adverse(n: number): readonly Item[] {
  const gas = n - 1;
  const keys = Array.from({ length: n }, () => gas);
  let [solid, candidate] = [0, 0];
  const key = (x: number): number => keys[x] ?? 0;
  const compare = (x: number, y: number): number => {
    if (key(x) === gas && key(y) === gas) keys[x === candidate ? x : y] = solid++;
    if (key(x) === gas) candidate = x;
    else if (key(y) === gas) candidate = y;
    return key(x) - key(y);
  };
  sortedAsGo([...keys.keys()], compare);
  return keys.map((own, at) => ({ key: Math.floor(own / 2), at }));
}

describe('the order of Go', () => {
  test.each([
    ['mixed', 12, 1516152135],
    ['few', 12, 3300499411],
    ['rising', 12, 1246796121],
    ['falling', 12, 181383755],
    ['saw', 12, 3741997207],
    ['equal', 12, 1246796121],
    ['organ', 12, 4002664079],
    ['mixed', 13, 2690309299],
    ['few', 13, 2218431519],
    ['rising', 13, 1373724879],
    ['falling', 13, 1354715197],
    ['saw', 13, 2977574475],
    ['equal', 13, 1373724879],
    ['organ', 13, 737388107],
    ['mixed', 14, 4058653548],
    ['few', 14, 3201742988],
    ['rising', 14, 2815119718],
    ['falling', 14, 3704343542],
    ['saw', 14, 2841040946],
    ['equal', 14, 2815119718],
    ['organ', 14, 3703803316],
    ['mixed', 20, 2811284707],
    ['few', 20, 3558805467],
    ['rising', 20, 2017146113],
    ['falling', 20, 2870210747],
    ['saw', 20, 2439125829],
    ['equal', 20, 2017146113],
    ['organ', 20, 2683153367],
    ['mixed', 33, 2955107927],
    ['few', 33, 3040133085],
    ['rising', 33, 2398733215],
    ['falling', 33, 2826699889],
    ['saw', 33, 3079489781],
    ['equal', 33, 2398733215],
    ['organ', 33, 4008624835],
    ['mixed', 49, 1780490979],
    ['few', 49, 3926620163],
    ['rising', 49, 527181919],
    ['falling', 49, 4042238909],
    ['saw', 49, 4038810321],
    ['equal', 49, 527181919],
    ['organ', 49, 244922933],
    ['mixed', 50, 3930778534],
    ['few', 50, 567047408],
    ['rising', 50, 3846415658],
    ['falling', 50, 336502470],
    ['saw', 50, 3175767866],
    ['equal', 50, 3846415658],
    ['organ', 50, 3742997458],
    ['mixed', 51, 3934056764],
    ['few', 51, 1164403884],
    ['rising', 51, 24962248],
    ['falling', 51, 2117957720],
    ['saw', 51, 218913030],
    ['equal', 51, 24962248],
    ['organ', 51, 655864992],
    ['mixed', 64, 1310707701],
    ['few', 64, 2936007761],
    ['rising', 64, 1832519941],
    ['falling', 64, 4061994269],
    ['saw', 64, 2391854263],
    ['equal', 64, 1832519941],
    ['organ', 64, 1177201677],
    ['mixed', 100, 443008943],
    ['few', 100, 3868462251],
    ['rising', 100, 3726872593],
    ['falling', 100, 266037577],
    ['saw', 100, 1312783761],
    ['equal', 100, 3726872593],
    ['organ', 100, 231128127],
    ['mixed', 257, 3620158269],
    ['few', 257, 1131896643],
    ['rising', 257, 2008633631],
    ['falling', 257, 915832531],
    ['saw', 257, 1579080097],
    ['equal', 257, 2008633631],
    ['organ', 257, 272972423],
    ['mixed', 1000, 4067887775],
    ['few', 1000, 4190748925],
    ['rising', 1000, 2691360765],
    ['falling', 1000, 1300276709],
    ['saw', 1000, 25427859],
    ['equal', 1000, 2691360765],
    ['organ', 1000, 2253207249],
    ['adverse', 200, 85849063],
    ['adverse', 1000, 3681294629],
  ])('%s, %d items', (shape, n, want) => {
    expect(digest(sortedAsGo(itemsOf(shape, n), byKey))).toBe(want);
  });

  test('is sorted, whole, and up to twelve items as given', () => {
    const keys = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 });
    fc.assert(
      fc.property(keys, (given) => {
        const items = given.map((key, at) => ({ key, at }));
        const sorted = sortedAsGo(items, byKey);
        expect(sorted.map(({ key }) => key)).toEqual(given.toSorted((a, b) => a - b));
        expect(new Set(sorted.map(({ at }) => at)).size).toBe(given.length);
        if (given.length <= 12) expect(sorted).toEqual(items.toSorted(byKey));
      }),
    );
  });
});
