/**
 * The instance table: one row per node that is wanted, requested, running or on its way out. It is data: rows change only through
 * `applyUpdates`, which holds every change against the graph of statuses. It lives in memory and is rebuilt from pods and Ray nodes.
 */

import { assert, defined } from '../../lib/assert.ts';
import type { Instant } from '../time/time.ts';
import { isTerminal, mayFollow, type InstanceStatus, type NodeKind } from './instance-status.ts';
import type { TerminationRequest } from './snapshot.ts';

export type StatusEntry = { readonly status: InstanceStatus; readonly at: Instant; readonly details: string };

/** One row. Empty texts mean none. */
export type Instance = {
  readonly instanceId: string;
  /** The worker group, or `headgroup`. */
  readonly instanceType: string;
  readonly status: InstanceStatus;
  /** Oldest first, at most {@link MAX_HISTORY}; the last entry is the present status. */
  readonly history: readonly StatusEntry[];
  /** The pod's name. */
  readonly cloudInstanceId: string;
  /** Ray's node id. */
  readonly nodeId: string;
  readonly nodeKind: NodeKind;
  readonly launchRequestId: string;
  /** Why it was asked to stop. */
  readonly termination: TerminationRequest | undefined;
};

/** Rows in the order they were made. Every batch of changes adds one to the version. */
export type InstanceTable = { readonly version: number; readonly rows: ReadonlyMap<string, Instance> };

export const EMPTY_TABLE: InstanceTable = { version: 0, rows: new Map() };

/** A refused drain adds two entries; older ones than this many are dropped. */
const MAX_HISTORY = 32;

type Fields = Partial<Pick<Instance, 'cloudInstanceId' | 'nodeId' | 'nodeKind' | 'launchRequestId' | 'termination'>>;

export type NewInstance = Fields & {
  readonly kind: 'create';
  readonly instanceId: string;
  readonly instanceType: string;
  readonly status: 'ALLOCATED' | 'QUEUED' | 'TERMINATING';
  readonly details: string;
};

export type Transition = Fields & {
  readonly kind: 'transition';
  readonly instanceId: string;
  readonly to: InstanceStatus;
  readonly details: string;
};

/** Takes a row out of the table. Terminal rows only. */
export type Removal = { readonly kind: 'remove'; readonly instanceId: string };

export type InstanceUpdate = NewInstance | Transition | Removal;

/**
 * The table after one batch, at most one update per row. An empty batch changes nothing, the version included.
 *
 * An illegal transition is a defect of ours and ends the round.
 * Cost: O(rows + updates).
 * Spec: RAY-24.1 to RAY-24.4.   Source: v2/instance_manager/instance_manager.py, instance_storage.py (Ray 2.60.0).
 */
export function applyUpdates(table: InstanceTable, updates: readonly InstanceUpdate[], at: Instant): InstanceTable {
  if (updates.length === 0) return table;
  const rows = new Map(table.rows);
  for (const update of updates) {
    switch (update.kind) {
      case 'create':
        assert(!rows.has(update.instanceId), `instance ${update.instanceId} is made twice`);
        rows.set(update.instanceId, created(update, at));
        break;
      case 'transition':
        rows.set(update.instanceId, moved(rowOf(table, update.instanceId), update, at));
        break;
      case 'remove':
        assert(
          isTerminal(rowOf(table, update.instanceId).status),
          `instance ${update.instanceId} is removed while it lives`,
        );
        rows.delete(update.instanceId);
        break;
    }
  }
  return { version: table.version + 1, rows };
}

export function rowOf(table: InstanceTable, instanceId: string): Instance {
  return defined(table.rows.get(instanceId), `instance ${instanceId}`);
}

export function rowsOf(table: InstanceTable): readonly Instance[] {
  return [...table.rows.values()];
}

function created(update: NewInstance, at: Instant): Instance {
  const { instanceId, instanceType, status, details } = update;
  assert(
    status === 'QUEUED' || update.cloudInstanceId !== undefined,
    `instance ${instanceId} starts as ${status} without a pod`,
  );
  return {
    instanceId,
    instanceType,
    status,
    history: [{ status, at, details }],
    cloudInstanceId: update.cloudInstanceId ?? '',
    nodeId: update.nodeId ?? '',
    nodeKind: update.nodeKind ?? 'WORKER',
    launchRequestId: update.launchRequestId ?? '',
    termination: update.termination,
  };
}

function moved(row: Instance, { kind: _kind, to, details, ...fields }: Transition, at: Instant): Instance {
  assert(mayFollow(row.status, to), `instance ${row.instanceId} cannot go from ${row.status} to ${to}`);
  const next: Instance = {
    ...row,
    ...fields,
    status: to,
    history: [...row.history, { status: to, at, details }].slice(-MAX_HISTORY),
  };
  if (to === 'REQUESTED')
    assert(next.launchRequestId !== '', `instance ${row.instanceId} is requested without a request`);
  if (to === 'RAY_RUNNING') assert(next.nodeId !== '', `instance ${row.instanceId} runs without a Ray node`);
  if (to === 'ALLOCATED' || to === 'TERMINATING')
    assert(next.cloudInstanceId !== '', `instance ${row.instanceId} is ${to} without a pod`);
  return next;
}

/** When the present status began. */
export function statusSince(row: Instance): Instant {
  return defined(row.history.at(-1), `the history of instance ${row.instanceId}`).at;
}

/** The monotonic times at which a row entered a status, oldest first. */
export function timesOf(row: Instance, status: InstanceStatus): readonly number[] {
  return row.history.filter((entry) => entry.status === status).map(({ at }) => at.mono);
}

/** Rows by their list of times in a status, earliest first; equal ones keep their order. */
export function byTimesOf(rows: readonly Instance[], status: InstanceStatus): readonly Instance[] {
  return rows
    .map((row) => ({ row, times: timesOf(row, status) }))
    .toSorted((a, b) => compareLists(a.times, b.times))
    .map(({ row }) => row);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
