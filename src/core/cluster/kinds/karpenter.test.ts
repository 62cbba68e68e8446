/** NodePool and NodeClaim as their CRDs admit them. */

import { describe, expect, test } from 'vitest';
import { nodePool } from '../../../../test/support/ray-and-nodes.ts';
import type { NodeClaim, NodePool, NodeRequirement } from '../../kube/karpenter.ts';
import { NODE_CLAIM_KIND, NODE_POOL_KIND } from './karpenter.ts';

const REF = { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'default' };

function withRequirement(requirement: NodeRequirement): NodePool {
  return nodePool({ template: { spec: { nodeClassRef: REF, requirements: [requirement] } } });
}

describe('NodePool', () => {
  test('fills in disruption, budgets and expiry', () => {
    const { disruption: _, ...spec } = nodePool().spec;
    const filled = NODE_POOL_KIND.withDefaults({ ...nodePool(), spec });
    expect(filled.spec.disruption).toEqual({
      consolidationPolicy: 'WhenEmptyOrUnderutilized',
      consolidateAfter: '0s',
      budgets: [{ nodes: '10%' }],
    });
    expect(filled.spec.template.spec.expireAfter).toBe('720h');
    expect(NODE_POOL_KIND.validate(filled)).toEqual([]);
  });

  const rows: readonly { name: string; pool: NodePool; want: readonly string[] }[] = [
    { name: 'accepts a plain pool', pool: nodePool(), want: [] },
    {
      name: 'wants values for In',
      pool: withRequirement({ key: 'kubernetes.io/arch', operator: 'In', values: [] }),
      want: ['spec.template.spec.requirements[0]'],
    },
    {
      name: 'wants one whole number for Gt',
      pool: withRequirement({ key: 'karpenter.kwok.sh/instance-cpu', operator: 'Gt', values: ['a'] }),
      want: ['spec.template.spec.requirements[0]'],
    },
    {
      name: "keeps Karpenter's labels to itself",
      pool: withRequirement({ key: 'karpenter.sh/registered', operator: 'Exists' }),
      want: ['spec.template.spec.requirements[0].key'],
    },
    {
      name: 'lets capacity type be required',
      pool: withRequirement({ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot'] }),
      want: [],
    },
    {
      name: 'refuses durations of other units',
      pool: nodePool({ disruption: { consolidateAfter: '500ms' } }),
      want: ['spec.disruption.consolidateAfter'],
    },
    { name: 'refuses a weight of 0', pool: nodePool({ weight: 0 }), want: ['spec.weight'] },
    { name: 'refuses a weight of 101', pool: nodePool({ weight: 101 }), want: ['spec.weight'] },
    {
      name: 'refuses scheduled budgets, which nobody would honour',
      pool: nodePool({
        disruption: { budgets: [{ nodes: '0', schedule: '@daily', duration: '1h' } as { nodes: string }] },
      }),
      want: ['spec.disruption.budgets[0].schedule'],
    },
  ];
  test.each(rows)('$name', ({ pool, want }) => {
    const errors = NODE_POOL_KIND.validate(NODE_POOL_KIND.withDefaults(pool));
    expect(errors.map(({ path }) => path)).toEqual(want);
  });

  test('stays with its kind of node class', () => {
    const other = nodePool({ template: { spec: { nodeClassRef: { ...REF, kind: 'Other' }, requirements: [] } } });
    const renamed = nodePool({ template: { spec: { nodeClassRef: { ...REF, name: 'b' }, requirements: [] } } });
    expect(NODE_POOL_KIND.validateUpdate(other, nodePool()).map(({ message }) => message)).toEqual([
      'Invalid value: "object": nodeClassRef.kind is immutable',
    ]);
    expect(NODE_POOL_KIND.validateUpdate(renamed, nodePool())).toEqual([]);
  });
});

test('NodeClaim: the spec never changes', () => {
  const claim: NodeClaim = {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodeClaim',
    metadata: { name: 'c' },
    spec: { nodeClassRef: REF, requirements: [] },
  };
  const changed = { ...claim, spec: { ...claim.spec, expireAfter: '1h' } };
  expect(NODE_CLAIM_KIND.validateUpdate(claim, claim)).toEqual([]);
  expect(NODE_CLAIM_KIND.validateUpdate(changed, claim)).toHaveLength(1);
});
