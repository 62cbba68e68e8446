import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demand, gang, running, snapshot, type } from '../../../test/support/ray-snapshot.ts';
import { deepFreeze } from '../../lib/json.ts';
import { durationMs, epochMs } from '../time/time.ts';
import { schedule } from './schedule.ts';
import type { SchedulerSnapshot } from './snapshot.ts';
import type { Work } from './work.ts';

const NOW = { wall: epochMs(0), mono: durationMs(0) };
const GIB = 2 ** 30;

/** Workers with 0, 2, 4 and 6 CPUs free in turn; each with an address, an object store and a label of its own. */
function workers(count: number, frees: readonly number[] = [0, 2, 4, 6]): SchedulerSnapshot['instances'] {
  return Array.from({ length: count }, (_, i) => {
    const own = { memory: 32 * GIB, object_store_memory: 9 * GIB + i, [`node:10.0.0.${i}`]: 1 };
    return running(`i${i}`, 'W', {
      total: { CPU: 8, ...own },
      free: { CPU: frees[i % frees.length] ?? 0, ...own },
      labels: { zone: `z${i % 3}`, 'ray.io/node-id': `n${i}` },
    });
  });
}

function work(parts: Partial<SchedulerSnapshot>): Readonly<Work> {
  const nodeTypes = [type('W', { CPU: 8, memory: 32 * GIB }, { maxWorkerNodes: 100_000 })];
  const made = schedule(snapshot({ nodeTypes, ...parts }), NOW);
  expect(made.decision.kind).toBe('schedule');
  return made.work;
}

describe('RAY-10.2 twice the nodes and demands are at most twice the work', () => {
  const zone = (k: number) => ({
    labelSelectors: [[{ key: 'zone', operator: 'IN' as const, values: [`z${k % 3}`] }], []],
  });
  const shapes = (count: number, units: number, more: (k: number) => object = () => ({})) =>
    Array.from({ length: count }, (_, k) => demand(units, { CPU: 2, memory: (k + 1) * 2 ** 20 }, more(k)));
  const gangs = (count: number, strategy: 'PACK' | 'STRICT_SPREAD') =>
    Array.from({ length: count }, (_, k) => gang(`${k}`, strategy, Array(4).fill({ CPU: 1 })));
  const worlds: readonly { name: string; of: (size: number) => Partial<SchedulerSnapshot>; perClass: number }[] = [
    {
      name: 'one shape',
      of: (n) => ({ instances: workers(n), resourceRequests: [demand(10 * n, { CPU: 2 })] }),
      perClass: 2,
    },
    { name: '20 shapes', of: (n) => ({ instances: workers(n), resourceRequests: shapes(20, n) }), perClass: 40 },
    { name: 'selectors', of: (n) => ({ instances: workers(n), resourceRequests: shapes(20, n, zone) }), perClass: 40 },
    { name: 'gangs', of: (n) => ({ instances: workers(n), gangRequests: gangs(n / 4, 'PACK') }), perClass: 1000 },
    {
      name: 'spread',
      of: (n) => ({ instances: workers(n, [8]), gangRequests: gangs(n / 4, 'STRICT_SPREAD') }),
      perClass: 1000,
    },
  ];

  test.each(worlds)('$name', ({ of }) => {
    const small = work(of(200));
    const large = work(of(400));
    expect(large.picks).toBeLessThanOrEqual(2 * small.picks + 2);
    expect(large.fillings).toBeLessThanOrEqual(2 * small.fillings + 2);
    expect(large.fitChecks).toBeLessThanOrEqual(2 * small.fitChecks + 16);
  });

  test.each(worlds.filter(({ perClass }) => perClass < 100))(
    '$name: classes are tried, not nodes',
    ({ of, perClass }) => {
      expect(work(of(400)).fillings).toBeLessThanOrEqual(13 * perClass);
    },
  );

  test('all demands different: what is placed counts, not what waits', () => {
    const { fillings, fitChecks, picks } = work({ instances: workers(100, [0]), resourceRequests: shapes(4000, 1) });
    expect(fillings).toBeLessThanOrEqual(picks + 2);
    expect(fitChecks).toBeLessThanOrEqual(4000 + 40 * picks);
  });

  test('nothing to do: nobody is tried', () => {
    expect(work({ instances: workers(100) })).toEqual({ fitChecks: 0, fillings: 0, picks: 0 });
  });
});

const amounts = fc.constantFrom(0, 0.1, 0.7, 1, 2, 4);
const rounds = fc.record({
  nodes: fc.array(
    fc.record({
      of: fc.constantFrom('A', 'B'),
      cpu: amounts,
      gpu: fc.constantFrom(0, 0.5, 1),
      store: fc.constantFrom(3, 6),
      zone: fc.constantFrom('a', 'b'),
    }),
    { maxLength: 14 },
  ),
  demands: fc.array(
    fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      cpu: amounts,
      gpu: fc.constantFrom(0, 0, 0.5),
      zone: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    }),
    { maxLength: 5 },
  ),
  gangs: fc.array(
    fc.record({
      strategy: fc.constantFrom('PACK' as const, 'STRICT_SPREAD' as const),
      cpu: amounts,
      size: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 4 },
  ),
});

test('RAY-10.2 the same is decided when every node is tried for itself', () => {
  fc.assert(
    fc.property(rounds, ({ nodes, demands, gangs }) => {
      const instances = nodes.map(({ of, cpu, gpu, store, zone }, i) => {
        const total = { CPU: 4, GPU: of === 'B' ? 1 : 0, object_store_memory: 6, [`node:${i}`]: 1 };
        const free = { CPU: cpu, GPU: of === 'B' ? gpu : 0, object_store_memory: store, [`node:${i}`]: 1 };
        return running(`i${i}`, of, { total, free, labels: { zone } });
      });
      const input = snapshot({
        nodeTypes: [
          type('A', { CPU: 4 }, { labels: { zone: 'a' } }),
          type('B', { CPU: 4, GPU: 1 }, { maxWorkerNodes: 16 }),
        ],
        instances,
        resourceRequests: demands.map(({ count, cpu, gpu, zone }) =>
          demand(
            count,
            { CPU: cpu, ...(gpu > 0 ? { GPU: gpu } : {}) },
            zone === undefined ? {} : { labelSelectors: [[{ key: 'zone', operator: 'IN', values: [zone] }]] },
          ),
        ),
        gangRequests: gangs.map(({ strategy, cpu, size }, i) => gang(`${i}`, strategy, Array(size).fill({ CPU: cpu }))),
      });
      const nobody = instances.map((_, i) => demand(0, { [`node:${i}`]: 1 })); // asks for each address, and for no unit of it
      const apart = { ...input, resourceRequests: [...input.resourceRequests, ...nobody] };
      const { decision, nodes: after } = schedule(deepFreeze(input), NOW);
      const single = schedule(deepFreeze(apart), NOW);
      expect(decision).toEqual(single.decision);
      expect(after).toEqual(single.nodes);
    }),
    { numRuns: 300 },
  );
});
