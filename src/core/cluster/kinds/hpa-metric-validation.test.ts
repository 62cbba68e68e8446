import { expect, test } from 'vitest';
import { averageOf, SERVICE, valueOf } from '../../../../test/support/hpa.ts';
import { problemsOf } from '../../../../test/support/hpa-admission.ts';

/** Targets and names may be anything here. */
const SIXTY = { type: 'Utilization', averageUtilization: 60 };
const resource = (target: object, name = 'cpu'): object => ({ type: 'Resource', resource: { name, target } });
const container = (target: object, { name = 'cpu', container: of = 'c' } = {}): object => ({
  type: 'ContainerResource',
  containerResource: { name, container: of, target },
});
const pods = (target: object, name = 'rps'): object => ({ type: 'Pods', pods: { metric: { name }, target } });
const external = (target: object, name = 'q'): object => ({ type: 'External', external: { metric: { name }, target } });
const object = (target: object, { name = 'h', describedObject = SERVICE as object } = {}): object => ({
  type: 'Object',
  object: { describedObject, metric: { name }, target },
});

type Row = readonly [name: string, metric: object, problems: readonly string[]];

/** What the API server of Kubernetes 1.37.2 says of each, behind `spec.metrics[0]`: nothing where it accepts. */
const METRICS: readonly Row[] = [
  [
    'HPA-14.12 the type of a metric is absent',
    { type: '' },
    [
      '.type: Required value: must specify a metric source type',
      '.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
  ],
  [
    'HPA-14.13 the type of a metric is unknown',
    { type: 'Gizmo' },
    [
      '.type: Unsupported value: "Gizmo": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
  ],
  [
    'HPA-14.14 a metric without its source',
    { type: 'Pods' },
    ['.pods: Required value: must populate information for the given metric source'],
  ],
  [
    'HPA-14.14 a metric with the source of another type',
    { ...resource(SIXTY), type: 'Pods' },
    ['.pods: Required value: must populate information for the given metric source'],
  ],
  [
    'HPA-14.15 a metric with a source more',
    { ...resource(SIXTY), ...pods(averageOf('1')), type: 'Resource' },
    ['.pods: Forbidden: must populate the given metric source only'],
  ],
  [
    'HPA-14.15 a metric with three sources and none of them its own',
    { ...resource(SIXTY), ...pods(averageOf('1')), ...external(valueOf('1')), type: 'Gizmo' },
    [
      '.type: Unsupported value: "Gizmo": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      '.external: Forbidden: must populate the given metric source only',
      '.pods: Forbidden: must populate the given metric source only',
      '.resource: Forbidden: must populate the given metric source only',
    ],
  ],
  [
    'HPA-14.16 a metric with two sources: only the first of them is looked into',
    { ...resource(SIXTY, ''), ...pods(averageOf('1'), ''), type: 'Resource' },
    [
      '.pods.metric.name: Required value: must specify a metric name',
      '.pods: Forbidden: must populate the given metric source only',
    ],
  ],
  [
    'HPA-14.18 a described object of nothing that can be named',
    object(valueOf('1'), { describedObject: { apiVersion: 'a/b/c', kind: '', name: 'x/y' } }),
    [
      '.object.describedObject.kind: Required value',
      '.object.describedObject.name: Invalid value: "x/y": may not contain \'/\'',
      '.object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
  ],
  ['HPA-14.18 a described object in the core group', object(valueOf('1')), []],
  [
    'HPA-14.19 the name of a metric is absent',
    external(valueOf('1'), ''),
    ['.external.metric.name: Required value: must specify a metric name'],
  ],
  [
    'HPA-14.19 the name of a metric has a slash',
    pods(averageOf('1'), 'a/b'),
    ['.pods.metric.name: Invalid value: "a/b": may not contain \'/\''],
  ],
  [
    'HPA-14.19 the name of a metric is a step up',
    object(valueOf('1'), { name: '..' }),
    ['.object.metric.name: Invalid value: "..": may not be \'..\''],
  ],
  [
    'HPA-14.20 the type of a target is absent',
    pods({ averageValue: '1' }),
    [
      '.pods.target.type: Required value: must specify a metric target type',
      '.pods.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
    ],
  ],
  [
    'HPA-14.21 the type of a target is unknown',
    pods({ type: 'Average', averageValue: '1' }),
    ['.pods.target.type: Invalid value: "Average": must be either Utilization, Value, or AverageValue'],
  ],
  [
    'HPA-14.22 a quantity is zero',
    external(valueOf('0')),
    ['.external.target.value: Invalid value: "0": must be positive'],
  ],
  [
    'HPA-14.22 a quantity is negative',
    pods(averageOf('-1')),
    ['.pods.target.averageValue: Invalid value: "-1": must be positive'],
  ],
  [
    'HPA-14.23 a utilization is zero',
    resource({ type: 'Utilization', averageUtilization: 0 }),
    ['.resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
  ],
  [
    'HPA-14.24 an Object target has no value',
    object({ type: 'Value' }),
    ['.object.target.averageValue: Required value: must set either a target value or averageValue'],
  ],
  ['HPA-14.24 an Object target has both values', object({ type: 'Value', value: '1', averageValue: '1' }), []],
  [
    'HPA-14.25 an External target has no value',
    external({ type: 'Value' }),
    ['.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target'],
  ],
  [
    'HPA-14.26 an External target has both values',
    external({ type: 'Value', value: '1', averageValue: '1' }),
    ['.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target'],
  ],
  [
    'HPA-14.27 a Pods target has no average',
    pods({ type: 'AverageValue', value: '1' }),
    ['.pods.target.averageValue: Required value: must specify a positive target averageValue'],
  ],
  [
    'HPA-14.28 a Resource metric has no name',
    resource(SIXTY, ''),
    ['.resource.name: Required value: must specify a resource name'],
  ],
  ['HPA-14.28 a Resource metric has any name', resource(SIXTY, 'any thing'), []],
  [
    'HPA-14.29 a target has no value',
    resource({ type: 'Utilization' }),
    ['.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
  ],
  [
    'HPA-14.29 a target has no value',
    container(valueOf('1')),
    [
      '.containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
  ],
  [
    'HPA-14.30 a target has both values',
    resource({ type: 'Utilization', averageUtilization: 60, averageValue: '1' }),
    ['.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization'],
  ],
  [
    'HPA-14.30 a target has both values',
    container({ type: 'Utilization', averageUtilization: 60, averageValue: '1' }),
    ['.containerResource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization'],
  ],
  [
    'HPA-14.31 a ContainerResource metric has no name',
    container(SIXTY, { name: '' }),
    ['.containerResource.name: Required value: must specify a resource name'],
  ],
  [
    'HPA-14.31 a ContainerResource metric has a name that is no resource',
    container(SIXTY, { name: 'gizmo' }),
    [
      '.containerResource.name: Invalid value: "gizmo": must be a standard resource type or fully qualified',
      '.containerResource.name: Invalid value: "gizmo": must be a standard resource for containers',
    ],
  ],
  [
    'HPA-14.31 a ContainerResource metric has the name of a quota',
    container(SIXTY, { name: 'requests.cpu' }),
    ['.containerResource.name: Invalid value: "requests.cpu": must be a standard resource for containers'],
  ],
  [
    'HPA-14.31 a ContainerResource metric has the name of an extended resource',
    container(SIXTY, { name: 'example.org/gpu' }),
    [],
  ],
  [
    'HPA-14.32 the container is absent',
    container(SIXTY, { container: '' }),
    ['.containerResource.container: Required value: must specify a container'],
  ],
  [
    'HPA-14.32 the container is no label',
    container(SIXTY, { container: 'a.b' }),
    ['.containerResource.container: Invalid value: "a.b": must not contain dots'],
  ],
];

test.each(METRICS)('%s', (_name, metric, problems) => {
  expect(problemsOf({ metrics: [metric] })).toEqual(problems.map((problem) => `spec.metrics[0]${problem}`));
});

test('HPA-14.18 an apiVersion that was broken before is not looked at in an update', () => {
  const described = (apiVersion: string): object => ({
    metrics: [object(valueOf('1'), { describedObject: { ...SERVICE, apiVersion } })],
  });
  expect(problemsOf(described('d/e/f'), described('a/b/c'))).toEqual([]);
  expect(problemsOf(described('d/e/f'), described('v1'))).toEqual([
    'spec.metrics[0].object.describedObject.apiVersion: Invalid value: "d/e/f": unexpected GroupVersion string: d/e/f',
  ]);
});
