import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RayLoad } from '../sim/ray-load.ts';
import { readRayLoad } from './ray-load.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-ray-load-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { signal } = new AbortController();
const file = join(folder, 'load.yaml');

async function read(text: string): Promise<RayLoad> {
  writeFileSync(file, text);
  return (await readRayLoad(file, { signal })).steps;
}

/** The faults, a line each, without the file. */
async function faults(text: string): Promise<readonly string[]> {
  const message = await read(text).then(
    () => 'no fault',
    (error: Error) => error.message,
  );
  return message.split(`\n  ${file}`).slice(1);
}

describe('what can be asked for', () => {
  test('tasks and actors, with defaults', async () => {
    expect(await read('- tasks: {}\n- at: 5\n  actors: {count: 2, resources: {GPU: 0.5, CPU: 0}, seconds: 7}')).toEqual(
      [
        { at: 0, ask: { kind: 'task', count: 1, resources: [['CPU', 1]], seconds: 60 } },
        { at: 5, ask: { kind: 'actor', count: 2, resources: [['GPU', 0.5]], seconds: 7 } },
      ],
    );
  });

  test('amounts as quantities', async () => {
    const [step] = await read('- tasks: {resources: {memory: 2Gi, CPU: 500m}}');
    expect(step?.ask).toMatchObject({
      resources: [
        ['memory', 2147483648],
        ['CPU', 0.5],
      ],
    });
  });

  test('a placement group, with work inside', async () => {
    const text =
      '- placementGroup: {name: a, strategy: SPREAD, bundles: [{CPU: 1}, {GPU: 1}], seconds: 9, tasks: {count: 3}}';
    expect((await read(text))[0]?.ask).toEqual({
      kind: 'placement-group',
      name: 'a',
      strategy: 'SPREAD',
      bundles: [[['CPU', 1]], [['GPU', 1]]],
      seconds: 9,
      inside: { kind: 'task', count: 3, resources: [['CPU', 1]], seconds: 60 },
    });
    expect((await read('- placementGroup: {bundles: [{CPU: 1}]}'))[0]?.ask).toMatchObject({
      name: 'group-1',
      strategy: 'PACK',
      seconds: 60,
      inside: undefined,
    });
  });

  test('request_resources: CPUs are bundles of one, before the others; nothing takes it back', async () => {
    const load = await read(
      '- requestResources: {numCpus: 2, bundles: [{GPU: 1}]}\n- requestResources: {}\n- requestResources:',
    );
    expect(load.map(({ ask }) => (ask.kind === 'request-resources' ? ask.bundles : ask))).toEqual([
      [[['CPU', 1]], [['CPU', 1]], [['GPU', 1]]],
      [],
      [],
    ]);
  });

  test('in the order of time, whatever the order in the file', async () => {
    const load = await read('- at: 9\n  tasks: {count: 1}\n- tasks: {count: 2}\n- at: 9\n  tasks: {count: 3}');
    expect(load.map(({ at, ask }) => [at, ask.kind === 'task' ? ask.count : 0])).toEqual([
      [0, 2],
      [9, 1],
      [9, 3],
    ]);
  });
});

describe('faults', () => {
  const rows: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
    {
      name: 'numbers out of range',
      text: '- at: -1\n  tasks: {count: 1.5, seconds: ten}',
      want: [
        ' line 1, column 7: step 1: at: -1 is not possible. Fix: write a number from 0 to 86400.',
        ' line 2, column 18: step 1: tasks.count: 1.5 is not possible. Fix: write a whole number from 1 to 100000.',
        ' line 2, column 32: step 1: tasks.seconds: "ten" is not possible. Fix: write a number from 0 to 86400.',
      ],
    },
    {
      name: 'a misspelt strategy, a misspelt field',
      text: '- placementGroup: {strategy: PAKC, bundles: [{CPU: 1}], second: 5}',
      want: [
        ' line 1, column 30: step 1: placementGroup.strategy: "PAKC" is not known. Fix: write PACK.',
        ' line 1, column 65: step 1: placementGroup.second: unknown field "second". Fix: write seconds.',
      ],
    },
    {
      name: 'no bundles, an empty bundle, an amount that is none',
      text: '- placementGroup: {name: a}\n- placementGroup: {name: b, bundles: [{CPU: 0}]}\n- placementGroup: {name: c, bundles: [{memory: 2Gx}]}',
      want: [
        ' line 1, column 3: step 1: placementGroup.bundles: there are 0 bundles. Fix: write 1 to 1000 bundles, such as [{CPU: 1}, {CPU: 1}].',
        ' line 2, column 39: step 2: placementGroup.bundles[0]: the bundle asks for nothing, which Ray refuses. Fix: write {CPU: 1}, for example.',
        ' line 3, column 48: step 3: placementGroup.bundles[0].memory: "2Gx" is no amount. Fix: write 0.5, 2 or 2Gi, for example.',
      ],
    },
    {
      name: 'two groups of one name',
      text: '- placementGroup: {name: a, bundles: [{CPU: 1}]}\n- placementGroup: {name: a, bundles: [{CPU: 1}]}',
      want: [
        ' line 2, column 26: step 2: placementGroup.name: another group is called a, too. Fix: give each a name of its own.',
      ],
    },
    {
      name: 'steps that ask for nothing or for two things, or are none',
      text: '- at: 1\n- tasks: {}\n  actors: {}\n- 5',
      want: [
        ' line 1, column 3: step 1: it asks for nothing. Fix: add one of tasks, actors, placementGroup, requestResources.',
        ' line 3, column 3: step 2: actors: it asks for tasks and actors. Fix: make a step of each.',
        ' line 4, column 3: step 3: this is no step. Fix: begin with a step, such as - tasks: {count: 10, resources: {CPU: 1}, seconds: 60}.',
      ],
    },
    {
      name: 'no list',
      text: 'tasks: 3',
      want: [
        ' line 1, column 1: here stands no list of steps. Fix: begin with a step, such as - tasks: {count: 10, resources: {CPU: 1}, seconds: 60}.',
      ],
    },
    {
      name: 'nothing',
      text: '# later\n',
      want: [
        ': there is no step in it. Fix: begin with a step, such as - tasks: {count: 10, resources: {CPU: 1}, seconds: 60}.',
      ],
    },
  ];
  test.each(rows)('$name', async ({ text, want }) => expect(await faults(text)).toEqual(want));

  test('broken YAML and an alias of nothing are told with their line', async () => {
    expect((await faults('- tasks: {count: 1'))[0]).toMatch(/^ line 1, column \d+: broken YAML: /);
    expect((await faults('- tasks: *nowhere'))[0]).toMatch(/^ line 1, column \d+: broken YAML: /);
  });

  test('a file that is not there', async () => {
    await expect(readRayLoad(join(folder, 'none.yaml'), { signal })).rejects.toMatchObject({
      code: 'TANDEM_RAY_LOAD',
      message: expect.stringContaining('there is no such file') as string,
    });
  });
});
