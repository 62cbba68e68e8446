/** What holds of the Ray model whatever happens to it: no work vanishes, no node is overused, groups stand whole, time never runs back. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochMs, seconds, type EpochMs } from '../time/time.ts';
import type { GroupStrategy } from './ray-bundles.ts';
import type { GroupView } from './ray-groups.ts';
import { RayTasks } from './ray-tasks.ts';

type Step =
  | { readonly kind: 'submit'; readonly count: number; readonly cpu: number; readonly duration: number }
  | { readonly kind: 'join'; readonly cpu: number }
  | { readonly kind: 'group'; readonly strategy: GroupStrategy; readonly cpus: readonly number[] }
  | { readonly kind: 'inside'; readonly which: number; readonly count: number; readonly duration: number }
  | { readonly kind: 'kill' | 'idle' | 'preempt' | 'remove'; readonly which: number }
  | { readonly kind: 'wait'; readonly for: number }
  | { readonly kind: 'reset' };

const duration = fc.integer({ min: 0, max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    count: fc.integer({ min: 0, max: 5 }),
    cpu: fc.constantFrom(0.5, 1, 2),
    duration,
  }),
  fc.record({ kind: fc.constant('join' as const), cpu: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    kind: fc.constant('group' as const),
    strategy: fc.constantFrom<GroupStrategy>('PACK', 'SPREAD', 'STRICT_PACK', 'STRICT_SPREAD'),
    cpus: fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('inside' as const),
    which: fc.nat(3),
    count: fc.integer({ min: 1, max: 3 }),
    duration,
  }),
  fc.record({
    kind: fc.constantFrom('kill' as const, 'idle' as const, 'preempt' as const, 'remove' as const),
    which: fc.nat(9),
  }),
  fc.record({ kind: fc.constant('wait' as const), for: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ kind: fc.constant('reset' as const) }),
);

/** A model with names given out in order, and a clock. */
class Play {
  readonly tasks = new RayTasks();
  submitted = 0;
  #nodes = 0;
  #groups = 0;
  #second = 0;

  get now(): EpochMs {
    return epochMs(this.#second * 1000);
  }

  apply(one: Step): void {
    const { tasks, now } = this;
    switch (one.kind) {
      case 'submit':
        return this.#submit(one, one.cpu);
      case 'inside': {
        const group = tasks.groups()[one.which];
        return group === undefined ? undefined : this.#submit(one, 0.5, group.id);
      }
      case 'join': {
        const nodeId = `n${this.#nodes++}`;
        const names = { nodeId, instanceId: nodeId, group: 'g', address: '', labels: {} };
        return tasks.join({ ...names, resources: [['CPU', one.cpu]] }, now);
      }
      case 'group': {
        const bundles = one.cpus.map((cpu) => [['CPU', cpu]] as const);
        return tasks.createGroup({ id: `p${this.#groups++}`, strategy: one.strategy, bundles }, now);
      }
      case 'remove':
        return tasks.removeGroup(`p${one.which}`, now);
      case 'wait':
        this.#second += one.for;
        return;
      case 'reset':
        return tasks.reset();
      case 'kill':
        return tasks.kill(`n${one.which}`, now);
      case 'idle':
        tasks.terminateIdle(`n${one.which}`, now);
        return;
      case 'preempt':
        return tasks.preempt(`n${one.which}`, now);
    }
  }

  #submit(
    { count, duration }: { readonly count: number; readonly duration: number },
    cpu: number,
    groupId?: string,
  ): void {
    this.submitted += count;
    const work = { kind: 'task', resources: [['CPU', cpu]], count, duration: seconds(duration) } as const;
    this.tasks.submit(groupId === undefined ? work : { ...work, groupId }, this.now);
  }
}

function checkWork({ tasks, submitted, now }: Play): void {
  const { pending, running, finished, lost } = tasks.counts;
  // a first loss is pending again, so at most all losses are for good and at least none
  expect(pending + running + finished).toBeLessThanOrEqual(submitted);
  expect(pending + running + finished + lost).toBeGreaterThanOrEqual(submitted);
  expect(tasks.demands().reduce((sum, { count }) => sum + count, 0)).toBe(pending);
  const next = tasks.nextEnd();
  expect(next === undefined ? running : next > now).toBe(next === undefined ? 0 : true);
}

function checkNodes({ tasks, now }: Play): void {
  for (const node of tasks.nodes(now)) {
    const total = new Map(node.resources);
    for (const [name, amount] of node.available) {
      expect(amount).toBeGreaterThan(0);
      expect(amount).toBeLessThanOrEqual(total.get(name) ?? 0);
    }
    expect(node.idleFor >= 0 && (node.idleFor === 0 || node.status === 'IDLE')).toBe(true);
    const groups = tasks.groups().filter(({ nodeIds }) => nodeIds.includes(node.nodeId));
    expect(Object.keys(node.dynamicLabels).toSorted()).toEqual(groups.map(({ id }) => `_PG_${id}`).toSorted());
    if (groups.length > 0) expect(node.status).not.toBe('IDLE');
  }
}

function checkGroup({ strategy, state, nodeIds }: GroupView): void {
  const places = nodeIds.filter((nodeId) => nodeId !== undefined);
  if (state === 'PENDING') expect(places).toEqual([]);
  if (state === 'CREATED') expect(places).toHaveLength(nodeIds.length);
  if (strategy === 'STRICT_SPREAD') expect(new Set(places).size).toBe(places.length);
  if (strategy === 'STRICT_PACK') expect(new Set(places).size).toBeLessThanOrEqual(1);
}

test('every piece of work is pending, running, finished or lost for good; nodes never give more than they have; groups stand whole', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const play = new Play();
      for (const one of steps) {
        play.apply(one);
        play.tasks.advance(play.now);
        checkWork(play);
        checkNodes(play);
        for (const group of play.tasks.groups()) checkGroup(group);
      }
    }),
    { numRuns: 500 },
  );
});

test('when all groups are removed and all work has ended, every node has all that it brought', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const play = new Play();
      for (const one of steps) play.apply(one);
      for (const { id } of play.tasks.groups()) play.tasks.removeGroup(id, play.now);
      for (let next = play.tasks.nextEnd(); next !== undefined; next = play.tasks.nextEnd()) play.tasks.advance(next);
      for (const node of play.tasks.nodes(epochMs(10_000_000))) {
        expect(node.available).toEqual(node.resources.filter(([, amount]) => amount > 0));
        expect(node.dynamicLabels).toEqual({});
      }
    }),
    { numRuns: 500 },
  );
});
