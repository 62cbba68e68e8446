import { describe, expect, test } from 'vitest';
import { NOW, pod } from '../../../test/support/cluster-objects.ts';
import type { PodMetrics } from '../kube/metrics.ts';
import { epochMs, seconds, toRfc3339, type EpochMs } from '../time/time.ts';
import { EMPTY_STORAGE, isReady, podMetricsOf, stored, type MetricsStorage } from './pod-metrics.ts';
import type { ContainerSample, PodSample } from './usage.ts';

const RESOLUTION = seconds(15);
const MIB = 1024 * 1024;
const s = (offset: number): EpochMs => epochMs(NOW + offset * 1000);

/** A sample of the container `app`, which started at `start` seconds. */
const app = (at: number, cpuSeconds: number, more: Partial<ContainerSample> = {}): ContainerSample => ({
  name: 'app',
  startTime: s(-1000),
  at: s(at),
  cpuSeconds,
  workingSetBytes: 20 * MIB,
  ...more,
});

const of = (...containers: readonly ContainerSample[]): PodSample => ({ namespace: 'default', name: 'p', containers });

const ticks = (...samples: readonly (readonly PodSample[])[]): MetricsStorage =>
  samples.reduce((storage, batch) => stored(storage, batch, RESOLUTION), EMPTY_STORAGE);

const read = (storage: MetricsStorage): PodMetrics | undefined =>
  podMetricsOf(storage, pod({ name: 'p', labels: { app: 'web' } }), s(20));

describe('two scrapes', () => {
  test('give the rate between them, the window and the time of the last', () => {
    expect(read(ticks([of(app(0, 10))], [of(app(15, 11.5))]))).toEqual({
      metadata: { name: 'p', namespace: 'default', creationTimestamp: toRfc3339(s(20)), labels: { app: 'web' } },
      timestamp: toRfc3339(s(15)),
      window: '15s',
      containers: [{ name: 'app', usage: { cpu: '100m', memory: '20Mi' } }],
    });
  });

  test.each([
    {
      name: 'nanocores',
      cpu: 10.1851851,
      at: 15,
      bytes: 1_536_000,
      want: { cpu: '12345673n', memory: '1500Ki' },
      window: '15s',
    },
    { name: 'whole cores', cpu: 25, at: 15, bytes: 1001, want: { cpu: '1', memory: '1001' }, window: '15s' },
    {
      name: 'an uneven window',
      cpu: 11,
      at: 15.048,
      bytes: MIB,
      want: { cpu: '66454013n', memory: '1Mi' },
      window: '15.048s',
    },
  ])('$name', ({ cpu, at, bytes, want, window }) => {
    const metrics = read(ticks([of(app(0, 10))], [of(app(at, cpu, { workingSetBytes: bytes }))]));
    expect(metrics).toMatchObject({ window, containers: [{ usage: want }] });
  });

  test('one scrape is not enough, and nothing is ready before there is a pair', () => {
    const storage = ticks([of(app(0, 10))]);
    expect([read(storage), isReady(storage)]).toEqual([undefined, false]);
    expect(isReady(ticks([of(app(0, 10))], [of(app(15, 11))]))).toBe(true);
  });
});

describe('points that are kept or dropped', () => {
  const usage = (storage: MetricsStorage): string | undefined => {
    const metrics = read(storage);
    return metrics && `${metrics.containers.map((one) => one.usage['cpu']).join(' ')} over ${metrics.window}`;
  };

  test.each([
    {
      name: 'the same measurement again leaves the answer as it was',
      batches: [[of(app(0, 10))], [of(app(15, 11.5))], [of(app(15, 11.5))]],
      want: '100m over 15s',
    },
    {
      name: 'a measurement older than the previous one ends it',
      batches: [[of(app(0, 10))], [of(app(15, 11.5))], [of(app(-5, 9))]],
      want: undefined,
    },
    {
      name: 'a container ten seconds old has its start as the first point',
      batches: [[of(app(10, 1, { startTime: s(0) }))]],
      want: '100m over 10s',
    },
    { name: 'a younger one has none', batches: [[of(app(9.9, 1, { startTime: s(0) }))]], want: undefined },
    {
      name: 'one as old as the resolution needs two scrapes',
      batches: [[of(app(15, 1, { startTime: s(0) }))]],
      want: undefined,
    },
    {
      name: 'the start takes precedence over a stored point',
      batches: [[of(app(1, 0.1, { startTime: s(0) }))], [of(app(12, 1.2, { startTime: s(0) }))]],
      want: '100m over 12s',
    },
    {
      name: 'a restart drops the stored point',
      batches: [[of(app(0, 10))], [of(app(15, 0.2, { startTime: s(12) }))]],
      want: undefined,
    },
    {
      name: 'a counter that went down leaves its container out',
      batches: [[of(app(0, 10), app(0, 5, { name: 'log' }))], [of(app(15, 9), app(15, 6.5, { name: 'log' }))]],
      want: '100m over 15s',
    },
    {
      name: 'one container without a pair hides the pod',
      batches: [[of(app(0, 10))], [of(app(15, 11), app(15, 1, { name: 'log' }))]],
      want: undefined,
    },
    { name: 'no CPU time counted: incomplete', batches: [[of(app(0, 0))], [of(app(15, 0))]], want: undefined },
    {
      name: 'no memory: incomplete',
      batches: [[of(app(0, 1))], [of(app(15, 2, { workingSetBytes: 0 }))]],
      want: undefined,
    },
    {
      name: 'a pod that a scrape does not bring is missing, not stale',
      batches: [[of(app(0, 10))], [of(app(15, 11))], []],
      want: undefined,
    },
  ])('$name', ({ batches, want }) => expect(usage(ticks(...batches))).toBe(want));

  test('the earliest container gives timestamp and window', () => {
    const storage = ticks([of(app(0, 1), app(2, 1, { name: 'log' }))], [of(app(15, 2), app(14, 2, { name: 'log' }))]);
    expect(read(storage)).toMatchObject({ timestamp: toRfc3339(s(14)), window: '12s' });
  });
});
