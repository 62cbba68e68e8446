/** What holds of the Ray model whatever happens to it: no work vanishes, no node is overused, time never runs back. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochMs, seconds } from '../time/time.ts';
import { RayTasks } from './ray-tasks.ts';

type Step =
  | { readonly kind: 'submit'; readonly count: number; readonly cpu: number; readonly duration: number }
  | { readonly kind: 'join'; readonly cpu: number }
  | { readonly kind: 'kill' | 'idle' | 'preempt'; readonly which: number }
  | { readonly kind: 'wait'; readonly for: number }
  | { readonly kind: 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('submit' as const),
    count: fc.integer({ min: 0, max: 5 }),
    cpu: fc.constantFrom(0.5, 1, 2),
    duration: fc.integer({ min: 0, max: 20 }),
  }),
  fc.record({ kind: fc.constant('join' as const), cpu: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constantFrom('kill' as const, 'idle' as const, 'preempt' as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant('wait' as const), for: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ kind: fc.constant('reset' as const) }),
);

test('every piece of work is pending, running, finished or lost for good; nodes never give more than they have', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const tasks = new RayTasks();
      let submitted = 0;
      let joined = 0;
      let second = 0;
      for (const one of steps) {
        const now = epochMs(second * 1000);
        if (one.kind === 'submit') {
          submitted += one.count;
          tasks.submit(
            { kind: 'task', resources: [['CPU', one.cpu]], count: one.count, duration: seconds(one.duration) },
            now,
          );
        } else if (one.kind === 'join') {
          const nodeId = `n${joined++}`;
          tasks.join(
            { nodeId, instanceId: nodeId, group: 'g', address: '', resources: [['CPU', one.cpu]], labels: {} },
            now,
          );
        } else if (one.kind === 'wait') second += one.for;
        else if (one.kind === 'reset') tasks.reset();
        else if (one.kind === 'kill') tasks.kill(`n${one.which}`, now);
        else if (one.kind === 'idle') tasks.terminateIdle(`n${one.which}`, now);
        else tasks.preempt(`n${one.which}`, now);
        const after = epochMs(second * 1000);
        tasks.advance(after);
        const { pending, running, finished, lost } = tasks.counts;
        // a first loss is pending again, so at most all losses are for good and at least none
        expect(pending + running + finished).toBeLessThanOrEqual(submitted);
        expect(pending + running + finished + lost).toBeGreaterThanOrEqual(submitted);
        expect(tasks.demands().reduce((sum, { count }) => sum + count, 0)).toBe(pending);
        const next = tasks.nextEnd();
        expect(next === undefined ? running : next > after).toBe(next === undefined ? 0 : true);
        for (const node of tasks.nodes(after)) {
          for (const [, amount] of node.available) expect(amount).toBeGreaterThan(0);
          expect(node.idleFor >= 0 && (node.idleFor === 0 || node.status === 'IDLE')).toBe(true);
        }
      }
    }),
  );
});
