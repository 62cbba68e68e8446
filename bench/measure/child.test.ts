import { describe, expect, test } from 'vitest';
import { measure, type Measured } from './child.ts';

const READY = `{"kind": "ready"}`;
const COLD = `{"kind":"cold","ms":7.5}`;
const TIMED = `{"kind":"timed","warmMs":[1,2],"peakMib":{"first":50,"all":60},"counted":{"picks":3},"answer":{"id":"a"}}`;
const FOREVER = 'setInterval(() => undefined, 1000);';
const PATIENCE_MS = 50_000;

/** A process that says these lines and then runs `end`. */
function saying(
  lines: readonly string[],
  { end = '', limitMs = PATIENCE_MS, signal = new AbortController().signal }: Saying = {},
): Promise<Measured> {
  const script = `process.stdout.write(${JSON.stringify(lines.map((line) => `${line}\n`).join(''))}); ${end}`;
  return measure({ command: process.execPath, args: ['-e', script] }, { limitMs, signal });
}
type Saying = { readonly end?: string; readonly limitMs?: number; readonly signal?: AbortSignal };

describe('a measuring process', () => {
  test('says when it is ready, how long the first round took, and the rest', async () => {
    expect(await saying(['some other text', READY, COLD, TIMED])).toEqual({
      kind: 'timed',
      coldMs: 7.5,
      warmMs: [1, 2],
      peakMib: { first: 50, all: 60 },
      counted: { picks: 3 },
      answer: { id: 'a' },
    });
  });

  test('is stopped when its first round passes the limit', async () => {
    expect(await saying([READY], { end: FOREVER, limitMs: 20 })).toEqual({ kind: 'stopped', limitMs: 20 });
  });

  test('that is timed by its processor has spent at most what passed on the wall', async () => {
    const options = { limitMs: 300, signal: new AbortController().signal, clock: 'processor' } as const;
    const script = `console.log(${JSON.stringify(READY)}); ${FOREVER}`;
    const stopped = await measure({ command: process.execPath, args: ['-e', script] }, options);
    if (stopped.kind !== 'stopped') throw new Error(stopped.kind);
    expect(stopped.spentMs).toBeGreaterThanOrEqual(0);
    expect(stopped.spentMs).toBeLessThan(300); // it sleeps
  });

  test('has time of its own for what comes before and after the first round', async () => {
    const slow = `setTimeout(() => { process.stdout.write(${JSON.stringify(`${READY}\n${COLD}\n`)}); setTimeout(() => process.stdout.write(${JSON.stringify(`${TIMED}\n`)}), 400); }, 400);`;
    expect(await saying([], { end: slow, limitMs: 300 })).toMatchObject({ kind: 'timed', coldMs: 7.5 });
  });

  test('that ends with an error has failed, with what it said last', async () => {
    const failed = await saying([READY], {
      end: `process.stderr.write('no module named ray\\n'); process.exitCode = 3;`,
    });
    expect(failed).toEqual({ kind: 'failed', reason: 'it ended with 3: no module named ray' });
  });

  test('that breaks off in the middle of a line has failed', async () => {
    const broken = await saying([READY, COLD], { end: `process.stdout.write('{"kind":"timed","warmMs":[1');` });
    expect(broken).toEqual({ kind: 'failed', reason: 'it ended without a measurement' });
  });

  test('that ends early without an error has failed too', async () => {
    expect(await saying([READY, COLD])).toEqual({ kind: 'failed', reason: 'it ended without a measurement' });
  });

  test('that cannot be started has failed', async () => {
    const options = { limitMs: PATIENCE_MS, signal: new AbortController().signal };
    const failed = await measure({ command: 'no-such-program-anywhere', args: [] }, options);
    expect(failed).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ENOENT') as string });
  });

  test('ends when it is interrupted, and none is started afterwards', async () => {
    const stop = new AbortController();
    const running = saying([READY], { end: FOREVER, signal: stop.signal });
    stop.abort();
    expect(await running).toEqual({ kind: 'failed', reason: 'interrupted' });
    expect(await saying([READY, COLD, TIMED], { signal: stop.signal })).toEqual({
      kind: 'failed',
      reason: 'interrupted',
    });
  });
});
