import { expect, test } from 'vitest';
import { answerIn, measureOriginal, originalProgram } from './original.ts';
import { WORLDS } from './worlds.ts';

const { signal } = new AbortController();
const saying = (output: unknown): Parameters<typeof measureOriginal>[0] => ({
  command: process.execPath,
  args: ['-e', `process.stdout.write(${JSON.stringify(JSON.stringify(output))})`],
});

test('a run of the original is read: seconds as milliseconds, what it decided as ours tells it', async () => {
  const told = { bench: [{ roundSeconds: [0.5, 0.25], check: 'desired=10 util=60' }], peakMib: 90 };
  expect(await measureOriginal(saying(told), { limitMs: 50_000, signal })).toMatchObject({
    kind: 'timed',
    warmMs: [500, 250],
    peakMib: { all: 90 },
    answer: { desired: 10, utilization: 60 },
  });
  expect(answerIn('something else')).toBeUndefined();
});

test('one that takes too long is stopped, one that fails says why', async () => {
  const forever = { command: process.execPath, args: ['-e', 'setInterval(() => undefined, 1000)'] };
  expect(await measureOriginal(forever, { limitMs: 100, signal })).toEqual({ kind: 'stopped', limitMs: 100 });
  const failing = { command: process.execPath, args: ['-e', 'console.error("no such flag"); process.exitCode = 3'] };
  expect(await measureOriginal(failing, { limitMs: 50_000, signal })).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('no such flag') as string,
  });
});

test('the original is asked for the same world, and only for those that it knows', () => {
  for (const world of WORLDS) {
    const program = originalProgram('oracle', world);
    expect(program === undefined).toBe(world.original === undefined);
    if (program !== undefined) expect(program.args).toContain(`${world.hpas}x${world.podsPerHpa}`);
  }
  expect(new Set(WORLDS.map(({ name }) => name)).size).toBe(WORLDS.length);
});
