import { describe, expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { WORLDS } from './worlds.ts';

describe('the command line of the Ray bench', () => {
  test('without arguments all worlds are measured on both sides', () => {
    expect(readOptions([])).toEqual({
      kind: 'measure',
      options: {
        worlds: WORLDS,
        shrink: 1,
        limitS: 60,
        rounds: 50,
        python: undefined,
        original: 'with',
        cores: 'one',
        clock: 'wall',
        form: 'text',
      },
    });
  });

  test('worlds keep the order of the table', () => {
    const command = readOptions([
      'quiet',
      '--limit',
      '900',
      '--ours',
      '--markdown',
      'full',
      '--processor',
      '--all-cores',
    ]);
    expect(command).toMatchObject({
      kind: 'measure',
      options: {
        worlds: [{ name: 'full' }, { name: 'quiet' }],
        limitS: 900,
        original: 'without',
        cores: 'all',
        clock: 'processor',
        form: 'markdown',
      },
    });
  });

  test('cases are emitted, help is shown', () => {
    expect(readOptions(['--emit', '--shrink', '10'])).toMatchObject({ kind: 'emit', options: { shrink: 10 } });
    expect(readOptions(['--help', 'full'])).toEqual({ kind: 'help' });
  });

  test.each([
    [['fulll'], 'there is no world fulll'],
    [['--limit', 'soon'], '--limit must be a number above 0'],
    [['--rounds', '0'], '--rounds must be a number above 0'],
    [['--shrink', '-2'], expect.stringContaining('--shrink')],
    [['--fast'], expect.stringContaining('--fast')],
  ])('%j is refused', (argv, problem) => {
    expect(readOptions(argv)).toEqual({ kind: 'wrong', problem });
  });
});
