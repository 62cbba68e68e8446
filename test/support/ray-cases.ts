/**
 * The neutral case form of one scheduling round (JSON lines): a case becomes a snapshot, a decision becomes a result, and two results
 * are compared as the oracle's own comparison does, details texts included. Says which cases this version covers, and why not others.
 */

import type { ResourceRequestByCount, Resources } from '../../src/core/ray/cluster-state.ts';
import type { InstanceStatus, NodeKind } from '../../src/core/ray/instance-status.ts';
import { schedule } from '../../src/core/ray/schedule.ts';
import type { NodeType, SchedulerInstance, SchedulerSnapshot } from '../../src/core/ray/snapshot.ts';
import { durationMs, epochMs } from '../../src/core/time/time.ts';
import { canonicalJson } from '../../src/lib/json.ts';

type CaseRequest = {
  readonly resources?: Resources;
  readonly placement?: readonly {
    readonly anti_affinity?: readonly [string, string];
    readonly affinity?: readonly [string, string];
  }[];
  readonly selectors?: readonly (readonly (readonly [string, 'IN' | 'NOT_IN' | 'UNSPECIFIED', readonly string[]])[])[];
  readonly count?: number;
};

export type RayCase = {
  readonly id: string;
  readonly config?: {
    readonly disable_launch_config_check?: boolean;
    readonly max_num_nodes?: number | null;
    readonly idle_timeout_s?: number | null;
    readonly pending_idle_timeout_s?: number | null;
    readonly conserve_gpu_nodes?: boolean;
  };
  readonly node_types?: readonly {
    readonly name: string;
    readonly max: number;
    readonly min?: number;
    readonly priority?: number;
    readonly idle_timeout_s?: number | null;
    readonly resources?: Resources;
    readonly labels?: Readonly<Record<string, string>>;
  }[];
  readonly instances?: readonly {
    readonly id: string;
    readonly node_type: string;
    readonly status: InstanceStatus;
    readonly kind?: NodeKind;
    readonly ray_node_id?: string | null;
    readonly in_im?: boolean;
    readonly ray_node?: {
      readonly total: Resources;
      readonly available: Resources;
      readonly idle_ms?: number;
      readonly labels?: Readonly<Record<string, string>>;
      readonly dynamic_labels?: Readonly<Record<string, string>>;
    } | null;
  }[];
  readonly demands?: readonly CaseRequest[];
  readonly gangs?: readonly unknown[];
  readonly constraints?: readonly unknown[];
  readonly availability?: {
    readonly cloud?: Readonly<Record<string, number>>;
    readonly recoverable?: Readonly<Record<string, number>>;
  };
  readonly ippr?: unknown;
};

export type RayResult = {
  readonly id: string;
  readonly ok: boolean;
  readonly launches?: readonly (readonly [string, number])[];
  readonly terminations?: readonly Readonly<Record<string, unknown>>[];
  readonly infeasible?: readonly CaseRequest[];
  readonly cluster_resources?: Resources;
  readonly flags?: { readonly ulp_sensitive: boolean; readonly sum_order_sensitive: boolean };
};

/** Why a case is not for this version of the scheduler; undefined when it is. */
export function outOfScope(rayCase: RayCase): string | undefined {
  if (rayCase.config?.disable_launch_config_check === false) return 'outdated nodes';
  if (typeof rayCase.config?.pending_idle_timeout_s === 'number') return 'pending idle time-out';
  if ((rayCase.gangs?.length ?? 0) > 0) return 'gangs';
  if ((rayCase.constraints?.length ?? 0) > 0) return 'cluster constraint';
  if (rayCase.ippr !== undefined && rayCase.ippr !== null) return 'in-place resize';
  return undefined;
}

export function snapshotOf(rayCase: RayCase): SchedulerSnapshot {
  const config = rayCase.config ?? {};
  return {
    nodeTypes: (rayCase.node_types ?? []).map(nodeTypeOf),
    maxNumNodes: config.max_num_nodes ?? undefined,
    idleTimeoutS: config.idle_timeout_s ?? undefined,
    gpuNodes: config.conserve_gpu_nodes === false ? 'use' : 'conserve',
    resourceRequests: (rayCase.demands ?? []).map(requestOf),
    instances: (rayCase.instances ?? []).filter((instance) => instance.in_im !== false).map(instanceOf),
    availabilities: {
      cloud: new Map(Object.entries(rayCase.availability?.cloud ?? {})),
      recoverable: new Map(Object.entries(rayCase.availability?.recoverable ?? {})),
    },
  };
}

function nodeTypeOf(type: NonNullable<RayCase['node_types']>[number]): NodeType {
  return {
    name: type.name,
    minWorkerNodes: type.min ?? 0,
    maxWorkerNodes: type.max,
    ...(typeof type.idle_timeout_s === 'number' ? { idleTimeoutS: type.idle_timeout_s } : {}),
    priority: type.priority ?? 0,
    resources: type.resources ?? [],
    labels: type.labels ?? {},
  };
}

function instanceOf(instance: NonNullable<RayCase['instances']>[number]): SchedulerInstance {
  const node = instance.ray_node ?? undefined;
  return {
    instanceId: instance.id,
    instanceType: instance.node_type,
    status: instance.status,
    nodeKind: instance.kind ?? 'WORKER',
    nodeId: instance.ray_node_id ?? '',
    rayNode:
      node === undefined
        ? undefined
        : {
            totalResources: node.total,
            availableResources: node.available,
            labels: node.labels ?? {},
            dynamicLabels: node.dynamic_labels ?? {},
            idleDurationMs: node.idle_ms ?? 0,
          },
  };
}

function requestOf(request: CaseRequest): ResourceRequestByCount {
  return {
    count: request.count ?? 1,
    request: {
      // a protobuf map keeps the last value of a name
      resourcesBundle: [...new Map(request.resources ?? [])],
      placementConstraints: (request.placement ?? []).map(({ anti_affinity: anti, affinity }) => ({
        ...(anti === undefined ? {} : { antiAffinity: { labelName: anti[0], labelValue: anti[1] } }),
        ...(affinity === undefined ? {} : { affinity: { labelName: affinity[0], labelValue: affinity[1] } }),
      })),
      labelSelectors: (request.selectors ?? []).map((constraints) =>
        constraints.map(([key, operator, values]) => ({ key, operator, values })),
      ),
    },
  };
}

/** What our scheduler answers, in the form of the oracle. */
export function resultOf(rayCase: RayCase): RayResult {
  const { decision } = schedule(snapshotOf(rayCase), { wall: epochMs(0), mono: durationMs(0) });
  if (decision.kind === 'abort') return { id: rayCase.id, ok: false };
  return {
    id: rayCase.id,
    ok: true,
    launches: decision.launches.map(({ nodeType, count }) => [nodeType, count] as const),
    terminations: decision.terminations.map((request) => ({
      instance_id: request.instanceId,
      ray_node_id: request.rayNodeId,
      node_type: request.instanceType,
      cause: request.cause,
      instance_status: request.instanceStatus,
      idle_duration_ms: request.idleDurationMs ?? null,
      max_num_nodes: request.maxNumNodes ?? null,
      max_num_nodes_per_type: request.maxNumNodesPerType ?? null,
      details: request.details,
    })),
    infeasible: decision.infeasible.map(toCaseRequest),
    cluster_resources: decision.clusterResources,
  };
}

function toCaseRequest({ request, count }: ResourceRequestByCount): CaseRequest {
  return {
    resources: request.resourcesBundle,
    placement: request.placementConstraints.map(({ antiAffinity, affinity }) => ({
      ...(antiAffinity === undefined
        ? {}
        : { anti_affinity: [antiAffinity.labelName, antiAffinity.labelValue] as const }),
      ...(affinity === undefined ? {} : { affinity: [affinity.labelName, affinity.labelValue] as const }),
    })),
    selectors: request.labelSelectors.map((one) =>
      one.map(({ key, operator, values }) => [key, operator, values] as const),
    ),
    count,
  };
}

/** What counts as the answer: numbers exactly, neighbours of equal content in `infeasible` merged, of an abort only the fact. */
export function comparable(result: RayResult): unknown {
  if (!result.ok) return { ok: false };
  const { launches, terminations, cluster_resources: clusterResources } = result;
  return { ok: true, launches, terminations, infeasible: mergedRuns(result.infeasible ?? []), clusterResources };
}

function mergedRuns(requests: readonly CaseRequest[]): readonly { content: string; count: number }[] {
  const runs: { content: string; count: number }[] = [];
  for (const { count = 1, resources = [], placement = [], selectors = [] } of requests) {
    const byName = Object.fromEntries(resources);
    const content = canonicalJson({ resources: byName, placement, selectors });
    const last = runs.at(-1);
    if (last?.content === content) last.count += count;
    else runs.push({ content, count });
  }
  return runs;
}
