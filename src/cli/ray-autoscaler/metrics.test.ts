import { afterEach, describe, expect, test } from 'vitest';
import { foreignReport, playProcess } from '../../../test/support/ray-process.ts';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';
import { DEMO_START, EventClock } from '../../clock/event-clock.ts';
import { COMPAT } from '../../core/ray/compat.ts';
import { seconds } from '../../core/time/time.ts';
import { GcsError, type GcsApi } from '../../ports/gcs-api.ts';
import { RayMetrics } from './metrics.ts';
import { serveMetrics, type MetricsServer } from './metrics-server.ts';

function metrics(): RayMetrics {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) });
  return new RayMetrics({ clock, compat: COMPAT.default });
}

/** Names with their types, and samples by their text without the session's label. */
async function read(page: RayMetrics): Promise<{ types: Map<string, string>; samples: Map<string, number> }> {
  const lines = (await page.text()).split('\n');
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of lines) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== '') types.set(name, type);
    const [, sample = '', value = ''] = /^([^#]\S*) (\S+)$/.exec(line) ?? [];
    if (sample !== '') samples.set(sample.replace(/,?SessionName="[^"]*"/, '').replace('{}', ''), Number(value));
  }
  return { types, samples };
}

/** The whole list of the specification. */
const GAUGES = [
  'pending_nodes',
  'active_nodes',
  'recently_failed_nodes',
  'cluster_resources',
  'pending_resources',
  'updating_nodes',
  'recovering_nodes',
  'running_workers_nodes',
];
const COUNTERS = [
  'stopped_nodes',
  'started_nodes',
  'failed_create_nodes',
  'failed_updates',
  'successful_updates',
  'failed_recoveries',
  'successful_recoveries',
  'update_loop_exceptions',
  'node_launch_exceptions',
  'reset_exceptions',
  'config_validation_exceptions',
  'drain_node_exceptions',
];
const HISTOGRAMS = ['worker_create_node_time_seconds', 'worker_update_time_seconds', 'update_time_seconds'];

test("has the original's names and types from the beginning", async () => {
  const { types, samples } = await read(metrics());
  const want = new Map([
    ...GAUGES.map((name) => [`autoscaler_${name}`, 'gauge'] as const),
    ...COUNTERS.map((name) => [`autoscaler_${name}_total`, 'counter'] as const),
    ...HISTOGRAMS.map((name) => [`autoscaler_${name}`, 'histogram'] as const),
    ...[...COUNTERS, ...HISTOGRAMS].map((name) => [`autoscaler_${name}_created`, 'gauge'] as const),
  ]);
  expect(Object.fromEntries(types)).toEqual(Object.fromEntries(want));
  for (const name of COUNTERS) expect(samples.get(`autoscaler_${name}_total`)).toBe(0);
});

test('every sample carries the session, None while there is none', async () => {
  const page = metrics();
  const labels = async (): Promise<Set<string>> =>
    new Set([...(await page.text()).matchAll(/SessionName="([^"]*)"/g)].map((match) => match[1] ?? ''));
  expect(await labels()).toEqual(new Set(['None']));
  page.named('session_1');
  expect(await labels()).toEqual(new Set(['session_1']));
});

test('follows workers that come, run and go', async () => {
  const page = metrics();
  const world = new RayWorld([workerGroup('small'), workerGroup('other', { maxReplicas: 0 })]);
  const options = { observer: page, saw: (cluster: RayWorld['cluster']) => page.saw(cluster) };
  await playProcess(world, options, async (stage) => {
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    await stage.pass(8);
    const pending = (await read(page)).samples;
    expect(pending.get('autoscaler_pending_nodes{NodeType="small"}')).toBe(2);
    expect(pending.get('autoscaler_pending_nodes{NodeType="other"}')).toBe(0);
    expect(pending.get('autoscaler_active_nodes{NodeType="headgroup"}')).toBe(1);
    expect(pending.get('autoscaler_pending_resources{resource="CPU"}')).toBe(2);
    world.startRay();
    world.demand = [];
    await stage.pass(8);
    const active = (await read(page)).samples;
    expect(active.get('autoscaler_active_nodes{NodeType="small"}')).toBe(2);
    expect(active.get('autoscaler_cluster_resources{resource="CPU"}')).toBe(2);
    expect(active.get('autoscaler_pending_resources{resource="CPU"}')).toBe(0);
    expect(active.get('autoscaler_started_nodes_total')).toBe(2);
    world.idleFor(61);
    await stage.pass(20);
    const gone = (await read(page)).samples;
    expect(gone.get('autoscaler_active_nodes{NodeType="small"}')).toBe(0);
    expect(gone.get('autoscaler_stopped_nodes_total')).toBe(2);
    expect(gone.get('autoscaler_update_loop_exceptions_total')).toBe(0);
    expect(gone.get('autoscaler_update_time_seconds_count')).toBeGreaterThan(3);
  });
});

test('counts rounds and patches that fail', async () => {
  const page = metrics();
  const world = new RayWorld([workerGroup('small')]);
  const refused = { code: 500, reason: 'InternalError', message: 'etcd is sad' };
  const options = { observer: page, saw: (cluster: RayWorld['cluster']) => page.saw(cluster) };
  await playProcess(world, options, async (stage) => {
    await stage.pass(3);
    world.faults.push({ kind: 'get-ray-cluster', failure: refused, times: 1 });
    await stage.pass(6);
    world.faults.push({ kind: 'patch-ray-cluster', failure: refused, times: 1 });
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    await stage.pass(12);
    const { samples } = await read(page);
    expect(samples.get('autoscaler_update_loop_exceptions_total')).toBe(1);
    expect(samples.get('autoscaler_node_launch_exceptions_total')).toBe(1);
  });
});

test('counts drains that fail, and only those calls', async () => {
  const page = metrics();
  const fails = (): Promise<never> => Promise.reject(new GcsError('TANDEM_GCS_UNAVAILABLE', 'gone'));
  const gcs = page.counted({
    getClusterResourceState: fails,
    getClusterStatus: fails,
    reportAutoscalingState: fails,
    drainNode: fails,
    stopNodes: fails,
  } satisfies GcsApi);
  const call = { signal: new AbortController().signal };
  const drain = { nodeId: 'ab'.repeat(28), reason: 'PREEMPTION', reasonMessage: '', deadlineTimestampMs: 0 } as const;
  for (const run of [
    gcs.drainNode(drain, call),
    gcs.stopNodes([], call),
    gcs.getClusterStatus(call),
    gcs.getClusterResourceState(call),
    gcs.reportAutoscalingState(foreignReport(1, 1), call),
  ])
    await expect(run).rejects.toThrow('gone');
  expect((await read(page)).samples.get('autoscaler_drain_node_exceptions_total')).toBe(2);
});

describe('the server', () => {
  const servers: MetricsServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const serve = async (port = 0): Promise<MetricsServer> => {
    const server = await serveMetrics({ page: metrics(), port, host: '127.0.0.1' });
    servers.push(server);
    return server;
  };

  test.each([
    ['/metrics', 200, 'autoscaler_active_nodes'],
    ['/', 200, 'autoscaler_active_nodes'],
    ['/metrics?name[]=x', 200, 'autoscaler_active_nodes'],
    ['/healthz', 200, 'ok'],
    ['/other', 404, 'see /metrics'],
  ])('answers %s with %i', async (path, status, text) => {
    const { port } = await serve();
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(text)]);
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  test('takes no writes', async () => {
    const { port } = await serve();
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  test('says when the port is taken', async () => {
    const { port } = await serve();
    await expect(serve(port)).rejects.toThrow('EADDRINUSE');
  });
});
