import { expect, test } from 'vitest';
import { durationMs, epochMs } from '../time/time.ts';
import { countsSince, gaugesOf } from './gauges.ts';
import { applyUpdates, EMPTY_TABLE, type InstanceTable } from './instances.ts';
import type { NodeType } from './snapshot.ts';

const instant = (s: number) => ({ wall: epochMs(s * 1000), mono: durationMs(s * 1000) });
const type = (name: string, cpus: number): NodeType => ({
  name,
  minWorkerNodes: 0,
  maxWorkerNodes: 10,
  priority: 0,
  resources: [['CPU', cpus]],
  labels: {},
  launchConfigHash: '',
});
const created = (instanceId: string, status: 'ALLOCATED' | 'QUEUED' | 'TERMINATING', instanceType = 'small') =>
  ({ kind: 'create', instanceId, instanceType, status, cloudInstanceId: `pod-${instanceId}`, details: '' }) as const;

function table(): InstanceTable {
  const first = applyUpdates(
    EMPTY_TABLE,
    [created('a', 'ALLOCATED'), created('b', 'QUEUED'), created('c', 'TERMINATING'), created('d', 'ALLOCATED', 'big')],
    instant(1),
  );
  return applyUpdates(
    first,
    [{ kind: 'transition', instanceId: 'a', to: 'RAY_RUNNING', nodeId: 'ff', details: '' }],
    instant(2),
  );
}

test('counts nodes by type and their resources, and keeps types without nodes at 0', () => {
  const gauges = gaugesOf(table(), [type('small', 2), type('big', 8), type('none', 1)]);
  expect(Object.fromEntries(gauges.activeNodes)).toEqual({ small: 1, big: 0, none: 0 });
  expect(Object.fromEntries(gauges.pendingNodes)).toEqual({ small: 1, big: 1, none: 0 });
  expect(Object.fromEntries(gauges.recentlyFailedNodes)).toEqual({ small: 1, big: 0, none: 0 });
  expect(Object.fromEntries(gauges.activeResources)).toEqual({ CPU: 2 });
  expect(Object.fromEntries(gauges.pendingResources)).toEqual({ CPU: 10 });
});

test('a row of a type that is no longer configured still counts as a node', () => {
  expect(gaugesOf(table(), []).activeNodes.get('small')).toBe(1);
});

test('counts what happened since the last look once', () => {
  const next = applyUpdates(
    table(),
    [{ kind: 'transition', instanceId: 'c', to: 'TERMINATED', details: '' }],
    instant(3),
  );
  expect(countsSince(next, durationMs(0))).toEqual({ started: 2, stopped: 1, failedToCreate: 0 });
  expect(countsSince(next, durationMs(2000))).toEqual({ started: 0, stopped: 1, failedToCreate: 0 });
  expect(countsSince(next, durationMs(3000))).toEqual({ started: 0, stopped: 0, failedToCreate: 0 });
});
