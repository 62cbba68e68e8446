import { describe, expect, test } from 'vitest';
import { readCase } from '../../src/sim/ray-cases-snapshot.ts';
import type { RayCase } from '../../src/sim/ray-cases.types.ts';
import { lineOf, sizeOf, WORLDS, type World } from './worlds.ts';

const GIB = 2 ** 30;

function world(name: string): World {
  const found = WORLDS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no world ${name}`);
  return found;
}

/** With 40 nodes. */
function small(name: string): RayCase {
  return world(name).make({ nodes: 40, waiting: 100 });
}

const units = (demands: RayCase['demands']): number => (demands ?? []).reduce((sum, { count = 1 }) => sum + count, 0);
const free = (given: RayCase, name: string): readonly (number | undefined)[] =>
  (given.instances ?? []).map((one) => one.ray_node?.available.find(([resource]) => resource === name)?.[1]);
const differentTexts = (values: readonly unknown[]): number =>
  new Set(values.map((value) => JSON.stringify(value))).size;

test('names are different', () => {
  expect(new Set(WORLDS.map(({ name }) => name)).size).toBe(WORLDS.length);
});

test.each(WORLDS.map(({ name }) => name))('%s is a case that can be read, of its size', (name) => {
  const one = world(name);
  const size = sizeOf(one, 50);
  const read = readCase(lineOf(one, size));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { snapshot, id } = read.value;
  expect(id).toBe(`${name}-${size.nodes}x${size.waiting}`);
  expect(snapshot.instances).toHaveLength(size.nodes);
  const waiting = snapshot.resourceRequests.reduce((sum, { count }) => sum + count, 0) + snapshot.gangRequests.length;
  expect(waiting).toBe(size.waiting);
  expect(snapshot.maxNumNodes).toBe(size.nodes + size.waiting); // room for whatever is left
});

test.each([
  ['full', 1337, 13_315],
  ['spread-500', 500, 500],
  ['gangs', 1337, 300],
  ['big', 10_000, 100_000],
  ['quiet', 1337, 0],
])('%s has %d nodes and %d that wait', (name, nodes, waiting) => {
  expect(sizeOf(world(name), 1)).toEqual({ nodes, waiting });
});

describe('what the worlds are made of', () => {
  test('workers of 8 CPUs and 32 GiB: full ones name no CPU, partly free ones have 0, 2, 4 and 6 in turn', () => {
    expect(small('full').instances?.[0]?.ray_node?.total.slice(0, 2)).toEqual([
      ['CPU', 8],
      ['memory', 32 * GIB],
    ]);
    expect(new Set(free(small('full'), 'CPU'))).toEqual(new Set([undefined]));
    expect(free(small('partial'), 'CPU').slice(0, 5)).toEqual([undefined, 2, 4, 6, undefined]);
    expect(new Set(free(small('spread-100'), 'CPU'))).toEqual(new Set([8]));
  });

  test.each([
    ['partial', 1],
    ['mixed', 20],
    ['big', 50],
    ['distinct', 100],
    ['quiet', 0],
  ])('%s has demands of 2 CPUs in %d shapes', (name, shapes) => {
    const { demands = [] } = small(name);
    expect(differentTexts(demands.map(({ resources }) => resources))).toBe(shapes);
    expect(demands.every(({ resources }) => resources?.some(([what, amount]) => what === 'CPU' && amount === 2))).toBe(
      true,
    );
    expect(units(demands)).toBe(name === 'quiet' ? 0 : 100);
  });

  test('gangs are PACK of four, spread ones STRICT_SPREAD of eight that keep apart', () => {
    const [pack] = small('gangs').gangs ?? [];
    expect(pack?.details).toMatch(/:PACK\|PENDING$/);
    expect(pack?.requests).toEqual(Array(4).fill({ resources: [['CPU', 2]] }));
    const [first, second] = small('spread-100').gangs ?? [];
    expect(first?.details).toMatch(/:STRICT_SPREAD\|PENDING$/);
    expect(first?.requests).toHaveLength(8);
    expect(differentTexts(first?.requests?.map(({ placement }) => placement) ?? [])).toBe(1);
    expect(first?.requests?.[0]?.placement).not.toEqual(second?.requests?.[0]?.placement);
  });

  test.each([
    { name: 'mixed', stores: 1, labels: 1, memory: 1, groups: 1 },
    { name: 'stores', stores: 40, labels: 1, memory: 1, groups: 1 },
    { name: 'labels', stores: 1, labels: 40, memory: 1, groups: 1 },
    { name: 'ragged', stores: 1, labels: 1, memory: 40, groups: 1 },
    { name: 'groups', stores: 1, labels: 1, memory: 20, groups: 20 },
    { name: 'everything', stores: 40, labels: 40, memory: 20, groups: 20 },
  ])('$name: how many different values 40 nodes have', ({ name, stores, labels, memory, groups }) => {
    const given = small(name);
    expect(differentTexts(free(given, 'object_store_memory'))).toBe(stores);
    expect(differentTexts((given.instances ?? []).map((one) => one.ray_node?.labels ?? {}))).toBe(labels);
    expect(differentTexts(free(given, 'memory'))).toBe(memory);
    expect(new Set((given.instances ?? []).map((one) => one.node_type)).size).toBe(groups);
    expect(given.node_types).toHaveLength(groups);
  });

  test('every node has an address of its own', () => {
    const addresses = (small('full').instances ?? []).map((one) => one.ray_node?.total.at(-1)?.[0]);
    expect(new Set(addresses).size).toBe(40);
    expect(addresses[1]).toBe('node:10.0.0.1');
  });

  test('demands with selectors want a zone that some node has, and take any other', () => {
    const { demands = [], instances = [] } = small('selectors');
    const zones = new Set(instances.map((one) => one.ray_node?.labels?.['zone']));
    for (const { selectors = [] } of demands) {
      expect(selectors).toHaveLength(2);
      const [[wanted] = [], fallback] = selectors;
      expect(wanted?.slice(0, 2)).toEqual(['zone', 'IN']);
      expect(zones).toContain(wanted?.[2]?.[0]);
      expect(fallback).toEqual([]);
    }
  });
});
