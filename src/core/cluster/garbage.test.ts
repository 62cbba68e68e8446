import { describe, expect, test } from 'vitest';
import type { KubeEvent, Pod } from '../kube/core-v1.ts';
import type { AnyObject, ObjectMeta, OwnerReference } from '../kube/object.ts';
import { epochMs, parseRfc3339 } from '../time/time.ts';
import {
  blocks,
  decideDependent,
  dependentsPolicyOf,
  isEventExpired,
  podsOnMissingNodes,
  unscheduledTerminating,
  type DependentDecision,
  type OwnerState,
} from './garbage.ts';

const owner = (name: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name,
  uid: name,
  ...more,
});

describe('a dependent', () => {
  test.each<{
    readonly name: string;
    readonly states: readonly OwnerState[];
    readonly finalizers?: readonly string[];
    readonly blocking?: 'has-blocking-dependents' | 'no-blocking-dependents';
    readonly want: DependentDecision;
  }>([
    { name: 'without owners stays', states: [], want: { kind: 'keep' } },
    { name: 'with its owners there stays', states: ['solid', 'solid'], want: { kind: 'keep' } },
    {
      name: 'of one solid owner forgets the others',
      states: ['dangling', 'solid', 'waiting'],
      want: { kind: 'forget-owners', ownerReferences: [owner('o1')] },
    },
    { name: 'of absent owners goes', states: ['dangling'], want: { kind: 'delete', propagationPolicy: 'Background' } },
    {
      name: 'of an owner that waits goes',
      states: ['waiting', 'dangling'],
      want: { kind: 'delete', propagationPolicy: 'Background' },
    },
    {
      name: 'of an owner that waits and with blocking dependents waits for them first',
      states: ['waiting'],
      blocking: 'has-blocking-dependents',
      want: { kind: 'delete', propagationPolicy: 'Foreground' },
    },
    {
      name: 'keeps its own policy: orphan',
      states: ['dangling'],
      finalizers: ['orphan'],
      want: { kind: 'delete', propagationPolicy: 'Orphan' },
    },
    {
      name: 'keeps its own policy: foreground',
      states: ['dangling'],
      finalizers: ['foregroundDeletion'],
      want: { kind: 'delete', propagationPolicy: 'Foreground' },
    },
  ])('$name', ({ states, finalizers = [], blocking = 'no-blocking-dependents', want }) => {
    const object: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', finalizers } };
    const verdicts = states.map((state, i) => ({ owner: owner(`o${i}`), state }));
    expect(decideDependent(object, verdicts, blocking)).toEqual(want);
  });

  test('blocks only the owner it says it blocks', () => {
    const ownerReferences = [
      owner('a', { blockOwnerDeletion: true }),
      owner('b'),
      owner('c', { blockOwnerDeletion: false }),
    ];
    const object: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ownerReferences } };
    expect(['a', 'b', 'c', 'd'].map((uid) => blocks(object, uid))).toEqual([true, false, false, false]);
  });
});

test('only what is being deleted asks for its dependents to be dealt with', () => {
  const object = (finalizers: readonly string[], deletionTimestamp?: string): AnyObject => ({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', finalizers, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  });
  const at = '2026-01-01T00:00:00Z';
  expect(dependentsPolicyOf(object(['foregroundDeletion']))).toBeUndefined();
  expect(dependentsPolicyOf(object(['foregroundDeletion'], at))).toBe('Foreground');
  expect(dependentsPolicyOf(object(['orphan'], at))).toBe('Orphan');
  expect(dependentsPolicyOf(object(['a/b'], at))).toBeUndefined();
});

test('an event lives an hour from when it was last seen', () => {
  const event = (lastTimestamp?: string): KubeEvent => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'ns', creationTimestamp: '2026-01-01T00:00:00Z' },
    involvedObject: {},
    type: 'Normal',
    reason: 'r',
    message: 'm',
    ...(lastTimestamp === undefined ? {} : { lastTimestamp }),
  });
  const at = (text: string): ReturnType<typeof epochMs> => epochMs(parseRfc3339(text) ?? 0);
  expect(isEventExpired(event(), at('2026-01-01T00:59:59Z'))).toBe(false);
  expect(isEventExpired(event(), at('2026-01-01T01:00:00Z'))).toBe(true);
  expect(isEventExpired(event('2026-01-01T00:30:00Z'), at('2026-01-01T01:29:59Z'))).toBe(false);
  expect(isEventExpired(event('2026-01-01T00:30:00Z'), at('2026-01-01T01:30:00Z'))).toBe(true);
});

const pod = (name: string, nodeName?: string, metadata: Partial<ObjectMeta> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ns', ...metadata },
  spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
});

test('a pod is orphaned when its node is not there, not while it has none', () => {
  const orphans = podsOnMissingNodes([pod('a', 'n1'), pod('b', 'n2'), pod('c')], (name) => name === 'n1');
  expect(orphans.map(({ pod: { metadata }, nodeName }) => [metadata.name, nodeName])).toEqual([['b', 'n2']]);
});

test('no kubelet ends a pod that is being deleted and has no node', () => {
  const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const pods = [
    pod('stays'),
    pod('leaves', undefined, leaving),
    pod('empty', '', leaving),
    pod('on-node', 'n', leaving),
  ];
  expect(unscheduledTerminating(pods).map(({ metadata }) => metadata.name)).toEqual(['leaves', 'empty']);
});
