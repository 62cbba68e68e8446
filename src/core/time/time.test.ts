import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationMs, epochMs, parseGoDuration, parseRfc3339, toGoDuration, toRfc3339 } from './time.ts';

describe('RFC 3339', () => {
  test('prints as the platform does, fraction cut off', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
        const whole = new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
        expect(toRfc3339(epochMs(ms))).toBe(whole);
      }),
    );
  });

  test('reads what it printed, and zones and fractions as the platform does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        fc.integer({ min: -839, max: 839 }),
        (ms, minutes) => {
          expect(parseRfc3339(new Date(ms).toISOString())).toBe(ms);
          const two = (n: number): string => String(n).padStart(2, '0');
          const zone = `${minutes < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
          const text = toRfc3339(epochMs(ms)).replace('Z', zone);
          expect(parseRfc3339(text)).toBe(Date.parse(text));
        },
      ),
    );
  });

  test.each(['', '2026-01-01', '2026-01-01T00:00:00', 'yesterday', '2026-1-1T00:00:00Z'])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });
});

describe('Go durations', () => {
  test.each([
    ['15.048s', 15_048],
    ['1m0s', 60_000],
    ['720h', 720 * 3_600_000],
    ['1h2m3.5s', 3_723_500],
    ['-1.5m', -90_000],
    ['250ms', 250],
    ['0', 0],
    ['.5s', 500],
  ])('%s is %d ms', (text, ms) => {
    expect(parseGoDuration(text)).toBe(ms);
  });

  test.each(['', '15', '1x', 's', '1m 0s', 'Never'])('refuses %j', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  test.each([
    [15_048, '15.048s'],
    [60_000, '1m0s'],
    [3_600_000, '1h0m0s'],
    [0, '0s'],
    [250, '250ms'],
    [-90_000, '-1m30s'],
  ])('%d ms prints as %s', (ms, text) => {
    expect(toGoDuration(durationMs(ms))).toBe(text);
  });

  test('reads what it printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (ms) => {
        expect(Math.round(parseGoDuration(toGoDuration(durationMs(ms))) ?? NaN)).toBe(ms);
      }),
    );
  });
});
