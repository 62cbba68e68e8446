/** Several processes `tandem hpa` with a Lease between them, and what each shows of itself. */

import { describe, expect, test } from 'vitest';
import { ELECTION, LEASE_KEY } from '../../../test/support/election.ts';
import { inHpaCluster, overriding, type HpaCluster, type HpaProcess } from '../../../test/support/hpa-process.ts';
import { LEASES } from '../../core/kube/resource.ts';
import { epochMs } from '../../core/time/time.ts';
import { KubeError, type KubeApi } from '../../ports/kube-api.ts';

const LEADING = 'INFO leading: the lease kube-system/tandem-hpa is held by this process';
const SERVED = { serving: { host: undefined, port: 10_257 } } as const;

const start = (cluster: HpaCluster, identity: string, wrapApi: (api: KubeApi) => KubeApi = (api) => api): HpaProcess =>
  cluster.start({ settings: { election: ELECTION, ...SERVED }, identity, seed: identity.length, wrapApi });

const holder = (cluster: HpaCluster): string | undefined => cluster.store.get(LEASES, LEASE_KEY).spec?.holderIdentity;

const decisions = ({ lines }: HpaProcess): readonly string[] => lines.filter((line) => line.includes('replicas'));

describe('HPA-17.3 two processes', () => {
  test('one works and the other waits; stopped, the first gives the lease back and the other goes on', async () => {
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      await cluster.wait(60);
      const first = start(cluster, 'first');
      await cluster.wait(2);
      const second = start(cluster, 'second');
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      await cluster.wait(60);
      expect(holder(cluster)).toBe('first');
      expect(decisions(second)).toEqual([]);
      await first.stop();
      expect(first.lines.slice(-1)).toEqual(['INFO stopped']);
      cluster.load(15);
      await cluster.until('scaled by the other', 60, () => cluster.replicas() === 5);
      expect(holder(cluster)).toBe('second');
      expect(second.lines.slice(1, 3)).toEqual([
        'INFO waiting for the lease kube-system/tandem-hpa: first holds it',
        LEADING,
      ]);
      expect(decisions(first)).toHaveLength(1);
      await second.stop();
      expect(holder(cluster)).toBeUndefined();
    });
  });

  test('HPA-17.4 the new leader knows no recommendation of the old one: for the window nothing is scaled down', async () => {
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      await cluster.wait(60);
      const first = start(cluster, 'first');
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      cluster.load(0.1);
      await cluster.wait(200);
      const second = start(cluster, 'second');
      await first.stop();
      await cluster.wait(290);
      expect(cluster.replicas(), '490 s after the load fell, but the window began anew').toBe(3);
      await cluster.until('scaled down', 60, () => cluster.replicas() === 1);
      await second.stop();
    });
  });

  test('the write under way is ended before the lease is given back', async () => {
    await inHpaCluster(async (cluster) => {
      let isWriting = false;
      cluster.load(8.5);
      await cluster.wait(60);
      const first = start(cluster, 'first', (api) =>
        overriding(api, {
          updateScale: async (resource, key, scale, options) => {
            isWriting = true;
            await cluster.clock.sleepUntil(epochMs(cluster.clock.now() + 3000), options.signal);
            expect(holder(cluster)).toBe('first');
            isWriting = false;
            return api.updateScale(resource, key, scale, options);
          },
        }),
      );
      await cluster.until('writing', 60, () => isWriting);
      await first.stop();
      expect([isWriting, cluster.replicas(), holder(cluster)]).toEqual([false, 3, undefined]);
    });
  });

  test('a leader that cannot renew ends with a sentence before the other one may lead, and writes nothing after', async () => {
    await inHpaCluster(async (cluster) => {
      let isCut = false;
      const cut = <T>(real: () => Promise<T>): Promise<T> =>
        isCut ? Promise.reject(new KubeError({ code: 0, reason: '', message: 'cut off' })) : real();
      let writes = 0;
      const first = start(cluster, 'first', (api) =>
        overriding(api, {
          get: ((...args: Parameters<KubeApi['get']>) => cut(() => api.get(...args))) as KubeApi['get'],
          update: ((...args: Parameters<KubeApi['update']>) => {
            if (args[0].kind !== 'Lease') writes++;
            return args[0].kind === 'Lease' ? cut(() => api.update(...args)) : api.update(...args);
          }) as KubeApi['update'],
        }),
      );
      await cluster.wait(2);
      const second = start(cluster, 'second');
      await cluster.wait(20);
      isCut = true;
      await expect(first.ended).rejects.toMatchObject({ code: 'TANDEM_LEASE_LOST' });
      expect(first.closed()).toBe(true);
      expect(second.lines).not.toContain(LEADING);
      const before = writes;
      cluster.load(8.5);
      await cluster.until('scaled by the other', 90, () => cluster.replicas() === 3);
      expect(second.lines).toContain(LEADING);
      expect(writes).toBe(before);
    });
  });

  test('a stop while it waits is a good end', async () => {
    await inHpaCluster(async (cluster) => {
      const first = start(cluster, 'first');
      await cluster.wait(2);
      const second = start(cluster, 'second');
      await cluster.wait(5);
      await second.stop();
      expect(second.lines.at(-1)).toBe('INFO stopped');
      expect([holder(cluster), second.closed()]).toEqual(['first', true]);
      await first.stop();
    });
  });

  test('a dry run beside a leader needs no lease and waits for none', async () => {
    await inHpaCluster(async (cluster) => {
      const first = start(cluster, 'first');
      const dry = cluster.start({ settings: { mode: 'dry-run' } });
      cluster.load(8.5);
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      await Promise.all([first.stop(), dry.stop()]);
      expect(dry.lines.some((line) => line.includes('agreement: 0 mismatches in 1 scale step: 1 alike'))).toBe(true);
    });
  });
});

describe('rights', () => {
  test('who may not take the lease is told so, and nothing starts', async () => {
    await inHpaCluster(async (cluster) => {
      const denied = ['update leases.coordination.k8s.io', 'create leases.coordination.k8s.io'];
      const tandem = cluster.start({ settings: { election: ELECTION }, denied });
      await expect(tandem.ended).rejects.toMatchObject({
        code: 'TANDEM_KUBE_FORBIDDEN',
        message: [
          'this user may not take the lease kube-system/tandem-hpa: give it the Role of the HPA controller (deploy/hpa/1-rights.yaml), or run a single process with --leader-elect=false',
          '  update leases.coordination.k8s.io in namespace kube-system: without it it can be neither taken nor kept',
          '  create leases.coordination.k8s.io in namespace kube-system: without it it must be there already',
        ].join('\n'),
      });
    });
  });

  test('rights to custom and external metrics, and to make the lease, are warned of', async () => {
    await inHpaCluster(async (cluster) => {
      const denied = [
        'get *.custom.metrics.k8s.io',
        'list *.external.metrics.k8s.io',
        'create leases.coordination.k8s.io',
      ];
      const tandem = cluster.start({ settings: { election: ELECTION }, denied });
      await cluster.wait(5);
      await tandem.stop();
      expect(tandem.lines.slice(0, 3)).toEqual([
        "WARN missing permission get *.custom.metrics.k8s.io in all namespaces: without it HPAs with Pods or Object metrics keep their number of replicas; grant it in the account's ClusterRole (deploy/hpa/1-rights.yaml)",
        "WARN missing permission list *.external.metrics.k8s.io in all namespaces: without it HPAs with External metrics keep their number of replicas; grant it in the account's ClusterRole (deploy/hpa/1-rights.yaml)",
        "WARN missing permission create leases.coordination.k8s.io in namespace kube-system: without it it must be there already; grant it in the account's Role (deploy/hpa/1-rights.yaml)",
      ]);
    });
  });
});

describe('what it shows', () => {
  const body = async (process: HpaProcess, url: string): Promise<readonly [number, string]> => {
    const answer = await process.page(url);
    return [answer.status, answer.body];
  };

  test('HPA-17.9, HPA-17.10 a leader and one that waits are well and ready', async () => {
    await inHpaCluster(async (cluster) => {
      const first = start(cluster, 'first');
      await cluster.wait(5);
      const second = start(cluster, 'second');
      await cluster.wait(5);
      for (const process of [first, second]) {
        expect(await body(process, '/healthz')).toEqual([200, 'ok']);
        expect(await body(process, '/readyz')).toEqual([200, 'ok']);
      }
      expect(await body(first, '/healthz?verbose')).toEqual([
        200,
        '[+]ping ok\n[+]leaderElection ok\n[+]horizontal-pod-autoscaler-controller ok\nhealthz check passed\n',
      ]);
      expect(await body(first, '/healthz/leaderElection')).toEqual([200, 'ok']);
      expect((await body(first, '/healthz/other'))[0]).toBe(404);
      expect((await body(first, '/'))[0]).toBe(404);
      await Promise.all([first.stop(), second.stop()]);
    });
  });

  test('HPA-17.10 before the cluster was looked at, and before the caches are full, it is not ready', async () => {
    await inHpaCluster(async (cluster) => {
      const slow = (api: KubeApi): KubeApi =>
        overriding(api, {
          create: async (...args) => {
            if (args[0].kind === 'SelfSubjectAccessReview') await cluster.wait(5);
            return api.create(...args);
          },
          listEach: (async (...args: Parameters<KubeApi['listEach']>) => {
            await cluster.wait(10);
            return api.listEach(...args);
          }) as KubeApi['listEach'],
        });
      const tandem = start(cluster, 'first', slow);
      await cluster.wait(2);
      expect(await body(tandem, '/readyz')).toEqual([
        500,
        '[+]ping ok\n[-]informer-sync failed: the cluster was not looked at yet\nreadyz check failed\n',
      ]);
      expect(await body(tandem, '/healthz')).toEqual([200, 'ok']);
      await cluster.wait(8);
      expect((await body(tandem, '/readyz'))[1]).toContain('not all HPAs and pods are known yet');
      await cluster.wait(10);
      expect(await body(tandem, '/readyz')).toEqual([200, 'ok']);
      await tandem.stop();
    });
  });

  test("HPA-23.1 upstream's series, filled by the syncs", async () => {
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      await cluster.wait(60);
      const tandem = start(cluster, 'first');
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      await cluster.wait(20);
      const { status, type, body: page } = await tandem.page('/metrics');
      expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      const value = (sample: string): number => {
        const line = page.split('\n').find((one) => one.startsWith(`${sample} `)) ?? '';
        return Number(line.slice(sample.length));
      };
      expect(familiesOf(page)).toEqual(FAMILIES);
      const controller = 'horizontal_pod_autoscaler_controller';
      expect(value(`${controller}_num_horizontal_pod_autoscalers`)).toBe(1);
      expect(value(`${controller}_desired_replicas{hpa_name="web",namespace="default"}`)).toBe(3);
      expect(value(`${controller}_reconciliations_total{action="scale_up",error="none"}`)).toBe(1);
      expect(value(`${controller}_reconciliation_duration_seconds_count{action="scale_up",error="none"}`)).toBe(1);
      // reading the metrics takes a moment on this network
      const metric = 'action="scale_up",error="none",metric_type="Resource"';
      expect(value(`${controller}_metric_computation_duration_seconds_sum{${metric}}`)).toBeGreaterThan(0);
      expect(value('workqueue_depth{name="horizontalpodautoscaler"}')).toBe(0);
      expect(value('workqueue_adds_total{name="horizontalpodautoscaler"}')).toBeGreaterThan(1);
      expect(value('leader_election_master_status{name="tandem-hpa"}')).toBe(1);
      await tandem.stop();
    });
  });
});

/** Names, kinds and labels as kube-controller-manager 1.37.2 serves them on a bed; the last two by the specification. */
const FAMILIES: Readonly<Record<string, string>> = {
  horizontal_pod_autoscaler_controller_metric_computation_duration_seconds: 'histogram action,error,metric_type',
  horizontal_pod_autoscaler_controller_metric_computation_total: 'counter action,error,metric_type',
  horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers: 'gauge ',
  horizontal_pod_autoscaler_controller_reconciliation_duration_seconds: 'histogram action,error',
  horizontal_pod_autoscaler_controller_reconciliations_total: 'counter action,error',
  workqueue_adds_total: 'counter name',
  workqueue_depth: 'gauge name',
  workqueue_longest_running_processor_seconds: 'gauge name',
  workqueue_queue_duration_seconds: 'histogram name',
  workqueue_retries_total: 'counter name',
  workqueue_unfinished_work_seconds: 'gauge name',
  workqueue_work_duration_seconds: 'histogram name',
  horizontal_pod_autoscaler_controller_desired_replicas: 'gauge hpa_name,namespace',
  leader_election_master_status: 'gauge name',
};

function familiesOf(page: string): Readonly<Record<string, string>> {
  const kinds = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return Object.fromEntries(
    kinds.map(([, name = '', kind]) => {
      const labels = new RegExp(`^${name}(?:_bucket)?(?:\\{([^}]*)\\})? `, 'm').exec(page)?.[1] ?? '';
      const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
      return [name, `${kind} ${names.join(',')}`];
    }),
  );
}
