/** Scheduler snapshots in one line, and decisions as one line of text: for tables. */

import type {
  GangResourceRequest,
  ResourceRequest,
  ResourceRequestByCount,
  Resources,
} from '../../src/core/ray/cluster-state.ts';
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
    launchConfigHash: '',
    ...more,
  };
}

type Running = {
  readonly total: Amounts;
  readonly free?: Amounts;
  readonly idleMs?: number;
  readonly head?: true;
  readonly labels?: Readonly<Record<string, string>>;
  readonly launchConfigHash?: string;
};

export function running(instanceId: string, instanceType: string, node: Running): SchedulerInstance {
  return {
    instanceId,
    cloudInstanceId: `pod-${instanceId}`,
    instanceType,
    launchConfigHash: node.launchConfigHash ?? '',
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
  return {
    instanceId,
    cloudInstanceId: `pod-${instanceId}`,
    instanceType,
    status,
    nodeKind: 'WORKER',
    nodeId: '',
    launchConfigHash: '',
    rayNode: undefined,
  };
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
    idleTimeout: undefined,
    pendingIdleTimeout: undefined,
    launchConfigCheck: 'off',
    gpuNodes: 'conserve',
    resourceRequests: [],
    gangRequests: [],
    clusterConstraints: [],
    instances: [],
    availabilities: { cloud: new Map(), recoverable: new Map() },
    inPlaceResize: undefined,
    monotonicS: 0,
    state: { pendingUnneededSinceS: new Map() },
    ...parts,
  };
}

/** One request for each shape, with the strategy's placement constraints for the placement group `id`. */
export function gang(
  id: string,
  strategy: 'PACK' | 'SPREAD' | 'STRICT_PACK' | 'STRICT_SPREAD',
  shapes: readonly Amounts[],
  more: { readonly selectors?: readonly ResourceRequest['labelSelectors'][] } = {},
): GangResourceRequest {
  const label = { labelName: `_PG_${id}`, labelValue: '' };
  const placementConstraints =
    strategy === 'STRICT_SPREAD' ? [{ antiAffinity: label }] : strategy === 'STRICT_PACK' ? [{ affinity: label }] : [];
  const requests = shapes.map((amounts) => ({
    resourcesBundle: resourcesOf(amounts),
    placementConstraints,
    labelSelectors: [],
  }));
  const selected = requests.map((request, i) => ({ ...request, labelSelectors: more.selectors?.[i] ?? [] }));
  return { details: `${id}:${strategy}|PENDING`, requests, bundleSelectors: [{ resourceRequests: selected }] };
}

/** `launch A x1; terminate i1 IDLE; infeasible 2x{CPU: 4}`, or `nothing`, or `abort: <reason>`. */
export function decisionText(parts: Partial<SchedulerSnapshot>): string {
  const { decision } = schedule(deepFreeze(snapshot(parts)), { wall: epochMs(0), mono: durationMs(0) });
  if (decision.kind === 'abort') return `abort: ${decision.reason}`;
  const texts = [
    ...decision.launches.map(({ nodeType, count }) => `launch ${nodeType} x${count}`),
    ...decision.terminations.map(({ instanceId, cause }) => `terminate ${instanceId || '(planned)'} ${cause}`),
    ...decision.resizes.map((one) => `resize ${one.cloudInstanceId} to ${one.desiredCpu}/${one.desiredMemory}`),
    ...decision.infeasibleGangs.map(({ details }) => `infeasible ${details}`),
    ...decision.infeasibleConstraints.map(() => 'infeasible constraint'),
    ...decision.infeasible.map(({ request, count }) => `infeasible ${count}x${shapeText(request)}`),
  ];
  return texts.length === 0 ? 'nothing' : texts.join('; ');
}

export type Row = { readonly name: string; readonly in: Partial<SchedulerSnapshot>; readonly want: string };
