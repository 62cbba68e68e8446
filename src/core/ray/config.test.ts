import { describe, expect, test } from 'vitest';
import { workerGroup, KEY } from '../../../test/support/ray-world.ts';
import type { Container } from '../kube/core-v1.ts';
import type { RayCluster, WorkerGroupSpec } from '../kube/ray.ts';
import { deepFreeze } from '../../lib/json.ts';
import { COMPAT } from './compat.ts';
import { configOf, type RayConfig } from './config.ts';

type Options = RayCluster['spec']['autoscalerOptions'];

function cluster(groups: readonly WorkerGroupSpec[], autoscalerOptions?: Options): RayCluster {
  const resources = { limits: { cpu: '1', memory: '2Gi' } };
  return deepFreeze({
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: KEY,
    spec: {
      headGroupSpec: {
        rayStartParams: { 'num-cpus': '0' },
        template: { spec: { containers: [{ name: 'ray-head', resources }] } },
      },
      workerGroupSpecs: groups,
      ...(autoscalerOptions === undefined ? {} : { autoscalerOptions }),
    },
  });
}

function read(group: Partial<WorkerGroupSpec>, options?: Options): RayConfig {
  return configOf(cluster([workerGroup('w', group)], options), COMPAT.default);
}

function container(
  resources: NonNullable<Container['resources']>,
  nodeSelector?: Record<string, string>,
): WorkerGroupSpec['template'] {
  const containers = [{ name: 'ray-worker', resources }];
  return { spec: nodeSelector === undefined ? { containers } : { containers, nodeSelector } };
}

const rsp = (name: string, text: string): Partial<WorkerGroupSpec> => ({ rayStartParams: { [name]: text } });

/** CPU 2 and 4 GiB from the container, as in the reports. */
const withResources = (text: string): Partial<WorkerGroupSpec> => ({
  ...rsp('resources', text),
  template: container({ limits: { cpu: '2', memory: '4Gi' } }),
});

describe('resources of a group', () => {
  test.each<{ name: string; in: Partial<WorkerGroupSpec>; want: readonly (readonly [string, number])[] }>([
    {
      name: 'RAY-23.5 limits, rounded up',
      in: { template: container({ limits: { cpu: '500m' } }) },
      want: [['CPU', 1]],
    },
    { name: 'RAY-23.5 a number in limits', in: { template: container({ limits: { cpu: 2.5 } }) }, want: [['CPU', 3]] },
    {
      name: 'RAY-23.5 requests where there are no limits',
      in: { template: container({ requests: { cpu: '1500m', memory: '256Mi' } }) },
      want: [
        ['CPU', 2],
        ['memory', 268_435_456],
      ],
    },
    {
      name: 'RAY-23.5 each resource for itself',
      in: { template: container({ limits: { memory: '1Gi' }, requests: { cpu: '3' } }) },
      want: [
        ['CPU', 3],
        ['memory', 1_073_741_824],
      ],
    },
    {
      name: 'RAY-23.5 a limit of 0 is a limit',
      in: { template: container({ limits: { cpu: '0' }, requests: { cpu: '1' } }) },
      want: [['CPU', 0]],
    },
    { name: 'RAY-23.5 start parameters before the container', in: rsp('num-cpus', ' 7 '), want: [['CPU', 7]] },
    { name: 'RAY-23.5 with a sign', in: rsp('num-cpus', '+7'), want: [['CPU', 7]] },
    {
      name: 'RAY-23.5 memory as a start parameter',
      in: rsp('memory', '1000'),
      want: [
        ['CPU', 1],
        ['memory', 1000],
      ],
    },
    {
      name: 'RAY-23.5 the group before all; other keys are custom resources, rounded up',
      in: { resources: { CPU: '1500m', memory: '1Gi', x: '2500m', TPU: '4' } },
      want: [
        ['CPU', 2],
        ['TPU', 4],
        ['memory', 1_073_741_824],
        ['x', 3],
      ],
    },
    {
      name: 'RAY-23.8 a resources map of the group hides those of the start parameters',
      in: { resources: { x: '1' }, ...rsp('resources', '"{\\"TPU\\": 4, \\"y\\": 1}"') },
      want: [
        ['CPU', 1],
        ['x', 1],
      ],
    },
    { name: 'RAY-23.9 K is read as k', in: { resources: { CPU: '2K' } }, want: [['CPU', 2000]] },
    { name: 'RAY-23.9 exponents', in: { resources: { CPU: '1e1' } }, want: [['CPU', 10]] },
    {
      name: 'RAY-23.9 exact before rounding',
      in: { resources: { memory: '0.1Gi' } },
      want: [
        ['CPU', 1],
        ['memory', 107_374_183],
      ],
    },
    {
      name: 'RAY-23.6 the first key that ends with gpu',
      in: { template: container({ limits: { cpu: '1', 'a/gpu': '1', 'b/gpu': '2' } }) },
      want: [
        ['CPU', 1],
        ['GPU', 1],
      ],
    },
    {
      name: 'RAY-23.6 a GPU of 0 is passed over, requests come after limits',
      in: { template: container({ limits: { cpu: '1', 'nvidia.com/gpu': '0' }, requests: { 'amd.com/gpu': '1' } }) },
      want: [
        ['CPU', 1],
        ['GPU', 1],
      ],
    },
    {
      name: 'RAY-23.6 a GPU of 0 said outright is kept',
      in: { ...rsp('num-gpus', '0'), template: container({ limits: { cpu: '1', 'nvidia.com/gpu': '2' } }) },
      want: [
        ['CPU', 1],
        ['GPU', 0],
      ],
    },
    {
      name: 'RAY-23.7 TPU from the container, and the resource of the first host of a slice',
      in: {
        template: container(
          { limits: { cpu: '1', 'google.com/tpu': '4' } },
          { 'cloud.google.com/gke-tpu-topology': '2x2x2', 'cloud.google.com/gke-tpu-accelerator': 'tpu-v4-podslice' },
        ),
      },
      want: [
        ['CPU', 1],
        ['TPU', 4],
        ['TPU-v4-16-head', 1],
      ],
    },
    {
      name: 'RAY-23.7 one core per chip',
      in: {
        ...rsp('resources', '"{\\"a\\": 4}"'),
        template: container(
          { limits: { cpu: '1', 'google.com/tpu': '4' } },
          { 'cloud.google.com/gke-tpu-topology': '4x4', 'cloud.google.com/gke-tpu-accelerator': 'tpu-v6e-slice' },
        ),
      },
      want: [
        ['CPU', 1],
        ['TPU', 4],
        ['TPU-v6e-16-head', 1],
        ['a', 4],
      ],
    },
    {
      name: 'RAY-23.7 TPU as a custom resource',
      in: rsp('resources', '"{\\"TPU\\": 4}"'),
      want: [
        ['CPU', 1],
        ['TPU', 4],
      ],
    },
  ])('$name', ({ in: group, want }) => {
    const { nodeTypes, warnings } = read(group);
    expect(warnings).toEqual([]);
    expect(nodeTypes[1]?.resources).toEqual(want);
  });

  const base = [
    ['CPU', 2],
    ['memory', 4_294_967_296],
  ] as const;
  test.each<{ name: string; text: string; want: readonly (readonly [string, number])[] | 'refused' }>([
    {
      name: 'double quotes in single ones',
      text: '"{\\"blue.v1\\": 1, \\"green-10\\": 10}"',
      want: [...base, ['blue.v1', 1], ['green-10', 10]],
    },
    {
      name: 'single quotes around escaped ones',
      text: `'{\\"RedOne\\": 1, \\"odd.Name/x\\": 2}'`,
      want: [...base, ['RedOne', 1], ['odd.Name/x', 2]],
    },
    { name: 'plain in single quotes', text: `'{"a": 1}'`, want: [...base, ['a', 1]] },
    { name: 'no outer quotes', text: '{"a": 1}', want: 'refused' },
    { name: 'a float', text: '"{\\"a\\": 1.0}"', want: 'refused' },
    { name: 'half', text: '"{\\"a\\": 0.5}"', want: 'refused' },
    { name: 'a boolean', text: '"{\\"a\\": true}"', want: 'refused' },
    { name: 'a text', text: '"{\\"a\\": \\"1\\"}"', want: 'refused' },
    { name: 'a big number', text: '"{\\"tokens\\": 1000000000}"', want: [...base, ['tokens', 1_000_000_000]] },
    { name: 'an exponent', text: '"{\\"tokens\\": 1e9}"', want: 'refused' },
    { name: 'a list', text: '"[1]"', want: 'refused' },
    { name: 'an empty object', text: '"{}"', want: base },
    { name: 'an empty object without quotes', text: '{}', want: 'refused' },
    { name: 'nothing', text: '', want: 'refused' },
    { name: 'space around the quotes', text: ' "{\\"a\\": 1}" ', want: 'refused' },
    {
      name: 'CPU is overwritten in its place',
      text: '"{\\"CPU\\": 7}"',
      want: [
        ['CPU', 7],
        ['memory', 4_294_967_296],
      ],
    },
    { name: 'a backslash in a name goes', text: '"{\\"a\\\\b\\": 1}"', want: [...base, ['ab', 1]] },
    { name: 'a negative number', text: '"{\\"a\\": -1}"', want: 'refused' },
    {
      name: 'of a doubled name the last value',
      text: '"{\\"a\\": 1, \\"b\\": 3, \\"a\\": 2}"',
      want: [...base, ['a', 2], ['b', 3]],
    },
    {
      name: 'names like numbers keep their place',
      text: '"{\\"b\\": 1, \\"1\\": 2}"',
      want: [...base, ['b', 1], ['1', 2]],
    },
    { name: 'a leading zero', text: '"{\\"a\\": 04}"', want: 'refused' },
    { name: 'a trailing comma', text: '"{\\"a\\": 4,}"', want: 'refused' },
    { name: 'a control character in a name', text: '"{\\"a\tb\\": 4}"', want: 'refused' },
  ])('RAY-23.8 rayStartParams.resources: $name', ({ text, want }) => {
    const { nodeTypes, groups, warnings } = read(withResources(text));
    if (want === 'refused') {
      expect(nodeTypes).toHaveLength(1);
      expect(groups[0]?.hold?.reason).toBe('unreadable');
      expect(warnings.map(({ path }) => path)).toEqual(['spec.workerGroupSpecs[0].rayStartParams[resources]']);
      expect(warnings[0]?.message).toContain('worker group w is not scaled');
      expect(warnings[0]?.fix).toContain('"{');
    } else expect(nodeTypes[1]?.resources).toEqual(want);
  });

  test.each<{ name: string; in: Partial<WorkerGroupSpec>; path: string }>([
    {
      name: 'RAY-23.5 no CPU anywhere',
      in: { template: container({}) },
      path: '.template.spec.containers[0].resources.limits.cpu',
    },
    { name: 'RAY-23.5 a fraction as start parameter', in: rsp('num-cpus', '0.5'), path: '.rayStartParams[num-cpus]' },
    { name: 'RAY-23.5 a negative start parameter', in: rsp('num-cpus', '-1'), path: '.rayStartParams[num-cpus]' },
    { name: 'RAY-23.5 a unit in a start parameter', in: rsp('memory', '1Gi'), path: '.rayStartParams[memory]' },
    { name: 'RAY-23.9 no number at all', in: { resources: { CPU: 'two' } }, path: '.resources[CPU]' },
    { name: 'RAY-23.9 ki is no unit', in: { resources: { CPU: '1ki' } }, path: '.resources[CPU]' },
    { name: 'RAY-23.9 a negative quantity', in: { resources: { x: '-1' } }, path: '.resources[x]' },
    { name: 'RAY-23.4 a label key with two slashes', in: { labels: { 'a/b/c': 'd' } }, path: '.labels[a/b/c]' },
    { name: 'RAY-23.4 a label value that begins with a dash', in: { labels: { a: '-c' } }, path: '.labels[a]' },
    { name: 'RAY-23.3 a minimum above the maximum', in: { minReplicas: 3, maxReplicas: 2 }, path: '.minReplicas' },
  ])('$name: the group is not scaled, the others are', ({ in: group, path }) => {
    const config = configOf(cluster([workerGroup('bad', group), workerGroup('good')]), COMPAT.default);
    expect(config.nodeTypes.map(({ name }) => name)).toEqual(['headgroup', 'good']);
    expect(config.warnings.map((warning) => warning.path)).toEqual([`spec.workerGroupSpecs[0]${path}`]);
    expect(config.warnings[0]?.fix).toBeTruthy();
    expect(config.maxNumNodes).toBe(11);
  });
});

describe('limits and time-outs', () => {
  test('RAY-23.2 the head comes first with room for itself, groups follow in their order', () => {
    const { nodeTypes, maxNumNodes } = configOf(cluster([workerGroup('b'), workerGroup('a')]), COMPAT.default);
    expect(nodeTypes.map(({ name, minWorkerNodes, maxWorkerNodes }) => [name, minWorkerNodes, maxWorkerNodes])).toEqual(
      [
        ['headgroup', 0, 1],
        ['b', 0, 10],
        ['a', 0, 10],
      ],
    );
    expect(nodeTypes[0]?.resources).toEqual([
      ['CPU', 0],
      ['memory', 2_147_483_648],
    ]);
    expect(maxNumNodes).toBe(21);
  });

  test('RAY-23.3 limits count pods', () => {
    expect(read({ minReplicas: 1, maxReplicas: 3, numOfHosts: 4 }).nodeTypes[1]).toMatchObject({
      minWorkerNodes: 4,
      maxWorkerNodes: 12,
    });
  });

  test.each([
    { name: 'absent', options: undefined, want: 60 },
    { name: '0', options: { idleTimeoutSeconds: 0 }, want: 0 },
    { name: '31, inexact by the way over minutes', options: { idleTimeoutSeconds: 31 }, want: 31.000000000000004 },
    { name: '123, inexact downwards', options: { idleTimeoutSeconds: 123 }, want: 122.99999999999999 },
  ])('RAY-23.2 idle time-out: $name', ({ options, want }) => {
    expect(read({}, options).idleTimeoutS).toBe(want);
  });

  test('RAY-23.3 the time-out and the priority of a group are taken as they are', () => {
    expect(read({ idleTimeoutSeconds: 31, priority: -3 }).nodeTypes[1]).toMatchObject({
      idleTimeout: { seconds: 31, text: '31.0' },
      priority: -3,
    });
  });

  test.each([
    ['Conservative', 1],
    ['Default', 1000],
    ['Aggressive', 1000],
    ['Sideways', 1000],
  ])('RAY-23.2 upscalingMode %s', (upscalingMode, want) => {
    expect(read({}, { upscalingMode }).upscalingSpeed).toBe(want);
  });
});

describe('groups that are not scaled', () => {
  test('RAY-23.10 two groups of one name are both refused, a third goes on', () => {
    const { groups, nodeTypes, warnings } = configOf(
      cluster([workerGroup('w'), workerGroup('x'), workerGroup('w')]),
      COMPAT.default,
    );
    expect(groups.map(({ hold }) => hold?.reason)).toEqual(['duplicate-name', undefined, 'duplicate-name']);
    expect(nodeTypes.map(({ name }) => name)).toEqual(['headgroup', 'x']);
    expect(warnings.map(({ path }) => path)).toEqual([
      'spec.workerGroupSpecs[0].groupName',
      'spec.workerGroupSpecs[2].groupName',
    ]);
  });

  test('RAY-23.10 a worker group cannot be called like the head', () => {
    const { groups, nodeTypes } = configOf(cluster([workerGroup('headgroup')]), COMPAT.default);
    expect(groups[0]?.hold?.reason).toBe('reserved-name');
    expect(nodeTypes).toHaveLength(1);
  });

  test('RAY-23.10 (C5) a suspended group has maximum 0, unless we are to be like the original', () => {
    const suspended = cluster([
      workerGroup('paused', { suspend: true, minReplicas: 1, maxReplicas: 3 }),
      workerGroup('open', { maxReplicas: 3 }),
    ]);
    const ours = configOf(suspended, COMPAT.default);
    expect(ours.nodeTypes[1]).toMatchObject({ name: 'paused', minWorkerNodes: 0, maxWorkerNodes: 0 });
    expect(ours.groups[0]?.hold?.reason).toBe('suspended');
    expect(ours.maxNumNodes).toBe(4);
    const original = configOf(suspended, COMPAT['ray-2.60']);
    expect(original.nodeTypes[1]).toMatchObject({ minWorkerNodes: 1, maxWorkerNodes: 3 });
    expect(original.maxNumNodes).toBe(7);
  });

  test('RAY-23.1 a RayCluster without groups has nothing to scale', () => {
    const { workerGroupSpecs: _, ...spec } = cluster([]).spec;
    const config = configOf({ ...cluster([]), spec }, COMPAT.default);
    expect(config).toMatchObject({ groups: [], maxNumNodes: 1, warnings: [] });
  });

  test('RAY-23.1 a head that cannot be read stops nobody', () => {
    const good = cluster([workerGroup('w')]);
    const template = { spec: { containers: [{ name: 'ray-head' }] } };
    const config = configOf({ ...good, spec: { ...good.spec, headGroupSpec: { template } } }, COMPAT.default);
    expect(config.nodeTypes.map(({ name }) => name)).toEqual(['headgroup', 'w']);
    expect(config.warnings).toHaveLength(1);
  });
});
