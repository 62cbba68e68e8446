import { expect, test } from 'vitest';
import { tableText, type Table } from './table.ts';

const table: Table = {
  columns: [
    { title: 'World', align: 'left' },
    { title: 'Goal', align: 'right' },
    { title: 'Equal', align: 'left' },
  ],
  rows: [
    ['full', '25 ms', 'yes'],
    ['a much longer name', '-', '-'],
    ['with | inside', '1.0 s, under 256 MiB', 'NO: launches'],
  ],
};

test('as text the columns are as wide as their widest cell, and no line ends in blanks', () => {
  expect(tableText(table, 'text')).toBe(
    [
      'World                               Goal  Equal',
      '------------------  --------------------  ------------',
      'full                               25 ms  yes',
      'a much longer name                     -  -',
      'with | inside       1.0 s, under 256 MiB  NO: launches',
    ].join('\n'),
  );
});

test('as Markdown a bar inside a cell is escaped', () => {
  expect(tableText(table, 'markdown')).toBe(
    [
      '| World | Goal | Equal |',
      '|---|---:|---|',
      '| full | 25 ms | yes |',
      '| a much longer name | - | - |',
      '| with \\| inside | 1.0 s, under 256 MiB | NO: launches |',
    ].join('\n'),
  );
});

test('a table without rows has its titles', () => {
  expect(tableText({ ...table, rows: [] }, 'text')).toBe('World  Goal  Equal\n-----  ----  -----');
});
