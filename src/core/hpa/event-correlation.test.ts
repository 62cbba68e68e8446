import { expect, test } from 'vitest';
import { epochMs } from '../time/time.ts';
import { EventCorrelator, type Correlated } from './event-correlation.ts';

const SUBJECT = { namespace: 'default', name: 'web', uid: 'uid-web' };
const at = (seconds: number) => epochMs(1_772_323_200_000 + seconds * 1000);
const warning = (message: string, reason = 'FailedGetResourceMetric') =>
  ({ type: 'Warning', reason, message }) as const;

test('HPA-21.13 the same event again raises the count of the one that is there', () => {
  const correlator = new EventCorrelator();
  const first = correlator.correlate(SUBJECT, warning('a'), at(0));
  const second = correlator.correlate(SUBJECT, warning('a'), at(15));
  expect(first).toMatchObject({ kind: 'create', count: 1 });
  expect(second).toEqual({
    kind: 'patch',
    count: 2,
    event: warning('a'),
    isAggregate: false,
    name: first.kind === 'create' ? first.name : '',
  });
});

test('HPA-21.10 names are the time in hexadecimal nanoseconds, different within one instant', () => {
  const correlator = new EventCorrelator();
  const names = ['a', 'b'].map((message) => correlator.correlate(SUBJECT, warning(message), at(0)));
  const nanoseconds = BigInt(at(0)) * 1_000_000n;
  expect(names).toMatchObject([
    { name: `web.${nanoseconds.toString(16)}` },
    { name: `web.${(nanoseconds + 1n).toString(16)}` },
  ]);
});

test('HPA-21.10 an event of an object whose name leaves no room for more is named by a UUID, repeats too', () => {
  const uuid = 'd1b6ea51-3b2e-4d0c-9b0a-0a7a6f5c1e2d';
  const correlator = new EventCorrelator({ uuid: () => uuid });
  const named = (length: number) => correlator.correlate({ ...SUBJECT, name: 'w'.repeat(length) }, warning('a'), at(0));
  expect(named(253 - 17)).toMatchObject({ kind: 'create', name: expect.stringMatching(/^w{236}\.[0-9a-f]{16}$/) });
  expect(named(253 - 16)).toMatchObject({ kind: 'create', name: uuid });
  expect(named(253 - 16)).toMatchObject({ kind: 'patch', name: uuid, count: 2 });
});

test('HPA-21.12, HPA-21.18 from the tenth message on, those of one reason share an event', () => {
  const correlator = new EventCorrelator();
  const results = Array.from({ length: 12 }, (_, i) => correlator.correlate(SUBJECT, warning(`message ${i}`), at(i)));
  expect(results.slice(0, 9).every(({ kind }) => kind === 'create')).toBe(true);
  expect(results.slice(9)).toMatchObject([
    { kind: 'create', count: 1, isAggregate: true, event: { message: '(combined from similar events): message 9' } },
    { kind: 'patch', count: 2, event: { message: '(combined from similar events): message 10' } },
    { kind: 'patch', count: 3 },
  ]);
});

test('HPA-21.12 with each shared message one is forgotten: one of the other nine stands alone again', () => {
  const correlator = new EventCorrelator();
  for (let i = 0; i < 10; i++) correlator.correlate(SUBJECT, warning(`message ${i}`), at(i));
  const results = ['message 9', 'message 0'].map((text) => correlator.correlate(SUBJECT, warning(text), at(10)));
  expect(results).toMatchObject([
    { kind: 'create', count: 1, isAggregate: false, event: { message: 'message 9' } }, // counted as shared before
    { kind: 'patch', count: 2, isAggregate: true, event: { message: '(combined from similar events): message 0' } },
  ]);
});

test('HPA-21.12 after ten quiet minutes messages are told apart again', () => {
  const correlator = new EventCorrelator();
  for (let i = 0; i < 10; i++) correlator.correlate(SUBJECT, warning(`message ${i}`), at(i));
  expect(correlator.correlate(SUBJECT, warning('later'), at(9 + 600.001))).toMatchObject({
    kind: 'create',
    event: warning('later'),
  });
});

test('HPA-21.14, HPA-21.15 a failing HPA writes 25 warnings, then one per 300 s, its count jumping', () => {
  const correlator = new EventCorrelator();
  const written: Correlated[] = [];
  for (let round = 0; round < 100; round++) {
    written.push(correlator.correlate(SUBJECT, warning('a'), at(round * 15)));
  }
  const kept = written.flatMap((result, i) => (result.kind === 'drop' ? [] : [[i, result.count]]));
  expect(kept.slice(0, 25).map(([i]) => i)).toEqual(Array.from({ length: 25 }, (_, i) => i));
  // 25 tokens plus what was refilled meanwhile
  expect(kept.length).toBe(25 + Math.floor((99 * 15) / 300));
  expect(kept.every(([i = 0, count]) => count === i + 1)).toBe(true);
  expect(
    correlator.correlate(SUBJECT, { type: 'Normal', reason: 'SuccessfulRescale', message: 'b' }, at(1500)).kind,
  ).toBe('create');
});

test('HPA-21.14 a bucket that ran empty has one token again after exactly 300 s', () => {
  const correlator = new EventCorrelator();
  for (let i = 0; i < 25; i++) correlator.correlate(SUBJECT, warning(`message ${i % 3}`), at(0));
  expect(correlator.correlate(SUBJECT, warning('a'), at(299.999)).kind).toBe('drop');
  expect(correlator.correlate(SUBJECT, warning('a'), at(300)).kind).toBe('patch');
  expect(correlator.correlate(SUBJECT, warning('a'), at(300)).kind).toBe('drop');
});

test('HPA-21.16 of more than 4096 kinds of events the one that was quiet longest is new again', () => {
  const correlator = new EventCorrelator();
  const subject = (i: number) => ({ namespace: 'default', name: `web-${i}`, uid: `uid-${i}` });
  for (let i = 0; i <= 4096; i++) correlator.correlate(subject(i), warning('a'), at(0));
  expect(correlator.correlate(subject(4096), warning('a'), at(1))).toMatchObject({ kind: 'patch', count: 2 });
  expect(correlator.correlate(subject(0), warning('a'), at(1))).toMatchObject({ kind: 'create', count: 1 });
});
