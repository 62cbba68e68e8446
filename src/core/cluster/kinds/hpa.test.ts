import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuUtilization, hpa } from '../../../../test/support/hpa.ts';
import type { HorizontalPodAutoscaler } from '../../kube/hpa.ts';
import { deepFreeze } from '../../../lib/json.ts';
import { HPA_KIND } from './hpa.ts';

const withSpec = (spec: unknown): HorizontalPodAutoscaler => deepFreeze({ ...hpa(), spec } as HorizontalPodAutoscaler); // as objects from outside come
const target = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 };
const complaints = (spec: unknown): readonly string[] =>
  HPA_KIND.validate(HPA_KIND.withDefaults(withSpec(spec))).map(
    ({ path, message, fix }) => `${path}: ${message} | ${fix}`,
  );

test('HPA-13.1, HPA-13.2, HPA-13.3 a minimal HPA gets a minimum and the cpu target, but no behavior', () => {
  expect(HPA_KIND.withDefaults(withSpec(target)).spec).toEqual({
    ...target,
    minReplicas: 1,
    metrics: [cpuUtilization(80)],
  });
});

test('HPA-13.4, HPA-13.5, HPA-13.6, HPA-13.7 a behavior is filled in field by field, in both directions', () => {
  const behavior = { scaleUp: { stabilizationWindowSeconds: 30 } };
  expect(HPA_KIND.withDefaults(withSpec({ ...target, behavior })).spec.behavior).toEqual({
    scaleUp: {
      stabilizationWindowSeconds: 30,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  });
});

test('HPA-13.8 an empty list of policies stays empty and is refused', () => {
  expect(complaints({ ...target, behavior: { scaleUp: { policies: [] } } })).toEqual([
    'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy | remove spec.behavior.scaleUp.policies to get the defaults, or list a policy',
  ]);
});

test('HPA-10.7, HPA-18.10 the server prints quantities its own way, and leaves what is none alone', () => {
  const metric = (averageValue: unknown): unknown => ({
    type: 'Pods',
    pods: {
      metric: { name: 'q', selector: { matchLabels: { value: '1000' } } },
      target: { type: 'AverageValue', averageValue },
    },
  });
  const behavior = { scaleUp: { tolerance: '0.05', policies: [{ type: 'Pods', value: 0 }] } };
  const metrics = ['0.5', 1000, '1024Ki', 'lots'].map(metric);
  const { spec } = HPA_KIND.withDefaults(withSpec({ ...target, metrics, behavior }));
  expect(spec.metrics?.map(({ pods }) => pods?.target.averageValue)).toEqual(['500m', '1k', '1Mi', 'lots']);
  expect(spec.metrics?.[0]?.pods?.metric.selector).toEqual({ matchLabels: { value: '1000' } });
  expect(spec.behavior?.scaleUp).toMatchObject({ tolerance: '50m', policies: [{ type: 'Pods', value: 0 }] });
});

test('HPA-14.43 a spec that means the same is no other generation', () => {
  const tolerance = (text: string): unknown => ({ ...target, behavior: { scaleUp: { tolerance: text } } });
  expect(HPA_KIND.sameSpec?.(tolerance('0.1'), tolerance('100m'))).toBe(true);
  expect(HPA_KIND.sameSpec?.({ ...target, metrics: [] }, target)).toBe(true);
  expect(HPA_KIND.sameSpec?.(tolerance('0.1'), tolerance('0.11'))).toBe(false);
  expect(HPA_KIND.sameSpec?.(target, { ...target, minReplicas: 1 })).toBe(false);
});

test.each(['400Mib', '400MiB', '400 MB', 'lots'])(
  'HPA-18.2 %j as a target names the field and what to write',
  (averageValue) => {
    const metrics = [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue } } },
    ];
    const [only, ...others] = complaints({ ...target, metrics });
    expect(only).toContain('spec.metrics[0].resource.target.averageValue: Invalid value: ');
    const meant = { '400Mib': '400Mi', '400MiB': '400Mi', '400 MB': '400M', lots: '400Mi, 500m or 2' }[averageValue];
    expect(only).toContain(`| write ${meant} in spec.metrics[0].resource.target.averageValue`);
    expect(others).toEqual([]);
  },
);

test('HPA-14.1 nothing that is JSON makes defaults or validation throw', () => {
  const part = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const spec = fc.record({
    scaleTargetRef: part,
    minReplicas: part,
    maxReplicas: part,
    metrics: fc.oneof(
      part,
      fc.array(fc.record({ type: fc.constantFrom('Resource', 'Pods', ''), resource: part, pods: part })),
    ),
    behavior: fc.oneof(part, fc.record({ scaleUp: part, scaleDown: fc.record({ policies: part, tolerance: part }) })),
  });
  fc.assert(
    fc.property(fc.oneof(spec, part), (given) => {
      const filled = HPA_KIND.withDefaults(withSpec(given));
      expect(Array.isArray(HPA_KIND.validate(filled))).toBe(true);
      expect(HPA_KIND.withDefaults(deepFreeze(filled)), 'defaults are filled in once').toEqual(filled);
    }),
  );
});
