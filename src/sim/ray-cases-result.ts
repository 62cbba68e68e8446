/** What the scheduler decided, in the case form: the order of its fields, its merged runs, and numbers as the original prints them. */

import { ORIGINAL_ERRORS } from '../core/ray/abort.ts';
import type { ResourceRequest, ResourceRequestByCount } from '../core/ray/cluster-state.ts';
import type { SchedulingNode } from '../core/ray/nodes.ts';
import type { Schedule } from '../core/ray/schedule.ts';
import type { ScheduleDecision, SchedulerSnapshot, TerminationRequest } from '../core/ray/snapshot.ts';
import { compareCodePoints } from '../lib/compare.ts';
import { canonicalJson } from '../lib/json.ts';
import type { MalformedCase } from './ray-cases-snapshot.ts';
import type {
  CaseDemand,
  CasePlacement,
  CaseTermination,
  CaseTraceNode,
  RayDecided,
  RayRefused,
  RayResult,
} from './ray-cases.types.ts';

type Decided = Extract<ScheduleDecision, { kind: 'schedule' }>;

/** `trace`: with the final nodes. */
export function resultOf(
  { id, snapshot }: { readonly id: unknown; readonly snapshot: SchedulerSnapshot },
  { decision, nodes }: Pick<Schedule, 'decision' | 'nodes'>,
  { trace }: { readonly trace: boolean },
): RayResult {
  if (decision.kind === 'abort') {
    const { error, where } = ORIGINAL_ERRORS[decision.reason];
    return { id, ok: false, error, message: decision.message, where };
  }
  const decided = decidedOf(id, snapshot, decision);
  return trace ? { ...decided, trace: nodes.map(traceNodeOf) } : decided;
}

/** The answer to a line that is no case. */
export function refusalOf({ id, faults }: MalformedCase): RayRefused {
  return { id, ok: false, error: 'BadCase', message: faultsText(faults) };
}

/** `node_types[0].max: a whole number of 0 or more is required`, several of them one after the other. */
export function faultsText(faults: MalformedCase['faults']): string {
  return faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

function decidedOf(id: unknown, snapshot: SchedulerSnapshot, decision: Decided): RayDecided {
  return {
    id,
    ok: true,
    launches: decision.launches.map(({ nodeType, count }) => [nodeType, count] as const),
    terminations: decision.terminations.map(terminationOf),
    resizes: decision.resizes.map((resize) => ({
      cloud_id: resize.cloudInstanceId,
      desired_cpu: resize.desiredCpu,
      desired_memory: resize.desiredMemory,
      raylet_id: resize.rayletId,
    })),
    infeasible: runsOf(decision.infeasible),
    infeasible_gangs: decision.infeasibleGangs.map((gang) => snapshot.gangRequests.indexOf(gang)),
    infeasible_constraints: decision.infeasibleConstraints.map((_, i) => i),
    cluster_resources: decision.clusterResources,
    state: { pending_unneeded_since_s: Object.fromEntries(decision.state.pendingUnneededSinceS) },
  };
}

function terminationOf(request: TerminationRequest): CaseTermination {
  return {
    instance_id: request.instanceId,
    ray_node_id: request.rayNodeId,
    node_type: request.instanceType,
    cause: request.cause,
    instance_status: request.instanceStatus,
    idle_duration_ms: request.idleDurationMs ?? null,
    max_num_nodes: request.maxNumNodes ?? null,
    max_num_nodes_per_type: request.maxNumNodesPerType ?? null,
    details: request.details,
  };
}

function traceNodeOf(node: SchedulingNode): CaseTraceNode {
  return {
    node_type: node.nodeType,
    status: node.status,
    instance_id: node.instanceId,
    total: byName([...node.total]),
    available: byName([...node.free.demand]),
    labels: Object.fromEntries(byName([...node.labels])),
    demand: runsOf(node.placed.demand),
    constraint: runsOf(node.placed.constraint),
  };
}

/** Neighbours of equal content become one entry. */
function runsOf(requests: readonly ResourceRequestByCount[]): readonly CaseDemand[] {
  const runs: { readonly content: string; readonly request: CaseDemand; count: number }[] = [];
  const seen = new Map<ResourceRequest, { readonly content: string; readonly request: CaseDemand }>();
  for (const { request, count } of requests) {
    let told = seen.get(request);
    if (told === undefined) {
      const form = requestOf(request);
      told = { content: canonicalJson(form), request: form };
      seen.set(request, told);
    }
    const last = runs.at(-1);
    if (last?.content === told.content) last.count += count;
    else runs.push({ ...told, count });
  }
  return runs.map(({ request, count }) => ({ ...request, count }));
}

function requestOf({ resourcesBundle, placementConstraints, labelSelectors }: ResourceRequest): CaseDemand {
  const placement = placementConstraints.map(({ antiAffinity: anti, affinity }): CasePlacement => ({
    ...(anti === undefined ? {} : { anti_affinity: [anti.labelName, anti.labelValue] as const }),
    ...(affinity === undefined ? {} : { affinity: [affinity.labelName, affinity.labelValue] as const }),
  }));
  const selectors = labelSelectors.map((alternative) =>
    alternative.map(({ key, operator, values }) => [key, operator, values] as const),
  );
  return {
    resources: byName(resourcesBundle),
    ...(placement.length === 0 ? {} : { placement }),
    ...(selectors.length === 0 ? {} : { selectors }),
  };
}

/** The original sorts names by code point. */
function byName<T extends readonly [name: string, value: unknown]>(pairs: readonly T[]): readonly T[] {
  return pairs.toSorted(([a], [b]) => compareCodePoints(a, b));
}
