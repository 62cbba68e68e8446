import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../lib/json.ts';
import { mergePatch } from './patch.ts';

describe('merge patch', () => {
  // RFC 7386, appendix A
  test.each([
    { name: 'replaces a member', target: { a: 'b' }, patch: { a: 'c' }, want: { a: 'c' } },
    { name: 'adds a member', target: { a: 'b' }, patch: { b: 'c' }, want: { a: 'b', b: 'c' } },
    { name: 'null removes a member', target: { a: 'b' }, patch: { a: null }, want: {} },
    { name: 'null removes only its member', target: { a: 'b', b: 'c' }, patch: { a: null }, want: { b: 'c' } },
    { name: 'a list gives way to a text', target: { a: ['b'] }, patch: { a: 'c' }, want: { a: 'c' } },
    { name: 'a text gives way to a list', target: { a: 'c' }, patch: { a: ['b'] }, want: { a: ['b'] } },
    {
      name: 'objects merge member by member',
      target: { a: { b: 'c' } },
      patch: { a: { b: 'd', c: null } },
      want: { a: { b: 'd' } },
    },
    { name: 'lists are replaced whole', target: { a: [{ b: 'c' }] }, patch: { a: [1] }, want: { a: [1] } },
    { name: 'a list gives way to a list', target: ['a', 'b'], patch: ['c', 'd'], want: ['c', 'd'] },
    { name: 'an object gives way to a list', target: { a: 'b' }, patch: ['c'], want: ['c'] },
    { name: 'an object gives way to null', target: { a: 'foo' }, patch: null, want: null },
    { name: 'null in the target stays', target: { e: null }, patch: { a: 1 }, want: { e: null, a: 1 } },
    { name: 'a list gives way to an object', target: [1, 2], patch: { a: 'b', c: null }, want: { a: 'b' } },
    { name: 'nulls in new objects vanish', target: {}, patch: { a: { bb: { ccc: null } } }, want: { a: { bb: {} } } },
  ])('$name', ({ target, patch, want }) => {
    expect(mergePatch(deepFreeze(target), deepFreeze(patch))).toEqual(want);
  });

  test('leaves alone what the patch does not name: the very same part', () => {
    const target = { a: { deep: [1] }, b: 1 };
    const patched = mergePatch(target, { b: 2 }) as typeof target;
    expect(patched.a).toBe(target.a);
  });
});
