import { expect, test } from 'vitest';
import { foreignReport, playProcess } from '../../../test/support/ray-process.ts';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import { seconds } from '../../core/time/time.ts';
import { ShadowRun } from './shadow.ts';

type Other = (world: RayWorld) => void;

/** A dry run beside somebody who does `other` four seconds after three tasks were submitted. */
async function shadow(other: Other): Promise<{ readonly matched: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const records: DecisionRecord[] = [];
  const world = new RayWorld([workerGroup('small')]);
  world.reports.push(foreignReport(3, 4));
  let matched = -1;
  await playProcess(world, { safety: 'dry-run' }, async (stage) => {
    const run = new ShadowRun({
      clock: stage.clock,
      log: { info: (line) => lines.push(line) },
      updateIntervalMs: seconds(5),
      recorder: { record: (record) => records.push(record) },
    });
    let read = 0;
    const pass = async (s: number): Promise<void> => {
      for (let i = 0; i < s; i++) {
        await stage.pass(1);
        for (const record of stage.records.slice(read)) run.record(record);
        read = stage.records.length;
      }
    };
    await pass(3);
    world.demand = [{ request: shape({ CPU: 1 }), count: 3 }];
    await pass(4);
    other(world);
    await pass(70);
    ({ matched } = run.end());
    expect(records).toEqual(stage.records);
  });
  return { matched, lines };
}

test('a step that the other makes as well is alike', async () => {
  const { matched, lines } = await shadow((world) => world.editGroup('small', { replicas: 3 }));
  expect(matched).toBe(1);
  expect(lines.at(-1)).toBe('agreement: 0 mismatches in 1 scale step: 1 alike');
});

test('a step that was made before we looked is not contradicted, no more', async () => {
  const lines: string[] = [];
  const world = new RayWorld([workerGroup('small')]);
  await playProcess(world, { safety: 'dry-run' }, async (stage) => {
    const run = new ShadowRun({
      clock: stage.clock,
      log: { info: (line) => lines.push(line) },
      updateIntervalMs: seconds(5),
      recorder: { record: () => undefined },
    });
    await stage.pass(6);
    world.demand = [{ request: shape({ CPU: 1 }), count: 3 }];
    world.editGroup('small', { replicas: 3 });
    await stage.pass(70);
    for (const record of stage.records) run.record(record);
    run.end();
  });
  expect(lines.at(-1)).toBe(
    'agreement: 0 mismatches in 1 scale step: 0 alike, 1 made before our look (0 confirmed, 1 not contradicted)',
  );
});

test('a run that never looked says nothing at its end', async () => {
  const { lines } = await shadow(() => undefined);
  expect(lines.length).toBeGreaterThan(0);
  const silent: string[] = [];
  await playProcess(new RayWorld([workerGroup('small')]), { safety: 'dry-run' }, async (stage) => {
    const log = { info: (line: string) => void silent.push(line) };
    const recorder = { record: () => undefined };
    new ShadowRun({ clock: stage.clock, log, updateIntervalMs: seconds(5), recorder }).end();
  });
  expect(silent).toEqual([]);
});

test('a step that nobody makes is told, once', async () => {
  const { matched, lines } = await shadow(() => undefined);
  expect(matched).toBe(0);
  expect(lines.at(-1)).toBe(
    'agreement: 1 mismatch in 1 scale step: 0 alike, 1 decided only here\n  2026-01-01T00:00:04Z RayCluster default/demo/small: 0 -> 3 was decided here and done by nobody',
  );
});
