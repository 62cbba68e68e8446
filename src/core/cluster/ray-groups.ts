/**
 * Placement groups of the Ray model: bundles that wait, or stand on a node and keep their resources from everybody outside. A bundle
 * brings resources of its group's name to its node; what runs inside asks for those.
 */

import { assert } from '../../lib/assert.ts';
import { give, needOf, take, units, type Amounts, type Need } from './ray-amounts.ts';
import { placeBundles, type GroupStrategy } from './ray-bundles.ts';
import type { RayResources } from './ray-node-resources.ts';

export type RayGroup = {
  /** Lower-case hex. */
  readonly id: string;
  readonly strategy: GroupStrategy;
  readonly bundles: readonly RayResources[];
};

/** RESCHEDULING: it stood, and has lost some of its nodes. */
export type GroupState = 'PENDING' | 'CREATED' | 'RESCHEDULING';

export type GroupView = RayGroup & {
  readonly state: GroupState;
  /** The node of each bundle; undefined for one that waits. */
  readonly nodeIds: readonly (string | undefined)[];
};

/** A node as far as bundles are concerned. */
export type BundleHost = { readonly nodeId: string; readonly free: Amounts; readonly bundles: Set<Bundle> };

export type Bundle = {
  readonly groupId: string;
  readonly index: number;
  readonly resources: RayResources;
  readonly need: Need;
  host: BundleHost | undefined;
};

type Group = {
  readonly id: string;
  readonly strategy: GroupStrategy;
  readonly bundles: readonly Bundle[];
  state: GroupState;
};

/** What a bundle has of `bundle_group_*`, and what each piece of work inside takes of it. */
const BUNDLE = ['bundle', 1000] as const;
const INSIDE = ['bundle', 0.001] as const;

export class RayGroups {
  readonly #groups = new Map<string, Group>();

  create({ id, strategy, bundles: resources }: RayGroup): void {
    assert(!this.#groups.has(id), `placement group ${id} is there already`);
    const bundles = resources.map((bundle, index) => ({
      groupId: id,
      index,
      resources: bundle.filter(([, amount]) => amount > 0),
      need: needOf(bundle),
      host: undefined,
    }));
    this.#groups.set(id, { id, strategy, bundles, state: 'PENDING' });
  }

  has(id: string): boolean {
    return this.#groups.has(id);
  }

  /** Nothing may run inside any more. Returns the nodes that it stood on. */
  remove(id: string): readonly BundleHost[] {
    const group = this.#groups.get(id);
    if (group === undefined) return [];
    this.#groups.delete(id);
    const hosts = new Set<BundleHost>();
    for (const bundle of group.bundles) {
      const { host } = bundle;
      if (host === undefined) continue;
      give(bundle.need, host.free);
      for (const [name] of groupTotals([bundle])) host.free.delete(name);
      host.bundles.delete(bundle);
      hosts.add(host);
    }
    return [...hosts];
  }

  /** The node is gone: what stood on it waits again. */
  lose(host: BundleHost): void {
    for (const bundle of host.bundles) {
      bundle.host = undefined;
      const group = this.#groups.get(bundle.groupId);
      if (group !== undefined) group.state = 'RESCHEDULING';
    }
    host.bundles.clear();
  }

  /** All nodes are gone, and whoever asked for the groups asks anew. */
  reset(): void {
    for (const group of this.#groups.values()) {
      group.state = 'PENDING';
      for (const bundle of group.bundles) bundle.host = undefined;
    }
  }

  /** Each group that waits, in the order they were asked for: all its waiting bundles find a place, or none. */
  place(hosts: readonly BundleHost[]): void {
    for (const group of this.#groups.values()) {
      const waiting = group.bundles.filter(({ host }) => host === undefined);
      if (waiting.length === 0) continue;
      const nodes = hosts.map(({ free, bundles }) => ({
        free,
        isTaken: [...bundles].some(({ groupId }) => groupId === group.id),
      }));
      const needs = waiting.map(({ need }) => need);
      const placed = placeBundles(group.strategy, needs, nodes);
      if (placed === undefined) continue;
      for (const [i, bundle] of waiting.entries()) stand(bundle, hosts[placed[i] ?? 0]);
      group.state = 'CREATED';
    }
  }

  /** In the order they were asked for. */
  views(): readonly GroupView[] {
    return [...this.#groups.values()].map(({ id, strategy, bundles, state }) => ({
      id,
      strategy,
      state,
      bundles: bundles.map(({ resources }) => resources),
      nodeIds: bundles.map(({ host }) => host?.nodeId),
    }));
  }
}

function stand(bundle: Bundle, host: BundleHost | undefined): void {
  assert(host !== undefined, 'a bundle was placed on a node that is not there');
  take(bundle.need, host.free);
  for (const [name, amount] of groupTotals([bundle])) host.free.set(name, (host.free.get(name) ?? 0) + units(amount));
  host.bundles.add(bundle);
  bundle.host = host;
}

/** What the bundles on a node add to its totals: by bundle, and the sums by group. */
export function groupTotals(bundles: Iterable<Bundle>): RayResources {
  const totals = new Map<string, number>();
  for (const { groupId, index, resources } of bundles) {
    for (const [name, amount] of [...resources, BUNDLE]) {
      totals.set(indexedName(name, groupId, index), amount);
      const sum = groupName(name, groupId);
      totals.set(sum, (totals.get(sum) ?? 0) + amount);
    }
  }
  return [...totals];
}

/** What work inside a group asks for, wherever in it there is room. */
export function insideGroup(resources: RayResources, groupId: string): RayResources {
  const asked = [...resources.filter(([, amount]) => amount > 0), INSIDE];
  return asked.map(([name, amount]) => [groupName(name, groupId), amount]);
}

/** What it then takes of one bundle: of the group's resources and of the bundle's own. */
export function insideBundle(resources: RayResources, { groupId, index }: Bundle): Need {
  const asked = [...needOf(resources), ...needOf([INSIDE])];
  return asked.flatMap(([name, amount]) => [
    [groupName(name, groupId), amount] as const,
    [indexedName(name, groupId, index), amount] as const,
  ]);
}

/** The label by which a node shows that a bundle of the group stands on it. */
export function groupLabel(groupId: string): string {
  return `_PG_${groupId}`;
}

const groupName = (name: string, groupId: string): string => `${name}_group_${groupId}`;
const indexedName = (name: string, groupId: string, index: number): string => `${name}_group_${index}_${groupId}`;
