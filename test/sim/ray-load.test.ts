/** A load for Ray that a user gives: placement groups and `request_resources` are served by the autoscaler that ships. */

import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readRayLoad } from '../../src/cli/ray-load.ts';
import type { RayLoad } from '../../src/sim/ray-load.ts';
import type { ScenarioOptions } from '../../src/sim/scenario-types.ts';
import { guideObjects, play, scalesByObject, type Run } from '../support/scenario.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/ray-load.yaml', import.meta.url));
const { signal } = new AbortController();

const CPU = [['CPU', 1]] as const;
const cpus = (count: number): readonly (typeof CPU)[] => Array.from({ length: count }, () => CPU);

function playLoad(steps: RayLoad, kind: 'guide' | 'manifests' = 'guide'): Promise<Run> {
  const objects = guideObjects();
  return play({ input: { kind, objects }, rayLoad: { steps, source: 'load.yaml' } });
}

/** What the script said, without instants. */
const said = ({ steps }: Run): readonly string[] => steps.map((step) => step.replace(/^\d+ /, ''));
const workersOf = ({ result }: Run): readonly string[] =>
  scalesByObject(result.decisions)['ray RayCluster default/raycluster small-group'] ?? [];

describe('the example', () => {
  let first: Promise<Run> | undefined;
  const example = (options: Partial<ScenarioOptions> = {}): Promise<Run> =>
    readRayLoad(EXAMPLE, { signal }).then((rayLoad) => play({ rayLoad, ...options }));
  const firstRun = (): Promise<Run> => (first ??= example());

  test('holds every expectation, with any seed, and leaves nothing undone', async () => {
    for (const seed of [1, 2, 3]) {
      const { result, warnings } = await (seed === 1 ? firstRun() : example({ seed }));
      expect(
        result.expectations.filter(({ held }) => !held),
        `seed ${seed}`,
      ).toEqual([]);
      expect(result.unserved).toEqual([]);
      expect(warnings).toEqual([]);
    }
  });

  test('names its groups and its floors, in the script, in what was expected and in the lines', async () => {
    const run = await firstRun();
    expect(said(run)).toEqual(
      expect.arrayContaining([
        'request_resources at raycluster: room for 4 bundles of 1 CPU, whatever runs',
        'placement group trainers (STRICT_SPREAD, 3 bundles of 1 CPU) asked for at raycluster, inside 6 tasks of 1 CPU, 30 s of work each',
        'placement group trainers has its place on 3 nodes, at once',
        'placement group trainers removed',
        expect.stringMatching(/^placement group loaders has its place on 5 nodes, after \d+ s$/),
        'request_resources at raycluster: nothing any more',
        '14 tasks of raycluster finished, 0 lost',
      ]),
    );
    const names = run.result.expectations.map(({ name }) => name);
    expect(names).toContain('placement group loaders (PACK, 5 bundles of 1 CPU) finds its place');
    expect(names).toContain('request_resources: room for 4 bundles of 1 CPU');
    const lines = Object.fromEntries(run.result.series.map(({ name, points }) => [name, points.map(([, at]) => at)]));
    expect(lines['placement groups of raycluster']).toEqual([0, 2, 1, 0]);
    expect(lines['floor of raycluster']).toEqual([4, 1, 0]);
    expect(run.result.rayAsks.map(({ ask, nodes }) => [ask.kind, nodes])).toEqual([
      ['request-resources', 0],
      ['placement-group', 3],
      ['placement-group', 5],
      ['request-resources', 0],
    ]);
  });

  test('is the same over gRPC', async () => {
    const [jumping, paced] = [await firstRun(), await example({ speed: 400 })];
    expect(paced.steps).toEqual(jumping.steps);
    expect(scalesByObject(paced.result.decisions)).toEqual(scalesByObject(jumping.result.decisions));
  });
});

describe('placement groups', () => {
  test('a STRICT_SPREAD group gets a worker for each bundle, and they go when it is removed', async () => {
    const ask = { kind: 'placement-group', name: 'wide', strategy: 'STRICT_SPREAD', bundles: cpus(3) } as const;
    const run = await playLoad([{ at: 0, ask: { ...ask, seconds: 30, inside: undefined } }]);
    expect(workersOf(run)[0]).toBe('0 -> 3 workers');
    expect(workersOf(run).at(-1)).toMatch(/-> 0 workers$/);
    const [outcome] = run.result.rayAsks;
    expect(outcome).toMatchObject({ nodes: 3 });
    expect((outcome?.endedAt ?? 0) - (outcome?.metAt ?? 0)).toBe(30_000);
  });

  test('tasks inside never cause a launch of their own, and the group stands until they are done', async () => {
    const inside = { kind: 'task', count: 9, resources: CPU, seconds: 40 } as const;
    const ask = { kind: 'placement-group', name: 'small', strategy: 'PACK', bundles: cpus(2) } as const;
    const run = await playLoad([{ at: 0, ask: { ...ask, seconds: 30, inside } }]);
    expect(workersOf(run)[0]).toBe('0 -> 2 workers');
    expect(run.result.layers.find(({ layer }) => layer === 'ray')?.peak).toBe(2);
    const [outcome] = run.result.rayAsks;
    // five waves of two
    expect((outcome?.endedAt ?? 0) - (outcome?.metAt ?? 0)).toBe(200_000);
    expect(said(run)).toContain('9 tasks of raycluster finished, 0 lost');
  });

  test('one that fits no worker is told with its name and its reason', async () => {
    const inside = { kind: 'task', count: 2, resources: CPU, seconds: 40 } as const;
    const ask = { kind: 'placement-group', name: 'pair', strategy: 'STRICT_PACK', bundles: cpus(2) } as const;
    const steps: RayLoad = [{ at: 0, ask: { ...ask, seconds: 30, inside } }];
    const { result } = await playLoad(steps, 'manifests');
    expect(result.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(workersOf({ result, steps: [], warnings: [] })).toEqual([]);
    const [line] = result.unserved;
    expect(line?.problem).toBe(
      '2 tasks wait; placement group pair (STRICT_PACK, 2 bundles of 1 CPU) never had a place',
    );
    expect(line?.reason).toContain('placement group pair');
    const judged = await playLoad(steps);
    expect(judged.result.expectations.filter(({ held }) => !held).map(({ name }) => name)).toEqual([
      'all 2 tasks finished',
      'placement group pair (STRICT_PACK, 2 bundles of 1 CPU) finds its place',
    ]);
  });
});

describe('request_resources', () => {
  test('workers come and stay without work, until another call says otherwise', async () => {
    const run = await playLoad([
      { at: 0, ask: { kind: 'request-resources', bundles: cpus(3) } },
      { at: 300, ask: { kind: 'request-resources', bundles: cpus(1) } },
      { at: 500, ask: { kind: 'request-resources', bundles: [] } },
    ]);
    expect(workersOf(run)).toEqual(['0 -> 3 workers', '3 -> 1 workers', '1 -> 0 workers']);
    const from = run.result.rayAsks[0]?.askedAt ?? 0;
    const lastAsks = run.result.decisions.flatMap(({ at, layer, decision }) =>
      layer === 'ray' && decision.kind === 'scale' ? [(at - from) / 1000] : [],
    );
    expect(lastAsks[1]).toBeGreaterThan(300);
    expect(lastAsks[2]).toBeGreaterThan(500);
  });

  test('more than there may be is all refused: no worker comes', async () => {
    const run = await playLoad([{ at: 0, ask: { kind: 'request-resources', bundles: cpus(11) } }]);
    expect(workersOf(run)).toEqual([]);
    expect(run.result.unserved[0]?.problem).toBe('request_resources: there never was room for 11 bundles of 1 CPU');
  });
});

test('steps come at their time, and a run waits for the last', async () => {
  const run = await playLoad([
    { at: 0, ask: { kind: 'task', count: 2, resources: CPU, seconds: 5 } },
    { at: 1500, ask: { kind: 'actor', count: 1, resources: CPU, seconds: 700 } },
  ]);
  const instant = (text: string): number => Number(run.steps.find((step) => step.includes(text))?.split(' ', 1)[0]);
  expect(instant('1 actor of 1 CPU, 700 s of work each') - instant('2 tasks of 1 CPU')).toBe(1_500_000);
  expect(said(run)).toContain('3 tasks of raycluster finished, 0 lost');
  expect(run.result.expectations.filter(({ held }) => !held)).toEqual([]);
});
