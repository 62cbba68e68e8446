import { describe, expect, test } from 'vitest';
import { pod } from '../../test/support/cluster-objects.ts';
import type { Pod } from '../core/kube/core-v1.ts';
import { PendingWrites } from './pending-writes.ts';

const seen = (resourceVersion: string, ...pods: readonly Pod[]) => ({
  podNamed: (name: string) => pods.find(({ metadata }) => metadata.name === name),
  resourceVersion,
});

describe('a creation is pending', () => {
  test.each([
    { name: 'until the cache shows the pod', cache: seen('9', pod({ name: 'a' })), empty: true },
    { name: 'while the cache is behind', cache: seen('9'), empty: false },
    { name: 'until the cache is past it: the pod came and went', cache: seen('10'), empty: true },
    { name: 'versions compare as numbers', cache: seen('8'), empty: false },
    { name: 'beyond 2^53 too', cache: seen('20000000000000000001'), empty: true },
  ])('$name', ({ cache, empty }) => {
    const pending = new PendingWrites();
    pending.creationAsked('a');
    pending.creationDone('a', '10');
    pending.settle(cache);
    expect(pending.isEmpty).toBe(empty);
  });

  test('under its name as long as nobody knows what became of it', () => {
    const pending = new PendingWrites();
    pending.creationAsked('a');
    pending.settle(seen('999'));
    expect(pending.unknownCreations()).toEqual(['a']);
    pending.settle(seen('999', pod({ name: 'a' })));
    expect(pending.isEmpty).toBe(true);
  });

  test('not when it was refused', () => {
    const pending = new PendingWrites();
    pending.creationAsked('a');
    pending.creationRefused('a');
    expect(pending.isEmpty).toBe(true);
  });
});

describe('a deletion is pending', () => {
  test.each([
    { name: 'while the cache shows the pod as before', cache: seen('9', pod({ name: 'a', uid: '1' })), empty: false },
    { name: 'until it is terminating', cache: seen('9', pod({ name: 'a', uid: '1', deleting: true })), empty: true },
    { name: 'until it is gone', cache: seen('9'), empty: true },
    { name: 'until the name belongs to another pod', cache: seen('9', pod({ name: 'a', uid: '2' })), empty: true },
  ])('$name', ({ cache, empty }) => {
    const pending = new PendingWrites();
    pending.deletionAsked({ name: 'a', uid: '1' });
    pending.deletionDone('1');
    pending.settle(cache);
    expect(pending.isEmpty).toBe(empty);
    expect(pending.unknownDeletions()).toEqual([]);
  });

  test('and asked for again when nobody knows what became of it', () => {
    const pending = new PendingWrites();
    pending.deletionAsked({ name: 'a', uid: '1' });
    expect(pending.unknownDeletions()).toEqual([{ name: 'a', uid: '1' }]);
    pending.deletionRefused('1');
    expect(pending.isEmpty).toBe(true);
  });
});
