import { describe, expect, test } from 'vitest';
import { durationMs, epochMs, type Instant } from '../time/time.ts';
import { canReachRunning, isTerminal, mayFollow, type InstanceStatus } from './instance-status.ts';
import {
  applyUpdates,
  byTimesOf,
  EMPTY_TABLE,
  rowOf,
  rowsOf,
  type InstanceTable,
  type InstanceUpdate,
} from './instances.ts';

const at = (ms: number): Instant => ({ wall: epochMs(ms), mono: durationMs(ms) });
const queued = (instanceId: string): InstanceUpdate => ({
  kind: 'create',
  instanceId,
  instanceType: 'A',
  status: 'QUEUED',
  details: '',
});
const to = (instanceId: string, status: InstanceStatus, fields: object = {}): InstanceUpdate => ({
  kind: 'transition',
  instanceId,
  to: status,
  details: '',
  ...fields,
});
const requested = (instanceId: string): InstanceUpdate => to(instanceId, 'REQUESTED', { launchRequestId: 'l1' });

function tableOf(...batches: readonly (readonly InstanceUpdate[])[]): InstanceTable {
  return batches.reduce((table, batch, i) => applyUpdates(table, batch, at(i * 1000)), EMPTY_TABLE);
}

describe('the graph of statuses', () => {
  test.each<[InstanceStatus, readonly InstanceStatus[]]>([
    ['QUEUED', ['REQUESTED', 'TERMINATED']],
    ['REQUESTED', ['QUEUED', 'ALLOCATED', 'ALLOCATION_FAILED']],
    [
      'ALLOCATED',
      [
        'RAY_INSTALLING',
        'RAY_RUNNING',
        'RAY_STOPPING',
        'RAY_STOPPED',
        'TERMINATING',
        'TERMINATED',
        'ALLOCATION_TIMEOUT',
      ],
    ],
    ['RAY_INSTALLING', ['RAY_RUNNING', 'RAY_STOPPED', 'TERMINATING', 'TERMINATED', 'RAY_INSTALL_FAILED']],
    ['RAY_RUNNING', ['RAY_STOP_REQUESTED', 'RAY_STOPPING', 'RAY_STOPPED', 'TERMINATING', 'TERMINATED']],
    ['RAY_STOP_REQUESTED', ['RAY_RUNNING', 'RAY_STOPPING', 'RAY_STOPPED', 'TERMINATED']],
    ['RAY_STOPPING', ['RAY_STOPPED', 'TERMINATING', 'TERMINATED']],
    ['RAY_STOPPED', ['TERMINATING', 'TERMINATED']],
    ['TERMINATING', ['TERMINATED', 'TERMINATION_FAILED']],
    ['TERMINATED', []],
    ['ALLOCATION_FAILED', []],
    ['RAY_INSTALL_FAILED', ['TERMINATING', 'TERMINATED']],
    ['TERMINATION_FAILED', ['TERMINATING', 'TERMINATED']],
    ['ALLOCATION_TIMEOUT', ['TERMINATING', 'TERMINATED']],
  ])('RAY-24.2 %s', (from, want) => {
    expect(ALL.filter((status) => mayFollow(from, status))).toEqual(want);
  });

  test('RAY-24.2 the scheduler knows exactly those from which RAY_RUNNING can still be reached', () => {
    const reaches = (from: InstanceStatus, seen = new Set<InstanceStatus>()): boolean => {
      if (from === 'RAY_RUNNING') return true;
      seen.add(from);
      return ALL.some((next) => mayFollow(from, next) && !seen.has(next) && reaches(next, seen));
    };
    expect(ALL.filter(canReachRunning)).toEqual(ALL.filter((status) => reaches(status)));
    expect(ALL.filter(isTerminal)).toEqual(['TERMINATED', 'ALLOCATION_FAILED']);
  });
});

const ALL: readonly InstanceStatus[] = [
  'QUEUED',
  'REQUESTED',
  'ALLOCATED',
  'RAY_INSTALLING',
  'RAY_RUNNING',
  'RAY_STOP_REQUESTED',
  'RAY_STOPPING',
  'RAY_STOPPED',
  'TERMINATING',
  'TERMINATED',
  'ALLOCATION_FAILED',
  'RAY_INSTALL_FAILED',
  'TERMINATION_FAILED',
  'ALLOCATION_TIMEOUT',
];

describe('the table', () => {
  test('RAY-24.4 a batch adds one to the version, an empty one nothing', () => {
    const table = tableOf([queued('a'), queued('b')], [requested('a')]);
    expect(table.version).toBe(2);
    expect(applyUpdates(table, [], at(9))).toBe(table);
  });

  test('RAY-24.1 a row remembers when it entered each status', () => {
    const table = tableOf([queued('a')], [requested('a')], [to('a', 'ALLOCATED', { cloudInstanceId: 'pod' })]);
    expect(rowOf(table, 'a').history.map(({ status, at: { mono } }) => [status, mono])).toEqual([
      ['QUEUED', 0],
      ['REQUESTED', 1000],
      ['ALLOCATED', 2000],
    ]);
    expect(rowOf(table, 'a')).toMatchObject({ status: 'ALLOCATED', cloudInstanceId: 'pod', launchRequestId: 'l1' });
  });

  test('RAY-24.1 the history of a row is bounded', () => {
    let table = tableOf(
      [queued('a')],
      [requested('a')],
      [to('a', 'ALLOCATED', { cloudInstanceId: 'pod' })],
      [to('a', 'RAY_RUNNING', { nodeId: 'n' })],
    );
    for (let i = 0; i < 100; i++) {
      table = applyUpdates(table, [to('a', 'RAY_STOP_REQUESTED')], at(i));
      table = applyUpdates(table, [to('a', 'RAY_RUNNING')], at(i));
    }
    expect(rowOf(table, 'a').history.length).toBeLessThanOrEqual(32);
  });

  test.each<[string, readonly InstanceUpdate[], RegExp]>([
    [
      'RAY-24.2 an illegal transition',
      [to('a', 'ALLOCATED', { cloudInstanceId: 'p' })],
      /cannot go from QUEUED to ALLOCATED/,
    ],
    ['RAY-24.3 a request without an id', [to('a', 'REQUESTED')], /without a request/],
    ['RAY-24.4 a row made twice', [queued('a')], /made twice/],
    ['RAY-24.4 a row that is not there', [requested('x')], /instance x/],
    ['RAY-24.4 (C6) forgetting a row that lives', [{ kind: 'remove', instanceId: 'a' }], /while it lives/],
  ])('%s is a defect', (_name, updates, message) => {
    expect(() => applyUpdates(tableOf([queued('a')]), updates, at(1))).toThrow(message);
  });

  test.each<[InstanceStatus, object, RegExp]>([['ALLOCATED', {}, /ALLOCATED without a pod/]])(
    'RAY-24.3 %s needs its fields',
    (status, fields, message) => {
      expect(() => applyUpdates(tableOf([queued('a')], [requested('a')]), [to('a', status, fields)], at(1))).toThrow(
        message,
      );
    },
  );

  test('RAY-24.3 running needs a Ray node', () => {
    const table = tableOf([queued('a')], [requested('a')], [to('a', 'ALLOCATED', { cloudInstanceId: 'pod' })]);
    expect(() => applyUpdates(table, [to('a', 'RAY_RUNNING')], at(1))).toThrow(/without a Ray node/);
  });

  test('RAY-25.1 rows are ordered by all the times at which they entered a status', () => {
    const table = tableOf(
      [queued('a'), queued('b')],
      [requested('b')],
      [requested('a')],
      [to('b', 'QUEUED')],
      [requested('b')],
    );
    expect(byTimesOf(rowsOf(table), 'REQUESTED').map(({ instanceId }) => instanceId)).toEqual(['b', 'a']);
  });
});
