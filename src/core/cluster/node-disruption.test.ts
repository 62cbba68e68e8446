/** Empty nodes: who counts, how long, how many (karpenter 6.2 to 6.4, 6.6). */

import { describe, expect, test } from 'vitest';
import { ago, NOW, pod } from '../../../test/support/cluster-objects.ts';
import { claim, claimedNode, type ClaimText, type NodeText } from '../../../test/support/node-objects.ts';
import { nodePool } from '../../../test/support/ray-and-nodes.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { NodePool } from '../kube/karpenter.ts';
import { allowedDisruptions, emptyNodes, reschedulingCost, type PoolNode } from './node-disruption.ts';

type Text = Omit<ClaimText, 'name'> & {
  readonly node?: Omit<NodeText, 'name'>;
  readonly pods?: readonly Pod[];
  readonly nominatedFor?: number;
};

function poolNode(name: string, { node = {}, pods = [], nominatedFor, ...text }: Text = {}): PoolNode {
  return {
    claim: claim({ name, stage: 'Initialized', ...text }),
    node: claimedNode({ name, ...node }),
    pods,
    nominatedUntil: nominatedFor === undefined ? undefined : ago(-nominatedFor),
  };
}

const ALL = nodePool({ disruption: { consolidateAfter: '30s', budgets: [{ nodes: '100%' }] } });

function names(nodes: readonly PoolNode[], pool: NodePool = ALL): readonly string[] {
  return emptyNodes(pool, nodes, NOW).map(({ node }) => node.metadata.name);
}

describe('one node', () => {
  const app = pod({ name: 'app', node: 'n' });
  const annotated = { ...app, metadata: { ...app.metadata, annotations: { 'karpenter.sh/do-not-disrupt': 'true' } } };
  const rows: readonly { name: string; node: Text; want: 'goes' | 'stays' }[] = [
    { name: 'empty since it was initialised', node: { stageAge: 31 }, want: 'goes' },
    { name: 'not long enough', node: { stageAge: 29 }, want: 'stays' },
    { name: 'the last pod event counts', node: { podEventAge: 10 }, want: 'stays' },
    { name: 'an old pod event', node: { podEventAge: 30 }, want: 'goes' },
    { name: 'a running pod', node: { pods: [app] }, want: 'stays' },
    { name: 'only a terminating pod', node: { pods: [pod({ name: 'a', node: 'n', deleting: true })] }, want: 'goes' },
    { name: 'only a finished pod', node: { pods: [pod({ name: 'a', node: 'n', phase: 'Succeeded' })] }, want: 'goes' },
    { name: 'a protected pod', node: { pods: [annotated] }, want: 'stays' },
    { name: 'not initialised', node: { stage: 'Registered' }, want: 'stays' },
    { name: 'being deleted', node: { deletedFor: 1 }, want: 'stays' },
    { name: 'nominated', node: { nominatedFor: 5 }, want: 'stays' },
    { name: 'nominated once', node: { nominatedFor: -5 }, want: 'goes' },
    {
      name: 'an annotated node',
      node: { node: { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } } },
      want: 'stays',
    },
  ];
  test.each(rows)('$name: $want', ({ node, want }) => {
    expect(names([poolNode('n', node)])).toEqual(want === 'goes' ? ['n'] : []);
  });

  test('Never keeps it', () => {
    expect(names([poolNode('n')], nodePool({ disruption: { consolidateAfter: 'Never' } }))).toEqual([]);
  });
});

test('the longest quiet goes first', () => {
  expect(
    names([poolNode('a', { stageAge: 50 }), poolNode('b', { stageAge: 90 }), poolNode('c', { stageAge: 50 })]),
  ).toEqual(['b', 'a', 'c']);
});

describe('budgets', () => {
  const three = [poolNode('a'), poolNode('b'), poolNode('c')];
  const budgets = (...list: readonly { nodes: string; reasons?: readonly string[] }[]): NodePool =>
    nodePool({ disruption: { consolidateAfter: '30s', budgets: list } });
  const rows: readonly { name: string; pool: NodePool; nodes: readonly PoolNode[]; want: number }[] = [
    { name: 'the default of 10 % rounds up', pool: budgets({ nodes: '10%' }), nodes: three, want: 1 },
    { name: '0 blocks', pool: budgets({ nodes: '0' }), nodes: three, want: 0 },
    { name: 'the tightest counts', pool: budgets({ nodes: '3' }, { nodes: '2' }), nodes: three, want: 2 },
    {
      name: 'budgets of other reasons do not',
      pool: budgets({ nodes: '3' }, { nodes: '0', reasons: ['Underutilized'] }),
      nodes: three,
      want: 3,
    },
    { name: 'none at all', pool: budgets(), nodes: three, want: Infinity },
    {
      name: 'nodes that are leaving or not ready are taken off',
      pool: budgets({ nodes: '3' }),
      nodes: [...three, poolNode('d', { deletedFor: 1 }), poolNode('e', { node: { ready: 'False' } })],
      want: 1,
    },
  ];
  test.each(rows)('$name', ({ pool, nodes, want }) => expect(allowedDisruptions(pool, nodes)).toBe(want));

  test('hold back empty nodes', () => {
    expect(names(three, budgets({ nodes: '2' }))).toEqual(['a', 'b']);
  });
});

test('pods of very negative deletion cost or priority count as absent', () => {
  expect(reschedulingCost([pod({ name: 'a', node: 'n' })])).toBe(1);
  expect(reschedulingCost([pod({ name: 'a', node: 'n', cost: '-134217728' })])).toBe(0);
  expect(reschedulingCost([pod({ name: 'a', node: 'n', spec: { priority: -(2 ** 25) } })])).toBe(0);
  expect(reschedulingCost([pod({ name: 'a', node: 'n', spec: { priority: 2_000_000_000 } })])).toBe(10);
});
