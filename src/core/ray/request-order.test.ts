import { describe, expect, test } from 'vitest';
import { demand, type Amounts } from '../../../test/support/ray-snapshot.ts';
import { sortedRuns } from './request-order.ts';

/** The names that requests ask for, hardest first. */
const order = (...requests: readonly Amounts[]): readonly string[] =>
  sortedRuns(requests.map((amounts) => demand(1, amounts))).map(({ request }) =>
    request.resourcesBundle.map(([name]) => name).join(''),
  );

describe('sums of amounts that are equal on paper', () => {
  // 0.1 + 0.2 + 0.3 is the double above 0.6, 0.3 + 0.2 + 0.1 is 0.6; of equal ones the later name comes first
  test('RAY-7.1 amounts are added in the order in which a request names them', () => {
    expect(order({ x: 0.6, y: 0, z: 0 }, { a: 0.1, b: 0.2, c: 0.3 })).toEqual(['abc', 'xyz']);
    expect(order({ x: 0.6, y: 0, z: 0 }, { c: 0.3, b: 0.2, a: 0.1 })).toEqual(['xyz', 'cba']);
  });
});
