import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../lib/json.ts';
import { KubeError, type JsonPatchOperation } from '../ports/kube-api.ts';
import { jsonPatch } from './json-patch.ts';

const DOCUMENT = deepFreeze({
  spec: { groups: [{ name: 'a', replicas: 1 }, { name: 'b' }], note: 'x', none: null },
  'a/b': 1,
  'm~n': 2,
});

/** The code of the refusal, or the patched document. */
function outcome(operations: readonly unknown[]): unknown {
  try {
    return jsonPatch(DOCUMENT, operations as readonly JsonPatchOperation[]); // some rows are no operations on purpose
  } catch (error) {
    if (error instanceof KubeError) return error.status.code;
    throw error;
  }
}

describe('a JSON patch', () => {
  test.each<{ readonly name: string; readonly in: readonly JsonPatchOperation[]; readonly want: unknown }>([
    {
      name: 'adds, replaces and removes members',
      in: [
        { op: 'add', path: '/spec/new', value: { a: 1 } },
        { op: 'replace', path: '/spec/note', value: 'y' },
        { op: 'remove', path: '/spec/none' },
      ],
      want: { spec: { groups: DOCUMENT.spec.groups, note: 'y', new: { a: 1 } }, 'a/b': 1, 'm~n': 2 },
    },
    {
      name: 'replaces an absent member by adding it: what an autoscaler does to a group without replicas',
      in: [
        { op: 'test', path: '/spec/groups/1/name', value: 'b' },
        { op: 'replace', path: '/spec/groups/1/replicas', value: 3 },
      ],
      want: {
        ...DOCUMENT,
        spec: {
          ...DOCUMENT.spec,
          groups: [
            { name: 'a', replicas: 1 },
            { name: 'b', replicas: 3 },
          ],
        },
      },
    },
    {
      name: 'inserts into lists, at the end too',
      in: [
        { op: 'add', path: '/spec/groups/0', value: 0 },
        { op: 'add', path: '/spec/groups/-', value: 9 },
      ],
      want: { ...DOCUMENT, spec: { ...DOCUMENT.spec, groups: [0, ...DOCUMENT.spec.groups, 9] } },
    },
    {
      name: 'moves and copies',
      in: [
        { op: 'move', from: '/spec/note', path: '/note' },
        { op: 'copy', from: '/note', path: '/spec/again' },
      ],
      want: { spec: { groups: DOCUMENT.spec.groups, none: null, again: 'x' }, 'a/b': 1, 'm~n': 2, note: 'x' },
    },
    {
      name: 'reads escapes in paths',
      in: [
        { op: 'replace', path: '/a~1b', value: 3 },
        { op: 'test', path: '/m~0n', value: 2 },
      ],
      want: { ...DOCUMENT, 'a/b': 3 },
    },
    {
      name: 'takes an absent member for null in a test',
      in: [
        { op: 'test', path: '/spec/absent', value: null },
        { op: 'test', path: '/spec/none', value: null },
      ],
      want: DOCUMENT,
    },
  ])('$name', ({ in: operations, want }) => {
    expect(outcome(operations)).toEqual(want);
  });

  test.each([
    { name: 'a failed test', in: { op: 'test', path: '/spec/note', value: 'y' } },
    { name: 'a test of an absent member', in: { op: 'test', path: '/spec/absent', value: 'y' } },
    { name: 'a test behind the end of a list', in: { op: 'test', path: '/spec/groups/2', value: null } },
    { name: 'removal of what is not there', in: { op: 'remove', path: '/spec/absent' } },
    { name: 'a place below nothing', in: { op: 'add', path: '/spec/absent/x', value: 1 } },
    { name: 'a place below a text', in: { op: 'add', path: '/spec/note/x', value: 1 } },
    { name: 'replacing behind the end of a list', in: { op: 'replace', path: '/spec/groups/2', value: 1 } },
    { name: 'inserting behind the end of a list', in: { op: 'add', path: '/spec/groups/4', value: 1 } },
    { name: 'a list index that is none', in: { op: 'replace', path: '/spec/groups/x', value: 1 } },
    { name: 'moving what is not there', in: { op: 'move', from: '/spec/absent', path: '/x' } },
  ])('does not apply, 422: $name', ({ in: operation }) => {
    expect(outcome([operation])).toBe(422);
  });

  test.each([
    { name: 'an unknown operation', in: { op: 'increment', path: '/spec/note' } },
    { name: 'a path that is no pointer', in: { op: 'remove', path: 'spec' } },
    { name: 'no path', in: { op: 'remove' } },
    { name: 'no value', in: { op: 'add', path: '/x' } },
    { name: 'no from', in: { op: 'copy', path: '/x' } },
    { name: 'no operation at all', in: 7 },
  ])('is malformed, 400: $name', ({ in: operation }) => {
    expect(outcome([operation])).toBe(400);
  });

  test('more than 10,000 operations are too many', () => {
    const operation = { op: 'test', path: '/spec/note', value: 'x' };
    expect(outcome(Array.from({ length: 10_000 }, () => operation))).toEqual(DOCUMENT);
    expect(outcome(Array.from({ length: 10_001 }, () => operation))).toBe(413);
  });
});
