/** Packing: who goes where, what is launched, why not (karpenter 4.3 to 4.5, checklist 5 to 11). */

import { describe, expect, test } from 'vitest';
import { asking } from '../../../test/support/node-objects.ts';
import { nodePool } from '../../../test/support/ray-and-nodes.ts';
import type { Pod } from '../kube/core-v1.ts';
import type { NodePool, NodeRequirement } from '../kube/karpenter.ts';
import { offeringFor, nodeClaim, packingPool } from './node-claims.ts';
import { milliAmounts } from './node-fit.ts';
import { solve, type Packing, type PackingNode } from './node-packing.ts';

const REF = nodePool().spec.template.spec.nodeClassRef;
const LINUX: readonly NodeRequirement[] = [
  { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
  { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] },
  { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
];

/** A pool of all types of Linux on amd64. */
function wide(name: string, spec: Partial<NodePool['spec']> = {}): NodePool {
  const pool = nodePool({ template: { spec: { nodeClassRef: REF, requirements: LINUX } }, ...spec });
  return { ...pool, metadata: { name } };
}

function existing(name: string, cpu: string, options: Partial<PackingNode> = {}): PackingNode {
  const free = milliAmounts({ cpu, memory: '16Gi', pods: '64' });
  return { name, initialized: true, labels: {}, taints: [], free, ...options };
}

function pack(pods: readonly Pod[], pools: readonly NodePool[], nodes: readonly PackingNode[] = []): Packing {
  return solve({ pods, nodes, pools: pools.map((pool) => packingPool(pool, new Map())) });
}

/** `pool: pods on the type that would be rented`. */
function launches(pools: readonly NodePool[], packing: Packing): readonly string[] {
  return packing.launches.map((launch) => {
    const pool = pools.find(({ metadata }) => metadata.name === launch.pool) ?? nodePool();
    const type = offeringFor(nodeClaim(pool, launch))?.type.name;
    return `${launch.pool}: ${launch.pods.map(({ metadata }) => metadata.name).join(' ')} on ${type}`;
  });
}

describe('one pool of one type', () => {
  test('three pods of one CPU share a node, the fourth needs another', () => {
    const pools = [nodePool()];
    const packing = pack(
      ['a', 'b', 'c', 'd'].map((name) => asking(name, '1')),
      pools,
    );
    expect(launches(pools, packing)).toEqual(['default: a b c on s-4x-amd64-linux', 'default: d on s-4x-amd64-linux']);
  });

  test('bigger pods come first, of equals the older', () => {
    const pools = [nodePool()];
    const packing = pack([asking('small', '500m'), asking('big', '3')], pools);
    expect(launches(pools, packing)).toEqual(['default: big small on s-4x-amd64-linux']);
  });

  test('existing nodes are filled first, initialised ones before those on their way', () => {
    const packing = pack(
      [asking('a', '1'), asking('b', '1')],
      [nodePool()],
      [existing('a-starting', '1', { initialized: false }), existing('z-there', '1')],
    );
    expect(packing.placed.map(({ pod, node }) => `${pod.metadata.name} ${node}`)).toEqual([
      'a z-there',
      'b a-starting',
    ]);
    expect(packing.launches).toEqual([]);
  });

  test('a pod that no node can hold waits with a reason', () => {
    expect(pack([asking('huge', '4')], [nodePool()]).failed.map(({ reason }) => reason)).toEqual([
      'incompatible with nodepool "default", no instance type satisfied resources and requirements',
    ]);
  });

  test('pods per node are bounded', () => {
    const pods = Array.from({ length: 65 }, (_, i) => asking(`p${i}`, '10m', { containers: [{ name: 'c' }] }));
    expect(pack(pods, [nodePool()]).launches.map((launch) => launch.pods.length)).toEqual([64, 1]);
  });
});

describe('several types and pools', () => {
  test('four pods of 3.5 CPU get one node of 16 CPU: every type that holds them stays possible, the cheapest is rented', () => {
    const pools = [wide('w')];
    const packing = pack(
      ['a', 'b', 'c', 'd'].map((name) => asking(name, '3500m')),
      pools,
    );
    expect(launches(pools, packing)).toEqual(['w: a b c d on c-16x-amd64-linux']);
  });

  test('the first pool that can is taken, however dear', () => {
    const pools = [nodePool(), wide('w')];
    expect(launches(pools, pack([asking('a', '100m')], pools))).toEqual(['default: a on s-4x-amd64-linux']);
    expect(launches(pools, pack([asking('a', '8')], pools))).toEqual(['w: a on c-16x-amd64-linux']);
  });

  test('a node selector narrows the types', () => {
    const pools = [wide('w')];
    const zone = { nodeSelector: { 'karpenter.kwok.sh/instance-family': 'm' } };
    expect(launches(pools, pack([asking('a', '1', zone)], pools))).toEqual(['w: a on m-2x-amd64-linux']);
  });

  test('pods with contradicting selectors get nodes of their own', () => {
    const pools = [wide('w')];
    const of = (family: string): { nodeSelector: Record<string, string> } => ({
      nodeSelector: { 'karpenter.kwok.sh/instance-family': family },
    });
    expect(pack([asking('a', '1', of('m')), asking('b', '1', of('c'))], pools).launches).toHaveLength(2);
  });

  test('a custom label must come from the pool', () => {
    const selector = { nodeSelector: { team: 'a' } };
    const [failure] = pack([asking('a', '1', selector)], [wide('w')]).failed;
    expect(failure?.reason).toBe('incompatible with nodepool "w", label "team" does not have known values');
    const labelled = wide('w', {
      template: { metadata: { labels: { team: 'a' } }, spec: { nodeClassRef: REF, requirements: LINUX } },
    });
    expect(pack([asking('a', '1', selector)], [labelled]).failed).toEqual([]);
  });

  test('without a pool nothing is launched', () => {
    expect(pack([asking('a', '1')], []).failed.map(({ reason }) => reason)).toEqual(['no nodepools found']);
  });
});

describe('taints', () => {
  const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
  const tainted = wide('w', { template: { spec: { nodeClassRef: REF, requirements: LINUX, taints: [taint] } } });

  test("keep pods away that don't tolerate them", () => {
    expect(pack([asking('a', '1')], [tainted]).failed.map(({ reason }) => reason)).toEqual([
      'incompatible with nodepool "w", did not tolerate taint (taint=gpu=yes:NoSchedule)',
    ]);
    const tolerations = [{ key: 'gpu', operator: 'Exists' }] as const;
    expect(pack([asking('a', '1', { tolerations })], [tainted]).failed).toEqual([]);
  });

  test('of existing nodes count as well', () => {
    expect(pack([asking('a', '1')], [], [existing('n', '4', { taints: [taint] })]).placed).toEqual([]);
  });
});

describe('limits', () => {
  const sixteen: readonly NodeRequirement[] = [
    { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['s-16x-amd64-linux'] },
  ];
  const limited = (limits: Record<string, string>): NodePool =>
    nodePool({ template: { spec: { nodeClassRef: REF, requirements: sixteen } }, limits });

  test('32 CPU take two nodes of 16; the third pod is told why', () => {
    const packing = pack(
      ['a', 'b', 'c'].map((name) => asking(name, '10')),
      [limited({ cpu: '32' })],
    );
    expect(packing.launches).toHaveLength(2);
    expect(packing.failed.map(({ reason }) => reason)).toEqual([
      'all available instance types exceed limits for nodepool: "default"',
    ]);
  });

  test('nodes can be limited', () => {
    expect(
      pack(
        ['a', 'b'].map((name) => asking(name, '10')),
        [limited({ nodes: '1' })],
      ).launches,
    ).toHaveLength(1);
  });

  test('what exists counts', () => {
    const pool = packingPool(limited({ cpu: '32' }), milliAmounts({ cpu: '20', nodes: '1' }));
    expect(solve({ pods: [asking('a', '10')], nodes: [], pools: [pool] }).launches).toEqual([]);
  });

  test('a launch reserves the largest of its candidates', () => {
    const types: readonly NodeRequirement[] = [
      { key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['s-4x-amd64-linux', 's-16x-amd64-linux'] },
    ];
    const pool = nodePool({ template: { spec: { nodeClassRef: REF, requirements: types } }, limits: { cpu: '17' } });
    // both pods would fit 4 CPU nodes, but after the first launch only 1 CPU is known to be left
    const packing = pack([asking('a', '3', { nodeSelector: {} }), asking('b', '15')], [pool]);
    expect(packing.launches.map((launch) => launch.pods.map(({ metadata }) => metadata.name))).toEqual([['b']]);
    expect(packing.failed).toHaveLength(1);
  });
});

test('constraints that packing does not know are refused, never ignored', () => {
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } };
  const packing = pack([asking('a', '1', { affinity })], [nodePool()], [existing('n', '4')]);
  expect(packing.failed.map(({ reason }) => reason)).toEqual(['the node provisioner does not know spec.affinity yet']);
});
