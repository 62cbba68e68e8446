/** Requirements as sets: every operator, intersections, what is left empty (karpenter 4.3). */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeRequirement } from '../kube/karpenter.ts';
import {
  emptyKey,
  hasValue,
  intersection,
  labelsSatisfy,
  requirementsOf,
  toNodeRequirements,
  undefinedKey,
  valueSet,
} from './node-requirements.ts';

type Operator = NodeRequirement['operator'];

describe('operators', () => {
  const rows: readonly {
    operator: Operator;
    values: readonly string[];
    has: readonly string[];
    lacks: readonly string[];
  }[] = [
    { operator: 'In', values: ['a', 'b'], has: ['a', 'b'], lacks: ['c'] },
    { operator: 'NotIn', values: ['a'], has: ['b'], lacks: ['a'] },
    { operator: 'Exists', values: [], has: ['a', '7'], lacks: [] },
    { operator: 'DoesNotExist', values: [], has: [], lacks: ['a'] },
    { operator: 'Gt', values: ['4'], has: ['5'], lacks: ['4', '3', 'a'] },
    { operator: 'Gte', values: ['4'], has: ['4', '5'], lacks: ['3'] },
    { operator: 'Lt', values: ['4'], has: ['3'], lacks: ['4', '5'] },
    { operator: 'Lte', values: ['4'], has: ['4'], lacks: ['5'] },
  ];
  test.each(rows)('$operator', ({ operator, values, has, lacks }) => {
    const set = valueSet({ operator, values });
    expect(has.filter((value) => !hasValue(set, value))).toEqual([]);
    expect(lacks.filter((value) => hasValue(set, value))).toEqual([]);
  });
});

describe('a label that is not there', () => {
  const rows: readonly { operator: Operator; values: readonly string[]; want: boolean }[] = [
    { operator: 'NotIn', values: ['a'], want: true },
    { operator: 'DoesNotExist', values: [], want: true },
    { operator: 'In', values: ['a'], want: false },
    { operator: 'Exists', values: [], want: false },
    { operator: 'Gt', values: ['0'], want: false },
  ];
  test.each(rows)('$operator: $want', ({ operator, values, want }) => {
    expect(labelsSatisfy(requirementsOf([{ key: 'k', operator, values }]), {})).toBe(want);
  });
});

test('a key that nothing can satisfy is named', () => {
  const narrow = requirementsOf([
    { key: 'b', operator: 'In', values: ['1', '2'] },
    { key: 'b', operator: 'Gt', values: ['2'] },
    { key: 'a', operator: 'In', values: ['x'] },
  ]);
  expect(emptyKey(narrow)).toBe('b');
  expect(emptyKey(requirementsOf([{ key: 'b', operator: 'Gt', values: ['2'] }]))).toBeUndefined();
});

test('a custom label must be defined by the pool, a well-known one need not', () => {
  const wanted = requirementsOf([
    { key: 'team', operator: 'In', values: ['a'] },
    { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
  ]);
  expect(undefinedKey(wanted, new Map())).toBe('team');
  expect(undefinedKey(wanted, requirementsOf([{ key: 'team', operator: 'Exists' }]))).toBeUndefined();
  expect(undefinedKey(requirementsOf([{ key: 'team', operator: 'NotIn', values: ['a'] }]), new Map())).toBeUndefined();
});

const VALUES = ['a', 'b', '1', '2', '3'];
const requirement: fc.Arbitrary<NodeRequirement> = fc.oneof(
  fc.record({
    key: fc.constant('k'),
    operator: fc.constantFrom<Operator>('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1 }),
  }),
  fc.record({ key: fc.constant('k'), operator: fc.constantFrom<Operator>('Exists', 'DoesNotExist') }),
  fc.record({
    key: fc.constant('k'),
    operator: fc.constantFrom<Operator>('Gt', 'Gte', 'Lt', 'Lte'),
    values: fc.constantFrom('0', '1', '2', '3').map((value) => [value]),
  }),
);

test('an intersection has exactly what all parts have, and survives the way over the wire', () => {
  fc.assert(
    fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), (list) => {
      const parts = list.map((one) => requirementsOf([one]));
      const both = intersection(parts);
      const back = requirementsOf(toNodeRequirements(both));
      for (const value of VALUES) {
        const all = parts.every((part) => labelsSatisfy(part, { k: value }));
        expect(labelsSatisfy(both, { k: value })).toBe(all);
        expect(labelsSatisfy(back, { k: value })).toBe(all);
      }
    }),
  );
});
