import { expect, test } from 'vitest';
import { at, podMetrics } from '../../../test/support/hpa.ts';
import type { PodMetrics } from '../kube/metrics.ts';
import { samplesOf } from './samples.ts';

const usages = (items: readonly PodMetrics[], resource = 'cpu'): unknown => {
  const samples = samplesOf(items, resource);
  return samples.ok
    ? Object.fromEntries([...samples.value].map(([name, { usageMilli }]) => [name, usageMilli]))
    : samples.error;
};
const containers = (...cpu: readonly (string | undefined)[]): PodMetrics => ({
  ...podMetrics('p', {}),
  containers: cpu.map((amount, i) => ({ name: `c${i}`, usage: amount === undefined ? {} : { cpu: amount } })),
});

test.each([
  ['HPA-18.8 each container is rounded up before the sum', [containers('1500u', '1500u')], { p: 4n }],
  ['HPA-20.9 a container without the resource: no sample', [containers('5m', undefined)], {}],
  ['HPA-20.9 no containers: no sample', [containers()], {}],
  ['HPA-20.10 of two items of one name the later counts', [containers('5m'), containers('7m')], { p: 7n }],
])('%s', (_name, items, want) => {
  expect(usages(items)).toEqual(want);
});

test.each([
  ['a quantity', containers('5 m'), 'usage of cpu in container c0 of pod p: quantities must match'],
  ['a timestamp', { ...containers('5m'), timestamp: 'yesterday' }, 'timestamp "yesterday" of pod p is not RFC 3339'],
  ['a window', { ...containers('5m'), window: '30' }, 'window "30" of pod p is not a duration'],
])('HPA-20.21 %s that cannot be read is an error, never a zero', (_name, item, want) => {
  expect(usages([item])).toEqual(expect.stringContaining(want));
});

test('HPA-20.10 time and window of a sample', () => {
  const samples = samplesOf([{ ...containers('5m'), window: '1m0s' }], 'cpu');
  expect(samples.ok && samples.value.get('p')).toEqual({ usageMilli: 5n, at: Date.parse(at(-15)), windowMs: 60_000 });
});
