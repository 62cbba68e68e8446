/** Who asks for a node (karpenter 4.1), and the sentences of the records. */

import { describe, expect, test } from 'vitest';
import { pod } from '../../../test/support/cluster-objects.ts';
import { unschedulable } from '../../../test/support/node-objects.ts';
import type { Pod } from '../kube/core-v1.ts';
import { cheapestOffering, INSTANCE_TYPES, type Offering } from './instance-types.ts';
import { isProvisionable, offeringsText, podsText, reasonsText } from './node-provisioning.ts';

const base = unschedulable('p', '1');
const owned = (kind: string): Pod => ({
  ...base,
  metadata: { ...base.metadata, ownerReferences: [{ apiVersion: 'v1', kind, name: 'o', uid: 'o', controller: true }] },
});

describe('a pod asks for a node', () => {
  const rows: readonly { name: string; pod: Pod; want: boolean }[] = [
    { name: 'once the scheduler found no place', pod: base, want: true },
    { name: 'not before', pod: pod({ name: 'p' }), want: false },
    { name: 'not when it is bound', pod: { ...base, spec: { ...base.spec, nodeName: 'n' } }, want: false },
    {
      name: 'not while others are preempted for it',
      pod: { ...base, status: { ...base.status, nominatedNodeName: 'n' } },
      want: false,
    },
    { name: "not as a DaemonSet's", pod: owned('DaemonSet'), want: false },
    { name: "as a RayCluster's", pod: owned('RayCluster'), want: true },
    {
      name: 'not when it is being deleted',
      pod: { ...base, metadata: { ...base.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      want: false,
    },
  ];
  test.each(rows)('$name', ({ pod: one, want }) => expect(isProvisionable(one)).toBe(want));
});

test('sentences have numbers and units', () => {
  const offering = (name: string): Offering => {
    const type = INSTANCE_TYPES.find((one) => one.name === name);
    const found = type === undefined ? undefined : cheapestOffering(type, new Map());
    if (found === undefined) throw new Error(`${name} is missing`);
    return found;
  };
  expect(podsText([base])).toBe('1 pod (1.0 CPU)');
  expect(podsText([base, unschedulable('q', '500m')])).toBe('2 pods (1.5 CPU)');
  expect(offeringsText([offering('s-4x-amd64-linux')])).toBe('1 node s-4x-amd64-linux (4 CPU, 16 GiB)');
  expect(offeringsText(['s-4x-amd64-linux', 'c-2x-arm64-linux', 's-4x-amd64-linux'].map(offering))).toBe(
    '1 node c-2x-arm64-linux (2 CPU, 4 GiB), 2 nodes s-4x-amd64-linux (4 CPU, 16 GiB)',
  );
  expect(reasonsText([{ reason: 'a' }, { reason: 'a' }])).toBe('a');
  expect(reasonsText([{ reason: 'b' }, { reason: 'a' }, { reason: 'b' }])).toBe('2x b; 1x a');
});
