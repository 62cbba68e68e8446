import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, seconds } from '../time/time.ts';
import { stabilizeBothWays, stabilizeDown, type Recommendation } from './stabilize.ts';

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

type BothRow = {
  readonly name: string;
  readonly candidate: number;
  readonly currentReplicas: number;
  readonly list: readonly Recommendation[];
  readonly want: number;
  readonly heldBy?: Recommendation;
};

/** Windows of 60 s upwards and 300 s downwards. */
const BOTH_ROWS: readonly BothRow[] = [
  { name: 'HPA-9.5 up at once with nothing remembered', candidate: 8, currentReplicas: 4, list: [], want: 8 },
  {
    name: 'HPA-9.5 up to the lowest of the upward window',
    candidate: 8,
    currentReplicas: 4,
    list: [entry(6, 50), entry(2, 70)],
    want: 6,
    heldBy: entry(6, 50),
  },
  {
    name: 'HPA-9.5 not below the present number',
    candidate: 8,
    currentReplicas: 4,
    list: [entry(2, 50)],
    want: 4,
    heldBy: entry(2, 50),
  },
  {
    name: 'HPA-9.5 down to the highest of the downward window',
    candidate: 2,
    currentReplicas: 9,
    list: [entry(5, 200), entry(8, 301)],
    want: 5,
    heldBy: entry(5, 200),
  },
  {
    name: 'HPA-9.5 not above the present number',
    candidate: 2,
    currentReplicas: 4,
    list: [entry(9, 200)],
    want: 4,
    heldBy: entry(9, 200),
  },
  {
    name: 'HPA-9.4 exactly a window old is outside: upwards',
    candidate: 8,
    currentReplicas: 4,
    list: [entry(2, 60)],
    want: 8,
  },
  {
    name: 'HPA-9.4 exactly a window old is outside: downwards',
    candidate: 2,
    currentReplicas: 4,
    list: [entry(9, 300)],
    want: 2,
  },
  {
    name: 'HPA-9.5 the present number stays where both windows leave room',
    candidate: 4,
    currentReplicas: 4,
    list: [entry(2, 10), entry(9, 10)],
    want: 4,
  },
];

test.each(BOTH_ROWS)('$name', ({ candidate, currentReplicas, list, want, heldBy }) => {
  const windows = { upWindowMs: seconds(60), downWindowMs: WINDOW, now: NOW };
  const stabilized = stabilizeBothWays({ candidate, currentReplicas, recommendations: list, ...windows });
  expect(stabilized.replicas).toBe(want);
  expect(stabilized.heldBy).toEqual(heldBy);
});

test.each([
  ['HPA-9.10 one that is older than both windows gives its place', [entry(5, 301), entry(3, 10)], 0],
  ['HPA-9.4 one as old as a window does not', [entry(5, 300), entry(3, 10)], 2],
  ['HPA-9.10 nor one that is older than the shorter window only', [entry(5, 100), entry(3, 10)], 2],
  ['HPA-9.11 of several the last', [entry(5, 500), entry(6, 400), entry(3, 10)], 1],
])('%s', (_name, list, place) => {
  const windows = { upWindowMs: seconds(60), downWindowMs: WINDOW, now: NOW };
  const { nextRecommendations } = stabilizeBothWays({
    candidate: 4,
    currentReplicas: 4,
    recommendations: list,
    ...windows,
  });
  const want: Recommendation[] = [...list];
  want[place] = entry(4, 0);
  expect(nextRecommendations).toEqual(want);
});

test('HPA-9.7 a window of 0 keeps out even what is of this instant', () => {
  const windows = { upWindowMs: seconds(0), downWindowMs: seconds(0), now: NOW };
  const list = [entry(1, 0), entry(9, 0)];
  expect(stabilizeBothWays({ candidate: 6, currentReplicas: 4, recommendations: list, ...windows }).replicas).toBe(6);
});
