import { expect, test } from 'vitest';
import { durationMs } from '../time/time.ts';
import { HpaQueue } from './queue.ts';

const at = durationMs;

test('HPA-16.12 first in, first out', () => {
  const queue = new HpaQueue();
  for (const key of ['b', 'a', 'c']) queue.addNow(key, at(0));
  expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual(['b', 'a', 'c', undefined]);
});

test('HPA-16.8 a key added twice before it is taken is processed once', () => {
  const queue = new HpaQueue();
  queue.addNow('a', at(0));
  queue.addNow('a', at(0));
  expect([queue.take(), queue.take()]).toEqual(['a', undefined]);
});

test('HPA-16.8 a key added while in process is taken again right after, and never twice at once', () => {
  const queue = new HpaQueue();
  queue.addNow('a', at(0));
  queue.take();
  queue.addNow('a', at(0));
  expect(queue.take()).toBe(undefined);
  queue.done('a');
  expect(queue.take()).toBe('a');
});

test('HPA-16.9 of two delays the earlier holds', () => {
  const queue = new HpaQueue();
  queue.addAt('a', at(200));
  queue.addAt('a', at(100));
  queue.addAt('a', at(300));
  expect(queue.nextDue()).toBe(100);
  queue.release(at(99));
  expect(queue.take()).toBe(undefined);
  queue.release(at(100));
  expect(queue.take()).toBe('a');
  expect(queue.nextDue()).toBe(undefined);
});

test('HPA-16.9 an immediate addition leaves the delay', () => {
  const queue = new HpaQueue();
  queue.addAt('a', at(100));
  queue.addNow('a', at(0));
  expect(queue.take()).toBe('a');
  queue.done('a');
  expect(queue.nextDue()).toBe(100);
});

test('HPA-16.10 the rhythm goes on beside a spec change', () => {
  const queue = new HpaQueue();
  const syncs: number[] = [];
  const syncAt = (now: number): void => {
    queue.release(at(now));
    for (let key = queue.take(); key !== undefined; key = queue.take()) {
      syncs.push(now);
      queue.done(key);
      queue.addAt(key, at(now + 15));
    }
  };
  queue.addNow('web', at(0));
  for (let now = 0; now <= 45; now++) {
    if (now === 20) queue.addNow('web', at(0));
    syncAt(now);
  }
  expect(syncs).toEqual([0, 15, 20, 30, 45]);
});

test('what is due comes in the order of its time, then of its addition', () => {
  const queue = new HpaQueue();
  queue.addAt('late', at(30));
  queue.addAt('first', at(10));
  queue.addAt('second', at(10));
  queue.release(at(50));
  expect([queue.take(), queue.take(), queue.take()]).toEqual(['first', 'second', 'late']);
});

test('a key knows since when it is due, and how many of its namespace wait beside it', () => {
  const queue = new HpaQueue();
  queue.addAt('n/a', at(100));
  queue.addAt('n/b', at(120));
  queue.addNow('m/c', at(50));
  queue.release(at(130));
  expect(queue.take()).toBe('m/c');
  expect([queue.readySince('m/c'), queue.waitingBeside('m/c'), queue.waitingBeside('n/a')]).toEqual([50, 0, 2]);
  expect(queue.take()).toBe('n/a');
  expect([queue.readySince('n/a'), queue.waitingBeside('n/a')]).toEqual([130, 1]);
  queue.addNow('n/a', at(140));
  queue.addNow('n/a', at(150));
  queue.done('n/a');
  expect([queue.take(), queue.take()]).toEqual(['n/b', 'n/a']);
  expect(queue.readySince('n/a')).toBe(140);
});
