import { expect, test } from 'vitest';
import { HpaCounters } from '../../core/hpa/counters.ts';
import { QueueCounters } from '../../core/hpa/queue-counters.ts';
import { durationMs } from '../../core/time/time.ts';
import { prometheusText } from './prometheus-text.ts';

test('HPA-23.1 families by name, each once with its help and type; labels by name', () => {
  const counters = new HpaCounters();
  counters.added();
  counters.skipped();
  const key = { namespace: 'a', name: 'web "1"\\' };
  const counts = { reconciliation: { action: 'none', error: 'none' }, metrics: [], desiredReplicas: 3 } as const;
  counters.synced(key, counts, { syncMs: durationMs(3), metricsMs: [] });
  const lines = prometheusText(counters.series(), (name) => `about ${name}`)
    .split('\n')
    .filter((line) => !line.includes('_bucket') && line !== '')
    .map((line) => line.replaceAll('horizontal_pod_autoscaler_controller_', ''));
  expect(lines).toEqual([
    '# HELP desired_replicas about desired_replicas',
    '# TYPE desired_replicas gauge',
    'desired_replicas{hpa_name="web \\"1\\"\\\\",namespace="a"} 3',
    '# HELP num_horizontal_pod_autoscalers about num_horizontal_pod_autoscalers',
    '# TYPE num_horizontal_pod_autoscalers gauge',
    'num_horizontal_pod_autoscalers 1',
    '# HELP reconciliation_duration_seconds about reconciliation_duration_seconds',
    '# TYPE reconciliation_duration_seconds histogram',
    'reconciliation_duration_seconds_sum{action="none",error="none"} 0.003',
    'reconciliation_duration_seconds_count{action="none",error="none"} 1',
    '# HELP reconciliations_total about reconciliations_total',
    '# TYPE reconciliations_total counter',
    'reconciliations_total{action="none",error="none"} 1',
    '# HELP stale_sync_skips_total about stale_sync_skips_total',
    '# TYPE stale_sync_skips_total counter',
    'stale_sync_skips_total{group="autoscaling",resource="horizontalpodautoscalers"} 1',
  ]);
});

test("HPA-23.8 buckets have the original's bounds, smaller ones included", () => {
  const counters = new HpaCounters();
  const counts = { reconciliation: { action: 'none', error: 'none' }, metrics: [] } as const;
  for (const ms of [1, 3, 20_000])
    counters.synced({ namespace: 'a', name: 'b' }, counts, { syncMs: durationMs(ms), metricsMs: [] });
  const buckets = bucketsOf(prometheusText(counters.series(), () => ''));
  expect(buckets.map(([bound]) => bound)).toEqual([
    ...['0.001', '0.002', '0.004', '0.008', '0.016', '0.032', '0.064', '0.128', '0.256', '0.512'],
    ...['1.024', '2.048', '4.096', '8.192', '16.384', '+Inf'],
  ]);
  expect(buckets.map(([, count]) => count)).toEqual([1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3]);
});

// as kube-controller-manager 1.37.2 serves them
test("HPA-23.15 the queue's bounds are printed as the original prints them", () => {
  const queue = new QueueCounters({ name: 'q', now: () => durationMs(0) });
  const [histogram] = queue.series().filter(({ name }) => name === 'workqueue_queue_duration_seconds');
  const text = prometheusText(histogram === undefined ? [] : [histogram], () => '');
  expect(bucketsOf(text).map(([bound]) => bound)).toEqual([
    ...['1e-08', '1e-07', '1e-06', '9.999999999999999e-06', '9.999999999999999e-05', '0.001', '0.01', '0.1'],
    ...['1', '10', '+Inf'],
  ]);
});

function bucketsOf(text: string): readonly (readonly [bound: string, count: number])[] {
  return [...text.matchAll(/le="([^"]+)"} (\d+)/g)].map(([, bound = '', count]) => [bound, Number(count)]);
}
