import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const FIELDS = ['maxReplicas', 'metrics', 'minReplicas', 'scaleTargetRef'];

test.each([
  { word: 'maxreplicas', want: 'maxReplicas' },
  { word: 'maxReplica', want: 'maxReplicas' },
  { word: 'mixReplicas', want: 'maxReplicas' },
  { word: 'metircs', want: 'metrics' },
  { word: 'targetRef', want: undefined },
  { word: 'x', want: undefined },
  { word: '', want: undefined },
])('$word', ({ word, want }) => {
  expect(nearest(word, FIELDS)).toBe(want);
});

test('short words are not taken for any other', () => {
  expect(nearest('ab', ['xy'])).toBeUndefined();
  expect(nearest('in', ['In', 'NotIn'])).toBe('In');
});
