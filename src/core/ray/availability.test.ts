import { describe, expect, test } from 'vitest';
import { durationMs, epochMs, seconds } from '../time/time.ts';
import { availabilitiesOf, noteTimeouts } from './availability.ts';
import { applyUpdates, EMPTY_TABLE } from './instances.ts';

const NOW = epochMs(1_000_000_000);
const WINDOW = seconds(600);

describe('availability of node types', () => {
  test.each([
    { name: 'RAY-24.5 at first nothing', agoMs: 9_999, want: 0 },
    { name: 'RAY-24.5 after ten seconds in proportion', agoMs: 10_000, want: 10 / 600 },
    { name: 'RAY-24.5 half way', agoMs: 300_000, want: 0.5 },
    { name: 'RAY-24.5 at last like any other', agoMs: 700_000, want: 1 },
  ])('$name', ({ agoMs, want }) => {
    const { recoverable } = availabilitiesOf(new Map([['A', epochMs(NOW - agoMs)]]), NOW, WINDOW);
    expect(recoverable.get('A')).toBe(want);
  });

  test('RAY-24.5 a short window shortens the first part, too', () => {
    expect(availabilitiesOf(new Map([['A', epochMs(NOW - 2_000)]]), NOW, seconds(10)).recoverable.get('A')).toBe(0.2);
  });

  test('RAY-24.5 the cloud score of the newest failure is exactly 0, types without one have none', () => {
    const { cloud } = availabilitiesOf(
      new Map([
        ['A', epochMs(NOW - 5_000)],
        ['B', NOW],
      ]),
      NOW,
      WINDOW,
    );
    expect(cloud.get('B')).toBe(0);
    expect(cloud.get('A')).toBeGreaterThan(0);
    expect(cloud.has('C')).toBe(false);
  });

  test('RAY-24.5 nor does it grow while nothing newer fails', () => {
    const { cloud } = availabilitiesOf(new Map([['A', epochMs(NOW - 5_000)]]), NOW, WINDOW);
    expect(cloud.get('A')).toBe(0);
  });

  test('RAY-24.5 a time-out enters its type, a running node clears it', () => {
    const at = { wall: NOW, mono: durationMs(0) };
    const pod = { kind: 'create', instanceType: 'A', status: 'ALLOCATED', cloudInstanceId: 'p', details: '' } as const;
    const table = applyUpdates(
      EMPTY_TABLE,
      [
        { ...pod, instanceId: 'a' },
        { ...pod, instanceId: 'b' },
      ],
      at,
    );
    const timedOut = noteTimeouts(
      new Map(),
      table,
      [{ kind: 'transition', instanceId: 'a', to: 'ALLOCATION_TIMEOUT', details: '' }],
      NOW,
    );
    expect([...timedOut]).toEqual([['A', NOW]]);
    const running = noteTimeouts(
      timedOut,
      table,
      [{ kind: 'transition', instanceId: 'b', to: 'RAY_RUNNING', details: '' }],
      NOW,
    );
    expect(running.size).toBe(0);
  });
});
