import { expect, test } from 'vitest';
import { durationMs } from '../time/time.ts';
import { HpaQueue } from './queue.ts';
import { QueueCounters } from './queue-counters.ts';

function counted() {
  const time = { ms: 0 };
  const now = () => durationMs(time.ms);
  const counters = new QueueCounters({ name: 'horizontalpodautoscaler', now });
  const queue = new HpaQueue(counters);
  const values = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      counters
        .series()
        .map((one) => [one.name.replace('workqueue_', ''), one.kind === 'histogram' ? one.count : one.value]),
    );
  return { time, now, queue, counters, values };
}

test('HPA-23.15 from the beginning every series is there, under the name of the queue', () => {
  const { counters, values } = counted();
  expect(values()).toEqual({
    adds_total: 0,
    depth: 0,
    longest_running_processor_seconds: 0,
    queue_duration_seconds: 0,
    retries_total: 0,
    unfinished_work_seconds: 0,
    work_duration_seconds: 0,
  });
  for (const { labels } of counters.series()) expect(labels).toEqual([['name', 'horizontalpodautoscaler']]);
});

test('HPA-23.15 a key that is added twice is one, and one that is added while in process is another', () => {
  const { queue, now, values } = counted();
  queue.addNow('a/b', now());
  queue.addNow('a/b', now());
  expect(values()).toMatchObject({ adds_total: 1, depth: 1 });
  queue.take();
  queue.addNow('a/b', now());
  queue.addNow('a/b', now());
  expect(values()).toMatchObject({ adds_total: 2, depth: 1, queue_duration_seconds: 1, work_duration_seconds: 0 });
  queue.done('a/b');
  expect(values()).toMatchObject({ adds_total: 2, depth: 1, work_duration_seconds: 1 });
});

test('HPA-23.15 each delay counts, also one that does not bring the key nearer', () => {
  const { queue, time, now, values } = counted();
  queue.addAt('a/b', durationMs(1000));
  queue.addAt('a/b', durationMs(2000));
  expect(values()).toMatchObject({ retries_total: 2, adds_total: 0 });
  time.ms = 1000;
  queue.release(now());
  expect(values()).toMatchObject({ retries_total: 2, adds_total: 1, depth: 1 });
});

test('HPA-23.15 how long keys wait and are worked on', () => {
  const { queue, time, now, counters, values } = counted();
  queue.addNow('a/b', now());
  queue.addNow('a/c', now());
  time.ms = 50;
  queue.take();
  time.ms = 250;
  queue.take();
  time.ms = 1050;
  expect(values()).toMatchObject({ longest_running_processor_seconds: 1, unfinished_work_seconds: 1.8 });
  queue.done('a/b');
  queue.done('a/c');
  const histogram = (name: string) => counters.series().find((one) => one.name === `workqueue_${name}`);
  const bounds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
  const waited = histogram('queue_duration_seconds');
  expect(waited).toMatchObject({ kind: 'histogram', count: 2, buckets: [0, 0, 0, 0, 0, 0, 0, 1, 2, 2] });
  expect(waited?.kind === 'histogram' ? waited.bounds : []).toEqual(
    bounds.map((bound) => expect.closeTo(bound, 12) as number),
  );
  expect(histogram('work_duration_seconds')).toMatchObject({ count: 2, sumSeconds: 1.8 });
});
