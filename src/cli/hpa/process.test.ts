import { describe, expect, test } from 'vitest';
import { inHpaCluster, overriding, type HpaCluster } from '../../../test/support/hpa-process.ts';
import { DEFAULT_HPA_CONFIG } from '../../core/hpa/config.ts';
import { HORIZONTAL_POD_AUTOSCALERS } from '../../core/kube/resource.ts';
import { durationMs, epochMs, seconds } from '../../core/time/time.ts';
import type { KubeApi } from '../../ports/kube-api.ts';

const SCALED_BY_US = /^INFO HorizontalPodAutoscaler default\/web: replicas 1 -> 3 \(SuccessfulRescale\): /;

const rescales = (cluster: HpaCluster): number => cluster.events('SuccessfulRescale').length;

describe('alone', () => {
  test('it says where it is, scales at once, and what it did', async () => {
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      await cluster.wait(60);
      const tandem = cluster.start();
      await cluster.wait(5);
      expect(cluster.replicas()).toBe(3);
      expect(cluster.hpa().status).toMatchObject({ currentReplicas: 1, desiredReplicas: 3 });
      await tandem.stop();
      expect(tandem.lines).toEqual([
        'INFO tandem hpa 1.2.3 on Kubernetes v1.37.2 at https://cluster.example (a test), each HPA every 15s',
        expect.stringMatching(SCALED_BY_US),
        'INFO stopped',
      ]);
      expect(tandem.closed()).toBe(true);
    });
  });
});

test('HPA-20.2, HPA-20.5, HPA-20.8 custom and external metrics are asked for, custom ones in the version that is served', async () => {
  await inHpaCluster(async (cluster) => {
    const { store } = cluster;
    const pods = { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } as const;
    const external = {
      metric: { name: 'queue', selector: { matchLabels: { name: 'orders' } } },
      target: { type: 'AverageValue', averageValue: '30' },
    } as const;
    const metrics = [
      { type: 'Pods', pods },
      { type: 'External', external },
    ] as const;
    const before = cluster.hpa();
    const edited = { ...before, spec: { ...before.spec, metrics } };
    store.update(HORIZONTAL_POD_AUTOSCALERS, edited, { manager: 'a person', operation: 'Update' });
    const [pod] = cluster.pods();
    const answers: Readonly<Record<string, unknown>> = {
      '/apis': {
        groups: [
          {
            name: 'custom.metrics.k8s.io',
            versions: [{ version: 'v1beta1' }],
            preferredVersion: { version: 'v1beta1' },
          },
        ],
      },
      '/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/*/rps': {
        items: [{ describedObject: { name: pod?.metadata.name }, metricName: 'rps', value: '15' }],
      },
      '/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue': {
        items: [{ metricName: 'queue', value: '80' }],
      },
    };
    const asked: unknown[] = [];
    const tandem = cluster.start({
      wrapRaw: (raw) => ({
        get: async (path, query, options) => {
          if (answers[path] === undefined) return raw.get(path, query, options);
          asked.push([path.split('/').at(-1), query]);
          return answers[path];
        },
      }),
    });
    await cluster.until('scaled by the queue', 30, () => cluster.replicas() === 3);
    await tandem.stop();
    expect(asked.slice(0, 3)).toEqual([
      ['apis', {}],
      ['rps', { labelSelector: 'app=web' }],
      ['queue', { labelSelector: 'name=orders' }],
    ]);
    expect(cluster.hpa().status?.currentMetrics).toMatchObject([
      { pods: { current: { averageValue: '15' } } },
      { external: { current: { averageValue: '80' } } },
    ]);
  });
});

test('HPA-1.5 how much is said changes nothing that is done', async () => {
  const run = async (detail: 'all' | 'news'): Promise<readonly [lines: number, version: string]> => {
    let seen: readonly [number, string] = [0, ''];
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      const tandem = cluster.start({ settings: { detail } });
      await cluster.wait(90);
      expect(cluster.replicas()).toBe(3);
      await tandem.stop();
      seen = [tandem.lines.length, cluster.store.resourceVersion];
    });
    return seen;
  };
  const [[few, version], [many, same]] = [await run('news'), await run('all')];
  expect(same).toBe(version);
  expect(many).toBeGreaterThan(few);
});

describe('in place of the original', () => {
  test('its old status: nothing is written for one of its periods, then the decision is carried out', async () => {
    await inHpaCluster(async (cluster) => {
      const stopOriginal = cluster.startOriginal();
      await cluster.wait(40);
      await stopOriginal();
      cluster.load(8.5);
      await cluster.wait(60);
      const before = cluster.store.resourceVersion;
      const tandem = cluster.start();
      await cluster.wait(15.5);
      expect(cluster.store.resourceVersion).toBe(before);
      expect(cluster.replicas()).toBe(1);
      await cluster.wait(20);
      expect(cluster.replicas()).toBe(3);
      expect(cluster.events('SuccessfulRescale')).toMatchObject([{ count: 1 }]);
      await tandem.stop();
      expect(tandem.lines.slice(1, 5)).toEqual([
        'INFO kube-controller-manager has written the status of HorizontalPodAutoscaler default/web before: nothing is written for 16s, to see whether it still does',
        expect.stringMatching(
          /: replicas 1 -> 3 not written \(to see whether kube-controller-manager still writes\): /,
        ),
        'INFO kube-controller-manager has written no status of an HPA for 16s: writing from now on',
        expect.stringMatching(SCALED_BY_US),
      ]);
    });
  });

  test('HPA-17.11 while it still writes nothing is written here, and once it is gone what is due is done', async () => {
    await inHpaCluster(async (cluster) => {
      const stopOriginal = cluster.startOriginal();
      await cluster.wait(40);
      const tandem = cluster.start();
      cluster.load(8.5);
      await cluster.until('scaled by the original', 60, () => cluster.replicas() === 3);
      await cluster.wait(30);
      const managers = cluster.hpa().metadata.managedFields?.map(({ manager }) => manager);
      expect(managers).not.toContain('tandem-hpa');
      expect(rescales(cluster)).toBe(1);
      const foreign = tandem.lines.filter((line) => line.startsWith('WARN'));
      expect(foreign).toEqual([
        'WARN kube-controller-manager writes the status of HorizontalPodAutoscaler default/web: nothing is written here until it has been silent for 1m0s; start kube-controller-manager with --controllers=*,-horizontal-pod-autoscaler-controller, or write beside it with --force',
      ]);
      await stopOriginal();
      cluster.load(0.1);
      // scale-down waits for the stabilization window, kept while nothing was written
      await cluster.until('scaled down by us', 400, () => cluster.replicas() === 1);
      expect(tandem.lines).toContain(
        'INFO kube-controller-manager has written no status of an HPA for 1m0s: writing from now on',
      );
      await tandem.stop();
    });
  });

  test('--force writes beside it, and says so once', async () => {
    await inHpaCluster(async (cluster) => {
      const stopOriginal = cluster.startOriginal();
      await cluster.wait(40);
      const tandem = cluster.start({ settings: { mode: 'force' } });
      cluster.load(8.5);
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      await cluster.wait(30);
      const managers = cluster.hpa().metadata.managedFields?.map(({ manager }) => manager);
      expect(managers).toContain('tandem-hpa');
      await tandem.stop();
      await stopOriginal();
      expect(tandem.lines.filter((line) => line.includes('--force'))).toEqual([
        'INFO tandem hpa 1.2.3 on Kubernetes v1.37.2 at https://cluster.example (a test), each HPA every 15s, writing beside whomever else (--force)',
        'WARN kube-controller-manager writes the status of HorizontalPodAutoscaler default/web, too: both write, because of --force',
      ]);
    });
  });
});

describe('two of us', () => {
  const OTHER = 'another tandem hpa writes the status of HorizontalPodAutoscaler default/web';
  const held = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.includes(OTHER));

  test('one holds back and says why; when the other is stopped it goes on', async () => {
    await inHpaCluster(async (cluster) => {
      const first = cluster.start();
      cluster.load(8.5);
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      await cluster.wait(7);
      const second = cluster.start();
      cluster.load(15);
      await cluster.until('scaled again', 120, () => cluster.replicas() === 5);
      await cluster.wait(200);
      const [holding, writing] = held(first.lines).length > 0 ? [first, second] : [second, first];
      expect(held(holding.lines)[0]).toBe(
        `WARN ${OTHER}: nothing is written here until it has been silent for 1m0s, and nothing is scaled at all while both wait; stop one of the two, or write beside it with --force`,
      );
      await writing.stop();
      cluster.load(0.1);
      await cluster.until('scaled down by the one that is left', 900, () => cluster.replicas() === 1);
      expect(
        holding.lines.some((line) => /another tandem hpa has written no status .* writing from now on$/.test(line)),
      ).toBe(true);
      await holding.stop();
      // they took turns at most a few times: each return is believed half as soon
      expect(held(first.lines).length + held(second.lines).length).toBeLessThan(6);
    });
  });

  test('a dry run beside one of us compares itself', async () => {
    await inHpaCluster(async (cluster) => {
      const dry = cluster.start({ settings: { mode: 'dry-run' } });
      const writing = cluster.start();
      cluster.load(8.5);
      await cluster.until('scaled', 60, () => cluster.replicas() === 3);
      await Promise.all([dry.stop(), writing.stop()]);
      expect(dry.lines).toContain(`INFO ${OTHER}: its scale steps are compared with the decisions made here`);
      expect(held(writing.lines)).toEqual([]);
    });
  });
});

describe('--dry-run', () => {
  test('writes nothing, tells a decision once, and reports that nobody follows', async () => {
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      await cluster.wait(60);
      const before = cluster.store.resourceVersion;
      const tandem = cluster.start({ settings: { mode: 'dry-run' } });
      await cluster.wait(200);
      await tandem.stop();
      expect(cluster.store.resourceVersion).toBe(before);
      expect(tandem.lines).toEqual([
        'INFO tandem hpa 1.2.3 on Kubernetes v1.37.2 at https://cluster.example (a test), each HPA every 15s, dry run: nothing is written',
        expect.stringMatching(/web: replicas 1 -> 3 not written \(dry run\): .*cpu is at 170 % of request/),
        'INFO agreement: 1 mismatch in 1 scale step: 0 alike, 1 decided only here',
        expect.stringMatching(/^ {2}\S+ Deployment default\/web: 1 -> 3 was decided here and done by nobody$/),
        'INFO agreement: 1 mismatch in 1 scale step: 0 alike, 1 decided only here',
        expect.stringMatching(/1 -> 3 was decided here/),
        'INFO stopped',
      ]);
    });
  });

  test('beside the original, up and down: (nearly) every step alike or confirmed, whoever looks first', async () => {
    const config = { ...DEFAULT_HPA_CONFIG, downscaleStabilizationMs: seconds(30) };
    for (const [ahead, period] of [
      [0.1, 15],
      [7, 15],
      [14, 15],
      [1, 2],
    ] as const) {
      await inHpaCluster(async (cluster) => {
        const both = { ...config, syncPeriodMs: seconds(period) };
        const stopOriginal = cluster.startOriginal(both);
        await cluster.wait(ahead);
        const tandem = cluster.start({ settings: { mode: 'dry-run', config: both } });
        for (const load of [8.5, 15, 0.1, 5.5, 0.1]) {
          cluster.load(load);
          await cluster.wait(150);
        }
        await tandem.stop();
        await stopOriginal();
        const done = cluster.events('SuccessfulRescale').reduce((sum, { count = 0 }) => sum + count, 0);
        expect(done).toBeGreaterThanOrEqual(5);
        const report = tandem.lines.findLast((line) => line.includes('agreement:')) ?? '';
        expect(report).toMatch(/agreement: 0 mismatches in \d+ scale steps: [^:]+$/);
        const count = (what: RegExp): number => Number(what.exec(report)?.[1] ?? 0);
        const certain = count(/(\d+) alike/) + count(/(\d+) confirmed/);
        expect([certain + count(/(\d+) not contradicted/), count(/in (\d+) scale steps/)]).toEqual([done, done]);
        expect(certain).toBeGreaterThanOrEqual(done - 1);
        expect(tandem.lines.filter((line) => line.startsWith('WARN'))).toEqual([]);
        expect(tandem.lines.filter((line) => line.includes('kube-controller-manager'))).toEqual([
          'INFO kube-controller-manager writes the status of HorizontalPodAutoscaler default/web: its scale steps are compared with the decisions made here',
        ]);
      });
    }
  });

  test('beside the original under a behavior: the steps that were made use up the policies, not those that were asked for', async () => {
    const behavior = {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
      },
      scaleDown: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }],
      },
    } as const;
    for (const ahead of [0.1, 7, 14]) {
      await inHpaCluster(async (cluster) => {
        const hpa = cluster.hpa();
        const edited = { ...hpa, spec: { ...hpa.spec, behavior } };
        cluster.store.update(HORIZONTAL_POD_AUTOSCALERS, edited, { manager: 'a person', operation: 'Update' });
        const stopOriginal = cluster.startOriginal();
        await cluster.wait(ahead);
        const tandem = cluster.start({ settings: { mode: 'dry-run' } });
        for (const load of [25, 0.1]) {
          cluster.load(load);
          await cluster.wait(330);
        }
        await tandem.stop();
        await stopOriginal();
        const done = cluster.events('SuccessfulRescale').reduce((sum, { count = 0 }) => sum + count, 0);
        expect(done).toBeGreaterThanOrEqual(5);
        const report = tandem.lines.findLast((line) => line.includes('agreement:')) ?? '';
        expect(report).toMatch(new RegExp(`agreement: 0 mismatches in ${done} scale steps: [^:]+$`));
      });
    }
  });

  test('one that never decides anything agrees with nothing', async () => {
    await inHpaCluster(async (cluster) => {
      const stopOriginal = cluster.startOriginal();
      const config = { ...DEFAULT_HPA_CONFIG, tolerance: 100 };
      const tandem = cluster.start({ settings: { mode: 'dry-run', config } });
      for (const load of [8.5, 15]) {
        cluster.load(load);
        await cluster.wait(150);
      }
      await tandem.stop();
      await stopOriginal();
      const done = cluster.events('SuccessfulRescale').reduce((sum, { count = 0 }) => sum + count, 0);
      expect(done).toBeGreaterThanOrEqual(2);
      expect(tandem.lines.findLast((line) => line.includes('agreement:'))).toBe(
        `INFO agreement: 0 mismatches in ${done} scale steps: 0 alike, ${done} made before our look (0 confirmed, ${done} not contradicted)`,
      );
    });
  });

  test('an original that is set differently does not agree', async () => {
    await inHpaCluster(async (cluster) => {
      const stopOriginal = cluster.startOriginal({ tolerance: 5 });
      const tandem = cluster.start({ settings: { mode: 'dry-run' } });
      cluster.load(8.5);
      await cluster.wait(100);
      await tandem.stop();
      await stopOriginal();
      // a sample from before the load was whole may have been a decision of its own
      expect(tandem.lines.findLast((line) => line.includes('agreement:'))).toMatch(
        /^INFO agreement: ([12]) mismatch(es)? in \1 scale steps?: 0 alike, \1 decided only here$/,
      );
    });
  });
});

describe('SIGTERM', () => {
  /** The scale's write takes `ms`; tells when it has begun. */
  const slowScale = (cluster: HpaCluster, ms: number, begun: () => void) => (api: KubeApi) =>
    overriding(api, {
      updateScale: async (resource, key, scale, options) => {
        begun();
        await cluster.clock.sleepUntil(epochMs(cluster.clock.now() + ms), options.signal);
        return api.updateScale(resource, key, scale, options);
      },
    });

  const stopDuring = async (
    cluster: HpaCluster,
    ms: number,
  ): Promise<{ readonly lines: readonly string[]; readonly took: number }> => {
    let begun = false;
    cluster.load(8.5);
    await cluster.wait(60);
    const tandem = cluster.start({ wrapApi: slowScale(cluster, ms, () => (begun = true)) });
    await cluster.until('writing', 30, () => begun);
    const told = cluster.clock.now();
    await tandem.stop();
    expect(tandem.closed()).toBe(true);
    return { lines: tandem.lines, took: cluster.clock.now() - told };
  };

  test('the sync that is writing is written to its end: scale, status, event; then it ends well', async () => {
    await inHpaCluster(async (cluster) => {
      const { lines, took } = await stopDuring(cluster, 2000);
      expect(took).toBeLessThan(3000);
      expect(cluster.replicas()).toBe(3);
      expect(cluster.hpa().status).toMatchObject({ currentReplicas: 1, desiredReplicas: 3 });
      expect(rescales(cluster)).toBe(1);
      expect(lines.slice(-2)).toEqual([expect.stringMatching(SCALED_BY_US), 'INFO stopped']);
    });
  });

  test('a write that is not answered holds it up for four seconds at most', async () => {
    await inHpaCluster(async (cluster) => {
      const { lines, took } = await stopDuring(cluster, 60_000);
      expect(took).toBe(4000);
      expect(lines.at(-1)).toBe('INFO stopped');
    });
  });

  test('a sync that only reads is given up, nothing is written', async () => {
    await inHpaCluster(async (cluster) => {
      cluster.load(8.5);
      await cluster.wait(60);
      const before = cluster.store.resourceVersion;
      let reading = false;
      const tandem = cluster.start({
        wrapRaw: (raw) => ({
          get: async (path, query, options) => {
            if (path.endsWith('/pods')) {
              reading = true;
              await cluster.clock.sleepUntil(epochMs(cluster.clock.now() + 5000), options.signal);
            }
            return raw.get(path, query, options);
          },
        }),
      });
      await cluster.until('reading', 30, () => reading);
      const told = cluster.clock.now();
      await tandem.stop();
      expect(cluster.clock.now()).toBe(told);
      expect(cluster.store.resourceVersion).toBe(before);
    });
  });

  test('before it has started it ends well, too', async () => {
    await inHpaCluster(async (cluster) => {
      const tandem = cluster.start({ wrapRaw: () => ({ get: (_, __, { signal }) => hang(signal) }) });
      await cluster.wait(1);
      await tandem.stop();
      expect(tandem.closed()).toBe(true);
    });
  });
});

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

test('the same for collectors: one JSON object a line, decisions with their numbers', async () => {
  await inHpaCluster(async (cluster) => {
    const config = { ...DEFAULT_HPA_CONFIG, syncPeriodMs: durationMs(5000) };
    const tandem = cluster.start({ settings: { logFormat: 'json', detail: 'all', config } });
    await cluster.wait(12);
    await tandem.stop();
    const lines = tandem.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ level: 'info', message: expect.stringContaining('each HPA every 5s') });
    expect(lines[1]).toMatchObject({ level: 'info', record: { layer: 'hpa', decision: { kind: 'hold', at: 1 } } });
    expect(lines).toHaveLength(5);
  });
});
