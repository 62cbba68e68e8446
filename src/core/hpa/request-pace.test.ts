import { describe, expect, test } from 'vitest';
import { durationMs, seconds } from '../time/time.ts';
import { AdaptivePace, TokenBucket } from './request-pace.ts';

const ms = durationMs;

describe('HPA-17.6 a token bucket', () => {
  test('lets a burst through, then one after the other at its rate', () => {
    const bucket = new TokenBucket({ perSecond: 20, burst: 30 });
    const waits = Array.from({ length: 33 }, () => bucket.reserve(ms(1000)));
    expect(waits.slice(0, 30)).toEqual(Array(30).fill(0));
    expect(waits.slice(30).map(Math.round)).toEqual([50, 100, 150]);
  });

  test('fills up to its burst and no further', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
    expect([bucket.reserve(ms(0)), bucket.reserve(ms(0))]).toEqual([0, 0]);
    expect([0, 0, 0].map(() => Math.round(bucket.reserve(seconds(3600))))).toEqual([0, 0, 100]);
  });

  test('a place that was taken is not given twice', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 });
    expect([0, 0, 50, 100].map((at) => Math.round(bucket.reserve(ms(at))))).toEqual([0, 100, 150, 200]);
  });

  test('the rate that was asked for stays, whatever the server says', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 });
    bucket.throttled();
    expect(bucket.reserve(ms(0))).toBe(0);
  });
});

describe('the adaptive pace', () => {
  test('holds nothing up until the server complains', () => {
    const pace = new AdaptivePace();
    const waits = Array.from({ length: 10_000 }, (_, i) => pace.reserve(ms(i / 10)));
    expect(new Set(waits)).toEqual(new Set([0]));
    expect(pace.limit).toBeUndefined();
  });

  test('everybody waits as the server asks for, then half as many go per second', () => {
    const pace = new AdaptivePace();
    for (let i = 0; i < 400; i++) pace.reserve(ms(1000 + i));
    pace.throttled(ms(1500), seconds(2));
    expect(Math.round(pace.limit ?? 0)).toBe(201); // the refused one counts
    const first = pace.reserve(ms(1600));
    expect(first).toBe(1900);
    expect(pace.reserve(ms(1600)) - first).toBeCloseTo(1000 / 200.5, 3);
  });

  test('refusals that come together halve it once, a later one again', () => {
    const pace = new AdaptivePace();
    for (let i = 0; i < 100; i++) pace.reserve(ms(i));
    for (let i = 0; i < 5; i++) pace.throttled(ms(200 + i), seconds(1));
    expect(Math.round(pace.limit ?? 0)).toBe(51);
    pace.throttled(ms(1300), seconds(1));
    expect(pace.limit).toBeLessThan(26);
  });

  test('never comes to a stop, and is free again after a time without complaints', () => {
    const pace = new AdaptivePace();
    for (let i = 0; i < 50; i++) pace.throttled(seconds(10 * i), seconds(1));
    expect(pace.limit).toBe(2);
    pace.reserve(seconds(501));
    expect(pace.limit).toBeCloseTo(2 + 5 * 10, 6);
    pace.reserve(seconds(1000));
    expect(pace.limit).toBeUndefined();
  });
});
