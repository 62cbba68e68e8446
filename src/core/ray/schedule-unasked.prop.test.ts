/** What nobody asks for changes no decision: resources, labels, nodes, types. Each rule with what it leaves out, and why. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer, without, type Answer } from '../../../test/support/ray-answer.ts';
import { rounds } from '../../../test/support/ray-arbitrary.ts';
import { decisionText, demand, pending, running, type } from '../../../test/support/ray-snapshot.ts';
import type { ResourceRequestByCount, Resources } from './cluster-state.ts';
import type { InstanceStatus } from './instance-status.ts';
import type { NodeType, SchedulerSnapshot, TerminationRequest } from './snapshot.ts';

const RUNS = { numRuns: 150 };

describe('what nobody asks for changes nothing', () => {
  /** With resources that only some have added to the types and to what runs of them. */
  function adding(input: SchedulerSnapshot, more: (type: string, i: number) => Resources): SchedulerSnapshot {
    return {
      ...input,
      nodeTypes: input.nodeTypes.map((one, i) => ({ ...one, resources: [...one.resources, ...more(one.name, i)] })),
      instances: input.instances.map((row, i) => {
        const { rayNode } = row;
        if (rayNode === undefined) return row;
        const extra = more(row.instanceType, i);
        const availableResources = [...rayNode.availableResources, ...extra];
        return {
          ...row,
          rayNode: { ...rayNode, totalResources: [...rayNode.totalResources, ...extra], availableResources },
        };
      }),
    };
  }
  const known = (resources: unknown): Resources => (resources as Resources).filter(([name]) => name !== 'unasked');

  test('RAY-9.4 a resource of which there is none, on some nodes', () => {
    fc.assert(
      fc.property(rounds, fc.nat(3), (input, which) => {
        const before = answer(input);
        const after = answer(adding(input, (_, i) => (i % 2 === which % 2 ? [['unasked', 0]] : [])));
        expect(without('clusterResources', after)).toEqual(without('clusterResources', before));
        expect(known(after['clusterResources'])).toEqual(before['clusterResources']);
      }),
      RUNS,
    );
  });

  /** An unused resource counts as used to no part, and so in the smallest and the mean share: where all have one more, all by the same. */
  test('RAY-9.4 RAY-9.5 where there is one resource alone, a second one that all have', () => {
    const cpuOnly = rounds.map((input): SchedulerSnapshot => {
      const only = (resources: Resources): Resources => resources.filter(([name]) => name === 'CPU');
      const request = ({ request: one, count }: ResourceRequestByCount): ResourceRequestByCount => ({
        request: { ...one, resourcesBundle: only(one.resourcesBundle) },
        count,
      });
      return {
        ...input,
        gangRequests: [],
        inPlaceResize: undefined,
        nodeTypes: input.nodeTypes.map((one) => ({ ...one, resources: only(one.resources) })),
        resourceRequests: input.resourceRequests.map(request),
        clusterConstraints: input.clusterConstraints.map((one) => ({
          resourceRequests: one.resourceRequests.map(request),
        })),
        instances: input.instances.map((row) => {
          const { rayNode } = row;
          if (rayNode === undefined) return row;
          const totalResources = only(rayNode.totalResources);
          // who says nothing of its CPU has no share to compare
          const free = new Map(rayNode.availableResources).get('CPU') ?? 0;
          return { ...row, rayNode: { ...rayNode, totalResources, availableResources: [['CPU', free]] } };
        }),
      };
    });
    fc.assert(
      fc.property(cpuOnly, (input) => {
        const before = answer(input);
        const after = answer(adding(input, () => [['unasked', 4]]));
        expect(without('clusterResources', after)).toEqual(without('clusterResources', before));
        expect(known(after['clusterResources'])).toEqual(before['clusterResources']);
      }),
      RUNS,
    );
  });

  test('RAY-9.4 the exception: who alone has one more scores less [S3]', () => {
    const plain = type('plain', { CPU: 4 });
    const choice = (other: NodeType): string =>
      decisionText({ nodeTypes: [other, plain], resourceRequests: [demand(1, { CPU: 4 })] });
    expect(choice(type('other', { CPU: 4 }))).toBe('launch other x1');
    expect(choice(type('other', { CPU: 4, unasked: 8 }))).toBe('launch plain x1');
  });

  test('RAY-8.1 RAY-8.2 a label that no selector and no group names', () => {
    fc.assert(
      fc.property(rounds, fc.array(fc.constantFrom('u', 'v', ''), { minLength: 3, maxLength: 3 }), (input, values) => {
        const label = (i: number) => ({ unasked: values[i % 3] ?? '' });
        const labelled: SchedulerSnapshot = {
          ...input,
          nodeTypes: input.nodeTypes.map((one, i) => ({ ...one, labels: { ...one.labels, ...label(i) } })),
          instances: input.instances.map((row, i) => {
            const { rayNode } = row;
            if (rayNode === undefined) return row;
            return { ...row, rayNode: { ...rayNode, labels: { ...rayNode.labels, ...label(i) } } };
          }),
        };
        expect(answer(labelled)).toEqual(answer(input));
      }),
      RUNS,
    );
  });

  /**
   * Last in the list, so that no order among the others moves; full and never idle; its place is taken into account. What is cut by the
   * maximum in total names that maximum.
   */
  test('RAY-7.2 RAY-6.4a a full node of a type of its own, with room for it', () => {
    const unnamed = (of: Answer): unknown => ({
      ...without('clusterResources', of),
      terminations: (of['terminations'] as readonly TerminationRequest[]).map((one) =>
        one.cause === 'MAX_NUM_NODES' ? { ...one, details: '', maxNumNodes: 0 } : one,
      ),
    });
    fc.assert(
      fc.property(rounds, (input) => {
        const before = answer(input);
        const { maxNumNodes } = input;
        const after = answer({
          ...input,
          nodeTypes: [...input.nodeTypes, type('lonely', { own: 1 }, { maxWorkerNodes: 1 })],
          instances: [...input.instances, running('lonely', 'lonely', { total: { own: 1 }, free: {} })],
          // 0 cuts nothing and stays the limit that forbids all launches for demand
          maxNumNodes: maxNumNodes === undefined || maxNumNodes === 0 ? maxNumNodes : maxNumNodes + 1,
        });
        expect(unnamed(after)).toEqual(unnamed(before));
        const others = (after['clusterResources'] as Resources).filter(([name]) => name !== 'own');
        expect(others).toEqual(before['clusterResources']);
      }),
      RUNS,
    );
  });

  test('RAY-8.4 the exception: a request for nothing runs on it, too [Q3]', () => {
    const full = running('i', 'A', { total: { CPU: 1 }, free: {}, idleMs: 0 });
    const ask = { nodeTypes: [type('A', { CPU: 1 })], resourceRequests: [demand(2, {})] };
    expect(decisionText(ask)).toBe('launch A x1');
    expect(decisionText({ ...ask, instances: [full] })).toBe('nothing');
  });

  test('RAY-7.5 a type without room, and one on which nothing of it fits', () => {
    fc.assert(
      fc.property(rounds, fc.nat(4), (input, at) => {
        const before = answer(input);
        for (const useless of [
          type('useless', { CPU: 100, GPU: 100, x: 100, y: 100, memory: 100 }, { maxWorkerNodes: 0 }),
          type('useless', { own: 4 }, { priority: 9 }),
        ]) {
          const nodeTypes = [...input.nodeTypes.slice(0, at), useless, ...input.nodeTypes.slice(at)];
          expect(answer({ ...input, nodeTypes })).toEqual(before);
        }
      }),
      RUNS,
    );
  });

  test('RAY-4.1 RAY-5.3 a row that only waits to be forgotten, and one whose Ray node is not there yet', () => {
    fc.assert(
      fc.property(
        rounds,
        fc.constantFrom<InstanceStatus>('TERMINATED', 'RAY_STOPPED', 'RAY_STOPPING', 'ALLOCATION_FAILED'),
        fc.nat(10),
        (input, status, at) => {
          const before = answer(input);
          const name = input.nodeTypes[0]?.name ?? '';
          const unseen = { ...running('unseen', name, { total: { CPU: 64 } }), rayNode: undefined };
          for (const row of [pending('gone', name, status), unseen]) {
            const instances = [...input.instances.slice(0, at), row, ...input.instances.slice(at)];
            expect(answer({ ...input, instances })).toEqual(before);
          }
        },
      ),
      RUNS,
    );
  });
});
