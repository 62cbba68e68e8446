/**
 * Several processes `tandem hpa` on a real control plane with a Lease between them, under the account of deploy/hpa: the leader is killed,
 * frozen and stopped in the middle of its work, and there are never two that write.
 */

import { createServer, type AddressInfo } from 'node:net';
import { afterAll, expect, onTestFailed, test } from 'vitest';
import type { Lease } from '../../src/core/kube/lease.ts';
import type { Write } from './bed/audit.ts';
import { say } from './bed/bed.ts';
import { describeOnBed, WITHOUT_HPA } from './bed/harness.ts';
import { accountOf } from './deploy-bed.ts';
import { accountKubeconfig, evidence, grant, guideText, LOOP_FLAGS } from './hpa-bed.ts';
import { HpaChild } from './hpa-child.ts';
import { deployTarget, hpaEvents, isOf, setCpu, TARGET } from './hpa-script.ts';

const WITHIN = { timeoutMs: 60_000 };
/** Much shorter than in life, in the same proportions. */
const LEASE_MS = 4000;
const RETRY_MS = 500;
const ELECTION_FLAGS = [
  `--leader-elect-lease-duration=${LEASE_MS}ms`,
  '--leader-elect-renew-deadline=2500ms',
  `--leader-elect-retry-period=${RETRY_MS}ms`,
];
/** A retry and its jitter, and a machine that is busy. */
const FOLLOWS_MS = RETRY_MS * 2.2 + 2500;
const LEADING = 'INFO leading: the lease kube-system/tandem-hpa is held by this process';
const METRICS = { metricsEverySeconds: 1 };

type Process = HpaChild & { readonly page: (path: string) => Promise<string> };

describeOnBed('leader election', { sidecar: 'tandem', controllers: WITHOUT_HPA, ...METRICS }, (bed) => {
  const all: HpaChild[] = [];
  afterAll(() => all.forEach((child) => child.kill()));
  let namespace = '';
  let kubeconfig = '';
  let leader: Process;
  let standby: Process;

  async function start(): Promise<Process> {
    const port = await freePort();
    const pages = ['--bind-address=127.0.0.1', `--secure-port=${port}`];
    const child = new HpaChild(['--kubeconfig', kubeconfig, ...LOOP_FLAGS, ...ELECTION_FLAGS, ...pages]);
    all.push(child);
    onTestFailed(() => say(`tandem hpa wrote:\n${child.output}`));
    await bed().waitFor('tandem hpa has started', () => child.said('each HPA every 2s') > 0, WITHIN);
    const page = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    return Object.assign(child, { page });
  }

  async function leads(child: HpaChild): Promise<number> {
    return (await bed().waitFor('it leads', () => child.said(LEADING) === 1, WITHIN)).ms;
  }

  const lease = async (): Promise<Lease['spec']> => {
    const found = await bed().get('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/tandem-hpa');
    return (found as Lease | undefined)?.spec; // by its path
  };

  const replicas = (): Promise<unknown> => bed().value(namespace, `deployments/${TARGET}`, '.spec.replicas');
  const until = (number: number): Promise<unknown> =>
    bed().waitFor(`${number} replicas`, async () => (await replicas()) === number, WITHIN);

  /** The audit log leaves Leases out. */
  const isOurs = ({ user }: Write): boolean => user === accountOf('hpa');
  const steps = (): readonly unknown[] =>
    bed()
      .writes()
      .filter((write) => isOf(namespace, 'deployments/scale')(write) && write.code === 200)
      .map(({ body }) => (body as { readonly spec: { readonly replicas: number } }).spec.replicas); // a Scale

  test('one of two leads, both are well and ready, and only the leader works', async () => {
    await grant(bed(), 'hpa');
    kubeconfig = await accountKubeconfig(bed(), 'hpa');
    namespace = await deployTarget(bed(), 'leader', '20m');
    leader = await start();
    await leads(leader);
    standby = await start();
    await bed().waitFor('the other one waits', () => standby.said('waiting for the lease') === 1, WITHIN);
    await bed().apply(guideText('HorizontalPodAutoscaler'), namespace);
    const synced = async (): Promise<boolean> =>
      /reconciliations_total\{action="none",error="none"\} [1-9]/.test(await leader.page('/metrics'));
    await bed().waitFor('the leader has synchronized', synced, WITHIN);
    for (const child of [leader, standby]) {
      expect(await child.page('/healthz')).toBe('ok');
      await bed().waitFor('ready', async () => (await child.page('/readyz')) === 'ok', WITHIN);
    }
    expect(await leader.page('/metrics')).toContain('leader_election_master_status{name="tandem-hpa"} 1');
    const idle = await standby.page('/metrics');
    expect(idle).toContain('leader_election_master_status{name="tandem-hpa"} 0');
    expect(idle).not.toContain('reconciliations_total');
  });

  test('killed in the middle of a rise, it is followed by the other one, which ends the rise', async () => {
    const before = await lease();
    await setCpu(bed(), namespace, '1500m');
    await until(4);
    leader.kill();
    const killed = performance.now();
    await leads(standby);
    const followedMs = Math.round(performance.now() - killed);
    evidence({ scenario: 'hpa-leader', step: 'kill', followedMs });
    // the lease runs out first; its last renewal was up to a retry before the end
    expect(followedMs).toBeGreaterThan(LEASE_MS - 2 * RETRY_MS);
    expect(followedMs).toBeLessThan(LEASE_MS + FOLLOWS_MS);
    await until(5);
    expect(steps()).toEqual([4, 5]);
    expect((await lease())?.leaseTransitions).toBe((before?.leaseTransitions ?? 0) + 1);
  });

  test('frozen until another one leads, it ends when it is woken, and writes nothing before', async () => {
    const frozen = standby;
    const next = await start();
    await bed().waitFor('the next one waits', () => next.said('waiting for the lease') === 1, WITHIN);
    frozen.freeze();
    await leads(next);
    await setCpu(bed(), namespace, '20m');
    await until(1);
    // at rest: what is written now would be the woken one's
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const written = bed().writes().filter(isOurs).length;
    const { exitCode, ms } = await frozen.thaw();
    evidence({ scenario: 'hpa-leader', step: 'thaw', endedMs: ms });
    expect(exitCode).toBe(1);
    expect(frozen.output).toMatch(
      /tandem: the lease kube-system\/tandem-hpa was taken by \S+: .* \(TANDEM_LEASE_LOST\)\n$/,
    );
    expect(bed().writes().filter(isOurs)).toHaveLength(written);
    expect(steps()).toEqual([4, 5, 1]);
    leader = next;
  });

  test('told to stop, it gives the lease back, and the other one follows at once', async () => {
    standby = await start();
    await bed().waitFor('the other one waits', () => standby.said('waiting for the lease') === 1, WITHIN);
    const { exitCode, ms } = await leader.terminate();
    const stopped = performance.now();
    expect(exitCode).toBe(0);
    expect(leader.output).toMatch(/ INFO stopped\n$/);
    await leads(standby);
    const followedMs = Math.round(performance.now() - stopped);
    evidence({ scenario: 'hpa-leader', step: 'stop', stopMs: ms, followedMs });
    expect(followedMs).toBeLessThan(FOLLOWS_MS);
    await setCpu(bed(), namespace, '1500m');
    await until(5);
    expect(steps()).toEqual([4, 5, 1, 4, 5]);
    const { exitCode: last } = await standby.terminate();
    expect(last).toBe(0);
    expect((await lease())?.holderIdentity).toBeUndefined();
  });

  test('each scale was written once and told once', async () => {
    const told = async (): Promise<boolean> => {
      const events = await hpaEvents(bed(), namespace);
      const rescales = events.filter(({ reason }) => reason === 'SuccessfulRescale');
      return rescales.reduce((sum, { count = 0 }) => sum + count, 0) === 5;
    };
    await bed().waitFor('five events of five scales', told, WITHIN);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo; // it listens on a port
      server.close(() => resolve(port));
    });
  });
}
