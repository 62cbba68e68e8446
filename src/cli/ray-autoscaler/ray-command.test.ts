import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../../clock/event-clock.ts';
import { seconds } from '../../core/time/time.ts';
import { KubeError } from '../../ports/kube-api.ts';
import type { Host } from '../host.ts';
import { findNextRay, runInstead } from './next-ray.ts';
import type { RayOptions } from './options.ts';
import { runRayCommand, type RayCommandDeps } from './ray-command.ts';

type Outcome = { readonly code: number; readonly out: string; readonly err: string; readonly started: RayOptions[] };

async function run(args: readonly string[], deps: Partial<RayCommandDeps> = {}): Promise<Outcome> {
  let out = '';
  let err = '';
  const started: RayOptions[] = [];
  const host: Host = {
    stdout: { write: (text) => void (out += text), isTerminal: false, columns: undefined },
    stderr: { write: (text) => void (err += text), isTerminal: false, columns: undefined },
    environment: { colour: 'forbidden', charset: 'ascii' },
    variables: {},
    signal: new AbortController().signal,
    clock: new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) }),
  };
  const autoscaler = async (options: RayOptions): Promise<void> => void started.push(options);
  const code = await runRayCommand(args, host, { version: '1.2.3', autoscaler, next: undefined, ...deps });
  return { code, out, err, started };
}

const LINE = ['kuberay-autoscaler', '--cluster-name', 'demo', '--cluster-namespace', 'default'];

describe("the start line that KubeRay's operator writes", () => {
  test('starts the autoscaler of that cluster', async () => {
    const { code, started } = await run(LINE);
    expect(code).toBe(0);
    expect(started).toEqual([
      {
        face: 'ray',
        cluster: { namespace: 'default', name: 'demo' },
        gcsAddress: undefined,
        kubeconfig: undefined,
        context: undefined,
        safety: 'guard',
        compat: 'default',
        logFormat: 'text',
        verbose: false,
        warnings: [],
      },
    ]);
  });

  test('may hold flags of a newer Ray: each is a warning', async () => {
    const { code, started } = await run([
      'kuberay-autoscaler',
      '--new-flag',
      'x',
      '--other=1',
      ...LINE.slice(1),
      '--gcs-address',
      '127.0.0.1:6380',
    ]);
    expect(code).toBe(0);
    expect(started).toMatchObject([
      {
        cluster: { namespace: 'default', name: 'demo' },
        gcsAddress: { host: '127.0.0.1', port: 6380 },
        warnings: ['--new-flag is not known here and is left aside', '--other is not known here and is left aside'],
      },
    ]);
  });

  test.each([
    [LINE.slice(0, 3), '--cluster-namespace is missing; nothing was started'],
    [
      ['kuberay-autoscaler', '--clustername', 'demo', '--cluster-namespace', 'default'],
      '--cluster-name is missing (--clustername is not known here and is left aside); nothing was started',
    ],
    [[...LINE, '--gcs-address', 'nowhere'], '--gcs-address "nowhere" is no host:port'],
    [[...LINE, '--dry-run', '--force'], "option '--dry-run' cannot be used with option '--force'"],
    [['kuberay-autoscaler', '--cluster-name', ' ', '--cluster-namespace', 'a'], '--cluster-name is empty'],
    [[...LINE, '--compat', 'ray-1'], "argument 'ray-1' is invalid"],
  ])('that cannot be followed ends with 2: %j', async (args, sentence) => {
    const { code, err, started } = await run(args);
    expect([code, started]).toEqual([2, []]);
    expect(err).toContain(`ray (tandem): `);
    expect(err).toContain(sentence);
  });

  test('ends with 1 and one sentence when the process cannot go on', async () => {
    const refusal = new KubeError({ code: 404, reason: 'NotFound', message: 'there is no RayCluster default/demo' });
    const { code, err } = await run(LINE, { autoscaler: () => Promise.reject(refusal) });
    expect([code, err]).toEqual([1, 'ray (tandem): there is no RayCluster default/demo (TANDEM_KUBE_NOT_FOUND)\n']);
  });

  test('prints its help', async () => {
    const { code, out } = await run(['kuberay-autoscaler', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--cluster-namespace <namespace>');
  });
});

describe('every other word', () => {
  test('goes to the next ray, with its exit code', async () => {
    const calls: (readonly string[])[] = [];
    const next = async (args: readonly string[]): Promise<number> => {
      calls.push(args);
      return 7;
    };
    expect((await run(['status', '-v'], { next })).code).toBe(7);
    expect((await run(['--version'], { next })).code).toBe(7);
    expect(calls).toEqual([['status', '-v'], ['--version']]);
  });

  test.each([[['status']], [['health-check', '--address', 'a']], [[]]])(
    'is refused in one sentence where there is no Ray: %j',
    async (args) => {
      const { code, err } = await run(args);
      expect(code).toBe(2);
      expect(err).toContain(`\`${['ray', ...args.slice(0, 1)].join(' ')}\` needs Ray, and this image has none`);
    },
  );

  test('but the version is told', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringContaining('tandem 1.2.3') });
  });
});

describe('the next ray on the PATH', () => {
  let root: string;
  beforeEach(() => (root = realpathSync(mkdtempSync(join(tmpdir(), 'tandem-ray-')))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const program = (folder: string, text = '#!/bin/sh\nexit 3\n'): string => {
    mkdirSync(join(root, folder), { recursive: true });
    const path = join(root, folder, 'ray');
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  };
  const pathOf = (...folders: readonly string[]): string => folders.map((folder) => join(root, folder)).join(delimiter);

  test('is the one behind ours, which may be a link', () => {
    const own = program('package');
    mkdirSync(join(root, 'a'));
    symlinkSync(own, join(root, 'a', 'ray'));
    const other = program('b');
    expect(findNextRay(pathOf('none', 'a', 'b'), own)).toBe(other);
    expect(findNextRay(pathOf('b', 'a'), own)).toBeUndefined();
    expect(findNextRay(pathOf('b'), own)).toBe(other);
    expect(findNextRay('', own)).toBeUndefined();
  });

  test('is none that is ours again, or cannot be executed', () => {
    const own = program('a');
    mkdirSync(join(root, 'b'));
    symlinkSync(own, join(root, 'b', 'ray'));
    chmodSync(program('c'), 0o644);
    mkdirSync(join(root, 'd', 'ray'), { recursive: true });
    expect(findNextRay(pathOf('a', 'b', 'c', 'd'), own)).toBeUndefined();
  });

  test('hands back its exit code, also when it was ended', async () => {
    const { signal } = new AbortController();
    expect(await runInstead(program('a'), [], signal)).toBe(3);
    const stop = new AbortController();
    const running = runInstead(program('b', '#!/bin/sh\nexec sleep 60\n'), [], stop.signal);
    stop.abort();
    expect(await running).toBe(143);
    await expect(runInstead(join(root, 'none'), [], signal)).rejects.toThrow('ENOENT');
  });
});
