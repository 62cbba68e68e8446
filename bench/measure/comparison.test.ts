import { describe, expect, test } from 'vitest';
import type { Timed } from './child.ts';
import { comparisonTable, countedTable, rowText, verdict, type Row } from './comparison.ts';

function timed(warmMs: readonly number[], more: Partial<Timed> = {}): Timed {
  return { kind: 'timed', coldMs: 100, warmMs, peakMib: { first: 60.4, all: 99.6 }, counted: {}, answer: 0, ...more };
}

function row(more: Partial<Row> = {}): Row {
  return {
    world: 'full',
    about: '10 x 20',
    goal: { ms: 25 },
    ours: timed([10, 30, 20]),
    original: timed([4000, 2000], { coldMs: 9000 }),
    differences: [],
    ...more,
  };
}

const cellsOf = (one: Row): readonly string[] => comparisonTable([one], { original: 'Ray 2.60.0' }).rows[0] ?? [];

describe('a row of the table', () => {
  const rows: readonly { readonly name: string; readonly row: Partial<Row>; readonly want: readonly string[] }[] = [
    {
      name: 'both sides finished: the ratio is that of the medians of warm rounds',
      row: {},
      want: ['25 ms', '100 ms', '20 ms (10 ms to 30 ms)', '60 (100)', '3.0 s, 100 MiB', '150', 'yes'],
    },
    {
      name: 'an original with no warm round counts with its first',
      row: { original: timed([], { coldMs: 9000 }) },
      want: ['25 ms', '100 ms', '20 ms (10 ms to 30 ms)', '60 (100)', '9.0 s, 100 MiB', '450', 'yes'],
    },
    {
      name: 'an original that was stopped gives a lower bound, and no answer to compare',
      row: { original: { kind: 'stopped', limitMs: 60_000 }, differences: undefined },
      want: ['25 ms', '100 ms', '20 ms (10 ms to 30 ms)', '60 (100)', 'more than 60 s (stopped)', '> 3,000', '-'],
    },
    {
      name: 'where processor time counts, so it does for what was stopped',
      row: { original: { kind: 'stopped', limitMs: 60_000, spentMs: 20_000 }, differences: undefined },
      want: ['25 ms', '100 ms', '20 ms (10 ms to 30 ms)', '60 (100)', 'more than 20 s (stopped)', '> 1,000', '-'],
    },
    {
      name: 'without an original only our side is told',
      row: { original: { kind: 'absent' }, differences: undefined },
      want: ['25 ms', '100 ms', '20 ms (10 ms to 30 ms)', '60 (100)'],
    },
    {
      name: 'ours has one round only, and no goal',
      row: { ours: timed([]), goal: {} },
      want: ['-', '100 ms', '-', '60 (100)', '3.0 s, 100 MiB', '30', 'yes'],
    },
    {
      name: 'ours was stopped',
      row: { ours: { kind: 'stopped', limitMs: 5000 }, differences: undefined, goal: { ms: 1000, peakMib: 256 } },
      want: ['1.0 s, under 256 MiB', 'more than 5.0 s (stopped)', '-', '-', '3.0 s, 100 MiB', '-', '-'],
    },
    {
      name: 'answers that differ say where',
      row: { differences: ['launches', 'trace'] },
      want: ['25 ms', '100 ms', '20 ms (10 ms to 30 ms)', '60 (100)', '3.0 s, 100 MiB', '150', 'NO: launches, trace'],
    },
  ];

  test.each(rows)('$name', ({ row: more, want }) => {
    expect(cellsOf(row(more))).toEqual(['full', '10 x 20', ...want]);
  });

  test('names the original in its title', () => {
    const titles = comparisonTable([row()], { original: 'Ray 2.60.0' }).columns.map(({ title }) => title);
    expect(titles.slice(-3)).toEqual(['Ray 2.60.0', 'Ratio', 'Equal']);
  });

  test('of a world that the original does not know says so beside those it knows', () => {
    const unknown = row({ world: 'huge', original: { kind: 'absent' }, differences: undefined });
    expect(comparisonTable([row(), unknown], { original: 'Ray 2.60.0' }).rows[1]?.slice(-3)).toEqual(['-', '-', '-']);
  });
});

test('counted work has a column per name, whichever world counts it', () => {
  const table = countedTable([
    row({ ours: timed([1], { counted: { launches: 3329, picks: 7 } }) }),
    row({ world: 'other', ours: timed([1], { counted: { picks: 1 } }) }),
    row({ world: 'failed', ours: { kind: 'failed', reason: 'it ended with 1' } }),
  ]);
  expect(table.columns.map(({ title }) => title)).toEqual(['World', 'launches', 'picks']);
  expect(table.rows).toEqual([
    ['full', '3,329', '7'],
    ['other', '-', '1'],
    ['failed', '-', '-'],
  ]);
});

test('a world is told on a line as soon as it is known', () => {
  expect(rowText(row(), { original: 'Ray 2.60.0' })).toBe(
    'full: ours 20 ms (10 ms to 30 ms), 60 (100) MiB; Ray 2.60.0 3.0 s, 100 MiB; ratio 150; equal: yes',
  );
  expect(rowText(row({ original: { kind: 'absent' }, differences: undefined }), { original: 'Ray 2.60.0' })).toBe(
    'full: ours 20 ms (10 ms to 30 ms), 60 (100) MiB',
  );
});

describe('the verdict', () => {
  test('a missed goal is told and fails nothing', () => {
    const slow = row({ world: 'slow', ours: timed([40]), goal: { ms: 25, peakMib: 90 } });
    expect(verdict([row(), slow])).toEqual({
      lines: [
        'goals: 1 of 3 met',
        '  missed: slow, 40 ms, goal 25 ms',
        '  missed: slow, 100 MiB, goal under 90 MiB',
        'answers: 2 of 2 compared are equal',
      ],
      exitCode: 0,
    });
  });

  test('a goal is met by what equals it; memory must stay under', () => {
    const exact = row({ ours: timed([25], { peakMib: { first: 1, all: 256 } }), goal: { ms: 25, peakMib: 256 } });
    expect(verdict([exact]).lines.slice(0, 2)).toEqual([
      'goals: 1 of 2 met',
      '  missed: full, 256 MiB, goal under 256 MiB',
    ]);
  });

  test('an original that was stopped or is not there fails nothing', () => {
    const stopped = row({ original: { kind: 'stopped', limitMs: 60_000 }, differences: undefined });
    const absent = row({ original: { kind: 'absent' }, differences: undefined });
    expect(verdict([stopped, absent])).toEqual({
      lines: ['goals: 2 of 2 met'],
      exitCode: 0,
    });
  });

  test('answers that differ fail the run', () => {
    expect(verdict([row(), row({ world: 'gangs', differences: ['launches', 'trace'] })])).toEqual({
      lines: ['goals: 2 of 2 met', 'answers: 1 of 2 compared are equal', '  different: gangs: launches, trace'],
      exitCode: 1,
    });
  });

  test.each(['ours', 'original'] as const)('a side that did not run fails the run (%s)', (side) => {
    const broken = row({ [side]: { kind: 'failed', reason: 'it ended with 1' }, differences: undefined });
    const { lines, exitCode } = verdict([broken]);
    expect(lines.at(-1)).toBe('full failed: it ended with 1');
    expect(exitCode).toBe(1);
  });

  test('a goal that could not be measured is missed', () => {
    const stopped = row({ ours: { kind: 'stopped', limitMs: 60_000 }, differences: undefined });
    expect(verdict([stopped]).lines[1]).toBe('  missed: full, more than 60 s (stopped)');
  });
});
