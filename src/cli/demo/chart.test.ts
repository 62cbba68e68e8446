import { describe, expect, test } from 'vitest';
import { at, RESULT } from '../../../test/support/sample-run.ts';
import type { Series } from '../../sim/scenario-types.ts';
import { renderChart, type ChartOptions } from './chart.ts';
import { createPaint } from './paint.ts';

const OPTIONS: ChartOptions = {
  startedAt: at(0),
  endedAt: at(1200),
  columns: 100,
  charset: 'unicode',
  paint: createPaint('plain'),
};

describe('golden', () => {
  test('100 columns', () => {
    expect(`\n${renderChart(RESULT.series, OPTIONS)}`).toMatchInlineSnapshot(`
      "
      load of web            18 |   ▁▁▁▁█████████████████████████████                                    |
      requests/s              0 |▁▁▁█████████████████████████████████▄▄▄▄▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁|
      web                     5 |    ▂▂▂▂██████████████████████████████████████████████                  |
      replicas, pods          0 |▃▃▃▃██████████████████████████████████████████████████▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃|
      raycluster/small-group 10 |   ███████████████                                                      |
      workers, pods           0 |   ███████████████▆▆                                                    |
      nodes                   4 |     █████████████████████                                              |
      nodes                   0 |▄▄▄▄▄█████████████████████▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄|
                                ++-----------------+-----------------+-----------------+-----------------+
                                 0:00              5:00              10:00             15:00"
    `);
  });

  test('a narrow terminal without block characters', () => {
    expect(`\n${renderChart(RESULT.series, { ...OPTIONS, columns: 70, charset: 'ascii' })}`).toMatchInlineSnapshot(`
      "
      load of web            18 |    #################                     |
      requests/s              0 |..###################.....................|
      web                     5 |  ..############################          |
      replicas, pods          0 |..##############################..........|
      raycluster/small-group 10 |  #########                               |
      workers, pods           0 |  #########:                              |
      nodes                   4 |   ############                           |
      nodes                   0 |:::############:::::::::::::::::::::::::::|
                                ++---------+----------+---------+----------+
                                 0:00      5:00       10:00     15:00"
    `);
  });
});

describe('whatever the run', () => {
  const one = (points: Series['points']): readonly Series[] => [{ name: 'n', kind: 'nodes', unit: 'nodes', points }];
  const plotOf = (text: string): readonly string[] =>
    text
      .split('\n')
      .slice(0, 2)
      .map((row) => row.slice(row.indexOf('|')));

  test.each([
    { name: 'wide terminals are not filled', columns: 300, width: 100 },
    { name: 'the width is kept', columns: 80, width: 80 },
    { name: 'the plot never gets too narrow to read', columns: 20, width: 24 + 30 },
  ])('$name', ({ columns, width }) => {
    const lines = renderChart(RESULT.series, { ...OPTIONS, columns }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test('a peak of a moment is seen', () => {
    const chart = renderChart(
      one([
        [at(0), 1],
        [at(600), 8],
        [at(601), 1],
      ]),
      OPTIONS,
    );
    expect(plotOf(chart)[0]).toContain('█');
    expect(chart).toContain(' 8 |');
  });

  test('the last column shows how it ended', () => {
    const chart = renderChart(
      one([
        [at(0), 0],
        [at(1200), 5],
      ]),
      OPTIONS,
    );
    expect(plotOf(chart)[0]?.at(-2)).toBe('█');
  });

  test('nothing but zero is blank, and the smallest something is not', () => {
    expect(plotOf(renderChart(one([[at(0), 0]]), OPTIONS)).join('')).toMatch(/^[| ]+$/);
    const small = renderChart(
      one([
        [at(0), 1],
        [at(600), 1000],
      ]),
      OPTIONS,
    );
    expect(plotOf(small)[1]).toMatch(/^\|▁+█+\|$/);
  });

  test('a run of no length, no series, and more series than a chart can take', () => {
    expect(renderChart([], OPTIONS)).toBe('');
    expect(renderChart(one([[at(0), 3]]), { ...OPTIONS, endedAt: at(0) })).toContain('█');
    const many = Array.from({ length: 15 }, () => RESULT.series[1]).flatMap((line) =>
      line === undefined ? [] : [line],
    );
    expect(renderChart(many, OPTIONS)).toContain('and 3 lines more');
  });
});
