import { describe, expect, test } from 'vitest';
import { decisionText, demand, running, snapshot, type, type Row } from '../../../test/support/ray-snapshot.ts';
import { durationMs, epochMs } from '../time/time.ts';
import { ORIGINAL_ERRORS } from './abort.ts';
import { schedule } from './schedule.ts';

const A = type('A', { CPU: 4 });
const NOW = { wall: epochMs(0), mono: durationMs(0) };
const overfull = running('i1', 'A', { total: { CPU: 4 }, free: { CPU: 6 } });
const worker = running('w', 'A', { total: { CPU: 4 } });
const head = running('h', 'A', { total: { CPU: 4 }, head: true });
const nowhere = [[{ key: 'zone', operator: 'IN' as const, values: ['x'] }]];

describe('rounds that end without a decision', () => {
  test.each<Row>([
    {
      name: 'RAY-12.3 [E2] an overfull node that nobody looks at does no harm',
      in: { nodeTypes: [A], instances: [overfull] },
      want: 'nothing',
    },
    {
      name: 'RAY-12.3 nor does an exhausted one',
      in: { nodeTypes: [A], instances: [overfull], resourceRequests: [demand(1, { GPU: 1 })] },
      want: 'infeasible 1x{GPU: 1}',
    },
    {
      name: 'RAY-12.3 one that is offered a request is judged, although it cannot take it',
      in: {
        nodeTypes: [A],
        instances: [overfull],
        resourceRequests: [demand(1, { CPU: 1 }, { labelSelectors: nowhere })],
      },
      want: 'abort: overfull-node',
    },
    {
      name: 'RAY-12.3 [E1] and one that takes it',
      in: { nodeTypes: [A], instances: [overfull], resourceRequests: [demand(1, { CPU: 1 })] },
      want: 'abort: overfull-node',
    },
    {
      name: 'RAY-12.1 a maximum below 0, with nodes that would have to go',
      in: { nodeTypes: [A], instances: [head, worker], maxNumNodes: -1 },
      want: 'abort: limit-below-zero',
    },
    {
      name: 'RAY-12.1 a maximum below 0, with the head alone',
      in: { nodeTypes: [A], instances: [head], maxNumNodes: -1 },
      want: 'abort: limit-out-of-reach',
    },
    {
      name: 'RAY-12.1 a maximum below 0, with nothing at all',
      in: { nodeTypes: [A], maxNumNodes: -1 },
      want: 'abort: limit-out-of-reach',
    },
  ])('$name', ({ in: parts, want }) => {
    expect(decisionText(parts)).toBe(want);
  });

  test('RAY-12.2 the original raises an error of a class that is known for each', () => {
    expect(ORIGINAL_ERRORS['unknown-node-type']).toEqual({ error: 'KeyError', where: '_enforce_max_workers_per_type' });
    expect(new Set(Object.values(ORIGINAL_ERRORS).map(({ error }) => error))).toEqual(
      new Set(['KeyError', 'AssertionError', 'ValueError']),
    );
  });

  test('RAY-12.1 nothing of the round is kept: no nodes, no reasons', () => {
    const { nodes, explanation } = schedule(snapshot({ nodeTypes: [A], maxNumNodes: -1 }), NOW);
    expect([nodes, explanation.launches]).toEqual([[], []]);
  });
});
