/** NodeClaims made of a packing, and what a claim is worth to the next one (karpenter 1.2, 4.2). */

import { describe, expect, test } from 'vitest';
import { NOW, pod } from '../../../test/support/cluster-objects.ts';
import { asking, claim, claimedNode } from '../../../test/support/node-objects.ts';
import { nodePool } from '../../../test/support/ray-and-nodes.ts';
import { NODE_CLAIM_KIND } from './kinds/karpenter.ts';
import { nodeClaim, offeringFor, packingNode, packingPool } from './node-claims.ts';
import { solve } from './node-packing.ts';
import { nodePoolStatus, poolUsage } from './node-pool-status.ts';

test('a claim says what it is for and can be launched from its own text', () => {
  const pool = { ...nodePool(), metadata: { name: 'default', uid: 'u' } };
  const { launches } = solve({
    pods: [asking('a', '1'), asking('b', '500m')],
    nodes: [],
    pools: [packingPool(pool, new Map())],
  });
  const [launch] = launches;
  if (launch === undefined) throw new Error('nothing was launched');
  const made = nodeClaim(pool, launch);
  expect(NODE_CLAIM_KIND.validate(made)).toEqual([]);
  expect(made.metadata).toMatchObject({
    generateName: 'default-',
    finalizers: ['karpenter.sh/termination'],
    labels: { 'karpenter.sh/nodepool': 'default', 'karpenter.kwok.sh/kwoknodeclass': 'default' },
    ownerReferences: [{ kind: 'NodePool', name: 'default', uid: 'u' }],
  });
  expect(made.spec.resources?.requests).toEqual({ cpu: '1500m', memory: '2Gi', pods: '2' });
  expect(offeringFor(made)).toMatchObject({ type: { name: 's-4x-amd64-linux' }, capacityType: 'on-demand' });
});

test('a claim that asks for more than any of its types has is not served', () => {
  expect(offeringFor(claim({ name: 'c', spec: { resources: { requests: { cpu: '5' } } } }))).toBeUndefined();
});

describe('as a node to pack on', () => {
  const starting = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }];

  test('a claim without a Node offers what will be rented', () => {
    const node = packingNode(claim({ name: 'c' }), undefined, []);
    expect(node).toMatchObject({ name: 'c', initialized: false, taints: [] });
    expect(node?.free.get('cpu')).toBe(3900n);
    expect(node?.labels['node.kubernetes.io/instance-type']).toBe('s-4x-amd64-linux');
  });

  test('taints of a starting node do not count, those of one in use do', () => {
    const taints = (stage: 'Registered' | 'Initialized'): unknown =>
      packingNode(claim({ name: 'c', stage }), claimedNode({ name: 'c', taints: starting }), [])?.taints;
    expect(taints('Registered')).toEqual([]);
    expect(taints('Initialized')).toEqual(starting);
  });

  test('bound pods take room, finished ones do not, terminating ones still do', () => {
    const resources = { requests: { cpu: '1' } };
    const spec = { containers: [{ name: 'a', resources }] };
    const pods = [
      pod({ name: 'a', node: 'c', spec }),
      pod({ name: 'b', node: 'c', spec, phase: 'Succeeded' }),
      pod({ name: 'd', node: 'c', spec, deleting: true }),
    ];
    const free = packingNode(claim({ name: 'c', stage: 'Initialized' }), claimedNode({ name: 'c' }), pods)?.free;
    expect(free?.get('cpu')).toBe(1900n);
    expect(free?.get('pods')).toBe(62_000n);
  });

  test('a Node of nobody is in use', () => {
    expect(packingNode(undefined, claimedNode({ name: 'n' }), [])).toMatchObject({ name: 'n', initialized: true });
  });
});

describe('a pool', () => {
  const inFlight = { claim: claim({ name: 'a' }), node: undefined };
  const there = { claim: claim({ name: 'b', stage: 'Initialized' }), node: claimedNode({ name: 'b' }) };

  test('counts its nodes in the status, and claims on their way for its limits', () => {
    expect(poolUsage([inFlight, there], 'nodes').get('cpu')).toBe(4000n);
    expect(poolUsage([inFlight, there], 'in-flight').get('cpu')).toBe(8000n);
  });

  test('writes its status only when it changed', () => {
    const status = nodePoolStatus(nodePool(), [inFlight, there], NOW);
    expect(status).toMatchObject({ nodes: 1, resources: { cpu: '4', memory: '16Gi', nodes: '1' } });
    expect(status?.conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'ValidationSucceeded=True',
      'NodeClassReady=True',
      'NodeRegistrationHealthy=Unknown',
      'Ready=True',
    ]);
    expect(
      nodePoolStatus({ ...nodePool(), ...(status === undefined ? {} : { status }) }, [inFlight, there], NOW),
    ).toBeUndefined();
  });
});
