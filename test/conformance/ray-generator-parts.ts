/** Parts of generated cases: amounts, labels, types, nodes, requests. Values crowd around the edges on purpose. */

import type { Resources } from '../../src/core/ray/cluster-state.ts';
import type { InstanceStatus } from '../../src/core/ray/instance-status.ts';
import type {
  CaseDemand,
  CaseInstance,
  CaseNodeType,
  CaseRayNode,
  CaseRequest,
  CaseSelector,
} from '../../src/sim/ray-cases.types.ts';
import type { Dice } from './ray-dice.ts';

export type Kit = 'basic' | 'gpu' | 'custom' | 'fractional' | 'bytes' | 'ties';

/** What a family turns up and down. Probabilities, and sizes as [least, most]. */
export type Dials = {
  readonly kits: readonly Kit[];
  readonly types: readonly [number, number];
  readonly instances: readonly [number, number];
  readonly demands: readonly [number, number];
  readonly count: number;
  /** How likely requests and nodes have labels. */
  readonly labels: number;
  readonly gangs: number;
  readonly constraints: number;
  readonly limits: number;
  readonly idle: number;
  readonly outdated: number;
  readonly pending: number;
  readonly resize: number;
  readonly availability: number;
};

const GIB = 2 ** 30;
/** Names that sort or index in unexpected ways are among them. */
const TYPE_NAMES = ['A', 'B', 'C', 'D', 'a', 'w-1', '10', '2', 'headgroup', 'ä', 'B '];
const AMOUNTS: Readonly<Record<Kit, Readonly<Record<string, readonly number[]>>>> = {
  basic: { CPU: [1, 2, 4, 8], memory: [4, 8, 16] },
  gpu: { CPU: [2, 4, 8], GPU: [0, 1, 2, 4], 'accelerator_type:T4': [1] },
  custom: { CPU: [4, 16], TPU: [4], x: [1, 3], '1': [2], 'node:10.0.0.1': [1], zero: [0] },
  fractional: { CPU: [0.7, 1, 1.5, 7, 0.3], memory: [0.1, 0.3, 8], x: [0.5, 1 / 3] },
  bytes: { CPU: [2, 4, 8], memory: [8 * GIB, 16 * GIB, 31.5 * GIB], object_store_memory: [2 * GIB, 2 ** 31 + 7] },
  ties: { CPU: [4] },
};
const ASKED: Readonly<Record<Kit, Readonly<Record<string, readonly number[]>>>> = {
  basic: { CPU: [1, 2, 3, 4, 8], memory: [1, 4, 8] },
  gpu: { CPU: [1, 2, 4], GPU: [0, 1, 0.5, 2], 'accelerator_type:T4': [0.001] },
  custom: { CPU: [1, 4], TPU: [1, 4], x: [1, 0], '1': [1], 'node:10.0.0.1': [0.001], nowhere: [1, 0] },
  fractional: { CPU: [0.1, 0.7, 0.3, 0.5], memory: [0.1, 0.2], x: [0.1, 1 / 3] },
  bytes: { CPU: [1, 2], memory: [GIB, 4 * GIB, 512 * 2 ** 20 + 1], object_store_memory: [GIB] },
  ties: { CPU: [1, 2, 4] },
};
const IMPLICIT = 'node:__internal_implicit_resource_';

function amounts(dice: Dice, from: Readonly<Record<string, readonly number[]>>, probability: number): Resources {
  const pairs = dice
    .some(Object.entries(from), probability)
    .map(([name, values]) => [name, dice.pick(values)] as const);
  return dice.chance(0.2) ? dice.shuffled(pairs) : pairs;
}

export function makeTypes(dice: Dice, dials: Dials): readonly CaseNodeType[] {
  const kit = dice.pick(dials.kits);
  const names = dice.shuffled(TYPE_NAMES).slice(0, dice.whole(...dials.types));
  const twin = amounts(dice, AMOUNTS[kit], 0.85);
  return names.map((name) => {
    const max = dice.chance(dials.limits) ? dice.whole(0, 3) : dice.pick([2, 5, 10]);
    const timeout = dice.perhaps(dials.idle * 0.4, () => dice.pick([60, 30.5, 0, 600, null]));
    const labels = dice.perhaps(dials.labels, () => makeLabels(dice));
    return {
      name,
      max,
      ...(dice.chance(0.2 + dials.limits * 0.3) ? { min: dice.whole(0, Math.min(max, 3)) } : {}),
      ...(dice.chance(dials.availability) ? { priority: dice.whole(-1, 2) } : {}),
      ...(timeout === undefined ? {} : { idle_timeout_s: timeout }),
      resources: kit === 'ties' || dice.chance(0.15) ? twin : amounts(dice, AMOUNTS[dice.pick(dials.kits)], 0.85),
      ...(labels === undefined ? {} : { labels }),
      ...(dice.chance(dials.outdated) ? { launch_config_hash: dice.pick(['h1', 'h2', '']) } : {}),
    };
  });
}

const LABELS: Readonly<Record<string, readonly string[]>> = {
  zone: ['a', 'b', 'c', ''],
  team: ['x', 'y'],
  'ray.io/tier': ['spot', 'on-demand'],
};

function makeLabels(dice: Dice): Readonly<Record<string, string>> {
  return Object.fromEntries(dice.some(Object.entries(LABELS), 0.6).map(([key, values]) => [key, dice.pick(values)]));
}

/** Alternatives with fallbacks, empty ones among them, and keys that nobody has. */
function makeSelectors(dice: Dice): readonly CaseSelector[] {
  return dice.times(dice.whole(1, 3), () =>
    dice.times(dice.pick([0, 1, 1, 1, 2]), () => {
      const key = dice.pick([...Object.keys(LABELS), 'zone', 'nobody']);
      const values = dice.some(LABELS[key] ?? ['a'], 0.5);
      const operator = dice.pick(['IN', 'IN', 'IN', 'NOT_IN', 'NOT_IN', 'UNSPECIFIED'] as const);
      return [key, operator, values] as const;
    }),
  );
}

/** Mostly what the types have, sometimes exactly, sometimes what nobody has. */
export function makeRequest(dice: Dice, dials: Dials, types: readonly CaseNodeType[]): CaseRequest {
  const whole = dice.perhaps(0.12, () => (types.length === 0 ? [] : (dice.pick(types).resources ?? [])));
  const implicit = dice.perhaps(
    0.04,
    () => [[`${IMPLICIT}${dice.pick(['x', 'y'])}`, dice.pick([0.5, 1, 0.001])]] as const,
  );
  const asked = whole ?? amounts(dice, ASKED[dice.pick(dials.kits)], 0.6);
  const again = dice.perhaps(0.02, () => asked.slice(0, 1).map(([name, amount]) => [name, amount + 1] as const));
  const resources = [...asked, ...(implicit ?? []), ...(again ?? [])];
  const selectors = dice.perhaps(dials.labels * 0.7, () => makeSelectors(dice));
  const placement = dice.perhaps(dials.labels * 0.12, () => [
    dice.pick([
      { anti_affinity: ['team', 'x'] as const },
      { anti_affinity: ['own', ''] as const },
      { affinity: ['zone', 'a'] as const },
      {},
    ]),
  ]);
  return {
    resources: resources.length > 0 || dice.chance(0.1) ? resources : [['CPU', 1]],
    ...(placement === undefined ? {} : { placement }),
    ...(selectors === undefined ? {} : { selectors }),
  };
}

export function makeDemands(
  dice: Dice,
  dials: Dials,
  types: readonly CaseNodeType[],
  [least, most]: readonly [number, number] = dials.demands,
): readonly CaseDemand[] {
  const made: CaseDemand[] = [];
  for (let i = dice.whole(least, most); i > 0; i--) {
    const again = made.length > 0 && dice.chance(0.15);
    const request = again ? dice.pick(made) : makeRequest(dice, dials, types);
    made.push({ ...request, count: dice.chance(0.03) ? 0 : dice.whole(1, dials.count) });
  }
  return made;
}

const PENDING: readonly InstanceStatus[] = ['QUEUED', 'REQUESTED', 'ALLOCATED', 'RAY_INSTALLING'];
const GONE: readonly InstanceStatus[] = [
  'RAY_STOPPING',
  'RAY_STOPPED',
  'TERMINATING',
  'TERMINATED',
  'ALLOCATION_FAILED',
  'RAY_INSTALL_FAILED',
  'TERMINATION_FAILED',
  'ALLOCATION_TIMEOUT',
];

function makeStatus(dice: Dice, dials: Dials): InstanceStatus {
  if (dice.chance(0.06)) return dice.pick(GONE);
  if (dice.chance(0.08)) return 'RAY_STOP_REQUESTED';
  return dice.chance(0.2 + dials.pending * 0.4) ? dice.pick(PENDING) : 'RAY_RUNNING';
}

export function makeInstance(
  dice: Dice,
  dials: Dials,
  { types, index }: { readonly types: readonly CaseNodeType[]; readonly index: number },
): CaseInstance {
  const type = dice.pick(types);
  const status = makeStatus(dice, dials);
  const running = status === 'RAY_RUNNING';
  const id = `i${index}`;
  const kind =
    index === 0 && dice.chance(0.4) ? 'HEAD' : dice.chance(0.02) ? dice.pick(['HEAD', 'UNMANAGED'] as const) : 'WORKER';
  return {
    id,
    node_type: type.name,
    status,
    ...(kind === 'WORKER' ? {} : { kind }),
    ...(dice.chance(0.93) ? { cloud_id: dice.chance(0.02) ? 'c-i0' : `c-${id}` } : {}),
    ...(dice.chance(dials.outdated) ? { launch_config_hash: dice.pick(['h1', 'h2', '']) } : {}),
    ...(dice.chance(running ? 0.95 : 0.1) ? { ray_node_id: `r-${id}` } : {}),
    ...(dice.chance(0.02) ? { in_im: false } : {}),
    ...(running && dice.chance(0.97) ? { ray_node: makeRayNode(dice, dials, type) } : {}),
  };
}

/** Idle times sit on both sides of the time-outs that are given. */
const IDLE_MS = [0, 0, 1, 30_500, 30_501, 59_999, 60_000, 60_001, 61_000, 600_000, 600_001, 7_000_000];

export function makeRayNode(dice: Dice, dials: Dials, type: CaseNodeType): CaseRayNode {
  const own = dice.chance(0.06) ? amounts(dice, AMOUNTS[dice.pick(dials.kits)], 0.8) : (type.resources ?? []);
  const total = [...own, ...(dice.chance(0.15) ? [[`node:10.0.0.${dice.whole(1, 3)}`, 1] as const] : [])];
  const use = dice.pick(['free', 'free', 'full', 'part', 'part'] as const);
  const available = total.flatMap(([name, amount]): Resources => {
    const asked = dice.pick(ASKED[dice.pick(dials.kits)][name] ?? [1]);
    const left = use === 'free' ? amount : use === 'full' ? 0 : Math.max(0, amount - asked * dice.whole(0, 3));
    // exhausted resources are left out by the real thing; a zero is possible all the same
    return left === 0 && dice.chance(0.6) ? [] : [[name, left]];
  });
  const labels = dice.chance(0.8) ? type.labels : dice.perhaps(dials.labels, () => makeLabels(dice));
  const dynamic = dice.perhaps(dials.gangs * 0.3, () => ({
    [`_PG_p${dice.whole(0, 2)}`]: dice.chance(0.97) ? '' : 'x',
  }));
  return {
    total,
    available: dice.chance(0.1) ? dice.shuffled(available) : available,
    idle_ms: dice.chance(0.3 + dials.idle * 0.6) ? dice.pick(IDLE_MS) : 0,
    ...(labels === undefined ? {} : { labels }),
    ...(dynamic === undefined ? {} : { dynamic_labels: dynamic }),
  };
}
