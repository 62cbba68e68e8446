import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demand, pending, running, snapshot, type } from '../../../test/support/ray-snapshot.ts';
import { deepFreeze } from '../../lib/json.ts';
import { durationMs, epochMs } from '../time/time.ts';
import type { InstanceStatus } from './instance-status.ts';
import { schedule } from './schedule.ts';
import { wholeSeconds } from './seconds-text.ts';
import type { SchedulerSnapshot } from './snapshot.ts';

const NOW = { wall: epochMs(0), mono: durationMs(0) };
const cpus = fc.constantFrom(1, 2, 4, 8);
const waiting = fc.constantFrom<InstanceStatus>('QUEUED', 'REQUESTED', 'ALLOCATED', 'RAY_STOP_REQUESTED');
const groups = fc
  .array(fc.record({ cpu: cpus, min: fc.integer({ min: 0, max: 2 }), max: fc.integer({ min: 2, max: 8 }) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((list) =>
    list.map(({ cpu, min, max }, i) => type(`T${i}`, { CPU: cpu }, { minWorkerNodes: min, maxWorkerNodes: max })),
  );

const snapshots: fc.Arbitrary<SchedulerSnapshot> = groups.chain((nodeTypes) =>
  fc
    .record({
      nodes: fc.array(
        fc.record({
          of: fc.nat(nodeTypes.length - 1),
          used: fc.nat(4),
          idleMs: fc.constantFrom(0, 60_000, 60_001, 90_000),
          status: fc.option(waiting, { nil: undefined }),
        }),
        { maxLength: 8 },
      ),
      demands: fc.array(fc.record({ cpu: cpus, count: fc.integer({ min: 1, max: 20 }) }), { maxLength: 4 }),
      maxNumNodes: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    })
    .map(({ nodes, demands, maxNumNodes }) =>
      snapshot({
        nodeTypes,
        maxNumNodes,
        idleTimeout: wholeSeconds(60),
        resourceRequests: demands.map(({ cpu, count }) => demand(count, { CPU: cpu })),
        instances: nodes.map(({ of, used, idleMs, status }, i) => {
          const name = nodeTypes[of]?.name ?? '';
          const total = Object.fromEntries(nodeTypes[of]?.resources ?? []);
          const free = { CPU: Math.max(0, (total['CPU'] ?? 0) - used) };
          return status === undefined
            ? running(`i${i}`, name, { total, free, idleMs })
            : pending(`i${i}`, name, status);
        }),
      }),
    ),
);

test('RAY-5.1 every unit of demand is placed or reported, and limits hold', () => {
  fc.assert(
    fc.property(snapshots, (input) => {
      const { decision, explanation } = schedule(deepFreeze(input), NOW);
      if (decision.kind === 'abort') throw new Error(decision.message);
      for (const { total, onExisting, onNew, unserved } of explanation.demands) {
        expect(onExisting + onNew + unserved).toBe(total);
        expect(Math.min(onExisting, onNew, unserved)).toBeGreaterThanOrEqual(0);
      }
      for (const { nodeType, count } of decision.launches) {
        const limit = input.nodeTypes.find(({ name }) => name === nodeType)?.maxWorkerNodes ?? 0;
        const there = input.instances.filter(({ instanceType }) => instanceType === nodeType).length;
        expect(count).toBeLessThanOrEqual(Math.max(0, limit - there));
      }
      for (const { cause, idleDurationMs } of decision.terminations)
        if (cause === 'IDLE') expect(idleDurationMs).toBeGreaterThan(60_000);
      expect(new Set(decision.terminations.flatMap(({ instanceId }) => instanceId || [])).size).toBe(
        decision.terminations.filter(({ instanceId }) => instanceId !== '').length,
      );
    }),
  );
});

test('RAY-7.1 a demand split into two equal neighbours is answered alike', () => {
  fc.assert(
    fc.property(snapshots, (input) => {
      const split = input.resourceRequests.flatMap(({ request, count }) => [
        { request, count: Math.floor(count / 2) },
        { request: { ...request }, count: Math.ceil(count / 2) },
      ]);
      const whole = schedule(input, NOW).decision;
      const parts = schedule({ ...input, resourceRequests: split }, NOW).decision;
      if (whole.kind === 'abort' || parts.kind === 'abort') throw new Error('no input here aborts');
      expect(parts.launches).toEqual(whole.launches);
      expect(parts.terminations).toEqual(whole.terminations);
    }),
  );
});

test('RAY-5.3 a node that only waits to be forgotten changes nothing', () => {
  fc.assert(
    fc.property(
      snapshots,
      fc.constantFrom<InstanceStatus>('TERMINATED', 'RAY_STOPPED', 'ALLOCATION_FAILED'),
      (input, status) => {
        const more = { ...input, instances: [...input.instances, pending('gone', 'T0', status)] };
        expect(schedule(more, NOW).decision).toEqual(schedule(input, NOW).decision);
      },
    ),
  );
});
