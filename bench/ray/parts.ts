/**
 * What the worlds are made of, in the case form: running workers of {CPU: 8, memory: 32 GiB}, pending demands of {CPU: 2} and gangs.
 * Every node has an address of its own, as in any cluster.
 */

import type {
  CaseDemand,
  CaseGang,
  CaseInstance,
  CaseNodeType,
  CaseRequest,
  RayCase,
} from '../../src/sim/ray-cases.types.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const CPUS = 8;
const IDLE_TIMEOUT_S = 60;

/** How many nodes, and how many demands or gangs wait. */
export type Size = { readonly nodes: number; readonly waiting: number };

export type Workers = {
  /** CPUs that are free on the nodes, in turn. */
  readonly freeCpus: readonly number[];
  /** Worker groups, one more GiB of memory each; nodes belong to them in turn. Default: 1. */
  readonly groups?: number;
  /** Every node has an object store of a size of its own. */
  readonly ownStores?: boolean;
  /** Every node has a label of its own, and one of three zones. */
  readonly ownLabels?: boolean;
  /** No two nodes have the same memory free. */
  readonly ownFreeMemory?: boolean;
};

export const FULL: Workers = { freeCpus: [0] };
export const FREE: Workers = { freeCpus: [CPUS] };
export const PARTLY_FREE: Workers = { freeCpus: [0, 2, 4, 6] };

export function caseOf(
  size: Size,
  workers: Workers,
  pending: { readonly demands?: readonly CaseDemand[]; readonly gangs?: readonly CaseGang[] },
): RayCase {
  const room = size.nodes + size.waiting;
  const groups = workers.groups ?? 1;
  return {
    config: { max_num_nodes: room, idle_timeout_s: IDLE_TIMEOUT_S },
    node_types: Array.from({ length: groups }, (_, group) => nodeType(group, room, workers)),
    instances: Array.from({ length: size.nodes }, (_, i) => instance(i, i % groups, workers)),
    demands: pending.demands ?? [],
    gangs: pending.gangs ?? [],
  };
}

function nodeType(group: number, max: number, { ownLabels = false }: Workers): CaseNodeType {
  return {
    name: groupName(group),
    min: 0,
    max,
    resources: [
      ['CPU', CPUS],
      ['memory', memoryOf(group)],
    ],
    ...(ownLabels ? { labels: { zone: zone(group) } } : {}),
  };
}

function instance(i: number, group: number, workers: Workers): CaseInstance {
  const { freeCpus, ownStores = false, ownLabels = false, ownFreeMemory = false } = workers;
  const free = freeCpus[i % freeCpus.length] ?? 0;
  const memory = memoryOf(group);
  const own = [
    ...(ownStores ? [['object_store_memory', 9 * GIB + i * 4096] as const] : []),
    [`node:10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1] as const,
  ];
  return {
    id: `i-${i}`,
    cloud_id: `c-${i}`,
    node_type: groupName(group),
    status: 'RAY_RUNNING',
    ray_node_id: i.toString(16).padStart(56, '0'),
    ray_node: {
      total: [['CPU', CPUS], ['memory', memory], ...own],
      available: [
        ...(free > 0 ? [['CPU', free] as const] : []), // the GCS leaves out what is used up
        ['memory', ownFreeMemory ? memory - (i + 1) * MIB : memory],
        ...own,
      ],
      idle_ms: 0,
      ...(ownLabels ? { labels: { 'ray.io/node-id': `n${i}`, zone: zone(i) } } : {}),
    },
  };
}

/** `waiting` demands in equal parts over `shapes` shapes; `selecting` ones want a zone and take any node otherwise. */
export function demands(
  waiting: number,
  shapes: number,
  { selecting = false }: { readonly selecting?: boolean } = {},
): readonly CaseDemand[] {
  return Array.from({ length: shapes }, (_, k) => ({
    resources: shapes === 1 ? [['CPU', 2] as const] : [['CPU', 2] as const, ['memory', (k + 1) * MIB] as const],
    ...(selecting ? { selectors: [[['zone', 'IN', [zone(k)]] as const], []] } : {}),
    count: Math.floor(waiting / shapes) + (k < waiting % shapes ? 1 : 0),
  }));
}

/** PACK groups of four bundles. */
export function packGangs(waiting: number): readonly CaseGang[] {
  return gangs(waiting, 'PACK', 4, () => ({ resources: [['CPU', 2]] }));
}

/** STRICT_SPREAD groups of eight bundles. */
export function spreadGangs(waiting: number): readonly CaseGang[] {
  return gangs(waiting, 'STRICT_SPREAD', 8, (id) => ({
    resources: [['CPU', 1]],
    placement: [{ anti_affinity: [`_PG_${id}`, ''] }],
  }));
}

function gangs(
  waiting: number,
  strategy: string,
  bundles: number,
  bundle: (id: string) => CaseRequest,
): readonly CaseGang[] {
  return Array.from({ length: waiting }, (_, k) => {
    const id = k.toString(16).padStart(36, '0');
    return { details: `${id}:${strategy}|PENDING`, requests: Array.from({ length: bundles }, () => bundle(id)) };
  });
}

function groupName(group: number): string {
  return group === 0 ? 'worker' : `worker-${group}`;
}

function memoryOf(group: number): number {
  return (32 + group) * GIB;
}

function zone(i: number): string {
  return `z${i % 3}`;
}
