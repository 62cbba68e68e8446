import { expect, test } from 'vitest';
import {
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NODE_CLAIMS,
  NODE_POOLS,
  PODS,
  RAY_CLUSTERS,
} from '../../kube/resource.ts';
import { groupOfApiVersion, KINDS, kindOfGroupKind, kindOfResource } from './table.ts';

test('every kind is found by its resource and by its group and kind', () => {
  for (const kind of KINDS) {
    expect(kindOfResource(kind.resource)).toBe(kind);
    expect(kindOfGroupKind(kind.resource)).toBe(kind);
  }
  expect(new Set(KINDS.map(({ resource }) => `${resource.group}/${resource.version}/${resource.resource}`)).size).toBe(
    KINDS.length,
  );
});

test('the kinds of both autoscalers are served', () => {
  for (const resource of [PODS, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, RAY_CLUSTERS, NODE_POOLS, NODE_CLAIMS]) {
    expect(kindOfResource(resource)?.resource).toEqual(resource);
  }
});

test('what is not served is not found', () => {
  expect(kindOfResource({ ...PODS, version: 'v2' })).toBeUndefined();
  expect(kindOfGroupKind({ group: 'batch', kind: 'Job' })).toBeUndefined();
});

test.each([
  ['v1', ''],
  ['apps/v1', 'apps'],
  ['karpenter.sh/v1', 'karpenter.sh'],
])('the group of %s is "%s"', (apiVersion, group) => {
  expect(groupOfApiVersion(apiVersion)).toBe(group);
});

test.each(KINDS.map((kind) => [kind.resource.kind, kind] as const))(
  '%s: defaults and validation take any JSON without throwing',
  (_, kind) => {
    const metadata = { name: 'x' };
    const bodies: readonly unknown[] = [
      {},
      { spec: null },
      { spec: 1, status: 'x' },
      { spec: [], status: [] },
      { spec: { template: null, replicas: 'x', metrics: 3, containers: {}, workerGroupSpecs: 'x', selector: [] } },
      {
        spec: { template: { spec: 7 }, metrics: [null], containers: [[]], workerGroupSpecs: [null], headGroupSpec: 1 },
      },
    ];
    for (const body of bodies) {
      const object = { apiVersion: 'v1', kind: kind.resource.kind, metadata, ...(body as object) } as never; // garbage on purpose
      expect(() => kind.validate(kind.withDefaults(object)), JSON.stringify(body)).not.toThrow();
    }
  },
);
