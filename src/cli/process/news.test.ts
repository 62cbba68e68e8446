import { expect, test } from 'vitest';
import { epochMs } from '../../core/time/time.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import { decidesAgainText, newsOnly } from './news.ts';

type Told = Pick<DecisionRecord, 'decision' | 'reason'> & { readonly withheld?: string; readonly name?: string };

const scale = (from: number, to: number, withheld?: string): Told => ({
  decision: { kind: 'scale', from, to, of: 'replicas' },
  reason: 'SuccessfulRescale',
  ...(withheld === undefined ? {} : { withheld }),
});
const fail = (reason: string): Told => ({ decision: { kind: 'fail' }, reason });
const hold: Told = { decision: { kind: 'hold', at: 1, of: 'replicas' }, reason: 'ReadyForNewScale' };

/** Which of these records are handed on, by their index; one a second. */
function told(records: readonly Told[]): readonly number[] {
  return play(records).seen;
}

function play(records: readonly Told[]): { readonly seen: readonly number[]; readonly over: readonly string[] } {
  const seen: number[] = [];
  const over: string[] = [];
  const recorder = newsOnly({ record: ({ at }) => seen.push(at / 1000) }, (...end) =>
    over.push(decidesAgainText(...end)),
  );
  for (const [i, { name = 'web', ...rest }] of records.entries()) {
    const object = { kind: 'HorizontalPodAutoscaler', namespace: 'default', name };
    const common = { layer: 'hpa', controller: 'hpa-controller', inputsDigest: '', numbers: {} } as const;
    recorder.record({ ...common, at: epochMs(i * 1000), object, message: `message ${i}`, ...rest });
  }
  return { seen, over };
}

test.each<{ name: string; records: readonly Told[]; want: readonly number[] }>([
  { name: 'a withheld decision once', records: [scale(1, 5, 'dry run'), scale(1, 5, 'dry run')], want: [0] },
  { name: 'another number', records: [scale(1, 5, 'dry run'), scale(1, 4, 'dry run')], want: [0, 1] },
  { name: 'another reason to withhold it', records: [scale(1, 5, 'dry run'), scale(1, 5, 'other')], want: [0, 1] },
  { name: 'what was carried out, each time', records: [scale(1, 5), scale(1, 5)], want: [0, 1] },
  {
    name: 'again after something else',
    records: [scale(1, 5, 'dry run'), hold, scale(1, 5, 'dry run')],
    want: [0, 1, 2],
  },
  { name: 'a failure once', records: [fail('A'), fail('A'), fail('B'), fail('A')], want: [0, 2, 3] },
  { name: 'each object for itself', records: [fail('A'), { ...fail('A'), name: 'other' }, fail('A')], want: [0, 1] },
])('tells $name', ({ records, want }) => {
  expect(told(records)).toEqual(want);
});

test.each<{ name: string; records: readonly Told[]; want: readonly string[] }>([
  {
    name: 'with the time since the first failure, whatever its reason',
    records: [fail('A'), fail('A'), fail('B'), hold, hold],
    want: ['HorizontalPodAutoscaler default/web: decides again after 3 s'],
  },
  { name: 'not where a step is told itself', records: [fail('A'), scale(1, 5), hold], want: [] },
  { name: 'not where nothing failed', records: [hold, scale(1, 5, 'dry run'), hold], want: [] },
  { name: 'of its own object only', records: [fail('A'), { ...hold, name: 'other' }], want: [] },
])('that a failure is over is told $name', ({ records, want }) => {
  expect(play(records).over).toEqual(want);
});

test('what it remembers is bounded: the object longest without news is told again', () => {
  const many = Array.from({ length: 20_001 }, (_, i) => ({ ...fail('A'), name: `web-${i}` }));
  const [first = fail('A'), second = fail('A')] = many;
  expect(told([...many, second, first]).slice(many.length)).toEqual([many.length + 1]);
});
