/** What holds of every decision: nothing is lost or placed twice, limits hold, nothing is launched or ended for nothing. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEAD_TYPE, rounds, WAITING } from '../../../test/support/ray-arbitrary.ts';
import { demand, pending, running, snapshot, type } from '../../../test/support/ray-snapshot.ts';
import { deepFreeze } from '../../lib/json.ts';
import { durationMs, epochMs } from '../time/time.ts';
import type { GangResourceRequest, ResourceRequest, Resources } from './cluster-state.ts';
import type { Ledger, SchedulingNode } from './nodes.ts';
import { schedule, type Schedule } from './schedule.ts';
import type { ScheduleDecision, SchedulerInstance, SchedulerSnapshot } from './snapshot.ts';

const NOW = { wall: epochMs(0), mono: durationMs(0) };
const RUNS = { numRuns: 200 };

type Decided = Extract<ScheduleDecision, { kind: 'schedule' }>;

function decide(input: SchedulerSnapshot): Schedule & { readonly decision: Decided } {
  const made = schedule(deepFreeze(input), NOW);
  if (made.decision.kind === 'abort') throw new Error(made.decision.message);
  return { ...made, decision: made.decision };
}

/** Sums by resource, those of 0 left out. Amounts are halves: sums are exact. */
function total(
  parts: readonly { readonly resources: Resources; readonly count: number }[],
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { resources, count } of parts)
    for (const [name, amount] of resources) sums.set(name, (sums.get(name) ?? 0) + amount * count);
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const asked = ({ request, count }: { readonly request: ResourceRequest; readonly count: number }) => ({
  resources: request.resourcesBundle,
  count,
});
const bundles = ({ bundleSelectors }: GangResourceRequest) => bundleSelectors.flatMap((list) => list.resourceRequests);
const placedOn = (nodes: readonly SchedulingNode[], ledger: Ledger) => nodes.flatMap(({ placed }) => placed[ledger]);
const count = (parts: readonly { readonly count: number }[]): number =>
  parts.reduce((sum, part) => sum + part.count, 0);

/** Rows that are nodes of the round. Spec: RAY-4.1. */
function isNode({ status, rayNode }: SchedulerInstance): boolean {
  return status === 'RAY_RUNNING' ? rayNode !== undefined : WAITING.some((waiting) => waiting === status);
}

describe('RAY-5.1 each unit of demand has one place or is reported, never both', () => {
  test('what is placed is what was asked for less what is reported; a gang counts whole or not at all', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const { decision, nodes } = decide(input);
        const unplaced = new Set(decision.infeasibleGangs);
        const gangs = input.gangRequests.filter((gang) => !unplaced.has(gang)).flatMap(bundles);
        const wanted = [
          ...input.resourceRequests.map(asked),
          ...decision.infeasible.map(({ request, count: left }) => asked({ request, count: -left })),
          ...gangs.map((request) => asked({ request, count: 1 })),
        ];
        expect(total(placedOn(nodes, 'demand').map(asked))).toEqual(total(wanted));
        const constraint = input.clusterConstraints.flatMap(({ resourceRequests }) => resourceRequests);
        const isMet = decision.infeasibleConstraints.length === 0;
        expect(total(placedOn(nodes, 'constraint').map(asked))).toEqual(isMet ? total(constraint.map(asked)) : {});
        expect(isMet ? [] : decision.infeasibleConstraints).toEqual(isMet ? [] : input.clusterConstraints);
      }),
      RUNS,
    );
  });

  test('units of tasks and actors: as many as were asked for, in the explanation too', () => {
    fc.assert(
      fc.property(rounds, (given) => {
        const input = { ...given, gangRequests: [] };
        const { decision, nodes, explanation } = decide(input);
        expect(count(placedOn(nodes, 'demand')) + count(decision.infeasible)).toBe(count(input.resourceRequests));
        for (const { total: all, onExisting, onNew, unserved } of explanation.demands) {
          expect(onExisting + onNew + unserved).toBe(all);
          expect(Math.min(onExisting, onNew, unserved)).toBeGreaterThanOrEqual(0);
        }
      }),
      RUNS,
    );
  });

  test('RAY-8.3 a node gives what it has and no more', () => {
    fc.assert(
      fc.property(rounds, (given) => {
        const input = { ...given, inPlaceResize: undefined };
        const available = new Map(input.instances.map((row) => [row.instanceId, row.rayNode?.availableResources]));
        for (const { instanceId, free, total: all, placed } of decide(input).nodes) {
          const had = { demand: new Map(available.get(instanceId) ?? all), constraint: all };
          for (const ledger of ['demand', 'constraint'] as const) {
            for (const left of free[ledger].values()) expect(left).toBeGreaterThanOrEqual(0);
            for (const [name, amount] of Object.entries(total(placed[ledger].map(asked))))
              expect(amount).toBeLessThanOrEqual(had[ledger].get(name) ?? 0);
          }
        }
      }),
      RUNS,
    );
  });

  test('RAY-8.2 no node hosts two bundles of one STRICT_SPREAD group, nor one beside a bundle that stands there', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const standing = new Map(
          input.instances.map(({ instanceId, rayNode }) => [instanceId, Object.keys(rayNode?.dynamicLabels ?? {})]),
        );
        for (const { instanceId, placed } of decide(input).nodes) {
          const labels = placed.demand.flatMap(({ request, count: units }) =>
            request.placementConstraints.flatMap(({ antiAffinity }) =>
              antiAffinity === undefined ? [] : Array.from({ length: units }, () => antiAffinity.labelName),
            ),
          );
          expect(new Set(labels).size).toBe(labels.length);
          expect(labels.filter((label) => standing.get(instanceId)?.includes(label) === true)).toEqual([]);
        }
      }),
      RUNS,
    );
  });
});

describe('limits', () => {
  /**
   * Rows less those that end, and what is launched. Exceptions: the head is never cut, so its type may stand above a lower maximum
   * (RAY-6.4a); here it has room.
   */
  function final(input: SchedulerSnapshot, { terminations, launches }: Decided): ReadonlyMap<string, number> {
    const counts = new Map(input.nodeTypes.map(({ name }) => [name, 0]));
    const add = (name: string, more: number): void => void counts.set(name, (counts.get(name) ?? 0) + more);
    for (const row of input.instances) if (isNode(row)) add(row.instanceType, 1);
    for (const { instanceId, instanceType } of terminations) if (instanceId !== '') add(instanceType, -1);
    for (const { nodeType, count: more } of launches) add(nodeType, more);
    return counts;
  }

  test('RAY-6.3 RAY-7.2 no type ends above its maximum', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const counts = final(input, decide(input).decision);
        for (const { name, maxWorkerNodes } of input.nodeTypes)
          expect(counts.get(name)).toBeLessThanOrEqual(maxWorkerNodes);
      }),
      RUNS,
    );
  });

  test('RAY-6.2 RAY-6.9 no type ends below its minimum, unless the maximum in total cuts it (RAY-6.4)', () => {
    fc.assert(
      fc.property(rounds, (given) => {
        const input = { ...given, maxNumNodes: undefined };
        const counts = final(input, decide(input).decision);
        for (const { name, minWorkerNodes } of input.nodeTypes)
          expect(counts.get(name)).toBeGreaterThanOrEqual(minWorkerNodes);
      }),
      RUNS,
    );
  });

  test('RAY-6.4 the cluster ends at most at its maximum; 0 cuts nothing, and then only minimums are launched', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const { decision, nodes } = decide(input);
        const all = [...final(input, decision).values()].reduce((sum, n) => sum + n, 0);
        if (input.maxNumNodes === 0) {
          expect(decision.terminations.filter(({ cause }) => cause === 'MAX_NUM_NODES')).toEqual([]);
          for (const node of nodes) if (node.status === 'TO_LAUNCH') expect(node.origin).toBe('minimum');
        } else expect(all).toBeLessThanOrEqual(input.maxNumNodes ?? Infinity);
      }),
      RUNS,
    );
  });

  test('RAY-5.2 nodes that are to go use up room: with them, no type that is launched for demand is above its maximum, nor the cluster', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const { nodes } = decide(input);
        for (const { name, maxWorkerNodes } of input.nodeTypes) {
          const ofType = nodes.filter(({ nodeType }) => nodeType === name);
          const isLaunched = ofType.some(({ origin }) => origin === 'demand');
          if (isLaunched) expect(ofType.length).toBeLessThanOrEqual(maxWorkerNodes);
        }
        const isLaunched = nodes.some(({ origin }) => origin === 'demand');
        if (isLaunched) expect(nodes.length).toBeLessThanOrEqual(input.maxNumNodes ?? Infinity);
      }),
      RUNS,
    );
  });
});

describe('terminations', () => {
  test('each row at most once, never the head, and RAY-6.9 as idle only what hosts nothing for longer than its time-out', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const { decision, nodes } = decide(input);
        const ids = decision.terminations.flatMap(({ instanceId }) => (instanceId === '' ? [] : [instanceId]));
        expect(new Set(ids).size).toBe(ids.length);
        expect(decision.terminations.filter(({ instanceType }) => instanceType === HEAD_TYPE)).toEqual([]);
        for (const { termination, placed, rayNodeId, nodeType } of nodes) {
          if (termination?.cause !== 'IDLE') continue;
          expect([placed.demand, placed.constraint]).toEqual([[], []]);
          const own = input.nodeTypes.find(({ name }) => name === nodeType)?.idleTimeout;
          const timeout = rayNodeId === '' ? input.pendingIdleTimeout : (own ?? input.idleTimeout);
          expect(termination.idleDurationMs).toBeGreaterThan((timeout?.seconds ?? Infinity) * 1000);
        }
      }),
      RUNS,
    );
  });
});

describe('launches', () => {
  test('RAY-7.5 a new node is for a minimum or hosts something: no launch without demand', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        for (const { origin, status, placed } of decide(input).nodes) {
          if (status !== 'TO_LAUNCH' || origin === 'minimum') continue;
          expect(placed.demand.length + placed.constraint.length).toBeGreaterThan(0);
        }
      }),
      RUNS,
    );
  });

  /**
   * The round after, before anything came up: what was launched is QUEUED, the demand is the same.
   *
   * Rule: with one shape of demand nothing more is launched and as much is left over as before, because every node has room for a
   * number of units that does not depend on the order of trying (RAY-4.2, RAY-7.3). Exceptions: several shapes (below), and rounds
   * that terminate somebody: until it is gone it hosts demand that is then asked for anew, and takes up room under limits (RAY-5.2).
   */
  test('RAY-7.3a for demand of one shape nothing is launched twice', () => {
    const oneShape = rounds.map((input): SchedulerSnapshot => ({
      ...input,
      nodeTypes: input.nodeTypes.map((one) => {
        const { idleTimeout: _, ...rest } = one;
        return rest;
      }),
      resourceRequests: input.resourceRequests.slice(0, 1),
      gangRequests: [],
      clusterConstraints: [],
      idleTimeout: undefined,
      pendingIdleTimeout: undefined,
      launchConfigCheck: 'off',
      inPlaceResize: undefined,
    }));
    let launched = 0;
    fc.assert(
      fc.property(oneShape, (input) => {
        const first = decide(input).decision;
        fc.pre(first.terminations.length === 0);
        launched += first.launches.length;
        const second = decide({ ...input, instances: withQueued(input.instances, first) }).decision;
        expect(second.launches).toEqual([]);
        expect(count(second.infeasible)).toBe(count(first.infeasible));
      }),
      RUNS,
    );
    expect(launched).toBeGreaterThan(20);
  });

  test('RAY-7.3a the exception, in the original too: with several shapes the new node may be picked for others than it was launched for', () => {
    const half = (free: number) => ({ total: { CPU: 4, memory: 4 }, free: { CPU: free, memory: 4 } });
    const input = snapshot({
      nodeTypes: [type('A', { CPU: 4, memory: 4 })],
      instances: [running('i1', 'A', half(3)), running('i2', 'A', half(2))],
      resourceRequests: [demand(1, { CPU: 4 }), demand(2, { CPU: 2, memory: 1 })],
    });
    const first = decide(input).decision;
    expect(first.launches).toEqual([{ nodeType: 'A', count: 1 }]);
    const second = decide({ ...input, instances: withQueued(input.instances, first) }).decision;
    expect(second.launches).toEqual([{ nodeType: 'A', count: 1 }]);
  });

  function withQueued(rows: readonly SchedulerInstance[], { launches }: Decided): readonly SchedulerInstance[] {
    const queued = launches.flatMap(({ nodeType, count: more }) =>
      Array.from({ length: more }, (_, i) => pending(`new-${nodeType}-${i}`, nodeType, 'QUEUED')),
    );
    return [...rows, ...queued];
  }
});
