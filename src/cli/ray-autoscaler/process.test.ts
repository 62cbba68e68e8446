import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { portsOf } from '../../../test/support/ray-ports.ts';
import { FakeStart } from '../../../test/support/ray-process.ts';
import { RayWorld as World, shape, workerGroup } from '../../../test/support/ray-world.ts';
import { RealClock } from '../../clock/real-clock.ts';
import { GcsError } from '../../ports/gcs-api.ts';
import { Interrupted, type Host, type Variables } from '../host.ts';
import { serveMetrics } from './metrics-server.ts';
import { optionsOf, type RayOptions } from './options.ts';
import { runRayAutoscaler, type RayWorld } from './process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-process-'));
  mkdirSync(join(folder, 'session_1', 'logs'), { recursive: true });
  symlinkSync('session_1', join(folder, 'session_latest'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const monitorLog = (): string => join(folder, 'session_1', 'logs', 'monitor.log');

type Running = {
  readonly world: World;
  readonly start: FakeStart;
  readonly lines: string[];
  readonly opened: string[];
  /** Where the metrics are served; undefined before. */
  readonly page: () => string | undefined;
  readonly stop: () => Promise<void>;
  readonly running: Promise<void>;
};

type Setup = {
  readonly options?: Partial<RayOptions>;
  readonly variables?: Variables;
  readonly serve?: RayWorld['serve'];
  readonly prepare?: (start: FakeStart) => void;
};

/** The process over a world of its own, on real time. */
function begin({ options = {}, variables = {}, serve = serveMetrics, prepare }: Setup): Running {
  const clock = new RealClock();
  const stop = new AbortController();
  const world = new World([workerGroup('small')]);
  const start = new FakeStart();
  start.head = { nodeId: 'ab'.repeat(28), address: '10.0.0.1', tempDir: folder };
  prepare?.(start);
  const { api, gcs } = portsOf(world, clock);
  const lines: string[] = [];
  const opened: string[] = [];
  let page: string | undefined;
  const output = { write: (text: string) => void lines.push(text.trimEnd()), isTerminal: false, columns: undefined };
  const host: Host = {
    stdout: output,
    stderr: output,
    environment: { colour: 'forbidden', charset: 'ascii' },
    variables,
    signal: stop.signal,
    clock,
  };
  const startCalls = {
    rayVersion: () => start.rayVersion(),
    headNode: () => start.headNode(),
    getKey: (key: Parameters<FakeStart['getKey']>[0]) => start.getKey(key),
    putKey: (entry: Parameters<FakeStart['putKey']>[0]) => start.putKey(entry),
  };
  const flags = { clusterName: 'demo', clusterNamespace: 'default', compat: 'default', logFormat: 'text' } as const;
  const running = runRayAutoscaler({ ...optionsOf(flags, { face: 'tandem', warnings: [] }), ...options }, host, {
    version: '1.2.3',
    seed: 1,
    kube: async () => ({ api, server: 'https://a (test)', close: async () => void opened.push('kube closed') }),
    gcs: async (address) => {
      opened.push(address);
      return { gcs: { ...gcs, ...startCalls }, close: () => void opened.push('gcs closed') };
    },
    ownIp: async () => '10.0.0.5',
    serve: async (asked) => {
      const server = await serve({ ...asked, port: 0, host: '127.0.0.1' });
      page = `http://127.0.0.1:${server.port}/metrics`;
      return server;
    },
  });
  running.catch(() => undefined); // whoever cares awaits it
  return {
    world,
    start,
    lines,
    opened,
    page: () => page,
    running,
    stop: () => {
      stop.abort(new Interrupted('SIGTERM', 130));
      return running;
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const clock = new RealClock();
  const signal = AbortSignal.timeout(20_000);
  while (!holds()) await clock.sleepUntil((clock.now() + 10) as ReturnType<RealClock['now']>, signal);
}

test('scales, publishes itself, serves metrics, writes its log file, and ends well when it is stopped', async () => {
  const { world, start, lines, opened, page, stop } = begin({});
  world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
  await until(() => world.group('small').replicas === 2 && world.reports.length > 0);
  const metrics = await (await fetch(page() ?? '')).text();
  await stop();
  expect(metrics).toContain('autoscaler_pending_nodes{NodeType="small",SessionName="session_1"} 2');
  await expect(fetch(page() ?? '')).rejects.toThrow();
  expect(start.puts).toContain('/AutoscalerMetricsAddress=10.0.0.5:44217 (overwrite)');
  expect(opened).toEqual(['10.0.0.5:6379', 'gcs closed', 'kube closed']);
  const said = lines.map((line) => line.replace(/^\S+ /, ''));
  expect(said[0]).toBe(
    'INFO tandem ray-autoscaler 1.2.3 for RayCluster default/demo on https://a (test), GCS on this machine',
  );
  expect(said.at(-1)).toBe('INFO stopped');
  const decided = said.filter((line) => line.includes('workers 0 -> 2 (ResourceDemand)'));
  expect(decided.length).toBe(1);
  expect(readFileSync(monitorLog(), 'utf8')).toContain('workers 0 -> 2 (ResourceDemand)');
  const events = join(folder, 'session_1', 'logs', 'events', 'event_AUTOSCALER.log');
  expect(readFileSync(events, 'utf8')).toContain('"message":"Adding 2 node(s) of type small."');
});

test('a dry run leaves no trace but its own lines, and ends with how far both agree', async () => {
  const { world, start, lines, stop } = begin({ options: { safety: 'dry-run' } });
  world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
  await until(() => lines.some((line) => line.includes('workers 0 -> 2')));
  await stop();
  expect(start.puts).toEqual([]);
  expect(world.patches()).toEqual([]);
  expect(world.reports).toEqual([]);
  expect(existsSync(monitorLog())).toBe(false);
  expect(lines[0]).toContain('dry run: nothing is written');
  expect(lines.at(-2)).toContain('agreement: no scale step yet, 1 still open');
});

test('a dry run looks every second, to have decided before the other', async () => {
  const { world, stop } = begin({ options: { safety: 'dry-run' } });
  const rounds = (): number => world.requests.filter(({ kind }) => kind === 'get-ray-cluster').length;
  await until(() => rounds() > 0);
  const [from, before] = [performance.now(), rounds()];
  await until(() => rounds() >= before + 3);
  expect(performance.now() - from).toBeLessThan(9000); // at the original's interval: 15 s
  await stop();
});

test('a metrics port that is taken is said, and the rest goes on', async () => {
  const taken = Promise.reject(new Error('EADDRINUSE: address already in use'));
  taken.catch(() => undefined);
  const { world, lines, stop } = begin({ serve: () => taken });
  world.demand = [{ request: shape({ CPU: 1 }), count: 1 }];
  await until(() => world.group('small').replicas === 1);
  await stop();
  expect(lines.join('\n')).toContain(
    'metrics are not served on port 44217 until it is free: EADDRINUSE: address already in use',
  );
});

test('a variable that cannot be read ends a command before anything is opened', async () => {
  const { running, opened } = begin({ variables: { AUTOSCALER_UPDATE_INTERVAL_S: 'soon' } });
  await expect(running).rejects.toMatchObject({ code: 'TANDEM_USAGE' });
  expect(opened).toEqual([]);
});

test("under Ray's name it is a warning, and a loopback address becomes the pod's", async () => {
  const { opened, lines, stop, start } = begin({
    options: { face: 'ray', gcsAddress: { host: '127.0.0.1', port: 6380 }, warnings: ['--x is not known here'] },
    variables: { AUTOSCALER_UPDATE_INTERVAL_S: 'soon' },
  });
  await until(() => start.puts.length === 2);
  await stop();
  expect(opened[0]).toBe('10.0.0.5:6380');
  expect(lines.slice(0, 2).map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'WARN --x is not known here',
    'WARN AUTOSCALER_UPDATE_INTERVAL_S is "soon": it must be a number of seconds above 0 and up to a year, such as 5; its default holds',
  ]);
});

test('a start that cannot succeed closes what it opened, and reports no agreement', async () => {
  const refusal = new GcsError('TANDEM_GCS_UNAUTHENTICATED', 'InvalidAuthToken');
  const { running, opened, lines } = begin({
    options: { safety: 'dry-run', gcsAddress: { host: '10.0.0.7', port: 6380 } },
    prepare: (start) => start.failures.rayVersion.push(refusal),
  });
  await expect(running).rejects.toThrow('the GCS at 10.0.0.7:6380: InvalidAuthToken: set RAY_AUTH_MODE=token');
  expect(opened).toEqual(['10.0.0.7:6380', 'gcs closed', 'kube closed']);
  expect(lines).toEqual([expect.stringMatching(/, GCS at 10\.0\.0\.7:6380, dry run: nothing is written$/)]);
});
