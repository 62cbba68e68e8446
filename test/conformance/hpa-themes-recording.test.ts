/** The comparison by which two loops are the same, on hand-made runs. */

import { describe, expect, test } from 'vitest';
import { differences, merged, type HpaRun, type Run } from './hpa-themes-recording.ts';

const RUN: HpaRun = {
  scales: ['1 -> 3: load', '3 -> 1: quiet'],
  events: ['Normal SuccessfulRescale x1: New size: 3', 'Normal SuccessfulRescale x1: New size: 1'],
  replicas: ['1 of 1', '1 of 3', '3 of 3', '3 of 1', '1 of 1'],
  conditions: { AbleToScale: ['True a: ', 'True b: ', 'True a: '] },
  rests: { quiet: ['generation 1', '1 of 1 replicas'] },
};

const runOf = (changes: Partial<HpaRun>): Run => ({ 'cpu/web': { ...RUN, ...changes } });
const told = (runs: readonly Run[], seen: Run): readonly string[] =>
  differences(merged(runs)['cpu/web'], seen['cpu/web']);

describe('a recording of equal runs', () => {
  test('has plain sequences, and takes the same run', () => {
    expect(merged([runOf({}), runOf({})])).toEqual({ 'cpu/web': RUN });
    expect(told([runOf({}), runOf({})], runOf({}))).toEqual([]);
  });

  test.each<{ readonly name: string; readonly changes: Partial<HpaRun>; readonly lines: readonly string[] }>([
    {
      name: 'a scale too few',
      changes: { scales: ['1 -> 3: load'] },
      lines: ['scales: missing or out of order: 3 -> 1: quiet'],
    },
    {
      name: 'a scale too many, though it is one that is known',
      changes: { scales: ['1 -> 3: load', '3 -> 1: quiet', '1 -> 3: load'] },
      lines: ['scales: the original has none such: 1 -> 3: load'],
    },
    {
      name: 'another reason',
      changes: { scales: ['1 -> 3: other', '3 -> 1: quiet'] },
      lines: ['scales: missing or out of order: 1 -> 3: load', 'scales: the original has none such: 1 -> 3: other'],
    },
    {
      name: 'events in another order',
      changes: { events: RUN.events.toReversed() },
      lines: [
        'events: missing or out of order: Normal SuccessfulRescale x1: New size: 3',
        'events: the original has none such: Normal SuccessfulRescale x1: New size: 3',
      ],
    },
    {
      name: 'a condition that the original does not have',
      changes: { conditions: { ...RUN.conditions, ScalingActive: ['True c: '] } },
      lines: ['conditions ScalingActive: the original has none such: True c: '],
    },
    {
      name: 'a rest that was not come to',
      changes: { rests: {} },
      lines: [
        'rests quiet: missing or out of order: generation 1',
        'rests quiet: missing or out of order: 1 of 1 replicas',
      ],
    },
  ])('tells of $name', ({ changes, lines }) => {
    expect(told([runOf({}), runOf({})], runOf(changes)).toSorted()).toEqual(lines.toSorted());
  });

  test('tells of an HPA that only one side has', () => {
    expect(differences(undefined, RUN)).toEqual(['only one is there']);
  });
});

describe('a recording of runs that differ', () => {
  const seen = ['True b: ', 'True c: ', 'True d: '];
  const runs = [runOf({}), runOf({ conditions: { AbleToScale: ['True a: ', 'True c: ', 'True a: '] } })];

  test('keeps what all have in order, and what some have beside it', () => {
    expect(merged(runs)['cpu/web']?.conditions).toEqual({
      AbleToScale: { always: ['True a: ', 'True a: '], sometimes: ['True b: ', 'True c: '] },
    });
  });

  test('takes each of them, and a mixture', () => {
    for (const run of runs) expect(told(runs, run)).toEqual([]);
    const mixed = { AbleToScale: ['True a: ', 'True c: ', 'True b: ', 'True a: '] };
    expect(told(runs, runOf({ conditions: mixed }))).toEqual([]);
  });

  test('tells of what none has, and of what all have', () => {
    expect(told(runs, runOf({ conditions: { AbleToScale: seen } }))).toEqual([
      'conditions AbleToScale: missing or out of order: True a: ',
      'conditions AbleToScale: missing or out of order: True a: ',
      'conditions AbleToScale: the original has none such: True d: ',
    ]);
  });
});
