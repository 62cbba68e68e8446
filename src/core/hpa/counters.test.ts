import { expect, test } from 'vitest';
import { durationMs } from '../time/time.ts';
import { HpaCounters, type HpaSeries } from './counters.ts';

const PREFIX = 'horizontal_pod_autoscaler_controller_';
const KEY = { namespace: 'default', name: 'web' };
const took = (syncMs: number, ...metricsMs: readonly number[]) => ({
  syncMs: durationMs(syncMs),
  metricsMs: metricsMs.map(durationMs),
});
const shown = (counters: HpaCounters): Readonly<Record<string, number>> =>
  Object.fromEntries(
    counters.series().map((series) => [textOf(series), 'value' in series ? series.value : series.count]),
  );

function textOf({ name, labels }: HpaSeries): string {
  const short = name.replace(PREFIX, '');
  return `${short}{${labels.map(([label, value]) => `${label}=${value}`).join(',')}}`;
}

test('HPA-23.5, HPA-23.14 the number of HPAs is there from the start and follows additions and deletions', () => {
  const counters = new HpaCounters();
  expect(shown(counters)).toEqual({ 'num_horizontal_pod_autoscalers{}': 0 });
  counters.added();
  counters.added();
  counters.removed();
  expect(shown(counters)).toEqual({ 'num_horizontal_pod_autoscalers{}': 1 });
});

test('HPA-23.1, HPA-23.2, HPA-23.3, HPA-23.4, HPA-23.6, HPA-23.12 one observation per sync and per metric; the gauge is the last number', () => {
  const counters = new HpaCounters();
  const up = { reconciliation: { action: 'scale_up', error: 'none' }, desiredReplicas: 4 } as const;
  const metric = { type: 'Resource', action: 'scale_up', error: 'none' } as const;
  counters.synced(KEY, { ...up, metrics: [metric, { ...metric, type: 'Pods' }] }, took(3, 1, 1));
  counters.synced(KEY, { ...up, desiredReplicas: 5, metrics: [metric] }, took(3, 1));
  expect(shown(counters)).toMatchObject({
    'reconciliations_total{action=scale_up,error=none}': 2,
    'reconciliation_duration_seconds{action=scale_up,error=none}': 2,
    'metric_computation_total{action=scale_up,error=none,metric_type=Resource}': 2,
    'metric_computation_duration_seconds{action=scale_up,error=none,metric_type=Pods}': 1,
    'desired_replicas{hpa_name=web,namespace=default}': 5,
  });
  expect(Object.fromEntries(counters.series().map(({ name, kind }) => [name.replace(PREFIX, ''), kind]))).toEqual({
    reconciliations_total: 'counter',
    reconciliation_duration_seconds: 'histogram',
    metric_computation_total: 'counter',
    metric_computation_duration_seconds: 'histogram',
    num_horizontal_pod_autoscalers: 'gauge',
    desired_replicas: 'gauge',
  });
});

test('HPA-23.13 a sync that does not get that far leaves the gauge alone', () => {
  const counters = new HpaCounters();
  counters.synced(KEY, { reconciliation: { action: 'none', error: 'internal' }, metrics: [] }, took(1));
  expect(Object.keys(shown(counters))).not.toContain('desired_replicas{hpa_name=web,namespace=default}');
});

test('HPA-23.7, HPA-23.11 a skipped key counts as that alone', () => {
  const counters = new HpaCounters();
  counters.skipped();
  expect(shown(counters)).toEqual({
    'num_horizontal_pod_autoscalers{}': 0,
    'stale_sync_skips_total{group=autoscaling,resource=horizontalpodautoscalers}': 1,
  });
});

test('HPA-23.8 buckets double from a millisecond to 16.384 s and hold what is smaller too', () => {
  const counters = new HpaCounters();
  for (const ms of [0.5, 1, 1.5, 20_000])
    counters.synced(KEY, { reconciliation: { action: 'none', error: 'none' }, metrics: [] }, took(ms));
  const times = counters.series().find(({ name }) => name.endsWith('reconciliation_duration_seconds'));
  if (times?.kind !== 'histogram') throw new Error('no histogram');
  expect(times.buckets).toEqual([2, ...Array.from({ length: 14 }, () => 3)]);
  expect([times.count, times.sumSeconds]).toEqual([4, 20.003]);
});
