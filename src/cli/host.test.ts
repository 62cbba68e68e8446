import { describe, expect, test } from 'vitest';
import { readEnvironment } from './host.ts';

describe('environment', () => {
  test.each([
    { name: 'nothing set', variables: {}, want: { colour: 'allowed', charset: 'unicode' } },
    { name: 'NO_COLOR', variables: { NO_COLOR: '1' }, want: { colour: 'forbidden', charset: 'unicode' } },
    {
      name: 'NO_COLOR set to nothing does not count',
      variables: { NO_COLOR: '' },
      want: { colour: 'allowed', charset: 'unicode' },
    },
    { name: 'a dumb terminal', variables: { TERM: 'dumb' }, want: { colour: 'forbidden', charset: 'ascii' } },
    { name: 'the Linux console', variables: { TERM: 'linux' }, want: { colour: 'allowed', charset: 'ascii' } },
    { name: 'a UTF-8 locale', variables: { LANG: 'ko_KR.UTF-8' }, want: { colour: 'allowed', charset: 'unicode' } },
    { name: 'the plain locale', variables: { LANG: 'C' }, want: { colour: 'allowed', charset: 'ascii' } },
    {
      name: 'LC_ALL comes before LANG',
      variables: { LC_ALL: 'C.utf8', LANG: 'C' },
      want: { colour: 'allowed', charset: 'unicode' },
    },
  ])('$name', ({ variables, want }) => {
    expect(readEnvironment(variables)).toEqual(want);
  });
});
