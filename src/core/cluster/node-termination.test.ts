/** The end of a node, step by step (karpenter 7), and what protects pods (6.2). */

import { describe, expect, test } from 'vitest';
import { ago, NOW, pod, type PodText } from '../../../test/support/cluster-objects.ts';
import { claim, claimedNode } from '../../../test/support/node-objects.ts';
import type { Pod } from '../kube/core-v1.ts';
import { toRfc3339, type EpochMs } from '../time/time.ts';
import { DISRUPTED, isProtected, nextTerminationStep, type TerminationInput } from './node-termination.ts';

const leaving = claim({ name: 'n', stage: 'Initialized', deletedFor: 30 });

function annotated(text: PodText, value: string, startedAgo = 60): Pod {
  const made = pod(text);
  const annotations = { 'karpenter.sh/do-not-disrupt': value };
  return {
    ...made,
    metadata: { ...made.metadata, annotations },
    status: { ...made.status, startTime: toRfc3339(ago(startedAgo)) },
  };
}

/** The step in short; names of pods that are evicted or, with `!`, forced. */
function stepOf(input: Partial<TerminationInput>): string {
  const step = nextTerminationStep({
    claim: leaving,
    node: claimedNode({ name: 'n', deletedFor: 30, taints: [DISRUPTED] }),
    pods: [],
    goneAt: undefined,
    now: NOW,
    ...input,
  });
  if (step.kind === 'drain') {
    return [
      'drain',
      ...step.evict.map((one) => one.metadata.name),
      ...step.force.map((one) => `!${one.metadata.name}`),
    ].join(' ');
  }
  return step.kind === 'wait' ? `wait ${(step.until - NOW) / 1000}` : step.kind;
}

describe('steps', () => {
  const gone: EpochMs = ago(1);
  const rows: readonly { name: string; input: Partial<TerminationInput>; want: string }[] = [
    { name: 'the Node is deleted with its claim', input: { node: claimedNode({ name: 'n' }) }, want: 'delete-node' },
    { name: 'then it is tainted', input: { node: claimedNode({ name: 'n', deletedFor: 1 }) }, want: 'taint-node' },
    { name: 'then pods are evicted', input: { pods: [pod({ name: 'a', node: 'n' })] }, want: 'drain a' },
    { name: 'and waited for', input: { pods: [pod({ name: 'a', node: 'n', deleting: true })] }, want: 'drain' },
    {
      name: 'a drain lasts 5 s at least',
      input: { node: claimedNode({ name: 'n', deletedFor: 2, taints: [DISRUPTED] }) },
      want: 'wait 3',
    },
    { name: 'then the machine is given back', input: {}, want: 'terminate-instance' },
    { name: 'and its end awaited', input: { goneAt: (NOW + 4000) as EpochMs }, want: 'wait 4' },
    {
      name: 'what is left on it vanishes',
      input: { goneAt: gone, pods: [pod({ name: 'a', node: 'n' })] },
      want: 'remove-pods',
    },
    { name: 'the Node is released first', input: { goneAt: gone }, want: 'release-node' },
    { name: 'then the claim', input: { goneAt: gone, node: undefined }, want: 'release-claim' },
    {
      name: 'a claim that was never launched goes at once',
      input: { claim: claim({ name: 'n', deletedFor: 1 }), node: undefined },
      want: 'release-claim',
    },
    {
      name: 'a machine without a Node yet is given back',
      input: { claim: claim({ name: 'n', stage: 'Launched', deletedFor: 1 }), node: undefined },
      want: 'terminate-instance',
    },
  ];
  test.each(rows)('$name', ({ input, want }) => expect(stepOf(input)).toBe(want));
});

describe('who is drained', () => {
  const spec = (priority: number): Partial<Pod['spec']> => ({ priority });
  const bound = claim({ name: 'n', stage: 'Initialized', deletedFor: 50, spec: { terminationGracePeriod: '60s' } });
  const rows: readonly { name: string; input: Partial<TerminationInput>; want: string }[] = [
    {
      name: 'critical pods go last',
      input: {
        pods: [pod({ name: 'critical', node: 'n', spec: spec(2_000_001_000) }), pod({ name: 'app', node: 'n' })],
      },
      want: 'drain app',
    },
    {
      name: 'critical pods go when they are alone',
      input: { pods: [pod({ name: 'critical', node: 'n', spec: spec(2_000_001_000) })] },
      want: 'drain critical',
    },
    {
      name: 'pods that tolerate the taint are not evicted',
      input: { pods: [pod({ name: 'a', node: 'n', spec: { tolerations: [{ operator: 'Exists' }] } })] },
      want: 'terminate-instance',
    },
    {
      name: 'finished pods do not count',
      input: { pods: [pod({ name: 'a', node: 'n', phase: 'Succeeded' })] },
      want: 'terminate-instance',
    },
    {
      name: 'a protected pod stalls the drain',
      input: { pods: [annotated({ name: 'a', node: 'n' }, 'true')] },
      want: 'drain',
    },
    {
      name: 'until the grace period of the claim is near its end',
      input: {
        claim: bound,
        pods: [annotated({ name: 'a', node: 'n', spec: { terminationGracePeriodSeconds: 10 } }, 'true')],
      },
      want: 'drain !a',
    },
    {
      name: 'a pod stuck for a minute is no longer waited for',
      input: { pods: [pod({ name: 'a', node: 'n', deleting: true })], now: (NOW + 61_000) as EpochMs },
      want: 'terminate-instance',
    },
  ];
  test.each(rows)('$name', ({ input, want }) => expect(stepOf(input)).toBe(want));
});

describe('do-not-disrupt', () => {
  const rows = [
    { value: 'true', want: true },
    { value: '2m', want: true },
    { value: '30s', want: false },
    { value: 'abc', want: false },
    { value: '-5m', want: false },
    { value: 'false', want: false },
  ];
  test.each(rows)('$value on a pod that runs for a minute: $want', ({ value, want }) => {
    expect(isProtected(annotated({ name: 'a', node: 'n' }, value), NOW)).toBe(want);
  });
});
