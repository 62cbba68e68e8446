import { expect, test } from 'vitest';
import { listed, plainFailure } from './words.ts';

test('long lists of names are cut and counted', () => {
  expect(listed(['a', 'b', 'c'], 3)).toBe('a, b, c');
  expect(listed(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
});

const wrapped = (counts: string): string =>
  `failed to compute desired number of replicas based on listed metrics for Deployment/default/web: invalid metrics (${counts}), first error is: missing request for cpu`;

test.each([
  { message: wrapped('1 invalid out of 1'), want: 'missing request for cpu' },
  { message: wrapped('2 invalid out of 3'), want: '2 of 3 metrics failed, the first: missing request for cpu' },
  { message: 'something else: missing request for cpu', want: 'something else: missing request for cpu' },
])('a failure without its wrapping: $want', ({ message, want }) => {
  expect(plainFailure(message)).toBe(want);
});
