import { expect, test } from 'vitest';
import { at, podMetrics } from '../../../test/support/hpa.ts';
import type { MetricValue, PodMetrics } from '../kube/metrics.ts';
import { podValuesOf, samplesOf, type Measured } from './samples.ts';

const usages = (items: readonly PodMetrics[], measured: Measured = { resource: 'cpu' }): unknown => {
  const samples = samplesOf(items, measured);
  return samples.ok
    ? Object.fromEntries([...samples.value].map(([name, { usageMilli }]) => [name, usageMilli]))
    : samples.error;
};
const containers = (...cpu: readonly (string | undefined)[]): PodMetrics => ({
  ...podMetrics('p', {}),
  containers: cpu.map((amount, i) => ({ name: `c${i}`, usage: amount === undefined ? {} : { cpu: amount } })),
});

test.each([
  ['HPA-18.8 each container is rounded up before the sum', [containers('1500u', '1500u')], { p: 4 }],
  ['HPA-20.9 a container without the resource: no sample', [containers('5m', undefined)], {}],
  ['HPA-20.9 no containers: no sample', [containers()], {}],
  ['HPA-20.10 of two items of one name the later counts', [containers('5m'), containers('7m')], { p: 7 }],
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
  const samples = samplesOf([{ ...containers('5m'), window: '1m0s' }], { resource: 'cpu' });
  expect(samples.ok && samples.value.get('p')).toEqual({ usageMilli: 5, at: Date.parse(at(-15)), windowMs: 60_000 });
});

test.each([
  ['its own usage, whatever the others report', [containers('5m', undefined)], 'c0', { p: 5 }],
  ['without the resource: no sample', [containers('5m', undefined)], 'c1', {}],
  ['one that is not there: no sample', [containers('5m')], 'c9', {}],
  [
    'the first of its name',
    [{ ...containers(), containers: ['7m', '9m'].map((amount) => ({ name: 'c0', usage: { cpu: amount } })) }],
    'c0',
    { p: 7 },
  ],
])('HPA-6.2 one container: %s', (_name, items, container, want) => {
  expect(usages(items, { resource: 'cpu', container })).toEqual(want);
});

test('HPA-20.13 custom values by pod, the later item of a name counting, each with its window', () => {
  const item = (name: string, value: string | number, windowSeconds?: number): MetricValue => ({
    describedObject: { kind: 'Pod', namespace: 'default', name },
    metric: { name: 'rps' },
    timestamp: at(-15),
    value,
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
  });
  const samples = podValuesOf([item('a', '1'), item('b', '1500u', 30), item('a', 2)]);
  expect(samples.ok ? Object.fromEntries(samples.value) : samples.error).toEqual({
    a: { usageMilli: 2000, at: Date.parse(at(-15)), windowMs: 60_000 },
    b: { usageMilli: 2, at: Date.parse(at(-15)), windowMs: 30_000 },
  });
});
