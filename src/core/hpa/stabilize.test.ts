import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, seconds } from '../time/time.ts';
import { stabilizeDown, type Recommendation } from './stabilize.ts';

const entry = (replicas: number, ageSeconds: number): Recommendation => ({
  replicas,
  at: durationMs(1_000_000 - ageSeconds * 1000),
});
const NOW = durationMs(1_000_000);
const WINDOW = seconds(300);

type Row = {
  readonly name: string;
  readonly candidate: number;
  readonly list: readonly Recommendation[];
  readonly want: { readonly replicas: number; readonly next: readonly Recommendation[] };
};

const ROWS: readonly Row[] = [
  { name: 'HPA-9.1 nothing remembered', candidate: 3, list: [], want: { replicas: 3, next: [entry(3, 0)] } },
  {
    name: 'HPA-9.1 a higher one in the window holds it up',
    candidate: 2,
    list: [entry(5, 10)],
    want: { replicas: 5, next: [entry(5, 10), entry(2, 0)] },
  },
  {
    name: 'HPA-9.1 a lower one does not hold it down',
    candidate: 6,
    list: [entry(2, 10)],
    want: { replicas: 6, next: [entry(2, 10), entry(6, 0)] },
  },
  {
    name: 'HPA-9.4 exactly a window old still counts',
    candidate: 2,
    list: [entry(5, 300)],
    want: { replicas: 5, next: [entry(5, 300), entry(2, 0)] },
  },
  {
    name: 'HPA-9.10 an older one is forgotten, and its place reused',
    candidate: 2,
    list: [entry(5, 300.001), entry(3, 10)],
    want: { replicas: 3, next: [entry(2, 0), entry(3, 10)] },
  },
  {
    name: 'HPA-9.11 of several old ones the last place is reused',
    candidate: 1,
    list: [entry(9, 500), entry(8, 400), entry(4, 20)],
    want: { replicas: 4, next: [entry(9, 500), entry(1, 0), entry(4, 20)] },
  },
];

test.each(ROWS)('$name', ({ candidate, list, want }) => {
  const { replicas, nextRecommendations } = stabilizeDown({
    candidate,
    recommendations: list,
    windowMs: WINDOW,
    now: NOW,
  });
  expect({ replicas, next: nextRecommendations }).toEqual(want);
});

test('the explanation names the recommendation that holds, and none when none does', () => {
  const held = stabilizeDown({
    candidate: 1,
    recommendations: [entry(4, 20), entry(7, 30)],
    windowMs: WINDOW,
    now: NOW,
  });
  const free = stabilizeDown({ candidate: 7, recommendations: [entry(7, 30)], windowMs: WINDOW, now: NOW });
  expect([held.heldBy, free.heldBy]).toEqual([entry(7, 30), undefined]);
});

test('HPA-9.10 the list stays about window / period long, however long it runs', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { minLength: 200, maxLength: 200 }), (candidates) => {
      let list: readonly Recommendation[] = [];
      for (const [i, candidate] of candidates.entries()) {
        list = stabilizeDown({
          candidate,
          recommendations: list,
          windowMs: WINDOW,
          now: durationMs(i * 15_000),
        }).nextRecommendations;
      }
      expect(list.length).toBeLessThanOrEqual(300 / 15 + 2);
    }),
  );
});
