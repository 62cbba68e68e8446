/** The catalogue of the embedded provider (karpenter 9). */

import { describe, expect, test } from 'vitest';
import { cheapestOffering, compatibleTypes, INSTANCE_TYPES, offeringLabels } from './instance-types.ts';
import { requirementsOf } from './node-requirements.ts';

function typeOf(name: string): (typeof INSTANCE_TYPES)[number] | undefined {
  return INSTANCE_TYPES.find((type) => type.name === name);
}

test('has every size of every family, architecture and system once', () => {
  expect(INSTANCE_TYPES).toHaveLength(12 * 3 * 2 * 2);
  expect(new Set(INSTANCE_TYPES.map(({ name }) => name)).size).toBe(INSTANCE_TYPES.length);
});

test('a node offers its size less the overhead', () => {
  expect(typeOf('s-4x-amd64-linux')).toMatchObject({
    capacity: { cpu: '4', memory: '16Gi', pods: '64', 'ephemeral-storage': '20Gi' },
    allocatable: { cpu: '3900m', memory: '16374Mi' },
  });
  expect(typeOf('m-256x-arm64-linux')?.capacity).toMatchObject({ memory: '2048Gi', pods: '1024' });
});

test('prices follow CPU and memory in units of 10^9 bytes, spot costs 0.7 of them', () => {
  const type = typeOf('c-1x-amd64-linux');
  if (type === undefined) throw new Error('the type is missing');
  expect(type.onDemandPrice).toBeCloseTo(0.025 + 0.001 * 2.147483648, 12);
  const spot = cheapestOffering(type, new Map());
  expect(spot).toMatchObject({ capacityType: 'spot', zone: 'test-zone-a' });
  expect(spot?.price).toBeCloseTo(type.onDemandPrice * 0.7, 12);
});

describe('requirements choose types, cheapest first', () => {
  const rows = [
    {
      name: 'by bounds',
      list: [
        { key: 'karpenter.kwok.sh/instance-cpu', operator: 'Gt', values: ['16'] },
        { key: 'karpenter.kwok.sh/instance-cpu', operator: 'Lte', values: ['32'] },
        { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
        { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
      ],
      want: ['c-32x-amd64-linux', 's-32x-amd64-linux', 'm-32x-amd64-linux'],
    },
    {
      name: 'by name',
      list: [
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['s-8x-arm64-linux', 's-4x-arm64-linux'] },
      ],
      want: ['s-4x-arm64-linux', 's-8x-arm64-linux'],
    },
    {
      name: 'none in another zone',
      list: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['moon'] }],
      want: [],
    },
    {
      name: 'none as reserved',
      list: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['reserved'] }],
      want: [],
    },
  ] as const;
  test.each(rows)('$name', ({ list, want }) => {
    expect(compatibleTypes(requirementsOf(list)).map(({ name }) => name)).toEqual(want);
  });
});

test("a node carries its offering's zone and capacity type", () => {
  const type = typeOf('s-4x-amd64-linux');
  if (type === undefined) throw new Error('the type is missing');
  expect(offeringLabels({ type, zone: 'test-zone-b', capacityType: 'on-demand', price: 1 })).toMatchObject({
    'node.kubernetes.io/instance-type': 's-4x-amd64-linux',
    'topology.kubernetes.io/zone': 'test-zone-b',
    'karpenter.sh/capacity-type': 'on-demand',
  });
});
