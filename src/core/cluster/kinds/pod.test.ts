import { describe, expect, test } from 'vitest';
import type { Pod, PodSpec } from '../../kube/core-v1.ts';
import { deepFreeze } from '../../../lib/json.ts';
import { POD_KIND } from './pod.ts';

const pod = (spec: unknown): Pod =>
  deepFreeze({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec } as Pod); // some rows are no pods on purpose
const withContainer = (container: Record<string, unknown>, rest: Record<string, unknown> = {}): Pod =>
  pod({ containers: [{ name: 'c', image: 'example.com/app:1', ...container }], ...rest });
const specOf = (object: Pod): PodSpec => POD_KIND.withDefaults(object).spec;

describe('defaults of a pod', () => {
  test('a minimal pod reads back complete', () => {
    expect(POD_KIND.withDefaults(pod({ containers: [{ name: 'c', image: 'app' }] }))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'app',
            imagePullPolicy: 'Always',
            resources: {},
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
          },
        ],
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
        priority: 0,
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        serviceAccount: 'default',
        serviceAccountName: 'default',
        terminationGracePeriodSeconds: 30,
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  test('filling in twice changes nothing more', () => {
    const once = POD_KIND.withDefaults(
      withContainer({ ports: [{ containerPort: 80 }], resources: { limits: { cpu: 1 } } }, { hostNetwork: true }),
    );
    expect(POD_KIND.withDefaults(once)).toEqual(once);
  });

  test.each([
    { image: 'app', want: 'Always' },
    { image: 'app:latest', want: 'Always' },
    { image: 'example.com:5000/app', want: 'Always' },
    { image: 'example.com:5000/app:1.2', want: 'IfNotPresent' },
    { image: 'app@sha256:0123', want: 'IfNotPresent' },
    { image: 'app:latest@sha256:0123', want: 'Always' },
  ])('pull policy of $image: $want', ({ image, want }) => {
    expect(specOf(withContainer({ image })).containers[0]?.['imagePullPolicy']).toBe(want);
  });

  test.each([
    { name: 'none', in: { limits: { cpu: '1' } }, want: { cpu: '1' } },
    {
      name: 'one of two',
      in: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
      want: { cpu: '500m', memory: '1Gi' },
    },
    { name: 'another', in: { limits: { cpu: '1' }, requests: { memory: '1Gi' } }, want: { cpu: '1', memory: '1Gi' } },
  ])('requests follow the limits where they are not written: $name', ({ in: resources, want }) => {
    expect(specOf(withContainer({ resources })).containers[0]?.resources?.requests).toEqual(want);
  });

  test('on the network of the host, ports are those of the host', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 9 }];
    expect(specOf(withContainer({ ports }, { hostNetwork: true })).containers[0]?.['ports']).toEqual([
      { containerPort: 80, hostPort: 80, protocol: 'TCP' },
      { containerPort: 81, hostPort: 9, protocol: 'TCP' },
    ]);
  });

  test('probes and volume modes', () => {
    const probe = { httpGet: { path: '/', port: 80 } };
    const spec = specOf(
      withContainer({ readinessProbe: probe }, { volumes: [{ name: 'v', configMap: { name: 'm' } }] }),
    );
    expect(spec.containers[0]?.['readinessProbe']).toEqual({
      httpGet: { path: '/', port: 80, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
    expect(spec['volumes']).toEqual([{ name: 'v', configMap: { name: 'm', defaultMode: 420 } }]);
  });

  test.each([
    { name: 'nobody asks for anything', in: {}, want: 'BestEffort' },
    {
      name: 'requests below limits',
      in: { requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Gi' } },
      want: 'Burstable',
    },
    { name: 'only cpu', in: { limits: { cpu: '1' } }, want: 'Burstable' },
    { name: 'limits are the requests', in: { limits: { cpu: '1', memory: '1Gi' } }, want: 'Guaranteed' },
    {
      name: 'equal amounts in other words',
      in: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 1, memory: '1Gi' } },
      want: 'Guaranteed',
    },
    { name: 'devices do not count', in: { limits: { 'nvidia.com/gpu': 1 } }, want: 'BestEffort' },
  ])('quality of service: $name is $want', ({ in: resources, want }) => {
    expect(POD_KIND.withDefaults(withContainer({ resources })).status?.['qosClass']).toBe(want);
  });
});

describe('what a pod may not say', () => {
  test.each<{
    readonly name: string;
    readonly in: Pod;
    readonly want: readonly (readonly [path: string, type: string, text: string])[];
  }>([
    {
      name: 'nothing wrong',
      in: withContainer({ resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }),
      want: [],
    },
    {
      name: 'no containers',
      in: pod({ containers: [] }),
      want: [['spec.containers', 'FieldValueRequired', 'Required value']],
    },
    { name: 'no spec', in: pod(undefined), want: [['spec', 'FieldValueRequired', 'Required value']] },
    {
      name: 'no name and no image',
      in: pod({ containers: [{}] }),
      want: [
        ['spec.containers[0].name', 'FieldValueRequired', 'Required value'],
        ['spec.containers[0].image', 'FieldValueRequired', 'Required value'],
      ],
    },
    {
      name: 'a name twice, across init containers',
      in: withContainer({}, { initContainers: [{ name: 'c', image: 'x' }] }),
      want: [['spec.initContainers[0].name', 'FieldValueDuplicate', 'Duplicate value: "c"']],
    },
    {
      name: 'a name with a dot',
      in: withContainer({ name: 'a.b' }),
      want: [['spec.containers[0].name', 'FieldValueInvalid', 'must not contain dots']],
    },
    {
      name: 'a request above its limit',
      in: withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } }),
      want: [
        [
          'spec.containers[0].resources.requests',
          'FieldValueInvalid',
          'Invalid value: "2": must be less than or equal to cpu limit of 1500m',
        ],
      ],
    },
    {
      name: 'a negative request',
      in: withContainer({ resources: { requests: { cpu: '-1' } } }),
      want: [['spec.containers[0].resources.requests.cpu', 'FieldValueInvalid', 'must be greater than or equal to 0']],
    },
    {
      name: 'half a device',
      in: withContainer({
        resources: { requests: { 'nvidia.com/gpu': '500m' }, limits: { 'nvidia.com/gpu': '500m' } },
      }),
      want: [
        ['spec.containers[0].resources.limits.nvidia.com/gpu', 'FieldValueInvalid', 'must be an integer'],
        ['spec.containers[0].resources.requests.nvidia.com/gpu', 'FieldValueInvalid', 'must be an integer'],
      ],
    },
    {
      name: 'a device that is requested and not limited',
      in: withContainer({ resources: { requests: { 'nvidia.com/gpu': 1 } } }),
      want: [
        [
          'spec.containers[0].resources.limits',
          'FieldValueRequired',
          'Limit must be set for non overcommitable resources',
        ],
      ],
    },
    {
      name: 'fewer devices requested than limited',
      in: withContainer({ resources: { requests: { 'nvidia.com/gpu': 1 }, limits: { 'nvidia.com/gpu': 2 } } }),
      want: [
        ['spec.containers[0].resources.requests', 'FieldValueInvalid', 'must be equal to nvidia.com/gpu limit of 2'],
      ],
    },
    {
      name: 'an unknown restart policy',
      in: withContainer({}, { restartPolicy: 'Sometimes' }),
      want: [['spec.restartPolicy', 'FieldValueNotSupported', 'Unsupported value: "Sometimes"']],
    },
    {
      name: 'wrong JSON types',
      in: pod({ containers: [{ name: 1, image: 'x' }], nodeSelector: 'n' }),
      want: [
        ['spec.containers[0].name', 'FieldValueTypeInvalid', 'must be of type string'],
        ['spec.nodeSelector', 'FieldValueTypeInvalid', 'must be of type object'],
      ],
    },
  ])('$name', ({ in: object, want }) => {
    const errors = POD_KIND.validate(object);
    expect(errors.map(({ path, type }) => [path, type])).toEqual(want.map(([path, type]) => [path, type]));
    errors.forEach((error, i) => expect(error.message).toContain(want[i]?.[2]));
  });

  test.each([null, 1, 'x', [], {}, { containers: 1 }, { containers: [null] }, { containers: [{ resources: 3 }] }])(
    'a spec of %j is refused, not stumbled over',
    (spec) => {
      const filled = POD_KIND.withDefaults(pod(spec));
      expect(POD_KIND.validate(filled)).not.toEqual([]);
    },
  );
});

describe('what may change in a pod', () => {
  const old = POD_KIND.withDefaults(withContainer({}, { tolerations: [{ key: 'a', operator: 'Exists' }] }));
  const changed = (spec: Record<string, unknown>): Pod => ({ ...old, spec: { ...old.spec, ...spec } });
  const [container] = old.spec.containers;

  test.each<{ readonly name: string; readonly in: Pod; readonly fine: boolean }>([
    { name: 'nothing', in: old, fine: true },
    { name: 'an image', in: changed({ containers: [{ ...container, image: 'other' }] }), fine: true },
    {
      name: 'a further toleration',
      in: changed({ tolerations: [{ key: 'b' }, ...(old.spec.tolerations ?? [])] }),
      fine: true,
    },
    { name: 'a toleration taken away', in: changed({ tolerations: [] }), fine: false },
    { name: 'a deadline', in: changed({ activeDeadlineSeconds: 10 }), fine: true },
    { name: 'the node: only a binding does that', in: changed({ nodeName: 'n' }), fine: false },
    {
      name: 'resources',
      in: changed({ containers: [{ ...container, resources: { limits: { cpu: '1' } } }] }),
      fine: false,
    },
    { name: 'a further container', in: changed({ containers: [container, { ...container, name: 'd' }] }), fine: false },
  ])('$name: $fine', ({ in: next, fine }) => {
    const errors = POD_KIND.validateUpdate(next, old);
    if (fine) return expect(errors).toEqual([]);
    expect(errors).toMatchObject([{ path: 'spec', type: 'FieldValueForbidden' }]);
    expect(errors[0]?.message).toContain('Forbidden: pod updates may not change fields other than');
  });
});

test('only a running pod on a node gets a grace period', () => {
  const on = (nodeName: string | undefined, phase: string): Pod =>
    ({ ...pod({ containers: [], nodeName, terminationGracePeriodSeconds: 7 }), status: { phase } }) as Pod; // phases of the rows are real ones
  expect(POD_KIND.graceSecondsOf?.(on('n', 'Running'), undefined)).toBe(7);
  expect(POD_KIND.graceSecondsOf?.(on('n', 'Pending'), undefined)).toBe(7);
  expect(POD_KIND.graceSecondsOf?.(on('n', 'Running'), 60)).toBe(60);
  expect(POD_KIND.graceSecondsOf?.(on('n', 'Running'), 0)).toBe(0);
  expect(POD_KIND.graceSecondsOf?.(on('n', 'Succeeded'), undefined)).toBe(0);
  expect(POD_KIND.graceSecondsOf?.(on('n', 'Failed'), 60)).toBe(0);
  expect(POD_KIND.graceSecondsOf?.(on(undefined, 'Pending'), 60)).toBe(0);
});
