/**
 * The roles of deploy/ against what the controllers ask for in a run of the whole scenario: nothing they ask for is missing, and
 * nothing is granted that they do not ask for.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { ELECTION_DEFAULTS } from '../src/cli/hpa/settings.ts';
import { CUSTOM_METRICS_GROUP } from '../src/core/hpa/custom-metrics-version.ts';
import {
  DEPLOYMENTS,
  EVENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  LEASES,
  PODS,
  RAY_CLUSTERS,
} from '../src/core/kube/resource.ts';
import { seconds } from '../src/core/time/time.ts';
import { compareText } from '../src/lib/compare.ts';
import { CustomMetrics } from '../src/metrics/custom-metrics.ts';
import { ExternalMetrics } from '../src/metrics/external-metrics.ts';
import type { KubeApi } from '../src/ports/kube-api.ts';
import {
  covers,
  grantedBy,
  leaseRightsOf,
  OPERATOR_ROLES,
  rightText,
  the,
  type Right,
  type RoleObject,
  type SetName,
} from './support/deploy.ts';
import { onElectionStage } from './support/election.ts';
import { cleanRun } from './support/fault-runs.ts';
import { OPTIONS, rawServer } from './support/raw-server.ts';
import { manualClock } from './support/store.ts';

const READS = ['get', 'list', 'watch'];
const METRIC = { namespace: 'default', metric: 'rps', labelSelector: '', metricLabelSelector: '' };

let asked: { readonly hpa: readonly Right[]; readonly ray: readonly Right[] };
/** Of custom and external metrics, which the scenario has none of. */
let ofMetrics: readonly Right[];
let ofLease: readonly Right[];

beforeAll(async () => {
  const { points } = await cleanRun();
  const of = (controller: string): readonly Right[] => {
    const requests = new Set(points.filter((point) => point.controller === controller).map(({ request }) => request));
    return [...requests].flatMap((request) => rightOf(request) ?? []);
  };
  asked = { hpa: of('hpa-controller'), ray: of('ray-autoscaler') };
  ofMetrics = await metricRights();
  ofLease = await leaseRights();
});

test('HPA-1.3, HPA-17.8 the run asked for everything that a controller can ask for, and wrote nothing else', () => {
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
    [...asked[controller], ...(controller === 'hpa' ? ofMetrics : [])].filter(
      ({ verb }) => writes === 'writes' || READS.includes(verb),
    );

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
      // a metric is a resource, and its name is the user's
      new Set(controller === 'hpa' ? ['* */scale', 'custom.metrics.k8s.io *', 'external.metrics.k8s.io *'] : []),
    );
  });
});

describe('the Lease', () => {
  test('HPA-17.8 deploy/hpa grants what the election asks for, and nothing else; a dry run has nothing of it', () => {
    expect(ofLease.map(rightText).toSorted()).toEqual([
      'create leases of coordination.k8s.io',
      'get leases of coordination.k8s.io',
      'update leases of coordination.k8s.io',
    ]);
    expect(leaseRightsOf('hpa').map(rightText).toSorted()).toEqual(ofLease.map(rightText).toSorted());
    expect(leaseRightsOf('hpa-dry-run')).toEqual([]);
  });

  test('only the one of our name may be read and written', () => {
    const { rules = [] } = the<RoleObject>('hpa', 'Role');
    const names = rules.map(({ verbs, resourceNames }) => [verbs, resourceNames]);
    expect(names).toEqual([
      [['create'], undefined],
      [['get', 'update'], [ELECTION_DEFAULTS.key.name]],
    ]);
  });
});

test('what is asked of custom and external metrics', () => {
  expect(ofMetrics.map(rightText)).toEqual([
    'get pods/rps of custom.metrics.k8s.io',
    'get services/rps of custom.metrics.k8s.io',
    'get metrics of custom.metrics.k8s.io',
    'list rps of external.metrics.k8s.io',
  ]);
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

async function metricRights(): Promise<readonly Right[]> {
  const groups = [{ name: CUSTOM_METRICS_GROUP, versions: [{ version: 'v1beta2' }] }];
  const { transport, asked: paths } = rawServer({ '/apis': { groups } });
  const clock = manualClock();
  const custom = new CustomMetrics({ transport, clock, forgetEveryMs: seconds(15) });
  const calls = [
    custom.listPodsMetric(METRIC, OPTIONS),
    custom.getObjectMetric({ ...METRIC, resource: 'services', name: 'web' }, OPTIONS),
    custom.getObjectMetric({ ...METRIC, resource: 'namespaces', name: '' }, OPTIONS),
    new ExternalMetrics(transport).listExternalMetric(METRIC, OPTIONS),
  ];
  await Promise.allSettled(calls); // nothing is served: only the paths count
  return paths
    .map(([path]) => path.split('/').slice(2))
    .filter(([group]) => group?.endsWith('.metrics.k8s.io'))
    .map(([group = '', , , , resource = '', name, subresource]) => ({
      group,
      resource: subresource === undefined ? resource : `${resource}/${subresource}`,
      verb: name === undefined ? 'list' : 'get', // as the API server takes a GET
    }))
    .toSorted((a, b) => compareText(a.group, b.group));
}

async function leaseRights(): Promise<readonly Right[]> {
  const verbs = new Set<string>();
  await onElectionStage(async (stage) => {
    const spy = (api: KubeApi): KubeApi =>
      new Proxy(api, {
        get: (target, name) => {
          const method: unknown = Reflect.get(target, name, target);
          if (typeof method !== 'function') return method;
          return (...args: readonly unknown[]): unknown => {
            verbs.add(String(name));
            return method.apply(target, args) as unknown;
          };
        },
      });
    const one = stage.candidate('one', { wrapApi: spy });
    await stage.wait(10);
    await one.stop();
  });
  return [...verbs].map((verb) => ({ group: LEASES.group, resource: LEASES.resource, verb }));
}
