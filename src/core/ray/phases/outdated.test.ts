import { describe, expect, test } from 'vitest';
import {
  decisionText,
  demand,
  pending,
  running,
  snapshot,
  type,
  type Row,
} from '../../../../test/support/ray-snapshot.ts';
import { durationMs, epochMs } from '../../time/time.ts';
import { schedule } from '../schedule.ts';

const A = type('A', { CPU: 4 }, { launchConfigHash: 'h2' });
const old = (id: string, more: { head?: true; free?: Record<string, number> } = {}): ReturnType<typeof running> =>
  running(id, 'A', { total: { CPU: 4 }, launchConfigHash: 'h1', ...more });
const check = { launchConfigCheck: 'on', nodeTypes: [A] } as const;

describe('outdated nodes', () => {
  test.each<Row>([
    {
      name: 'RAY-6.1 [O1] an outdated node hosts requests until it is gone',
      in: { ...check, instances: [old('i1')], resourceRequests: [demand(1, { CPU: 4 })] },
      want: 'terminate i1 OUTDATED',
    },
    {
      name: 'RAY-6.1 [O2] a pending node of a type with a hash is outdated, whatever it was launched with',
      in: { ...check, instances: [{ ...pending('i1', 'A', 'ALLOCATED'), launchConfigHash: 'h2' }] },
      want: 'terminate i1 OUTDATED',
    },
    {
      name: 'RAY-6.1 [O3] a type without a hash has no outdated nodes',
      in: { ...check, nodeTypes: [{ ...A, launchConfigHash: '' }], instances: [old('i1')] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.1 the same hash is not outdated',
      in: { ...check, nodeTypes: [{ ...A, launchConfigHash: 'h1' }], instances: [old('i1')] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.1 [O4] the head is exempt',
      in: { ...check, instances: [old('i1', { head: true })] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.1 nothing is outdated when the check is off',
      in: { ...check, launchConfigCheck: 'off', instances: [old('i1')] },
      want: 'nothing',
    },
    {
      name: 'RAY-6.1 [O8] a running node of an unknown type is outdated',
      in: { ...check, nodeTypes: [], instances: [old('i1')] },
      want: 'terminate i1 OUTDATED',
    },
    {
      name: 'RAY-12.1 [E8] a head of an unknown type ends the round all the same',
      in: { ...check, nodeTypes: [], instances: [old('i1', { head: true })] },
      want: 'abort: unknown-node-type',
    },
    {
      name: 'RAY-5.2 [M2] an outdated node does not count for the minimum',
      in: { ...check, nodeTypes: [{ ...A, minWorkerNodes: 1 }], instances: [old('i1')] },
      want: 'launch A x1; terminate i1 OUTDATED',
    },
    {
      name: 'RAY-5.2 [X6] but it uses up the room of its type',
      in: {
        ...check,
        nodeTypes: [{ ...A, maxWorkerNodes: 2 }],
        instances: [old('i1', { free: { CPU: 0 } })],
        resourceRequests: [demand(3, { CPU: 4 })],
      },
      want: 'launch A x1; terminate i1 OUTDATED; infeasible 2x{CPU: 4}',
    },
  ])('$name', ({ in: parts, want }) => {
    expect(decisionText(parts)).toBe(want);
  });

  test('RAY-4.4 [O5] a pending node whose type is gone goes without a word, and has nothing to offer', () => {
    const gone = pending('i1', 'B', 'ALLOCATED');
    const { decision } = schedule(
      snapshot({ ...check, instances: [gone], resourceRequests: [demand(1, { CPU: 1 })] }),
      { wall: epochMs(0), mono: durationMs(0) },
    );
    expect(decision).toMatchObject({
      launches: [{ nodeType: 'A', count: 1 }],
      terminations: [{ instanceId: 'i1', cause: 'OUTDATED', details: '', instanceStatus: 'ALLOCATED' }],
    });
  });

  test('RAY-6.1 says so in the words of the original', () => {
    const { decision } = schedule(snapshot({ ...check, instances: [old('i1')] }), {
      wall: epochMs(0),
      mono: durationMs(0),
    });
    expect(decision).toMatchObject({
      terminations: [{ details: 'node from A has outdated config', rayNodeId: 'ray-i1' }],
    });
  });
});
