/** While somebody else scales: what counts for the limits of `behavior` is what was done, not what was asked for. */

import { expect, test } from 'vitest';
import {
  averageOf,
  behaviorOf,
  externalTarget,
  externalValues,
  hpa,
  play,
  scaleOf,
  type PlayOptions,
} from '../../../test/support/hpa.ts';
import { NO_HISTORY, type HpaHistory } from './draft.ts';

const TWO_A_MINUTE = { policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] } as const;
const QUEUE = hpa({
  metrics: [externalTarget('q', averageOf('10'))],
  behavior: behaviorOf({ scaleUp: TWO_A_MINUTE }),
});

type Look = { readonly replicas: number; readonly wants: number };

/** One look every 15 s at a queue that wants ten replicas. */
function looks(numbers: readonly number[], options: PlayOptions): readonly Look[] {
  let history: HpaHistory = NO_HISTORY;
  return numbers.map((replicas, i) => {
    const table = {
      'get-scale': () => ({ ok: true, value: scaleOf(replicas) }) as const,
      'list-external-metric': externalValues('100'),
    };
    const { outcome, writes } = play(table, { ...options, hpa: QUEUE, history, atSeconds: 15 * i });
    history = outcome.nextHistory;
    return { replicas, wants: writes[0] ?? replicas };
  });
}

test('what is asked for again and again is one step', () => {
  expect(looks([1, 1, 1], { writer: 'another' })).toEqual([
    { replicas: 1, wants: 3 },
    { replicas: 1, wants: 3 },
    { replicas: 1, wants: 3 },
  ]);
});

test('HPA-8.18 as an own step counts when it was made, whoever reads the number', () => {
  expect(looks([1, 1, 1], {}).map(({ wants }) => wants)).toEqual([3, 1, 1]); // 1 + 2 - 2 that are counted as added already
});

test('a step that was made before our look leaves nothing of its minute', () => {
  expect(looks([1, 3, 3, 3, 3, 3], { writer: 'another' }).map(({ wants }) => wants)).toEqual([3, 3, 3, 3, 3, 5]);
});

test('the first look knows of no step', () => {
  expect(looks([3, 3], { writer: 'another' }).map(({ wants }) => wants)).toEqual([5, 5]);
});

test('what was seen is remembered while the scale cannot be read', () => {
  const history: HpaHistory = { seenReplicas: 4 };
  const lost = { 'get-scale': () => ({ ok: false, error: { code: 500, reason: '', message: 'no' } }) as const };
  expect(play(lost, { hpa: QUEUE, history, writer: 'another' }).outcome.nextHistory).toMatchObject({ seenReplicas: 4 });
  expect(play(lost, { hpa: QUEUE, history }).outcome.nextHistory).not.toHaveProperty('seenReplicas');
});
