/** Further parts of generated cases: gangs, constraints, in-place resize, the state carried over, and ways to spoil a round. */

import type {
  CaseDemand,
  CaseGang,
  CaseInstance,
  CaseNodeType,
  CasePlacement,
  CaseRequest,
  CaseResizeStatus,
  RayCase,
} from '../../src/sim/ray-cases.types.ts';
import type { Dice } from './ray-dice.ts';
import { makeDemands, makeRequest, type Dials } from './ray-generator-parts.ts';

type Strategy = 'PACK' | 'SPREAD' | 'STRICT_PACK' | 'STRICT_SPREAD';

/** All strategies; some groups are partly placed already, some are empty, some have selectors only in the newer list. */
export function makeGang(
  dice: Dice,
  dials: Dials,
  { types, index }: { readonly types: readonly CaseNodeType[]; readonly index: number },
): CaseGang {
  const strategy = dice.pick<Strategy>(['PACK', 'SPREAD', 'STRICT_PACK', 'STRICT_SPREAD', 'STRICT_SPREAD']);
  const group = `_PG_p${index % 3}`;
  const placement = placementOf(dice, strategy, group);
  const same = dice.chance(0.6) ? makeRequest(dice, dials, types) : undefined;
  const bundles = dice.times(dice.pick([0, 1, 2, 2, 3, 4]), (): CaseRequest => {
    const made = same ?? makeRequest(dice, dials, types);
    const { placement: _own, selectors: _selectors, ...plain } = made;
    return { ...plain, ...(placement === undefined ? {} : { placement }) };
  });
  const newer = dice.perhaps(0.3 + dials.labels * 0.5, () => {
    const selected = bundles.map((bundle): CaseRequest => {
      const selectors = dice.perhaps(dials.labels, () => makeRequest(dice, { ...dials, labels: 1 }, types).selectors);
      return { ...bundle, ...(selectors === undefined ? {} : { selectors }) };
    });
    return dice.chance(0.1) ? [selected, bundles] : [selected];
  });
  const legacy = newer !== undefined && dice.chance(0.15) ? [] : bundles;
  return {
    details: `${group.slice(4)}:${strategy}|PENDING`,
    requests: legacy,
    ...(newer === undefined ? {} : { bundle_selectors: dice.chance(0.05) ? [] : newer }),
  };
}

function placementOf(dice: Dice, strategy: Strategy, group: string): readonly CasePlacement[] | undefined {
  if (strategy === 'STRICT_SPREAD') return [{ anti_affinity: [group, ''] }];
  if (strategy === 'STRICT_PACK') return [{ affinity: [group, ''] }];
  return dice.perhaps(0.05, () => [{}]);
}

export function makeConstraint(dice: Dice, dials: Dials, types: readonly CaseNodeType[]): readonly CaseDemand[] {
  return makeDemands(dice, { ...dials, count: Math.min(dials.count, 4) }, types, [0, 3]);
}

const RESIZE_STATUSES = [null, null, null, null, 'new', 'new', 'inprogress', 'deferred', 'infeasible', 'error'];

/** Groups for some types and for one that does not exist; statuses for most pods, in every stage. */
export function makeResize(
  dice: Dice,
  types: readonly CaseNodeType[],
  instances: readonly CaseInstance[],
): NonNullable<RayCase['ippr']> {
  const size = (type: CaseNodeType, name: string): number => new Map(type.resources ?? []).get(name) ?? 0;
  const groups = dice.some(types, 0.75).map((type) => {
    const [cpu, memory] = [size(type, 'CPU'), size(type, 'memory')];
    const group = {
      min_cpu: cpu,
      max_cpu: cpu + dice.pick([0, 1, 2, 4, 0.5]),
      min_memory: memory,
      max_memory: memory + dice.pick([0, 0, 4, 8]),
      resize_timeout: 60,
    };
    return [type.name, group] as const;
  });
  if (dice.chance(0.15)) {
    groups.push(['no-type', { min_cpu: 1, max_cpu: 8, min_memory: 0, max_memory: 8, resize_timeout: 60 }]);
  }
  if (groups.length === 0) return { groups, statuses: [] };
  const statuses = instances.flatMap((instance): CaseResizeStatus[] => {
    if (typeof instance.cloud_id !== 'string' || dice.chance(0.1)) return [];
    const own = groups.find(([name]) => name === instance.node_type) ?? dice.pick(groups);
    return [makeResizeStatus(dice, instance.cloud_id, own)];
  });
  return { groups, statuses };
}

function makeResizeStatus(
  dice: Dice,
  cloudId: string,
  [name, group]: NonNullable<RayCase['ippr']>['groups'][number],
): CaseResizeStatus {
  const maybe = <T>(probability: number, value: () => T): T | null => dice.perhaps(probability, value) ?? null;
  const between = (low: number, high: number): number => dice.pick([low, low, high, (low + high) / 2]);
  return {
    cloud_id: cloudId,
    group: name,
    current_cpu: between(group.min_cpu, group.max_cpu),
    current_memory: between(group.min_memory, group.max_memory),
    desired_cpu: between(group.min_cpu, group.max_cpu),
    desired_memory: between(group.min_memory, group.max_memory),
    resizing_at: maybe(0.15, () => 990),
    k8s_resize_status: dice.pick(RESIZE_STATUSES),
    suggested_max_cpu: maybe(0.15, () => Math.max(0, group.max_cpu - dice.pick([0.5, 1, 3]))),
    suggested_max_memory: maybe(0.1, () => Math.max(0, group.max_memory - 2)),
    last_failed_at: maybe(0.08, () => 900),
    raylet_id: maybe(0.7, () => `raylet-${cloudId}`),
  };
}

/** Times before, at and after the edge of a time-out of 60 s; more of them than nodes, fewer, and of types that are gone. */
export function makeState(dice: Dice, types: readonly CaseNodeType[], now: number): NonNullable<RayCase['state']> {
  const names = [...types.map(({ name }) => name), 'gone'];
  const since = dice.some(names, 0.6).map((name) => {
    const times = dice.times(
      dice.whole(0, 4),
      () => now - dice.pick([0, 1, 59.999, 60, 60.001, 61.5, 100, 100.1, -5, 0.1]),
    );
    return [name, times.toSorted((a, b) => a - b)] as const;
  });
  return { pending_unneeded_since_s: Object.fromEntries(since) };
}

/** Makes a case one on which the original gives up, or comes close to it. */
export function spoil(dice: Dice, given: RayCase): RayCase {
  const [first, ...others] = given.instances ?? [];
  const node = first?.ray_node;
  const withFirst = (changed: CaseInstance): RayCase => ({ ...given, instances: [changed, ...others] });
  const available = (change: (amount: number) => number): RayCase =>
    first === undefined || node === undefined || node === null
      ? given
      : withFirst({ ...first, ray_node: { ...node, available: node.total.map(([name, n]) => [name, change(n)]) } });
  const unknown = (kind: 'HEAD' | 'WORKER', check: boolean): RayCase => ({
    ...(first === undefined ? given : withFirst({ ...first, node_type: 'unknown', kind })),
    config: { ...given.config, disable_launch_config_check: check },
  });
  const request = makeRequest(dice, PLAIN, given.node_types ?? []);
  const twice: CaseRequest = { ...request, placement: [{ anti_affinity: ['a', ''] }, { affinity: ['b', ''] }] };
  const clash = (value: string): CaseRequest => ({
    resources: [['CPU', 1]],
    placement: [{ anti_affinity: ['own', value] }],
  });
  const negative: CaseDemand = { resources: [['nowhere', -1], ...(request.resources ?? [])], count: dice.whole(1, 2) };
  const ways: readonly (() => RayCase)[] = [
    () => available((amount) => amount + 2),
    () => available((amount) => amount - 100),
    () => unknown('WORKER', true),
    () => unknown('WORKER', false),
    () => unknown('HEAD', false),
    () => ({ ...given, constraints: [[request], [request]] }),
    () => ({ ...given, gangs: [...(given.gangs ?? []), { requests: [twice] }] }),
    () => ({ ...given, demands: [clash('x'), clash('y'), ...(given.demands ?? [])] }),
    () => ({ ...given, demands: [negative, ...(given.demands ?? [])] }),
    () => ({ ...given, config: { ...given.config, max_num_nodes: -1 } }),
    () => ({ ...given, instances: [], config: { ...given.config, max_num_nodes: -1 } }),
    () => ({ ...given, demands: [...(given.demands ?? []), twice] }),
  ];
  return dice.pick(ways)();
}

const PLAIN: Dials = {
  kits: ['basic'],
  types: [1, 1],
  instances: [0, 0],
  demands: [0, 0],
  count: 1,
  labels: 0,
  gangs: 0,
  constraints: 0,
  limits: 0,
  idle: 0,
  outdated: 0,
  pending: 0,
  resize: 0,
  availability: 0,
};
