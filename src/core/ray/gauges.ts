/** The instance table as numbers: what the metrics page shows after a round. */

import type { DurationMs } from '../time/time.ts';
import type { InstanceStatus } from './instance-status.ts';
import { rowsOf, type InstanceTable } from './instances.ts';
import type { NodeType } from './snapshot.ts';

/** Numbers of nodes by node type; every configured type is there, with 0 when it has none. Amounts by resource. */
export type RayGauges = {
  readonly pendingNodes: ReadonlyMap<string, number>;
  readonly activeNodes: ReadonlyMap<string, number>;
  /** The original calls rows so whose pods are being deleted. */
  readonly recentlyFailedNodes: ReadonlyMap<string, number>;
  readonly pendingResources: ReadonlyMap<string, number>;
  readonly activeResources: ReadonlyMap<string, number>;
};

const PENDING: ReadonlySet<InstanceStatus> = new Set(['QUEUED', 'REQUESTED', 'ALLOCATED', 'RAY_INSTALLING']);
const ACTIVE: ReadonlySet<InstanceStatus> = new Set(['RAY_RUNNING', 'RAY_STOP_REQUESTED', 'RAY_STOPPING']);

/**
 * Nodes and their configured resources, the head included. A resource that nobody has any more is 0, not what it was last.
 *
 * Cost: O(rows x resources of a type).
 * Spec: runtime 4.2, 11.2; defect 13.
 */
export function gaugesOf(table: InstanceTable, nodeTypes: readonly NodeType[]): RayGauges {
  const types = new Map(nodeTypes.map((type) => [type.name, type]));
  const zeros = (): Map<string, number> => new Map(nodeTypes.map(({ name }) => [name, 0]));
  const nothing = (): Map<string, number> =>
    new Map(nodeTypes.flatMap(({ resources }) => resources.map(([name]) => [name, 0] as const)));
  const [pendingNodes, activeNodes, recentlyFailedNodes] = [zeros(), zeros(), zeros()];
  const [pendingResources, activeResources] = [nothing(), nothing()];
  for (const { instanceType, status } of table.rows.values()) {
    const resources = types.get(instanceType)?.resources ?? [];
    if (PENDING.has(status)) {
      add(pendingNodes, instanceType, 1);
      for (const [name, amount] of resources) add(pendingResources, name, amount);
    } else if (ACTIVE.has(status)) {
      add(activeNodes, instanceType, 1);
      for (const [name, amount] of resources) add(activeResources, name, amount);
    } else if (status === 'TERMINATING') add(recentlyFailedNodes, instanceType, 1);
  }
  return { pendingNodes, activeNodes, recentlyFailedNodes, pendingResources, activeResources };
}

export type RayCounts = {
  /** Workers whose pods came. */
  readonly started: number;
  /** Nodes whose pods went. */
  readonly stopped: number;
  readonly failedToCreate: number;
};

/**
 * How many rows entered these statuses after `since`, a reading of the monotonic clock.
 *
 * Cost: O(entries of all histories).
 */
export function countsSince(table: InstanceTable, since: DurationMs): RayCounts {
  const counts = { started: 0, stopped: 0, failedToCreate: 0 };
  for (const { history, cloudInstanceId, nodeKind } of rowsOf(table)) {
    for (const { status, at } of history) {
      if (at.mono <= since) continue;
      if (status === 'ALLOCATED' && nodeKind === 'WORKER') counts.started++;
      else if (status === 'TERMINATED' && cloudInstanceId !== '') counts.stopped++;
      else if (status === 'ALLOCATION_FAILED') counts.failedToCreate++;
    }
  }
  return counts;
}

function add(totals: Map<string, number>, name: string, amount: number): void {
  totals.set(name, (totals.get(name) ?? 0) + amount);
}
