import { expect, test } from 'vitest';
import type { AnyObject } from '../kube/object.ts';
import { PODS } from '../kube/resource.ts';
import { defined } from '../../lib/assert.ts';
import { kindOfResource } from './kinds/table.ts';
import { OwnerGraph } from './owner-graph.ts';

const kind = defined(kindOfResource(PODS), 'pods');
const object = (uid: string, owners: readonly string[] = []): AnyObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: uid,
    namespace: 'ns',
    uid,
    ownerReferences: owners.map((owner) => ({ apiVersion: 'v1', kind: 'Pod', name: owner, uid: owner })),
  },
});
const names = (graph: OwnerGraph, uid: string): readonly string[] =>
  graph.dependentsOf(uid).map(({ object: { metadata } }) => metadata.name);

test('dependents are found before and after their owner, and forgotten with themselves', () => {
  const graph = new OwnerGraph();
  graph.put(kind, object('a', ['owner']));
  expect(names(graph, 'owner')).toEqual(['a']);
  graph.put(kind, object('owner'));
  graph.put(kind, object('b', ['owner', 'other']));
  expect(names(graph, 'owner')).toEqual(['a', 'b']);
  graph.remove('owner');
  expect(graph.get('owner')).toBeUndefined();
  expect(names(graph, 'owner')).toEqual(['a', 'b']);
  graph.remove('a');
  expect(names(graph, 'owner')).toEqual(['b']);
});

test('a changed list of owners counts from then on', () => {
  const graph = new OwnerGraph();
  graph.put(kind, object('a', ['one']));
  graph.put(kind, object('a', ['two']));
  expect(names(graph, 'one')).toEqual([]);
  expect(names(graph, 'two')).toEqual(['a']);
});
