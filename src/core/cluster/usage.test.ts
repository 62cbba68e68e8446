import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOW, pod } from '../../../test/support/cluster-objects.ts';
import type { Container, Pod } from '../kube/core-v1.ts';
import { epochMs } from '../time/time.ts';
import {
  counterAt,
  DEFAULT_USAGE,
  podUsage,
  shareOf,
  USAGE_CPU,
  USAGE_MEMORY,
  usageProfile,
  withRate,
  type Counter,
} from './usage.ts';

const model = { ...DEFAULT_USAGE, cpuMsPerRequest: 20, baseCpuMilli: 10 };
const limited = (cpu: string): Container => ({ name: 'app', resources: { limits: { cpu } } });
const of = (containers: readonly Container[], annotations: Readonly<Record<string, string>> = {}): Pod => {
  const base = pod({ name: 'p', spec: { containers } });
  return { ...base, metadata: { ...base.metadata, annotations } };
};
const KIB = 1024;

describe('what a pod uses', () => {
  test.each([
    {
      name: 'nothing known of it: the idle floor',
      of: of([{ name: 'app' }]),
      load: undefined,
      cpu: [1],
      memory: [KIB * KIB],
      served: 0,
    },
    {
      name: 'its Deployment is loaded but it is not ready: the base',
      of: of([{ name: 'app' }]),
      load: 0,
      cpu: [10],
      memory: [32 * KIB * KIB],
      served: 0,
    },
    {
      name: 'requests cost CPU',
      of: of([{ name: 'app' }]),
      load: 10,
      cpu: [210],
      memory: [32 * KIB * KIB],
      served: 10,
    },
    {
      name: 'the CPU limit caps usage and what is served',
      of: of([limited('100m')]),
      load: 10,
      cpu: [100],
      memory: [32 * KIB * KIB],
      served: 4.5,
    },
    {
      name: 'a limit below the base serves nothing',
      of: of([limited('5m')]),
      load: 10,
      cpu: [5],
      memory: [32 * KIB * KIB],
      served: 0,
    },
    {
      name: 'the first container serves',
      of: of([{ name: 'app' }, { name: 'log' }]),
      load: 1,
      cpu: [30, 1],
      memory: [32 * KIB * KIB, KIB * KIB],
      served: 1,
    },
    {
      name: 'annotations win, for each container',
      of: of([{ name: 'app' }, { name: 'log' }], { [USAGE_CPU]: '250m', [USAGE_MEMORY]: '1Ki' }),
      load: 1,
      cpu: [250, 250],
      memory: [KIB, KIB],
      served: 1,
    },
    {
      name: 'an annotation that is no quantity is passed over',
      of: of([{ name: 'app' }], { [USAGE_CPU]: 'much' }),
      load: undefined,
      cpu: [1],
      memory: [KIB * KIB],
      served: 0,
    },
  ])('$name', ({ of: one, load, cpu, memory, served }) => {
    const usage = podUsage(usageProfile(one, model), load);
    expect(usage.containers.map(({ cpuMilli }) => cpuMilli)).toEqual(cpu);
    expect(usage.containers.map(({ memoryBytes }) => memoryBytes)).toEqual(memory);
    expect(usage.servedPerSecond).toBe(served);
  });

  test('ready pods share evenly; nobody there serves nothing', () => {
    expect(shareOf(30, 3)).toBe(10);
    expect(shareOf(30, 0)).toBe(0);
  });
});

describe('counters', () => {
  const zero: Counter = { total: 0, rate: 0, since: NOW };

  test('grow by the rate that held in each piece', () => {
    const first = withRate(zero, 200, NOW);
    const second = withRate(first, 50, epochMs(NOW + 1000));
    expect(counterAt(first, epochMs(NOW + 1000))).toBe(200_000);
    expect(counterAt(second, epochMs(NOW + 3000))).toBe(200_000 + 100_000);
    expect(counterAt(second, epochMs(NOW - 5000))).toBe(200_000);
  });

  test('sum the pieces exactly and never go back, however often the rate is set', () => {
    const piece = fc.record({ rate: fc.integer({ min: 0, max: 64_000 }), ms: fc.integer({ min: 0, max: 100_000 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 50 }), (pieces) => {
        let counter = zero;
        let now = NOW;
        let sum = 0;
        for (const { rate, ms } of pieces) {
          counter = withRate(withRate(counter, rate, now), rate, now);
          const before = counterAt(counter, now);
          now = epochMs(now + ms);
          sum += rate * ms;
          expect(counterAt(counter, now)).toBeGreaterThanOrEqual(before);
        }
        expect(counterAt(counter, now)).toBe(sum);
      }),
    );
  });
});
