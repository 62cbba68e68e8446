/** Scheduler snapshots in one line, and decisions as one line of text: for tables. */

import type { ResourceRequest, ResourceRequestByCount, Resources } from '../../src/core/ray/cluster-state.ts';
import { shapeText } from '../../src/core/ray/account.ts';
import type { InstanceStatus } from '../../src/core/ray/instance-status.ts';
import { schedule } from '../../src/core/ray/schedule.ts';
import type { NodeType, SchedulerInstance, SchedulerSnapshot } from '../../src/core/ray/snapshot.ts';
import { durationMs, epochMs } from '../../src/core/time/time.ts';
import { deepFreeze } from '../../src/lib/json.ts';

export type Amounts = Readonly<Record<string, number>>;

const resourcesOf = (amounts: Amounts): Resources => Object.entries(amounts);

/** Maximum 10, minimum 0. */
export function type(name: string, amounts: Amounts, more: Partial<NodeType> = {}): NodeType {
  return {
    name,
    minWorkerNodes: 0,
    maxWorkerNodes: 10,
    priority: 0,
    resources: resourcesOf(amounts),
    labels: {},
    ...more,
  };
}

type Running = {
  readonly total: Amounts;
  readonly free?: Amounts;
  readonly idleMs?: number;
  readonly head?: true;
  readonly labels?: Readonly<Record<string, string>>;
};

export function running(instanceId: string, instanceType: string, node: Running): SchedulerInstance {
  return {
    instanceId,
    instanceType,
    status: 'RAY_RUNNING',
    nodeKind: node.head === true ? 'HEAD' : 'WORKER',
    nodeId: `ray-${instanceId}`,
    rayNode: {
      totalResources: resourcesOf(node.total),
      availableResources: resourcesOf(node.free ?? node.total),
      labels: node.labels ?? {},
      dynamicLabels: {},
      idleDurationMs: node.idleMs ?? 0,
    },
  };
}

export function pending(instanceId: string, instanceType: string, status: InstanceStatus): SchedulerInstance {
  return { instanceId, instanceType, status, nodeKind: 'WORKER', nodeId: '', rayNode: undefined };
}

export function demand(
  count: number,
  amounts: Amounts,
  more: Partial<Pick<ResourceRequest, 'placementConstraints' | 'labelSelectors'>> = {},
): ResourceRequestByCount {
  const request = { resourcesBundle: resourcesOf(amounts), placementConstraints: [], labelSelectors: [], ...more };
  return { request, count };
}

export function snapshot(parts: Partial<SchedulerSnapshot>): SchedulerSnapshot {
  return {
    nodeTypes: [],
    maxNumNodes: undefined,
    idleTimeoutS: undefined,
    gpuNodes: 'conserve',
    resourceRequests: [],
    instances: [],
    availabilities: { cloud: new Map(), recoverable: new Map() },
    ...parts,
  };
}

/** `launch A x1; terminate i1 IDLE; infeasible 2x{CPU: 4}`, or `nothing`, or `abort: <reason>`. */
export function decisionText(parts: Partial<SchedulerSnapshot>): string {
  const { decision } = schedule(deepFreeze(snapshot(parts)), { wall: epochMs(0), mono: durationMs(0) });
  if (decision.kind === 'abort') return `abort: ${decision.reason}`;
  const texts = [
    ...decision.launches.map(({ nodeType, count }) => `launch ${nodeType} x${count}`),
    ...decision.terminations.map(({ instanceId, cause }) => `terminate ${instanceId || '(planned)'} ${cause}`),
    ...decision.infeasible.map(({ request, count }) => `infeasible ${count}x${shapeText(request)}`),
  ];
  return texts.length === 0 ? 'nothing' : texts.join('; ');
}

export type Row = { readonly name: string; readonly in: Partial<SchedulerSnapshot>; readonly want: string };
