/** What a bed leaves behind: nothing, however it ends. */

import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { say } from './bed.ts';
import { attachBed, bedRefusal, startBed } from './harness.ts';
import { run } from './run.ts';

const BED = fileURLToPath(new URL('.', import.meta.url));
const SLEEPER = `
apiVersion: v1
kind: Pod
metadata: { name: sleeper, annotations: { bed.tandem/real: "true" } }
spec: { terminationGracePeriodSeconds: 0, containers: [{ name: main, image: any, command: [sleep, infinity] }] }
`;

type Process = { readonly pid: number; readonly parent: number; readonly state: string; readonly start: string };

/** All processes of the machine, zombies left out. */
function processes(): readonly Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state = '', parent = ''] = fields;
      return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), state, start: fields[19] ?? '' }];
    } catch {
      return []; // it has ended
    }
  });
}

/** The namespaces a process is in. */
function namespaces(pid: number): readonly string[] {
  return ['mnt', 'net', 'pid', 'uts', 'ipc'].flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return []; // it has ended
    }
  });
}

/** What a bed consists of right now: its processes with all their descendants, and their namespaces. */
function inventory(directory: string): {
  readonly processes: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
} {
  const all = processes();
  const found = new Set([Number(readFileSync(join(directory, 'pid'), 'utf8').split(' ')[0])]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  const own = new Set(namespaces(process.pid));
  return {
    processes: new Set(all.flatMap(({ pid, start }) => (found.has(pid) ? [`${pid} ${start}`] : []))),
    namespaces: new Set([...found].flatMap(namespaces).filter((name) => !own.has(name))),
  };
}

/** Which parts of an inventory are still there; a kernel needs a moment to end them. */
async function leftovers(of: ReturnType<typeof inventory>, directory: string): Promise<readonly string[]> {
  const look = (): readonly string[] => {
    const all = processes();
    const living = all.flatMap(({ pid, start }) => (of.processes.has(`${pid} ${start}`) ? [`process ${pid}`] : []));
    const held = all.flatMap(({ pid }) => namespaces(pid).filter((name) => of.namespaces.has(name)));
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    return [...living, ...held, ...mounts.filter((line) => line.includes(directory))];
  };
  for (let tries = 0; tries < 100 && look().length > 0; tries += 1) await pause(100);
  return look();
}

/** A run in a process of its own that starts a bed as the harness does; `up` resolves once the bed runs. */
function startDriver(
  directory: string,
  env: NodeJS.ProcessEnv = {},
): { readonly kill: () => void; readonly up: Promise<void> } {
  const script = `
    const child = require('child_process').spawn(process.argv[1], ['--tied', '--sidecar', 'ray'], { stdio: ['pipe', 1, 2] });
    child.on('exit', (code) => process.exit(code ?? 1));
  `;
  const driver = spawn(process.execPath, ['-e', script, join(BED, 'up.sh')], {
    env: { ...process.env, ...env, TANDEM_BED_RUN: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const up = new Promise<void>((resolve, reject) => {
    driver.stdout.once('data', () => resolve());
    driver.once('exit', () => reject(new Error('the bed did not start')));
  });
  up.catch(() => undefined); // killed before it was up
  return { kill: () => driver.kill('SIGKILL'), up };
}

const refusal = bedRefusal();

describe.skipIf(refusal !== undefined)(
  `the end of a bed${refusal === undefined ? '' : ` (no bed: ${refusal})`}`,
  () => {
    let directory = '';
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'tandem-bed-lifetime-'));
    });
    afterEach(async () => {
      await run([join(BED, 'down.sh')], { env: { ...process.env, TANDEM_BED_RUN: directory } });
      rmSync(directory, { recursive: true, force: true });
    });

    test('two beds run at once, with a pod in each; the end of one leaves the other alone and nothing of itself', async () => {
      const [one, two] = await Promise.all([startBed({ sidecar: 'ray' }), startBed({ sidecar: 'ray' })]);
      try {
        for (const bed of [one, two]) {
          await bed.apply(SLEEPER, 'default');
          const runs = async (): Promise<boolean> =>
            (await bed.value('default', 'pods/sleeper', '.status.phase')) === 'Running';
          await bed.waitFor('pod running', runs, { timeoutMs: 60_000 });
        }
        const parts = inventory(one.directory);
        expect(parts.processes.size).toBeGreaterThan(10);
        expect(parts.namespaces.size).toBeGreaterThan(5);
        await one.stop({ logs: 'drop' });
        expect(await leftovers(parts, one.directory)).toEqual([]);
        expect(existsSync(one.directory)).toBe(false);
        expect(await two.enter({ pod: 'sleeper' }, ['cat', '/etc/hostname'])).toBe('sleeper\n');
      } finally {
        await one.stop({ logs: 'drop' });
        await two.stop({ logs: 'drop' });
      }
    });

    test('a run killed with -9 takes its bed along, pods included', async () => {
      const driver = startDriver(directory);
      await driver.up;
      const bed = attachBed(directory);
      await bed.apply(SLEEPER, 'default');
      const runs = async (): Promise<boolean> =>
        (await bed.value('default', 'pods/sleeper', '.status.phase')) === 'Running';
      await bed.waitFor('pod running', runs, { timeoutMs: 60_000 });
      const parts = inventory(directory);
      driver.kill();
      expect(await leftovers(parts, directory)).toEqual([]);
    });

    test('a run killed with -9 while its bed starts takes that along', async () => {
      const driver = startDriver(directory);
      for (let tries = 0; tries < 200 && !existsSync(join(directory, 'logs/kube-apiserver.log')); tries += 1)
        await pause(50);
      const parts = inventory(directory);
      expect(parts.processes.size).toBeGreaterThan(3);
      driver.kill();
      expect(await leftovers(parts, directory)).toEqual([]);
      expect(existsSync(join(directory, 'kubeconfig'))).toBe(false);
    });

    test('a run killed with -9 while the cache is filled leaves no build behind', async () => {
      const cache = join(directory, 'cache');
      const pidFile = join(directory, 'compiler');
      const go = `#!/bin/sh\n[ "$1" = env ] && exec echo go1.99.0\necho $$ > ${pidFile}\nexec sleep 600\n`;
      for (const [name, text] of Object.entries({ 'ray-2.60.0/.done': '', 'fake/go': go })) {
        mkdirSync(dirname(join(cache, name)), { recursive: true });
        writeFileSync(join(cache, name), text, { mode: 0o755 });
      }
      const path = `${join(cache, 'fake')}:${process.env['PATH']}`;
      const driver = startDriver(join(directory, 'run'), { TANDEM_BED_CACHE: cache, PATH: path });
      for (let tries = 0; tries < 200 && !existsSync(pidFile); tries += 1) await pause(50);
      const pid = Number(readFileSync(pidFile, 'utf8'));
      const lives = (): boolean => processes().some((one) => one.pid === pid);
      expect(lives()).toBe(true);
      driver.kill();
      for (let tries = 0; tries < 100 && lives(); tries += 1) await pause(100);
      expect(lives()).toBe(false);
    });

    test('a bed whose holder or first process is killed with -9, or whose directory is removed, is gone whole; the next one starts', async () => {
      const env = { ...process.env, TANDEM_BED_RUN: directory };
      for (const victim of ['holder', 'first process', 'directory']) {
        const up = await run([join(BED, 'up.sh'), '--sidecar', 'ray'], { env, timeoutMs: 180_000 });
        expect(up.exitCode, up.stderr).toBe(0);
        const again = await run([join(BED, 'up.sh'), '--sidecar', 'ray'], { env });
        expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('a bed already runs') });
        const parts = inventory(directory);
        const holder = Number(readFileSync(join(directory, 'pid'), 'utf8').split(' ')[0]);
        const first = processes().find(({ parent }) => parent === holder);
        if (victim === 'directory') rmSync(directory, { recursive: true });
        else process.kill(victim === 'holder' ? holder : (first?.pid ?? 0), 'SIGKILL');
        expect(await leftovers(parts, directory), victim).toEqual([]);
        say(`${victim} gone: nothing left`);
      }
    });
  },
);

describe('what a machine or a directory refuses', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tandem-bed-refusal-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'where namespaces are refused, one sentence says so and the exit code is 2',
    async () => {
      const fake = join(directory, 'unshare');
      writeFileSync(fake, '#!/bin/sh\nexit 1\n');
      chmodSync(fake, 0o755);
      const env = { ...process.env, PATH: `${directory}:${process.env['PATH']}` };
      const { exitCode, stderr } = await run([join(BED, 'up.sh'), '--check'], { env });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^bed: this machine refuses network, mount and process namespaces .*\n$/);
    },
  );

  test.skipIf(refusal !== undefined)('a directory that holds something else is not touched', async () => {
    const file = join(directory, 'precious');
    writeFileSync(file, 'kept');
    const env = { ...process.env, TANDEM_BED_RUN: directory };
    const { exitCode, stderr } = await run([join(BED, 'up.sh'), '--sidecar', 'ray'], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is no directory of a bed');
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});
