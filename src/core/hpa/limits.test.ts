import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitReplicas } from './limits.ts';

test.each([
  ['HPA-8.9 within', { desired: 5, currentReplicas: 4, minReplicas: 1, maxReplicas: 10 }, 5, 'DesiredWithinRange'],
  [
    'HPA-8.9 below the minimum',
    { desired: 0, currentReplicas: 4, minReplicas: 2, maxReplicas: 10 },
    2,
    'TooFewReplicas',
  ],
  [
    'HPA-8.9 above the maximum',
    { desired: 12, currentReplicas: 8, minReplicas: 1, maxReplicas: 10 },
    10,
    'TooManyReplicas',
  ],
  [
    'HPA-8.11 HPA-22.9 twice as many',
    { desired: 12, currentReplicas: 5, minReplicas: 1, maxReplicas: 100 },
    10,
    'ScaleUpLimit',
  ],
  ['HPA-8.11 from 1 up to 4', { desired: 9, currentReplicas: 1, minReplicas: 1, maxReplicas: 100 }, 4, 'ScaleUpLimit'],
  ['HPA-8.11 from 3 up to 6', { desired: 9, currentReplicas: 3, minReplicas: 1, maxReplicas: 100 }, 6, 'ScaleUpLimit'],
  [
    'HPA-8.10 down in one step',
    { desired: 1, currentReplicas: 90, minReplicas: 1, maxReplicas: 100 },
    1,
    'DesiredWithinRange',
  ],
  [
    'HPA-8.9 the maximum at the growth limit is the maximum',
    { desired: 9, currentReplicas: 2, minReplicas: 1, maxReplicas: 4 },
    4,
    'TooManyReplicas',
  ],
  [
    'HPA-22.10 a growth limit beyond int32 overflows',
    { desired: 2_000_000_001, currentReplicas: 2_000_000_000, minReplicas: 1, maxReplicas: 2_000_000_000 },
    -2_147_483_648,
    'ScaleUpLimit',
  ],
] as const)('%s', (_name, input, replicas, reason) => {
  expect(limitReplicas(input)).toMatchObject({ replicas, reason });
});

test('HPA-8.9 what comes out lies between minimum and maximum, and is what went in unless it says so', () => {
  const replicas = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(fc.nat({ max: 2000 }), replicas, replicas, replicas, (desired, currentReplicas, a, b) => {
      const minReplicas = Math.min(a, b, currentReplicas);
      const maxReplicas = Math.max(a, b, currentReplicas);
      const limited = limitReplicas({ desired, currentReplicas, minReplicas, maxReplicas });
      expect(limited.replicas).toBeGreaterThanOrEqual(minReplicas);
      expect(limited.replicas).toBeLessThanOrEqual(maxReplicas);
      expect(limited.replicas === desired).toBe(limited.reason === 'DesiredWithinRange');
    }),
  );
});
