/** Amounts of Ray's resources as Ray counts them: whole ten-thousandths, so that sums of fractions come out even. */

import type { RayResources } from './ray-node-resources.ts';

/** Resource name to ten-thousandths. */
export type Amounts = Map<string, number>;

/** What a piece of work or a bundle takes: names with more than 0, in ten-thousandths. */
export type Need = readonly (readonly [name: string, units: number])[];

const UNITS = 10_000;

export function units(amount: number): number {
  return Math.round(amount * UNITS);
}

/** Without what asks for nothing. */
export function needOf(resources: RayResources): Need {
  return resources.flatMap(([name, amount]) => (amount > 0 ? [[name, units(amount)] as const] : []));
}

export function amountsOf(resources: RayResources): Amounts {
  return new Map(resources.map(([name, amount]) => [name, units(amount)]));
}

/** Names with more than 0, in the order of the map. */
export function resourcesOf(amounts: ReadonlyMap<string, number>): RayResources {
  const resources: (readonly [string, number])[] = [];
  for (const [name, amount] of amounts) if (amount > 0) resources.push([name, amount / UNITS]);
  return resources;
}

/** How often the need fits. */
export function roomFor(need: Need, free: ReadonlyMap<string, number>): number {
  let room = Infinity;
  for (const [name, amount] of need) room = Math.min(room, Math.floor((free.get(name) ?? 0) / amount));
  return room;
}

export function take(need: Need, free: Amounts): void {
  for (const [name, amount] of need) free.set(name, (free.get(name) ?? 0) - amount);
}

export function give(need: Need, free: Amounts): void {
  for (const [name, amount] of need) free.set(name, (free.get(name) ?? 0) + amount);
}
