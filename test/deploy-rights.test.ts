/**
 * The roles of deploy/ against what the controllers ask for in a run of the whole scenario: nothing they ask for is missing, and
 * nothing is granted that they do not ask for.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { PODS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, RAY_CLUSTERS, DEPLOYMENTS } from '../src/core/kube/resource.ts';
import { covers, grantedBy, OPERATOR_ROLES, rightText, type Right, type SetName } from './support/deploy.ts';
import { cleanRun } from './support/fault-runs.ts';

const READS = ['get', 'list', 'watch'];

let asked: { readonly hpa: readonly Right[]; readonly ray: readonly Right[] };

beforeAll(async () => {
  const { points } = await cleanRun();
  const of = (controller: string): readonly Right[] => {
    const requests = new Set(points.filter((point) => point.controller === controller).map(({ request }) => request));
    return [...requests].flatMap((request) => rightOf(request) ?? []);
  };
  asked = { hpa: of('hpa-controller'), ray: of('ray-autoscaler') };
});

test('the run asked for everything that a controller can ask for', () => {
  expect(asked.hpa.map(rightText).toSorted()).toEqual([
    'create events',
    'get deployments/scale of apps',
    'list horizontalpodautoscalers of autoscaling',
    'list pods',
    'list pods of metrics.k8s.io',
    'patch events',
    'update deployments/scale of apps',
    'update horizontalpodautoscalers/status of autoscaling',
    'watch horizontalpodautoscalers of autoscaling',
    'watch pods',
  ]);
  expect(asked.ray.map(rightText).toSorted()).toEqual([
    'get rayclusters of ray.io',
    'list pods',
    'patch rayclusters of ray.io',
    'watch pods',
  ]);
});

describe.each<{ set: SetName; controller: 'hpa' | 'ray'; writes: 'writes' | 'only reads' }>([
  { set: 'hpa', controller: 'hpa', writes: 'writes' },
  { set: 'hpa-dry-run', controller: 'hpa', writes: 'only reads' },
  { set: 'ray-dry-run', controller: 'ray', writes: 'only reads' },
  { set: 'ray-outside', controller: 'ray', writes: 'writes' },
])('deploy/$set', ({ set, controller, writes }) => {
  const needed = (): readonly Right[] =>
    asked[controller].filter(({ verb }) => writes === 'writes' || READS.includes(verb));

  test('grants all that is asked for', () => {
    const granted = grantedBy(set);
    expect(missing(needed(), granted)).toEqual([]);
  });

  test('grants nothing that is not asked for', () => {
    const idle = grantedBy(set).filter((right) => !needed().some((need) => covers(right, need)));
    expect(idle.map(rightText)).toEqual([]);
  });

  test('has no `*` beyond the scale of any kind', () => {
    const wide = grantedBy(set).filter((right) => Object.values(right).some((part) => part.includes('*')));
    expect(new Set(wide.map(({ group, resource }) => `${group} ${resource}`))).toEqual(
      new Set(controller === 'hpa' ? ['* */scale'] : []),
    );
  });
});

test.each(Object.entries(OPERATOR_ROLES))(
  'the Role that KubeRay %s makes is enough in the head pod',
  (_version, role) => {
    expect(missing(asked.ray, role)).toEqual([]);
  },
);

test('a role that lacks a right is told', () => {
  const others = OPERATOR_ROLES['1.3 and 1.4'].filter(({ resource }) => resource !== 'pods');
  expect(missing(asked.ray, others)).toEqual(['list pods', 'watch pods']);
});

function missing(needed: readonly Right[], granted: readonly Right[]): readonly string[] {
  return needed
    .filter((need) => !granted.some((right) => covers(right, need)))
    .map(rightText)
    .toSorted();
}

/** The right behind a request of the run; undefined for what needs none: discovery is open, and the GCS asks for no role. */
function rightOf(request: string): Right | undefined {
  const [verb = '', name = ''] = request.split(' ');
  if (request === 'discover' || verb === 'gcs') return undefined;
  if (name === 'pods.metrics.k8s.io') return { group: 'metrics.k8s.io', resource: 'pods', verb };
  const [resource = ''] = name.split('/');
  const known = [PODS, EVENTS, HORIZONTAL_POD_AUTOSCALERS, RAY_CLUSTERS, DEPLOYMENTS];
  const found = known.find((candidate) => candidate.resource === resource);
  if (found === undefined) throw new Error(`no group is known for ${request}`);
  return { group: found.group, resource: name, verb };
}
