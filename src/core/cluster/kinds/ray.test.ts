/** RayCluster as its CRD admits it: defaults, refusals with their wording, and JSON of any shape. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rayCluster } from '../../../../test/support/ray-and-nodes.ts';
import type { RayCluster } from '../../kube/ray.ts';
import { RAY_CLUSTER_KIND } from './ray.ts';

type Loose = Record<string, unknown>;

/** Errors of a cluster whose spec was changed by `edit`, after defaulting, as `path: message`. */
function errorsAfter(edit: (spec: Loose, group: Loose) => void): readonly string[] {
  const object = structuredClone(rayCluster()) as unknown as { spec: Loose & { workerGroupSpecs: Loose[] } };
  edit(object.spec, object.spec.workerGroupSpecs[0] ?? {});
  const filled = RAY_CLUSTER_KIND.withDefaults(object as unknown as RayCluster);
  return RAY_CLUSTER_KIND.validate(filled).map(({ path, message }) => `${path}: ${message}`);
}

describe('RayCluster: what the CRD fills in', () => {
  test('a group without numbers gets those of the schema, before required fields are checked', () => {
    const { template } = rayCluster().spec.headGroupSpec;
    const bare = rayCluster({}, { workerGroupSpecs: [{ groupName: 'g', template }] });
    const filled = RAY_CLUSTER_KIND.withDefaults(bare);
    expect(filled.spec.workerGroupSpecs?.[0]).toEqual({
      groupName: 'g',
      template,
      replicas: 0,
      minReplicas: 0,
      maxReplicas: 2_147_483_647,
      numOfHosts: 1,
      priority: 0,
    });
    expect(RAY_CLUSTER_KIND.validate(filled)).toEqual([]);
  });

  test('what is written stays, also a 0, and the argument is not changed', () => {
    const object = rayCluster({ replicas: 3, minReplicas: 0, maxReplicas: 0 });
    const before = structuredClone(object);
    expect(RAY_CLUSTER_KIND.withDefaults(object).spec.workerGroupSpecs?.[0]).toMatchObject({
      replicas: 3,
      minReplicas: 0,
      maxReplicas: 0,
    });
    expect(object).toEqual(before);
  });
});

describe('RayCluster: what the CRD refuses', () => {
  const rows: readonly { name: string; edit: (spec: Loose, group: Loose) => void; want: readonly string[] }[] = [
    { name: 'nothing in a plain cluster', edit: () => undefined, want: [] },
    {
      name: 'replicas as text',
      edit: (_, group) => (group['replicas'] = '3'),
      want: [
        'spec.workerGroupSpecs[0].replicas: Invalid value: "string": spec.workerGroupSpecs[0].replicas in body must be of type integer: "string"',
      ],
    },
    {
      name: 'a group without a name',
      edit: (_, group) => delete group['groupName'],
      want: ['spec.workerGroupSpecs[0].groupName: Required value'],
    },
    {
      name: 'a cluster without a head',
      edit: (spec) => delete spec['headGroupSpec'],
      want: ['spec.headGroupSpec: Required value'],
    },
    {
      name: 'start parameters that are no text',
      edit: (_, group) => (group['rayStartParams'] = { 'num-cpus': 0 }),
      want: [
        'spec.workerGroupSpecs[0].rayStartParams.num-cpus: Invalid value: "integer": spec.workerGroupSpecs[0].rayStartParams.num-cpus in body must be of type string: "integer"',
      ],
    },
    {
      name: 'no null start parameters: they are tolerated',
      edit: (_, group) => (group['rayStartParams'] = null),
      want: [],
    },
    {
      name: 'an unknown upscaling mode',
      edit: (spec) => (spec['autoscalerOptions'] = { upscalingMode: 'Fast' }),
      want: [
        'spec.autoscalerOptions.upscalingMode: Unsupported value: "Fast": supported values: "Aggressive", "Conservative", "Default"',
      ],
    },
    { name: 'no negative numbers: only the operator does', edit: (_, group) => (group['minReplicas'] = -1), want: [] },
    {
      name: 'a quantity that is none',
      edit: (_, group) =>
        (group['template'] = { spec: { containers: [{ name: 'w', resources: { limits: { cpu: '1 core' } } }] } }),
      want: [
        expect.stringContaining('limits.cpu: Invalid value: "1 core"') as unknown as string, // asymmetric matchers stand for text
      ],
    },
  ];
  test.each(rows)('$name', ({ edit, want }) => {
    expect(errorsAfter(edit)).toEqual(want);
  });

  test('says how to write it right', () => {
    const errors = RAY_CLUSTER_KIND.validate(rayCluster({ replicas: '3' as unknown as number }));
    expect(errors[0]?.fix).toBe('write a whole number without quotes, such as 1');
  });

  test('managedBy never changes', () => {
    const [error] = RAY_CLUSTER_KIND.validateUpdate(rayCluster({}, { managedBy: 'x' }), rayCluster());
    expect(error?.path).toBe('spec.managedBy');
    expect(RAY_CLUSTER_KIND.validateUpdate(rayCluster({ replicas: 2 }), rayCluster())).toEqual([]);
  });

  test('does not throw on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (spec, groups) => {
        for (const body of [spec, { headGroupSpec: spec, workerGroupSpecs: groups }]) {
          const object = { ...rayCluster(), spec: body } as unknown as RayCluster;
          const errors = RAY_CLUSTER_KIND.validate(RAY_CLUSTER_KIND.withDefaults(object));
          expect(errors.every(({ path, message }) => path !== '' && message !== '')).toBe(true);
        }
      }),
    );
  });
});
