import { describe, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../kube/apps.ts';
import { deepFreeze } from '../../../lib/json.ts';
import { DEPLOYMENT_KIND, REPLICA_SET_KIND } from './apps.ts';

const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'app:1' }] } };
const SPEC = { selector: { matchLabels: { app: 'web' } }, template: TEMPLATE };

const deployment = (spec: unknown): Deployment =>
  deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default' },
    spec,
  } as Deployment); // some rows are none on purpose
const filled = (spec: unknown): Deployment => DEPLOYMENT_KIND.withDefaults(deployment(spec));

describe('defaults of a Deployment', () => {
  test('replicas, strategy, limits of history and progress, and the template', () => {
    expect(filled(SPEC).spec).toEqual({
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'c',
              image: 'app:1',
              imagePullPolicy: 'IfNotPresent',
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          dnsPolicy: 'ClusterFirst',
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    });
  });

  test('0 replicas stay 0, and half a strategy is completed', () => {
    const { spec } = filled({ ...SPEC, replicas: 0, strategy: { rollingUpdate: { maxSurge: 2 } } });
    expect(spec.replicas).toBe(0);
    expect(spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: '25%' } });
  });

  test('Recreate has no rolling part', () => {
    expect(filled({ ...SPEC, strategy: { type: 'Recreate' } }).spec.strategy).toEqual({ type: 'Recreate' });
  });

  test('filling in twice changes nothing more', () => {
    const once = filled(SPEC);
    expect(DEPLOYMENT_KIND.withDefaults(once)).toEqual(once);
  });
});

describe('what a Deployment may not say', () => {
  test.each<{
    readonly name: string;
    readonly in: unknown;
    readonly want: readonly (readonly [path: string, type: string, text: string])[];
  }>([
    { name: 'nothing wrong', in: SPEC, want: [] },
    {
      name: 'fewer than 0 replicas',
      in: { ...SPEC, replicas: -1 },
      want: [['spec.replicas', 'FieldValueInvalid', 'Invalid value: -1: must be greater than or equal to 0']],
    },
    {
      name: 'no selector',
      in: { template: TEMPLATE },
      want: [['spec.selector', 'FieldValueRequired', 'Required value']],
    },
    {
      name: 'an empty selector',
      in: { ...SPEC, selector: {} },
      want: [['spec.selector', 'FieldValueInvalid', 'empty selector is invalid for deployment']],
    },
    {
      name: 'a selector with an unknown operator',
      in: { ...SPEC, selector: { matchExpressions: [{ key: 'app', operator: 'Like' }] } },
      want: [['spec.selector', 'FieldValueInvalid', '"Like" is not a valid label selector operator']],
    },
    {
      name: 'a selector that its own template does not match',
      in: { ...SPEC, selector: { matchLabels: { app: 'other' } } },
      want: [
        [
          'spec.template.metadata.labels',
          'FieldValueInvalid',
          'Invalid value: {"app":"web"}: `selector` does not match template `labels`',
        ],
      ],
    },
    {
      name: 'a template without containers',
      in: { ...SPEC, template: { ...TEMPLATE, spec: { containers: [] } } },
      want: [['spec.template.spec.containers', 'FieldValueRequired', 'Required value']],
    },
    {
      name: 'no template',
      in: { selector: SPEC.selector },
      want: [
        ['spec.template.metadata.labels', 'FieldValueInvalid', '`selector` does not match template `labels`'],
        ['spec.template.spec.containers', 'FieldValueRequired', 'Required value'],
      ],
    },
    {
      name: 'pods that are not restarted',
      in: { ...SPEC, template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } } },
      want: [
        [
          'spec.template.spec.restartPolicy',
          'FieldValueNotSupported',
          'Unsupported value: "Never": supported values: "Always"',
        ],
      ],
    },
    {
      name: 'a rollout that can neither surge nor take away',
      in: { ...SPEC, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      want: [['spec.strategy.rollingUpdate.maxUnavailable', 'FieldValueInvalid', 'may not be 0 when `maxSurge` is 0']],
    },
    {
      name: 'a surge that is no number and no percentage',
      in: { ...SPEC, strategy: { rollingUpdate: { maxSurge: 'some' } } },
      want: [['spec.strategy.rollingUpdate.maxSurge', 'FieldValueInvalid', 'a valid percent string']],
    },
    {
      name: 'a rolling part of Recreate',
      in: { ...SPEC, strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
      want: [
        [
          'spec.strategy.rollingUpdate',
          'FieldValueForbidden',
          "may not be specified when strategy `type` is 'Recreate'",
        ],
      ],
    },
    {
      name: 'replicas as text',
      in: { ...SPEC, replicas: '3' },
      want: [['spec.replicas', 'FieldValueTypeInvalid', 'must be of type integer']],
    },
  ])('$name', ({ in: spec, want }) => {
    const errors = DEPLOYMENT_KIND.validate(filled(spec));
    expect(errors.map(({ path, type }) => [path, type])).toEqual(want.map(([path, type]) => [path, type]));
    errors.forEach((error, i) => expect(error.message).toContain(want[i]?.[2]));
  });

  test.each([null, 1, 'x', [], {}, { template: 1, selector: 2 }, { template: { spec: [] } }, { strategy: 'x' }])(
    'a spec of %j is refused, not stumbled over',
    (spec) => {
      expect(DEPLOYMENT_KIND.validate(filled(spec))).not.toEqual([]);
    },
  );

  test('another selector is refused on update', () => {
    const old = filled(SPEC);
    expect(DEPLOYMENT_KIND.validateUpdate(old, old)).toEqual([]);
    const next = { ...old, spec: { ...old.spec, selector: { matchLabels: { app: 'web', tier: 'a' } } } };
    expect(DEPLOYMENT_KIND.validateUpdate(next, old)).toMatchObject([
      { path: 'spec.selector', type: 'FieldValueInvalid', message: expect.stringContaining('field is immutable') },
    ]);
  });
});

test('the scale subresource reads and writes replicas, and shows the selector as text', () => {
  const object: Deployment = { ...filled({ ...SPEC, replicas: 3 }), status: { replicas: 2 } };
  const scale = DEPLOYMENT_KIND.scale;
  expect(scale?.replicasOf(object)).toBe(3);
  expect(scale?.statusReplicasOf(object)).toBe(2);
  expect(scale?.selectorOf(object)).toBe('app=web');
  expect(scale?.withReplicas(object, 7).spec.replicas).toBe(7);
});

test('a ReplicaSet has one replica by default and a status from the start', () => {
  const object: ReplicaSet = deepFreeze({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'r', namespace: 'default' },
    spec: SPEC,
  });
  const replicaSet = REPLICA_SET_KIND.withDefaults(object);
  expect(replicaSet).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 0 } });
  expect(REPLICA_SET_KIND.validate(replicaSet)).toEqual([]);
});
