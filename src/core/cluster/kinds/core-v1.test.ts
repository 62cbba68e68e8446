import { expect, test } from 'vitest';
import type { KubeEvent, KubeNode, Namespace } from '../../kube/core-v1.ts';
import { EVENT_KIND, NAMESPACE_KIND, NODE_KIND } from './core-v1.ts';

const node = (spec: unknown, status?: unknown): KubeNode =>
  ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec, status }) as KubeNode; // some are none on purpose

test('a namespace carries its name as a label, a finalizer and a phase', () => {
  const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { a: 'b' } } };
  expect(NAMESPACE_KIND.withDefaults(namespace)).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { a: 'b', 'kubernetes.io/metadata.name': 'shop' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
});

test.each([
  { name: 'nothing', in: node({}), want: [] },
  {
    name: 'an unknown taint effect',
    in: node({ taints: [{ key: 'a', effect: 'Never' }] }),
    want: ['spec.taints[0].effect'],
  },
  { name: 'a taint without key', in: node({ taints: [{ effect: 'NoSchedule' }] }), want: ['spec.taints[0].key'] },
  { name: 'a capacity that is no quantity', in: node({}, { capacity: { cpu: 'x' } }), want: ['status.capacity.cpu'] },
  { name: 'taints of a wrong type', in: node({ taints: 'x' }), want: ['spec.taints'] },
])('a node may not say: $name', ({ in: object, want }) => {
  expect(NODE_KIND.validate(object).map(({ path }) => path)).toEqual(want);
});

test('the provider of a node is set once', () => {
  expect(NODE_KIND.validateUpdate(node({ providerID: 'kwok://a' }), node({}))).toEqual([]);
  expect(NODE_KIND.validateUpdate(node({ providerID: 'kwok://b' }), node({ providerID: 'kwok://a' }))).toMatchObject([
    { path: 'spec.providerID', type: 'FieldValueInvalid' },
  ]);
});

test('an event lies in the namespace of what it is about', () => {
  const event = (namespace: string): KubeEvent => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Pod', namespace, name: 'p' },
    type: 'Normal',
    reason: 'r',
    message: 'm',
  });
  expect(EVENT_KIND.validate(event('default'))).toEqual([]);
  expect(EVENT_KIND.validate(event(''))).toEqual([]);
  expect(EVENT_KIND.validate(event('other'))).toMatchObject([
    { path: 'involvedObject.namespace', message: 'Invalid value: "other": does not match event.namespace' },
  ]);
});
