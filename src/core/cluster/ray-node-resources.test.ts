/** Resources of a Ray node from its group (ray-runtime 3.4, simple parts). */

import { describe, expect, test } from 'vitest';
import type { Container } from '../kube/core-v1.ts';
import type { RayGroupSpec } from '../kube/ray.ts';
import { rayNodeResources, type RayResources } from './ray-node-resources.ts';

function container(limits: Record<string, string>, requests: Record<string, string> = {}): Container {
  return { name: 'ray', resources: { limits, requests } };
}

type Row = {
  readonly name: string;
  readonly of: Container;
  readonly group?: Partial<RayGroupSpec>;
  readonly want: RayResources;
};

describe('resources', () => {
  const rows: readonly Row[] = [
    {
      name: 'limits, rounded up, with a share for objects',
      of: container({ cpu: '1500m', memory: '1000' }, { cpu: '1' }),
      want: [
        ['CPU', 2],
        ['memory', 1000],
        ['object_store_memory', 300],
      ],
    },
    { name: 'requests where there is no limit', of: container({}, { cpu: '3' }), want: [['CPU', 3]] },
    {
      name: 'start parameters before the container; 0 is none',
      of: container({ cpu: '1', memory: '100' }),
      group: { rayStartParams: { 'num-cpus': '0' } },
      want: [
        ['memory', 100],
        ['object_store_memory', 30],
      ],
    },
    {
      name: "the group's resources before all, with custom ones",
      of: container({ cpu: '1' }),
      group: { resources: { CPU: '4', special: '2' }, rayStartParams: { resources: '"{}"' } },
      want: [
        ['CPU', 4],
        ['special', 2],
      ],
    },
    {
      name: 'a GPU of any vendor',
      of: container({ cpu: '1', 'nvidia.com/gpu': '2' }),
      want: [
        ['CPU', 1],
        ['GPU', 2],
      ],
    },
    {
      name: 'custom resources as JSON in quotes',
      of: container({ cpu: '1' }),
      group: { rayStartParams: { resources: '"{\\"Custom\\": 3}"' } },
      want: [
        ['CPU', 1],
        ['Custom', 3],
      ],
    },
  ];
  test.each(rows)('$name', ({ of, group = {}, want }) => {
    expect(rayNodeResources(of, group)).toEqual({ ok: true, value: want });
  });
});

describe('Ray does not start', () => {
  const rows: readonly { readonly name: string; readonly group: Partial<RayGroupSpec> }[] = [
    { name: 'with half a CPU as a start parameter', group: { rayStartParams: { 'num-cpus': '0.5' } } },
    { name: 'with custom resources that are no JSON', group: { rayStartParams: { resources: 'gold=1' } } },
    { name: 'with custom resources that are a list', group: { rayStartParams: { resources: '"[1]"' } } },
    {
      name: 'with a custom amount that is no number',
      group: { rayStartParams: { resources: '"{\\"a\\": \\"b\\"}"' } },
    },
  ];
  test.each(rows)('$name', ({ group }) => {
    const result = rayNodeResources(container({ cpu: '1' }), group);
    expect(result.ok ? 'started' : result.error).not.toBe('started');
  });
});
