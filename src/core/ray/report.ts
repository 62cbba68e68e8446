/** What the GCS is told after a round: the source of `ray status`. */

import type { AutoscalingState, ClusterResourceState, ResourceRequest } from './cluster-state.ts';
import type { Compat } from './compat.ts';
import { rowsOf, type Instance, type InstanceTable, type StatusEntry } from './instances.ts';
import type { ScheduleDecision } from './snapshot.ts';

/**
 * The autoscaling state of a table. Rows that were never part of a request are not reported as requests; a pod that is awaited is
 * named by its pod's name (C12).
 *
 * Units: times in Unix seconds.
 * Cost: O(rows + infeasible requests).
 * Spec: RAY-29.1.   Source: v2/instance_manager/reconciler.py _fill_autoscaling_state (Ray 2.60.0).
 */
export function autoscalingStateOf(input: {
  readonly table: InstanceTable;
  readonly state: ClusterResourceState;
  readonly decision: ScheduleDecision;
  readonly compat: Pick<Compat, 'reportDetails'>;
}): AutoscalingState {
  const { table, state, decision, compat } = input;
  const rows = rowsOf(table);
  const full = compat.reportDetails === 'full';
  const detailsOf = (row: Instance): string => (full ? (row.history.at(-1)?.details ?? '') : '');
  return {
    lastSeenClusterResourceStateVersion: state.clusterResourceStateVersion,
    autoscalerStateVersion: table.version,
    pendingInstanceRequests: pendingRequestsOf(rows),
    infeasibleResourceRequests:
      decision.kind === 'schedule' ? decision.infeasible.flatMap(({ request, count }) => repeat(request, count)) : [],
    infeasibleGangResourceRequests: decision.kind === 'schedule' ? decision.infeasibleGangs : [],
    infeasibleClusterResourceConstraints: decision.kind === 'schedule' ? decision.infeasibleConstraints : [],
    pendingInstances: rows
      .filter(({ status }) => status === 'ALLOCATED' || status === 'RAY_INSTALLING')
      .map((row) => ({
        rayNodeTypeName: row.instanceType,
        instanceId: full ? row.cloudInstanceId : row.instanceId,
        details: detailsOf(row),
      })),
    failedInstanceRequests: rows
      .filter(({ status }) => status === 'ALLOCATION_FAILED')
      .map((row) => ({
        rayNodeTypeName: row.instanceType,
        count: 1,
        reason: detailsOf(row),
        startTs: unixSeconds(row.history[0]),
        failedTs: unixSeconds(row.history.at(-1)),
      })),
  };
}

/** One entry per launch request and type, with the time at which its first row was last requested. */
function pendingRequestsOf(rows: readonly Instance[]): AutoscalingState['pendingInstanceRequests'] {
  const requests = new Map<string, { rayNodeTypeName: string; count: number; requestTs: number }>();
  for (const row of rows) {
    if ((row.status !== 'REQUESTED' && row.status !== 'QUEUED') || row.launchRequestId === '') continue;
    const key = JSON.stringify([row.launchRequestId, row.instanceType]);
    const so = requests.get(key);
    if (so !== undefined) so.count++;
    else {
      const requestTs = unixSeconds(row.history.findLast(({ status }) => status === 'REQUESTED'));
      requests.set(key, { rayNodeTypeName: row.instanceType, count: 1, requestTs });
    }
  }
  return [...requests.values()];
}

function unixSeconds(entry: StatusEntry | undefined): number {
  return entry === undefined ? 0 : Math.floor(entry.at.wall / 1000);
}

function repeat(request: ResourceRequest, count: number): readonly ResourceRequest[] {
  return Array.from({ length: count }, () => request);
}
