import { describe, expect, test } from 'vitest';
import type { AnyObject, ObjectMeta } from '../kube/object.ts';
import {
  metadataTypeErrors,
  nameProblems,
  validateMetadata,
  validateMetadataUpdate,
  type NameRule,
} from './metadata.ts';

const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u1' };

describe('names', () => {
  test.each<{ readonly name: string; readonly rule: NameRule; readonly want: string | undefined }>([
    { name: 'a', rule: 'dns-1123-label', want: undefined },
    { name: '0-a', rule: 'dns-1123-label', want: undefined },
    { name: 'a.b', rule: 'dns-1123-label', want: 'must not contain dots' },
    { name: 'a_b', rule: 'dns-1123-label', want: 'RFC 1123 label' },
    { name: 'a.b', rule: 'dns-1123-subdomain', want: undefined },
    { name: 'A', rule: 'dns-1123-subdomain', want: 'RFC 1123 subdomain' },
    { name: 'a-', rule: 'dns-1123-subdomain', want: 'RFC 1123 subdomain' },
    { name: 'a..b', rule: 'dns-1123-subdomain', want: 'RFC 1123 subdomain' },
    { name: 'a_b', rule: 'dns-1123-subdomain', want: 'RFC 1123 subdomain' },
    { name: 'x'.repeat(63), rule: 'dns-1123-label', want: undefined },
    { name: 'x'.repeat(64), rule: 'dns-1123-label', want: 'no more than 63 characters' },
    { name: 'x'.repeat(253), rule: 'dns-1123-subdomain', want: undefined },
    { name: 'x'.repeat(254), rule: 'dns-1123-subdomain', want: 'no more than 253 characters' },
  ])('$rule: $name', ({ name, rule, want }) => {
    const problems = nameProblems(name, rule);
    if (want === undefined) expect(problems).toEqual([]);
    else expect(problems.join()).toContain(want);
  });
});

describe('metadata of an object to be stored', () => {
  test.each<{
    readonly name: string;
    readonly in: Partial<ObjectMeta>;
    readonly want: readonly (readonly [path: string, type: string, text: string])[];
  }>([
    { name: 'plain', in: { labels: { app: 'web', 'example.com/tier': '' }, finalizers: ['example.com/x'] }, want: [] },
    {
      name: 'a label key that is no qualified name',
      in: { labels: { 'a b': 'c' } },
      want: [['metadata.labels', 'FieldValueInvalid', 'Invalid value: "a b": name part must consist of']],
    },
    {
      name: 'a label value with a space',
      in: { labels: { a: 'b c' } },
      want: [
        ['metadata.labels', 'FieldValueInvalid', 'Invalid value: "b c": a valid label must be an empty string or'],
      ],
    },
    {
      name: 'a label value of 64 characters',
      in: { labels: { a: 'x'.repeat(64) } },
      want: [['metadata.labels', 'FieldValueInvalid', 'must be no more than 63 bytes']],
    },
    {
      name: 'an annotation key in capitals is fine, its value is anything',
      in: { annotations: { 'Example.com/Key': '{"a": "€"}' } },
      want: [],
    },
    {
      name: 'annotations one byte above the limit, counted in UTF-8',
      in: { annotations: { a: '€'.repeat(87_381) + 'x' } },
      want: [['metadata.annotations', 'FieldValueTooLong', 'Too long: may not be more than 262144 bytes']],
    },
    { name: 'annotations at the limit', in: { annotations: { a: '€'.repeat(87_381) } }, want: [] },
    {
      name: 'an owner without uid',
      in: { ownerReferences: [{ ...OWNER, uid: '' }] },
      want: [['metadata.ownerReferences[0].uid', 'FieldValueRequired', 'Required value: must not be empty']],
    },
    {
      name: 'an owner whose apiVersion has no version',
      in: { ownerReferences: [{ ...OWNER, apiVersion: 'apps/' }] },
      want: [
        [
          'metadata.ownerReferences[0].apiVersion',
          'FieldValueInvalid',
          'Invalid value: "apps/": must be <group>/<version> or <version>',
        ],
      ],
    },
    {
      name: 'an event that owns',
      in: { ownerReferences: [{ uid: 'u', name: 'a', kind: 'Event', apiVersion: 'v1' }] },
      want: [
        [
          'metadata.ownerReferences[0]',
          'FieldValueInvalid',
          'Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
        ],
      ],
    },
    {
      name: 'two controllers',
      in: {
        ownerReferences: [
          { ...OWNER, controller: true },
          { ...OWNER, uid: 'u2', controller: true },
        ],
      },
      want: [['metadata.ownerReferences', 'FieldValueInvalid', 'Only one reference can have Controller set to true']],
    },
    {
      name: 'a finalizer that is no qualified name',
      in: { finalizers: ['a/b/c'] },
      want: [['metadata.finalizers[0]', 'FieldValueInvalid', 'a valid label key']],
    },
  ])('$name', ({ in: metadata, want }) => {
    const errors = validateMetadata({ name: 'x', ...metadata }, 'dns-1123-subdomain');
    expect(errors.map(({ path, type }) => [path, type])).toEqual(want.map(([path, type]) => [path, type]));
    errors.forEach((error, i) => expect(error.message).toContain(want[i]?.[2]));
  });

  test('wrong JSON types are named before anything reads them', () => {
    const errors = metadataTypeErrors({
      name: 1,
      labels: { a: 2 },
      finalizers: 'x',
      ownerReferences: [{ controller: 'yes' }],
    });
    expect(errors.map((error) => error.path)).toEqual([
      'metadata.name',
      'metadata.labels.a',
      'metadata.finalizers',
      'metadata.ownerReferences[0].controller',
    ]);
    expect(errors.every((error) => error.type === 'FieldValueTypeInvalid')).toBe(true);
  });
});

describe('a change of finalizers', () => {
  const object = (finalizers: readonly string[], deletionTimestamp?: string): AnyObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x', finalizers, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  });

  test('is free while the object lives', () => {
    expect(validateMetadataUpdate(object(['a/b']), object([]))).toEqual([]);
  });

  test('only takes away once it is being deleted', () => {
    const at = '2026-01-01T00:00:00Z';
    expect(validateMetadataUpdate(object([], at), object(['a/b'], at))).toEqual([]);
    expect(validateMetadataUpdate(object(['a/b', 'c/d'], at), object(['a/b'], at))).toMatchObject([
      {
        path: 'metadata.finalizers',
        type: 'FieldValueForbidden',
        message:
          'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
      },
    ]);
  });
});
