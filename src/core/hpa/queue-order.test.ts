import { expect, test } from 'vitest';
import { durationMs } from '../time/time.ts';
import { HpaQueue } from './queue.ts';

const NOW = durationMs(0);

test('HPA-16.8, HPA-16.12 a ready key that becomes ready again keeps its place', () => {
  const queue = new HpaQueue();
  for (const key of ['a', 'b', 'a']) queue.addNow(key, NOW);
  expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', undefined]);
});

test('HPA-16.8 a key that becomes ready twice while in process is taken once more', () => {
  const queue = new HpaQueue();
  queue.addNow('a', NOW);
  queue.take();
  for (const key of ['a', 'b', 'a']) queue.addNow(key, NOW);
  queue.done('a');
  expect([queue.take(), queue.take(), queue.take()]).toEqual(['b', 'a', undefined]);
});
