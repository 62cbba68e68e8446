/**
 * Scheduling cases made at random, in families: each turns up what it is about and leaves the rest at rest. The same seed, family and
 * index give the same case on every machine. Sequences of rounds are made in ray-rounds.ts.
 */

import type { CaseNodeType, RayCase } from '../../src/sim/ray-cases.types.ts';
import { Dice } from './ray-dice.ts';
import { makeGpuLast, makeLookAlikes, makePaperTie } from './ray-generator-aimed.ts';
import { makeConstraint, makeGang, makeResize, makeState, spoil } from './ray-generator-extras.ts';
import { makeDemands, makeInstance, makeTypes, type Dials } from './ray-generator-parts.ts';

const REST: Dials = {
  kits: ['basic'],
  types: [1, 3],
  instances: [0, 5],
  demands: [0, 5],
  count: 4,
  labels: 0,
  gangs: 0,
  constraints: 0,
  limits: 0.1,
  idle: 0.1,
  outdated: 0,
  pending: 0.1,
  resize: 0,
  availability: 0.05,
};

const ALL: Dials = {
  ...REST,
  kits: ['basic', 'gpu', 'custom', 'fractional'],
  types: [0, 4],
  instances: [0, 8],
  labels: 0.4,
  gangs: 0.4,
  constraints: 0.3,
  limits: 0.4,
  idle: 0.4,
  outdated: 0.3,
  pending: 0.4,
  resize: 0.4,
  availability: 0.3,
};

/** `weight`: how often the family comes up in a mixed run. */
type Family = { readonly weight: number; readonly make: (dice: Dice) => RayCase };

const from = (weight: number, dials: Partial<Dials>): Family => ({
  weight,
  make: (dice) => makeCase(dice, { ...REST, ...dials }),
});

export const FAMILIES = {
  basic: from(6, {}),
  gpu: from(5, { kits: ['gpu', 'gpu', 'basic'] }),
  custom: from(4, { kits: ['custom', 'basic'] }),
  fractional: from(5, { kits: ['fractional'], count: 10 }),
  bytes: from(2, { kits: ['bytes'] }),
  labels: from(8, { labels: 0.9, kits: ['basic', 'gpu'] }),
  gangs: from(8, { gangs: 0.9, demands: [0, 3], labels: 0.15 }),
  'gangs-labels': from(4, { gangs: 0.8, demands: [0, 3], labels: 0.7 }),
  limits: from(6, { limits: 0.9, instances: [0, 8] }),
  idle: from(6, { idle: 0.95, demands: [0, 2], instances: [1, 8], limits: 0.2 }),
  outdated: from(5, { outdated: 0.8, instances: [1, 6], limits: 0.3 }),
  constraints: from(6, { constraints: 0.95, idle: 0.4 }),
  pending: from(7, { pending: 0.95, instances: [1, 8], demands: [0, 2], idle: 0.3 }),
  resize: from(8, { resize: 0.95, instances: [0, 6], gangs: 0.15 }),
  ties: from(5, { kits: ['ties'], types: [2, 4], availability: 0.5, instances: [0, 6] }),
  paper: { weight: 6, make: makePaperTie },
  'look-alike': { weight: 3, make: makeLookAlikes },
  'gpu-last': { weight: 2, make: makeGpuLast },
  medium: from(1, { ...ALL, types: [2, 5], instances: [30, 60], demands: [3, 12], count: 40, gangs: 0.2, resize: 0.1 }),
  broken: {
    weight: 5,
    make: (dice) => spoil(dice, makeCase(dice, dice.chance(0.5) ? ALL : { ...REST, instances: [1, 4] })),
  },
  everything: from(10, ALL),
} satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly FamilyName[]; // the keys of the table above

/** The case `index` of a family. */
export function generatedCase(seed: number, family: FamilyName, index: number): RayCase {
  const made = FAMILIES[family].make(new Dice(seed, `${family}/${index}`));
  return { id: `${family}-${seed}-${index}`, family, ...made };
}

/** A family for each number, in proportion to the weights. */
export function familyAt(seed: number, index: number, among: readonly FamilyName[]): FamilyName {
  const sum = among.reduce((total, name) => total + FAMILIES[name].weight, 0);
  let left = new Dice(seed, `family/${index}`).whole(1, sum);
  for (const name of among) {
    left -= FAMILIES[name].weight;
    if (left <= 0) return name;
  }
  throw new Error('no family was named');
}

/** A line of input. Every second case writes whole seconds as `60.0`: texts of the answer show which it was. */
export function caseLine(given: RayCase): string {
  const text = JSON.stringify(given);
  if (!/[02468]$/.test(given.id ?? '')) return text;
  return text.replace(/("(?:pending_)?idle_timeout_s":\d+)([,}])/g, '$1.0$2');
}

export function makeCase(dice: Dice, dials: Dials): RayCase {
  const types = withTwin(dice, makeTypes(dice, dials));
  const instances =
    types.length === 0
      ? []
      : dice.times(dice.whole(...dials.instances), (index) => makeInstance(dice, dials, { types, index }));
  const now = dice.pick([1000, 1000.25, 0, 123_456.789]);
  const gangs = dice.chance(dials.gangs)
    ? dice.times(dice.whole(1, 4), (index) => makeGang(dice, dials, { types, index }))
    : undefined;
  const constraints = dice.perhaps(dials.constraints, () => [makeConstraint(dice, dials, types)]);
  const pending = dice.perhaps(dials.pending, () => dice.pick([60, 60, 0, 60.5]));
  const ippr = dice.perhaps(dials.resize, () => makeResize(dice, types, instances));
  const state = dice.perhaps(dials.pending * 0.8, () => makeState(dice, types, now));
  return {
    now_s: now,
    config: makeConfig(dice, dials, { pending, nodes: instances.length }),
    node_types: types,
    instances,
    demands: makeDemands(dice, dials, types),
    ...(gangs === undefined ? {} : { gangs }),
    ...(constraints === undefined ? {} : { constraints }),
    ...(dice.chance(dials.availability) ? { availability: makeAvailability(dice, types) } : {}),
    ...(ippr === undefined ? {} : { ippr }),
    ...(state === undefined ? {} : { state }),
  };
}

/** Now and then the last one takes over the name of the first: the original keeps such things in maps. */
function withTwin(dice: Dice, types: readonly CaseNodeType[]): readonly CaseNodeType[] {
  const [first] = types;
  if (first === undefined || types.length < 2 || !dice.chance(0.03)) return types;
  return types.map((type, i) => (i === types.length - 1 ? { ...type, name: first.name } : type));
}

function makeConfig(
  dice: Dice,
  dials: Dials,
  { pending, nodes }: { readonly pending: number | undefined; readonly nodes: number },
): NonNullable<RayCase['config']> {
  const limit = dice.perhaps(dials.limits, () => dice.pick([0, 1, null, nodes, dice.whole(0, nodes + 3)]));
  const idle = dice.perhaps(dials.idle, () => dice.pick([60, 60, 0, 30.5, null]));
  return {
    ...(dice.chance(dials.outdated) ? { disable_launch_config_check: dice.chance(0.15) } : {}),
    ...(limit === undefined ? {} : { max_num_nodes: limit }),
    ...(idle === undefined ? {} : { idle_timeout_s: idle }),
    ...(pending === undefined ? {} : { pending_idle_timeout_s: pending }),
    ...(dice.chance(0.1) ? { conserve_gpu_nodes: dice.chance(0.3) } : {}),
  };
}

function makeAvailability(dice: Dice, types: NonNullable<RayCase['node_types']>): NonNullable<RayCase['availability']> {
  const scores = (): Readonly<Record<string, number>> =>
    Object.fromEntries(dice.some(types, 0.6).map(({ name }) => [name, dice.pick([0, 0.5, 1, 1 - 1e-9])]));
  return { cloud: scores(), recoverable: scores() };
}
