import { describe, expect, test } from 'vitest';
import { cpuUtilization, externalTarget, hpa, valueOf } from '../../../../test/support/hpa.ts';
import type { HorizontalPodAutoscaler } from '../../kube/hpa.ts';
import type { FieldError } from '../../../lib/result.ts';
import { admitCreate, admitStatusUpdate, admitUpdate, decodeHpa } from './hpa-admission.ts';
import { printV1 } from './hpa-conversion.ts';

const GATES = { HPAScaleToZero: true, HPAGeneration: true };

const web = (
  spec: Partial<HorizontalPodAutoscaler['spec']> = {},
  metadata: Partial<HorizontalPodAutoscaler['metadata']> = {},
): HorizontalPodAutoscaler => {
  const given = hpa();
  return {
    ...given,
    metadata: { name: 'web', namespace: 'default', ...metadata },
    spec: { ...given.spec, ...spec },
  };
};

const told = (errors: readonly FieldError[]): readonly string[] =>
  errors.map(({ path, message }) => `${path}: ${message}`);

describe('decoding', () => {
  /** Answers of the API server of Kubernetes 1.37.2. */
  test.each([
    [{ kind: '' }, 'Object \'Kind\' is missing in \'{"apiVersion":"autoscaling/v2","kind":""}\''],
    [
      { apiVersion: '', metadata: {} },
      'Object \'apiVersion\' is missing in \'{"apiVersion":"","kind":"HorizontalPodAutoscaler","metadata":{}}\'',
    ],
    [{ apiVersion: 'a/b/c' }, 'unexpected GroupVersion string: a/b/c'],
    [
      { kind: 5 },
      "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
    ],
    [{ kind: 'Pod' }, 'no kind "Pod" is registered for version "autoscaling/v2" in scheme "pkg/runtime/scheme.go:111"'],
    [[], 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ])('%j is refused', (given, error) => {
    expect(decodeHpa(given, 'v2')).toEqual({ ok: false, error });
  });

  test.each(['v2beta1', 'v2beta2'])('HPA-15.1, HPA-24.15 %s is not served', (version) => {
    expect(decodeHpa({ ...web(), apiVersion: `autoscaling/${version}` }, 'v2')).toEqual({
      ok: false,
      error: `no kind "HorizontalPodAutoscaler" is registered for version "autoscaling/${version}" in scheme "pkg/runtime/scheme.go:111"`,
    });
  });

  test('HPA-15.1 an object that names a version is read in that version', () => {
    const spec = { scaleTargetRef: hpa().spec.scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 60 };
    const object = decodeHpa({ apiVersion: 'autoscaling/v1', metadata: { name: 'web' }, spec }, 'v2');
    expect(object).toMatchObject({
      ok: true,
      value: { spec: { minReplicas: 1, metrics: [{ resource: { target: { averageUtilization: 60 } } }] } },
    });
  });
});

describe('HPA-14.43 generation and status', () => {
  test('a create starts at 1 and loses its status', () => {
    const { object, errors } = admitCreate({ ...web(), status: { desiredReplicas: 3, currentMetrics: null } }, GATES);
    expect(errors).toEqual([]);
    expect(object.metadata.generation).toBe(1);
    expect(object.status).toBeUndefined();
  });

  test.each([
    ['another maximum', { maxReplicas: 7 }, GATES, 4],
    ['the same in other words', { metrics: [...(hpa().spec.metrics ?? [])] }, GATES, 3],
    ['another maximum without the gate', { maxReplicas: 7 }, { ...GATES, HPAGeneration: false }, 3],
  ])('an update with %s', (_name, spec, gates, generation) => {
    const old = { ...web({}, { generation: 3 }), status: { desiredReplicas: 3, currentMetrics: null } };
    const { object, errors } = admitUpdate(web(spec), old, gates);
    expect(errors).toEqual([]);
    expect(object.metadata.generation).toBe(generation);
    expect(object.status).toEqual(old.status);
  });

  test('HPA-15.10 an update through autoscaling/v1 that changes nothing is no generation', () => {
    const [cpu, queue] = [cpuUtilization(50), externalTarget('q', valueOf('10'))];
    const generation = (
      metrics: HorizontalPodAutoscaler['spec']['metrics'] & object,
      change = {},
    ): number | undefined => {
      const old = web({ metrics }, { generation: 3 });
      const { spec, ...printed } = printV1(old) as { readonly spec: object };
      const read = decodeHpa({ ...printed, spec: { ...spec, ...change } }, 'v1');
      return read.ok ? admitUpdate(read.value, old, GATES).object.metadata.generation : undefined;
    };
    expect(generation([queue, cpu])).toBe(3);
    expect(generation([queue, cpu], { targetCPUUtilizationPercentage: 51 })).toBe(4);
    expect(generation([cpu, queue]), 'on the way through v1 the target of the cpu goes last').toBe(4);
  });

  test('an update of the status leaves the spec, HPA-14.42 and says what is wrong with the numbers', () => {
    const old = web({}, { generation: 3 });
    const sent = { ...web({ maxReplicas: 9 }), status: { desiredReplicas: -1, currentMetrics: null } };
    const { object, errors } = admitStatusUpdate(sent, old);
    expect(object.spec).toEqual(old.spec);
    expect(object.metadata.generation).toBe(3);
    expect(told(errors)).toEqual(['status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0']);
  });
});

describe('metadata', () => {
  test.each([
    [{ name: 'Web' }, /^metadata.name: Invalid value: "Web": a lowercase RFC 1123 subdomain/],
    [{ name: '' }, /^metadata.name: Required value: name or generateName is required$/],
    [{ namespace: 'a.b' }, /^metadata.namespace: Invalid value: "a.b": must not contain dots$/],
    [
      { finalizers: ['a'] },
      /^metadata.finalizers\[0\]: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified$/,
    ],
  ])('HPA-14.2 %j is refused in a create', (metadata, problem) => {
    const [only = '', ...others] = told(admitCreate(web({}, metadata), GATES).errors);
    expect(only).toMatch(problem);
    expect(others).toEqual([]);
  });

  test('HPA-14.41 an update asks less of a name, but it cannot change', () => {
    const named = (name: string): HorizontalPodAutoscaler => web({}, { name });
    expect(admitUpdate(named('Web_'), named('Web_'), GATES).errors).toEqual([]);
    expect(told(admitUpdate(named('web'), named('db'), GATES).errors)).toEqual([
      'metadata.name: Invalid value: "web": field is immutable',
    ]);
  });
});

describe('HPA-24.2 the gate HPAScaleToZero', () => {
  const off = { ...GATES, HPAScaleToZero: false };
  const toZero = { minReplicas: 0, metrics: [externalTarget('q', valueOf('10'))] };

  test('on: zero is a minimum', () => {
    expect(admitCreate(web(toZero), GATES).errors).toEqual([]);
  });

  test('off: zero is none, unless it was before', () => {
    expect(told(admitCreate(web(toZero), off).errors)).toEqual([
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
    ]);
    expect(admitUpdate(web(toZero), web(toZero), off).errors).toEqual([]);
  });
});
