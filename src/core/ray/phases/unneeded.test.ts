import { describe, expect, test } from 'vitest';
import { demand, pending, running, snapshot, type } from '../../../../test/support/ray-snapshot.ts';
import { durationMs, epochMs } from '../../time/time.ts';
import { schedule } from '../schedule.ts';
import { wholeSeconds } from '../seconds-text.ts';
import type { ScheduleDecision, SchedulerSnapshot } from '../snapshot.ts';

const A = type('A', { CPU: 4 });

/** At second 1000, with a time-out of 60 s. */
function decided(
  since: Readonly<Record<string, readonly number[]>>,
  parts: Partial<SchedulerSnapshot>,
): Extract<ScheduleDecision, { kind: 'schedule' }> {
  const input = snapshot({
    nodeTypes: [A],
    pendingIdleTimeout: wholeSeconds(60),
    monotonicS: 1000,
    state: { pendingUnneededSinceS: new Map(Object.entries(since)) },
    ...parts,
  });
  const { decision } = schedule(input, { wall: epochMs(0), mono: durationMs(0) });
  if (decision.kind === 'abort') throw new Error(decision.message);
  return decision;
}

const sinceOf = ({ state }: ReturnType<typeof decided>): unknown => Object.fromEntries(state.pendingUnneededSinceS);

describe('pending nodes that nobody needs', () => {
  test('RAY-6.8 [D1] their time starts in the round that finds them', () => {
    const decision = decided({}, { instances: [pending('i1', 'A', 'ALLOCATED')] });
    expect(decision.terminations).toEqual([]);
    expect(sinceOf(decision)).toEqual({ A: [1000] });
  });

  test('RAY-6.8, RAY-6.8a [D2] the least progressed has waited longest; its time goes with it; a requested one is left alone', () => {
    const instances = [pending('i1', 'A', 'ALLOCATED'), pending('i2', 'A', 'QUEUED'), pending('i3', 'A', 'REQUESTED')];
    const decision = decided({ A: [900, 990] }, { instances });
    expect(decision.terminations).toMatchObject([
      {
        instanceId: 'i2',
        cause: 'IDLE',
        idleDurationMs: 100_000,
        details: 'pending and not needed for 100.0 secs > timeout=60 secs',
      },
    ]);
    expect(sinceOf(decision)).toEqual({ A: [990] });
  });

  test('RAY-6.8 [D3] what is needed is forgotten', () => {
    const parts = { instances: [pending('i1', 'A', 'ALLOCATED')], resourceRequests: [demand(1, { CPU: 1 })] };
    expect(sinceOf(decided({ A: [900] }, parts))).toEqual({});
  });

  test('RAY-6.8 what hosts the cluster constraint is needed too', () => {
    const clusterConstraints = [{ resourceRequests: [demand(1, { CPU: 1 })] }];
    const decision = decided({ A: [900] }, { instances: [pending('i1', 'A', 'QUEUED')], clusterConstraints });
    expect([decision.terminations, sinceOf(decision)]).toEqual([[], {}]);
  });

  test('RAY-6.8 with fewer of them the oldest times stay', () => {
    const decision = decided({ A: [950, 960, 970] }, { instances: [pending('i1', 'A', 'QUEUED')] });
    expect(sinceOf(decision)).toEqual({ A: [950] });
  });

  test('RAY-6.8 idle times are cut to whole milliseconds, so that 60.0009 s is not longer than 60 s', () => {
    const instances = [pending('i1', 'A', 'QUEUED')];
    expect(decided({ A: [1000 - 60.0009] }, { instances }).terminations).toEqual([]);
    expect(decided({ A: [1000 - 60.0011] }, { instances }).terminations).toHaveLength(1);
  });

  test('RAY-6.8 without a time-out nothing is done, and the state is handed on', () => {
    const parts = { instances: [pending('i1', 'A', 'QUEUED')], pendingIdleTimeout: undefined };
    const decision = decided({ B: [1] }, parts);
    expect([decision.terminations, sinceOf(decision)]).toEqual([[], { B: [1] }]);
  });

  test('RAY-6.9 running nodes have a time-out of their own', () => {
    const instances = [running('i1', 'A', { total: { CPU: 4 }, idleMs: 900_000 })];
    expect(decided({}, { instances }).terminations).toEqual([]);
  });

  test('RAY-6.8a a list that is used up stays, empty', () => {
    const decision = decided({ A: [1] }, { instances: [pending('i1', 'A', 'QUEUED')] });
    expect([decision.terminations.length, sinceOf(decision)]).toEqual([1, { A: [] }]);
  });
});
