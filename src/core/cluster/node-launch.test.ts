/** The steps of a launch (karpenter 5), read from claim and Node alone. */

import { describe, expect, test } from 'vitest';
import { ago, NOW } from '../../../test/support/cluster-objects.ts';
import { claim, claimedNode } from '../../../test/support/node-objects.ts';
import type { KubeNode } from '../kube/core-v1.ts';
import type { NodeClaim } from '../kube/karpenter.ts';
import { durationMs, seconds } from '../time/time.ts';
import {
  bornNode,
  freeNodeAddress,
  nextLaunchStep,
  readyNode,
  registeredNode,
  withoutNotReadyTaint,
  withStage,
} from './node-launch.ts';

const TIMES = { launchAt: NOW, boot: seconds(20), readiness: seconds(10) };
const UNREGISTERED = { key: 'karpenter.sh/unregistered', effect: 'NoExecute' };
const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const STARTUP = { key: 'cni', effect: 'NoSchedule' };
const initialized = { 'karpenter.sh/initialized': 'true' };

describe('the next step', () => {
  const rows: readonly { name: string; claim: NodeClaim; node?: KubeNode; want: string }[] = [
    { name: 'a new claim is launched', claim: claim({ name: 'c' }), want: 'launch at 0' },
    {
      name: 'a launched machine boots',
      claim: claim({ name: 'c', stage: 'Launched', stageAge: 5 }),
      want: 'create-node at 15',
    },
    {
      name: 'a Node that has come is registered at once',
      claim: claim({ name: 'c', stage: 'Launched' }),
      node: claimedNode({ name: 'c', ready: 'False', taints: [UNREGISTERED, NOT_READY] }),
      want: 'register',
    },
    {
      name: 'a registration whose second write was lost is repeated',
      claim: claim({ name: 'c', stage: 'Launched' }),
      node: claimedNode({ name: 'c', ready: 'False' }),
      want: 'register',
    },
    {
      name: 'the kubelet needs a while',
      claim: claim({ name: 'c', stage: 'Registered' }),
      node: claimedNode({ name: 'c', ready: 'False', taints: [NOT_READY], age: 4 }),
      want: 'make-ready at 6',
    },
    {
      name: 'a ready Node loses its taint',
      claim: claim({ name: 'c', stage: 'Registered' }),
      node: claimedNode({ name: 'c', taints: [NOT_READY], age: 11 }),
      want: 'make-ready at -1',
    },
    {
      name: 'then it is initialised',
      claim: claim({ name: 'c', stage: 'Registered' }),
      node: claimedNode({ name: 'c' }),
      want: 'initialize',
    },
    {
      name: 'startup taints of the claim hold that back',
      claim: claim({ name: 'c', stage: 'Registered', spec: { startupTaints: [STARTUP] } }),
      node: claimedNode({ name: 'c', taints: [STARTUP] }),
      want: 'settled',
    },
    {
      name: 'an initialised node is left alone',
      claim: claim({ name: 'c', stage: 'Initialized' }),
      node: claimedNode({ name: 'c', labels: initialized }),
      want: 'settled',
    },
    {
      name: 'a Node that fails later is not repaired',
      claim: claim({ name: 'c', stage: 'Initialized' }),
      node: claimedNode({ name: 'c', labels: initialized, ready: 'False' }),
      want: 'settled',
    },
    {
      name: 'a deleted Node takes its claim along',
      claim: claim({ name: 'c', stage: 'Initialized' }),
      node: claimedNode({ name: 'c', deletedFor: 1 }),
      want: 'delete-claim',
    },
    { name: 'so does one that has vanished', claim: claim({ name: 'c', stage: 'Initialized' }), want: 'delete-claim' },
  ];
  test.each(rows)('$name', ({ claim: object, node, want }) => {
    const step = nextLaunchStep(object, node, TIMES);
    const isTimed = step.kind === 'launch' || step.kind === 'create-node' || step.kind === 'make-ready';
    expect(isTimed ? `${step.kind} at ${(step.at - NOW) / 1000}` : step.kind).toBe(want);
  });
});

test('a machine that goes through all steps ends as a node in use', () => {
  let object = claim({ name: 'c' });
  let node: KubeNode | undefined;
  const steps: string[] = [];
  for (let i = 0; i < 20; i++) {
    const step = nextLaunchStep(object, node, { launchAt: ago(100), boot: durationMs(0), readiness: durationMs(0) });
    if (step.kind === 'settled') break;
    steps.push(step.kind);
    if (step.kind === 'launch') object = { ...object, status: withStage(object, 'Launched', NOW) };
    if (step.kind === 'create-node') node = bornNode(object, '10.0.0.1', NOW);
    if (node === undefined) continue;
    if (step.kind === 'register') {
      node = registeredNode(node, object);
      object = { ...object, status: withStage(object, 'Registered', NOW) };
    }
    if (step.kind === 'make-ready')
      node = steps.at(-2) === 'make-ready' ? withoutNotReadyTaint(node) : readyNode(node, NOW);
    if (step.kind === 'initialize') {
      node = { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...initialized } } };
      object = { ...object, status: withStage(object, 'Initialized', NOW) };
    }
  }
  expect(steps).toEqual(['launch', 'create-node', 'register', 'make-ready', 'make-ready', 'initialize']);
  expect(node?.spec?.taints).toEqual([]);
  expect(object.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
    'Launched=True',
    'Registered=True',
    'Initialized=True',
    'Ready=True',
  ]);
});

test('a claim that was only launched shows what is awaited', () => {
  const { conditions } = withStage(claim({ name: 'c' }), 'Launched', NOW);
  expect(conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual([
    'Launched=True Launched',
    'Registered=Unknown AwaitingReconciliation',
    'Initialized=Unknown AwaitingReconciliation',
    'Ready=Unknown ReconcilingDependents',
  ]);
});

test('addresses are the lowest that nobody has', () => {
  expect(freeNodeAddress(new Set())).toBe('10.0.0.1');
  expect(freeNodeAddress(new Set(['10.0.0.1', '10.0.0.3']))).toBe('10.0.0.2');
});
