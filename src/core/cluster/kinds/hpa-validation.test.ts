import { describe, expect, test } from 'vitest';
import { cpuUtilization, externalTarget, objectTarget, valueOf } from '../../../../test/support/hpa.ts';
import { API_GATES, problemsOf, readHpa, TARGET, told } from '../../../../test/support/hpa-admission.ts';
import { admitCreate } from './hpa-admission.ts';

type Row = readonly [name: string, spec: object, problems: readonly string[]];

const QUEUE = externalTarget('q', valueOf('1'));

/** What the API server of Kubernetes 1.37.2 says of each: nothing where it accepts. */
const CREATED: readonly Row[] = [
  [
    'HPA-14.3 minReplicas is negative',
    { minReplicas: -1 },
    ['spec.minReplicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'HPA-14.4 maxReplicas is zero',
    { maxReplicas: 0, minReplicas: 0, metrics: [QUEUE] },
    ['spec.maxReplicas: Required value'],
  ],
  [
    'HPA-14.4 maxReplicas is absent',
    { maxReplicas: undefined, minReplicas: 0, metrics: [QUEUE] },
    ['spec.maxReplicas: Required value'],
  ],
  [
    'HPA-14.5, HPA-24.13 maxReplicas is negative',
    { maxReplicas: -1, minReplicas: -2, metrics: [QUEUE] },
    [
      'spec.minReplicas: Invalid value: -2: must be greater than or equal to 0',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
    ],
  ],
  [
    'HPA-14.6 maxReplicas is below the minimum',
    { minReplicas: 6, maxReplicas: 5 },
    ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`'],
  ],
  [
    'HPA-14.7 the kind of the target is empty',
    { scaleTargetRef: { ...TARGET, kind: '' } },
    ['spec.scaleTargetRef.kind: Required value'],
  ],
  [
    'HPA-14.7 the name of the target is empty',
    { scaleTargetRef: { ...TARGET, name: '' } },
    ['spec.scaleTargetRef.name: Required value'],
  ],
  [
    'HPA-14.8 the name of the target is a step up',
    { scaleTargetRef: { ...TARGET, name: '..' } },
    ['spec.scaleTargetRef.name: Invalid value: "..": may not be \'..\''],
  ],
  [
    'HPA-14.8 the name of the target is a dot',
    { scaleTargetRef: { ...TARGET, name: '.' } },
    ['spec.scaleTargetRef.name: Invalid value: ".": may not be \'.\''],
  ],
  [
    'HPA-14.8 the name of the target has a slash and a percent sign',
    { scaleTargetRef: { ...TARGET, name: 'a/b%c' } },
    [
      'spec.scaleTargetRef.name: Invalid value: "a/b%c": may not contain \'/\'',
      'spec.scaleTargetRef.name: Invalid value: "a/b%c": may not contain \'%\'',
    ],
  ],
  [
    'HPA-14.8 the kind of the target has a slash',
    { scaleTargetRef: { ...TARGET, kind: 'a/b' } },
    ['spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain \'/\''],
  ],
  [
    'HPA-14.9 the apiVersion of the target has two slashes',
    { scaleTargetRef: { ...TARGET, apiVersion: 'a/b/c' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  [
    'HPA-14.10 the apiVersion of the target names no group',
    { scaleTargetRef: { ...TARGET, apiVersion: 'v1' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
  ],
  [
    'HPA-14.10 the apiVersion of the target is absent',
    { scaleTargetRef: { ...TARGET, apiVersion: '' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
  ],
  [
    'HPA-14.10 the apiVersion of a ReplicationController may name no group',
    { scaleTargetRef: { ...TARGET, apiVersion: 'v1', kind: 'ReplicationController' } },
    [],
  ],
  [
    'HPA-14.17 metrics of pods alone and a minimum of zero',
    { minReplicas: 0 },
    [
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  [
    'HPA-14.17 a metric of an object and a minimum of zero',
    { minReplicas: 0, metrics: [cpuUtilization(60), objectTarget('h', valueOf('1'))] },
    [],
  ],
  [
    'HPA-14.33 a window is negative',
    { behavior: { scaleUp: { stabilizationWindowSeconds: -1 } } },
    ['spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero'],
  ],
  [
    'HPA-14.33 a window is too long',
    { behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } },
    ['spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600'],
  ],
  [
    'HPA-14.33 a window is told for up, then for down',
    { behavior: { scaleUp: { stabilizationWindowSeconds: 3601 }, scaleDown: { stabilizationWindowSeconds: -1 } } },
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
  ['HPA-14.33 a window is an hour', { behavior: { scaleUp: { stabilizationWindowSeconds: 3600 } } }, []],
  [
    'HPA-14.34 a selectPolicy is unknown',
    { behavior: { scaleUp: { selectPolicy: 'Most' } } },
    ['spec.behavior.scaleUp.selectPolicy: Unsupported value: "Most": supported values: "Disabled", "Max", "Min"'],
  ],
  [
    'HPA-14.35 a list of no policies',
    { behavior: { scaleDown: { policies: [] } } },
    ['spec.behavior.scaleDown.policies: Required value: must specify at least one Policy'],
  ],
  [
    'HPA-14.36 the type of a policy is unknown',
    { behavior: { scaleUp: { policies: [{ type: 'Replicas', value: 1, periodSeconds: 15 }] } } },
    ['spec.behavior.scaleUp.policies[0].type: Unsupported value: "Replicas": supported values: "Percent", "Pods"'],
  ],
  [
    'HPA-14.37 the value of a policy is zero',
    {
      behavior: {
        scaleUp: {
          policies: [
            { type: 'Pods', value: 1, periodSeconds: 15 },
            { type: 'Pods', value: 0, periodSeconds: 15 },
          ],
        },
      },
    },
    ['spec.behavior.scaleUp.policies[1].value: Invalid value: 0: must be greater than zero'],
  ],
  [
    'HPA-14.38 the period of a policy is zero',
    { behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 0 }] } } },
    ['spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero'],
  ],
  [
    'HPA-14.38 the period of a policy is too long',
    { behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 1801 }] } } },
    ['spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800'],
  ],
  [
    'HPA-14.38 the period of a policy is half an hour',
    { behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 1800 }] } } },
    [],
  ],
  [
    'HPA-14.39 a tolerance is negative',
    { behavior: { scaleUp: { tolerance: '-1m' } } },
    ['spec.behavior.scaleUp.tolerance: Invalid value: "-1m": must be greater than or equal to 0'],
  ],
  ['HPA-14.39 a tolerance is zero', { behavior: { scaleDown: { tolerance: '0' } } }, []],
  [
    'HPA-14.40 a selector that selects nothing, a type of another field, a policy above 100 %, a metric twice: all accepted',
    {
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: 'rps', selector: { matchLabels: { '-a-': 'b c' } } },
            target: { type: 'Utilization', averageValue: '1' },
          },
        },
        cpuUtilization(60),
        cpuUtilization(60),
      ],
      behavior: { scaleDown: { policies: [{ type: 'Percent', value: 400, periodSeconds: 15 }] } },
    },
    [],
  ],
];

describe('a spec that is created', () => {
  test.each(CREATED)('%s', (_name, spec, problems) => {
    expect(problemsOf(spec)).toEqual(problems);
  });
});

/** As above; the first spec is the one that is stored. */
const UPDATED: readonly (readonly [name: string, old: object, spec: object, problems: readonly string[]])[] = [
  [
    'HPA-14.11 the apiVersion of the target that names no group stays as it was',
    { scaleTargetRef: { ...TARGET, apiVersion: 'v1' } },
    { scaleTargetRef: { ...TARGET, apiVersion: 'v1' } },
    [],
  ],
  [
    'HPA-14.11 the apiVersion of the target names no group, and the kind is another than before',
    { scaleTargetRef: { ...TARGET, apiVersion: 'v1', kind: 'Thing' } },
    { scaleTargetRef: { ...TARGET, apiVersion: 'v1' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
  ],
];

describe('a spec that is updated', () => {
  test.each(UPDATED)('%s', (_name, old, spec, problems) => {
    expect(problemsOf(spec, old)).toEqual(problems);
  });
});

test('HPA-14.3 minReplicas may not be zero while the gate HPAScaleToZero is off', () => {
  const zero = readHpa({ minReplicas: 0, metrics: [QUEUE] });
  expect(told(admitCreate(zero, { ...API_GATES, HPAScaleToZero: false }).errors)).toEqual([
    'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
  ]);
});
