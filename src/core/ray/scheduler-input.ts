/** From what a round knows to what the scheduler is given. */

import { HEAD_TYPE } from './config.ts';
import { availabilitiesOf } from './availability.ts';
import { canReachRunning } from './instance-status.ts';
import { rowsOf, type Instance } from './instances.ts';
import type { Observation } from './observation.ts';
import type { Progress } from './reconcile.ts';
import { floatSeconds } from './seconds-text.ts';
import type { RaySettings } from './settings.ts';
import type { NodeType, SchedulerSnapshot, SchedulerState } from './snapshot.ts';

/**
 * The snapshot of this moment. KubeRay knows no launch config to check, and no pod is resized in place. Nodes of groups that are not scaled (suspended, unreadable, no longer in the RayCluster) keep their
 * place: each such type is exactly as large as it is and never idle, so it hosts demand, but nothing is launched or terminated there.
 *
 * Cost: O(rows + Ray nodes + types).
 * Spec: RAY-26.1, RAY-26.2.   Source: v2/instance_manager/reconciler.py _scale_cluster (Ray 2.60.0).
 */
export function snapshotOf(
  { table, timeouts, state: carried }: Progress & { readonly state: SchedulerState },
  observation: Observation,
  settings: Pick<RaySettings, 'compat' | 'gpuNodes' | 'availabilityRecoveryMs' | 'pendingIdleTimeoutS'>,
): SchedulerSnapshot {
  const { config, state, at } = observation;
  const nodeOf = new Map(state.nodeStates.map((node) => [node.nodeId, node]));
  const rows = rowsOf(table).filter((row) => isSeen(row, settings));
  const held = heldTypes(rows, observation);
  const heldNodes = held.reduce((sum, type) => sum + type.maxWorkerNodes, 0);
  const heldNames = new Set(held.map(({ name }) => name));
  return {
    nodeTypes: [...config.nodeTypes.filter(({ name }) => !heldNames.has(name)), ...held],
    maxNumNodes: config.maxNumNodes + heldNodes,
    idleTimeout: floatSeconds(config.idleTimeoutS),
    pendingIdleTimeout:
      settings.pendingIdleTimeoutS === 'never' ? undefined : floatSeconds(settings.pendingIdleTimeoutS),
    launchConfigCheck: 'off',
    gpuNodes: settings.gpuNodes,
    resourceRequests: state.pendingResourceRequests,
    gangRequests: state.pendingGangResourceRequests,
    clusterConstraints: state.clusterResourceConstraints,
    instances: rows.map(({ instanceId, cloudInstanceId, instanceType, status, nodeKind, nodeId }) => ({
      instanceId,
      cloudInstanceId,
      instanceType,
      status,
      nodeKind,
      nodeId,
      launchConfigHash: '',
      rayNode: nodeOf.get(nodeId),
    })),
    availabilities: availabilitiesOf(timeouts, at.wall, settings.availabilityRecoveryMs),
    inPlaceResize: undefined,
    monotonicS: at.mono / 1000,
    state: carried,
  };
}

function isSeen(row: Instance, { compat }: Pick<RaySettings, 'compat'>): boolean {
  if (row.status === 'RAY_STOP_REQUESTED' && compat.stopRequestedNodes === 'leave-out') return false;
  return canReachRunning(row.status);
}

function heldTypes(rows: readonly Instance[], { config }: Observation): readonly NodeType[] {
  const known = new Map(config.nodeTypes.map((type) => [type.name, type]));
  const scaled = new Set(config.groups.flatMap(({ groupName, hold }) => (hold === undefined ? [groupName] : [])));
  const sizes = new Map<string, number>();
  for (const { instanceType } of rows) {
    if (instanceType !== HEAD_TYPE && !scaled.has(instanceType))
      sizes.set(instanceType, (sizes.get(instanceType) ?? 0) + 1);
  }
  return [...sizes].map(([name, size]) => ({
    name,
    minWorkerNodes: 0,
    maxWorkerNodes: size,
    idleTimeout: floatSeconds(Infinity),
    priority: known.get(name)?.priority ?? 0,
    resources: known.get(name)?.resources ?? [],
    labels: known.get(name)?.labels ?? {},
    launchConfigHash: '',
  }));
}
