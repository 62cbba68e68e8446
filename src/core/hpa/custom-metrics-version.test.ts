import { expect, test } from 'vitest';
import { customMetricsVersion, type ListedGroup } from './custom-metrics-version.ts';

const group = (versions: readonly string[], preferred = versions[0] ?? ''): readonly ListedGroup[] => [
  { name: 'apps', versions: ['v1'], preferred: 'v1' },
  { name: 'custom.metrics.k8s.io', versions, preferred },
];

test.each([
  ['the preferred one', group(['v1beta1', 'v1beta2'], 'v1beta2'), { ok: true, value: 'v1beta2' }],
  ['the older one where it is preferred', group(['v1beta2', 'v1beta1'], 'v1beta1'), { ok: true, value: 'v1beta1' }],
  ['the first spoken one where another is preferred', group(['v9', 'v1beta1']), { ok: true, value: 'v1beta1' }],
  ['none', group(['v9']), { ok: false, error: 'no known available metric versions found' }],
  ['no group', [], { ok: false, error: 'no custom metrics API (custom.metrics.k8s.io) registered' }],
])('HPA-20.8 %s', (_name, groups, want) => {
  expect(customMetricsVersion(groups)).toEqual(want);
});
