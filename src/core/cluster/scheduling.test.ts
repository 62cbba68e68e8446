import { describe, expect, test } from 'vitest';
import { node, NOW, pod, type NodeOptions, type PodText } from '../../../test/support/cluster-objects.ts';
import { epochMs, seconds } from '../time/time.ts';
import type { Pod, PodSpec } from '../kube/core-v1.ts';
import { dueAt } from './scheduling-queue.ts';
import {
  compareQueued,
  isPending,
  needsOf,
  place,
  schedule,
  shapeOf,
  snapshotOf,
  type Placement,
  type PlacedPod,
} from './scheduling.ts';

const asking = (
  requests: Readonly<Record<string, string>>,
  spec: Partial<PodSpec> = {},
  text: Partial<PodText> = {},
): Pod => pod({ name: 'p', ...text, spec: { containers: [{ name: 'app', resources: { requests } }], ...spec } });

const on = (nodeName: string, requests: Readonly<Record<string, string>>): PlacedPod => ({
  pod: asking(requests, {}, { name: `on-${nodeName}`, node: nodeName }),
  nodeName,
});

function fit(
  wanted: Pod,
  nodes: Readonly<Record<string, NodeOptions>>,
  placed: readonly PlacedPod[] = [],
  strategy: 'LeastAllocated' | 'MostAllocated' = 'LeastAllocated',
): Placement {
  const made = Object.entries(nodes).map(([name, options]) => node(name, options));
  return schedule(needsOf(wanted), snapshotOf(made, placed), strategy);
}

const unschedulable = (message: string): Placement => ({ kind: 'unschedulable', message });
const at = (name: string): Placement => ({ kind: 'node', name });

describe('a pod that fits nowhere', () => {
  const small = asking({ cpu: '1' });
  const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };

  test.each([
    { name: 'no nodes', pod: small, nodes: {}, want: 'no nodes available to schedule pods' },
    {
      name: 'too little of one resource',
      pod: asking({ cpu: '5' }),
      nodes: { a: {} },
      want: '0/1 nodes are available: 1 Insufficient cpu.',
    },
    {
      name: 'too little of two',
      pod: asking({ cpu: '5', memory: '32Gi' }),
      nodes: { a: {}, b: {} },
      want: '0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory.',
    },
    {
      name: 'a resource no node has',
      pod: asking({ 'nvidia.com/gpu': '1' }),
      nodes: { a: {} },
      want: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
    },
    {
      name: 'reasons are counted and sorted',
      pod: asking({ cpu: '5' }),
      nodes: { a: {}, b: { taints: [gpu] }, c: { unschedulable: true }, d: { taints: [gpu] } },
      want: "0/4 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 2 node(s) had taints that the pod didn't tolerate.",
    },
    {
      name: 'a node that is not ready',
      pod: small,
      nodes: { a: { ready: 'False' } },
      want: "0/1 nodes are available: 1 node(s) had taints that the pod didn't tolerate.",
    },
    {
      name: 'nodeSelector',
      pod: asking({}, { nodeSelector: { zone: 'x' } }),
      nodes: { a: { labels: { zone: 'y' } } },
      want: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    },
  ] satisfies readonly { name: string; pod: Pod; nodes: Readonly<Record<string, NodeOptions>>; want: string }[])(
    '$name',
    ({ pod: wanted, nodes, want }) => {
      expect(fit(wanted, nodes)).toEqual(unschedulable(want));
    },
  );

  test('too many pods', () => {
    const full = {
      ...node('a'),
      status: {
        allocatable: { cpu: '4', memory: '16Gi', pods: '1' },
        conditions: [{ type: 'Ready', status: 'True' as const }],
      },
    };
    expect(schedule(needsOf(small), snapshotOf([full], [on('a', {})]), 'LeastAllocated')).toEqual(
      unschedulable('0/1 nodes are available: 1 Too many pods.'),
    );
  });

  test('what others use counts, finished pods do not', () => {
    const placed = [on('a', { cpu: '3500m' })];
    expect(fit(small, { a: {} }, placed)).toEqual(unschedulable('0/1 nodes are available: 1 Insufficient cpu.'));
    const finished = placed.map(({ pod: one, nodeName }) => ({
      pod: { ...one, status: { phase: 'Succeeded' as const } },
      nodeName,
    }));
    expect(fit(small, { a: {} }, finished)).toEqual(at('a'));
  });
});

describe('a pod that fits', () => {
  test.each([
    {
      name: 'a toleration lets it in',
      spec: { tolerations: [{ key: 'gpu', operator: 'Exists' as const }] },
      nodes: { a: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } },
    },
    {
      name: 'PreferNoSchedule keeps nobody away',
      spec: {},
      nodes: { a: { taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] } },
    },
    {
      name: 'cordoned, tolerated',
      spec: { tolerations: [{ operator: 'Exists' as const }] },
      nodes: { a: { unschedulable: true } },
    },
    {
      name: 'one of the terms of its affinity',
      spec: affinity([{ key: 'zone', operator: 'In', values: ['x'] }], [{ key: 'disk', operator: 'Exists' }]),
      nodes: { a: { labels: { disk: 'ssd' } } },
    },
    {
      name: 'numbers in labels',
      spec: affinity([{ key: 'cores', operator: 'Gt', values: ['4'] }]),
      nodes: { a: { labels: { cores: '16' } } },
    },
  ])('$name', ({ spec, nodes }) => expect(fit(asking({ cpu: '1' }, spec), nodes)).toEqual(at('a')));

  test.each([
    { name: 'NotIn', terms: [[{ key: 'zone', operator: 'NotIn', values: ['x'] }]] },
    { name: 'DoesNotExist', terms: [[{ key: 'zone', operator: 'DoesNotExist' }]] },
    { name: 'Lt of something that is no number', terms: [[{ key: 'zone', operator: 'Lt', values: ['4'] }]] },
    { name: 'an empty term', terms: [[]] },
    {
      name: 'all expressions of a term must hold',
      terms: [
        [
          { key: 'zone', operator: 'Exists' },
          { key: 'disk', operator: 'Exists' },
        ],
      ],
    },
  ])('affinity keeps it away: $name', ({ terms }) => {
    expect(fit(asking({}, affinity(...terms)), { a: { labels: { zone: 'x' } } }).kind).toBe('unschedulable');
  });

  test('spreads by default and packs on demand; of equals the first by name', () => {
    const placed = [on('b', { cpu: '1', memory: '4Gi' })];
    const wanted = asking({ cpu: '1', memory: '1Gi' });
    expect(fit(wanted, { c: {}, b: {}, a: {} }, placed)).toEqual(at('a'));
    expect(fit(wanted, { c: {}, b: {}, a: {} }, placed, 'MostAllocated')).toEqual(at('b'));
  });

  test('pods that request nothing spread as well', () => {
    expect(fit(asking({}), { a: {}, b: {} }, [on('a', {})])).toEqual(at('b'));
  });

  test('what is placed in a pass counts for the next pod of the pass', () => {
    const snapshot = snapshotOf([node('a', { cpu: '1' })], []);
    const needs = needsOf(asking({ cpu: '600m' }));
    expect(schedule(needs, snapshot, 'LeastAllocated')).toEqual(at('a'));
    place(snapshot, needs, 'a');
    expect(schedule(needs, snapshot, 'LeastAllocated').kind).toBe('unschedulable');
  });
});

function affinity(...terms: readonly (readonly unknown[])[]): Partial<PodSpec> {
  const nodeSelectorTerms = terms.map((matchExpressions) => ({ matchExpressions }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

describe('the queue', () => {
  test('priority, then age, then name', () => {
    const waiting = [
      pod({ name: 'b', age: 10 }),
      pod({ name: 'a', age: 10 }),
      pod({ name: 'old', age: 99 }),
      pod({ name: 'vip', age: 1, spec: { priority: 5 } }),
    ];
    expect(waiting.toSorted(compareQueued).map(({ metadata }) => metadata.name)).toEqual(['vip', 'old', 'a', 'b']);
  });

  test.each([
    { name: 'a new pod', of: pod({ name: 'p' }), want: true },
    { name: 'one with a node', of: pod({ name: 'p', node: 'a' }), want: false },
    { name: 'one for another scheduler', of: pod({ name: 'p', spec: { schedulerName: 'other' } }), want: false },
    { name: 'a gated one', of: pod({ name: 'p', spec: { schedulingGates: [{ name: 'g' }] } }), want: false },
    { name: 'one being deleted', of: pod({ name: 'p', deleting: true }), want: false },
  ])('waits here or not: $name', ({ of, want }) => expect(isPending(of, 'default-scheduler')).toBe(want));

  test.each([
    { name: 'first try', attempt: undefined, change: 1, want: 0 },
    { name: 'backoff doubles', attempt: { count: 3, at: NOW, change: 1 }, change: 2, want: NOW + 4000 },
    { name: 'up to ten seconds', attempt: { count: 30, at: NOW, change: 1 }, change: 2, want: NOW + 10_000 },
    {
      name: 'nothing changed: five minutes',
      attempt: { count: 1, at: NOW, change: 2 },
      change: 2,
      want: NOW + seconds(300),
    },
  ])('$name', ({ attempt, change, want }) => expect(dueAt(attempt, change)).toBe(epochMs(want)));

  test('equal needs are one shape, whatever the pod is called', () => {
    const shape = (one: Pod): string => shapeOf(needsOf(one));
    expect(shape(asking({ cpu: '1' }, {}, { name: 'x' }))).toBe(shape(asking({ cpu: '1000m' }, {}, { name: 'y' })));
    expect(shape(asking({ cpu: '1' }, { nodeSelector: { a: 'b' } }))).not.toBe(shape(asking({ cpu: '1' })));
  });
});
