import { describe, expect, test } from 'vitest';
import { endOf, foreignReport, playProcess } from '../../test/support/ray-process.ts';
import { RayWorld, shape, workerGroup } from '../../test/support/ray-world.ts';
import { GcsError } from '../ports/gcs-api.ts';
import type { RayProcessDeps } from './ray-process.ts';

const world = (): RayWorld => new RayWorld([workerGroup('small')]);
const tasks = (count: number): RayWorld['demand'] => [{ request: shape({ CPU: 1 }), count }];
const unanswered = new GcsError('TANDEM_GCS_UNAVAILABLE', 'connection refused');

const REFUSED =
  'connection refused; is the head pod running? Check the address, a GCS is on port 6379 unless rayStartParams say otherwise; another one: --gcs-address HOST:PORT; asked again every 5 s';

describe('the start', () => {
  test('asks in order, publishes two keys, and scales', async () => {
    await playProcess(world(), { metricsAddress: '10.0.0.1:44217' }, async (stage) => {
      stage.world.demand = tasks(3);
      await stage.pass(4);
      expect(stage.start.asked.slice(0, 6)).toEqual(['rayVersion', 'headNode', 'getKey', 'getKey', 'putKey', 'putKey']);
      expect(stage.start.puts).toEqual([
        'usage_stats/extra_usage_tag_autoscaler_version=v2 (keep)',
        '/AutoscalerMetricsAddress=10.0.0.1:44217 (overwrite)',
      ]);
      expect(stage.starts).toMatchObject([{ rayVersion: '2.60.0', sessionName: 'session_1' }]);
      expect(stage.world.group('small').replicas).toBe(3);
      expect(stage.log).toEqual(['Ray 2.60.0 at head:6379, head node 10.0.0.1; scaling RayCluster default/demo']);
    });
  });

  test('waits for a GCS without limit, and says once where', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) => {
      start.failures.rayVersion.push(...Array.from({ length: 100 }, () => unanswered));
    };
    await playProcess(world(), { prepare }, async (stage) => {
      await stage.pass(499);
      expect(stage.starts).toEqual([]);
      await stage.pass(3);
      expect(stage.starts.length).toBe(1);
      expect(stage.log.filter((line) => line.includes('connection refused'))).toEqual([
        `waiting for the GCS at head:6379: ${REFUSED}`,
        `WARN the GCS at head:6379: ${REFUSED}`,
      ]);
      expect(stage.log).toContain('the GCS at head:6379: answered after 500 s');
    });
  });

  test('a head that is up within half a minute is no warning', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) => {
      start.failures.rayVersion.push(...Array.from({ length: 5 }, () => unanswered));
      const head = start.head;
      start.head = undefined;
      start.headNode = async () => (start.asked.push('headNode') > 15 ? head : undefined);
    };
    await playProcess(world(), { prepare }, async (stage) => {
      await stage.pass(80);
      expect(stage.starts.length).toBe(1);
      expect(stage.log.filter((line) => line.startsWith('WARN'))).toEqual([]);
    });
  });

  test('the same failure with another time in it is said once', async () => {
    const failures = Array.from(
      { length: 30 },
      (_, i) => new GcsError('TANDEM_GCS_UNAVAILABLE', `Failed to connect (2026-01-01T00:00:${10 + i}.123Z)`),
    );
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) =>
      void start.failures.rayVersion.push(...failures);
    await playProcess(world(), { prepare }, async (stage) => {
      await stage.pass(120);
      expect(stage.log.filter((line) => line.startsWith('WARN')).length).toBe(1);
    });
  });

  test('looks for the head every 2 s, as often as it is told to', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) => (start.head = undefined);
    await playProcess(world(), { prepare, headTries: 20 }, async (stage) => {
      expect(await endOf(stage.ended)).toBe('no head node is registered in the GCS at head:6379');
      expect(stage.start.asked.filter((method) => method === 'headNode').length).toBe(20);
      expect(stage.links).toEqual({ opened: 1, closed: 1 });
      stage.stop = () => Promise.resolve();
    });
  });

  test.each([
    ['2.46.0', 'the Ray at head:6379 is 2.46.0, whose autoscaler v2 is not served: Ray 2.47 or newer is needed'],
  ])('refuses Ray %s, in a sidecar too', async (version, sentence) => {
    for (const refused of ['end', 'try-again'] as const) {
      const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) => (start.version = version);
      await playProcess(world(), { prepare, refused }, async (stage) => {
        expect(await endOf(stage.ended)).toBe(sentence);
        stage.stop = () => Promise.resolve();
      });
    }
  });

  test('goes on with a head without the v2 flag, and says what is missing', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) => start.keys.clear();
    await playProcess(world(), { prepare }, async (stage) => {
      stage.world.demand = tasks(1);
      await stage.pass(5);
      expect(stage.log[0]).toContain('the head does not run with the v2 autoscaler');
      expect(stage.starts[0]?.sessionName).toBeUndefined();
      expect(stage.world.group('small').replicas).toBe(1);
    });
  });

  test('survives a GCS that keeps no keys', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) => start.failures.putKey.push(unanswered);
    await playProcess(world(), { prepare }, async (stage) => {
      stage.world.demand = tasks(1);
      await stage.pass(5);
      expect(stage.log.join('\n')).toContain('extra_usage_tag_autoscaler_version could not be put into the GCS');
      expect(stage.world.group('small').replicas).toBe(1);
    });
  });
});

test('a GCS that became another one makes everything begin anew, inside the process', async () => {
  await playProcess(world(), {}, async (stage) => {
    await stage.pass(4);
    stage.gcsFailure = new GcsError('TANDEM_GCS_UNAUTHENTICATED', 'WrongClusterID');
    await stage.pass(3);
    stage.gcsFailure = undefined;
    stage.world.session = 'session-2';
    stage.world.reports.length = 0;
    await stage.pass(6);
    stage.world.demand = tasks(2);
    await stage.pass(6);
    expect(stage.links).toEqual({ opened: 2, closed: 1 });
    expect(stage.starts.length).toBe(2);
    expect(stage.log).toContain('WARN WrongClusterID: starting again');
    expect(stage.world.group('small').replicas).toBe(2);
  });
});

test('a GCS that is gone for a while scales nothing, is said once, and is taken up again', async () => {
  await playProcess(world(), {}, async (stage) => {
    await stage.pass(4);
    stage.gcsFailure = unanswered;
    stage.world.demand = tasks(2);
    await stage.pass(120);
    expect(stage.world.patches()).toEqual([]);
    expect(stage.log.filter((line) => line.includes('connection refused')).length).toBe(1);
    stage.gcsFailure = undefined;
    await stage.pass(8);
    expect(stage.world.group('small').replicas).toBe(2);
    expect(stage.links.opened).toBe(1);
    expect(stage.log.at(-1)).toMatch(/^RayCluster default\/demo: rounds decide again after 1\d\d s$/);
  });
});

test('a GCS that fails between the start and the first round is said once, and that it answers again', async () => {
  const prepare: Parameters<typeof playProcess>[1]['prepare'] = (stage) => void (stage.gcsFailure = unanswered);
  await playProcess(world(), { prepare }, async (stage) => {
    await stage.pass(20);
    stage.gcsFailure = undefined;
    await stage.pass(5);
    const told = stage.log.filter((line) => line.includes('the GCS at'));
    expect(told).toEqual([
      'WARN the GCS at head:6379: connection refused; is the head pod running? Check the address, a GCS is on port 6379 unless rayStartParams say otherwise; another one: --gcs-address HOST:PORT',
      'the GCS at head:6379 answers again',
    ]);
  });
});

describe('a stop', () => {
  const parts = [
    ['patch', 3000],
    ['report', 3000],
  ] as const;
  test.each(parts)('in the middle of a %s lets it end, and begins nothing after it', async (kind, delay) => {
    await playProcess(world(), {}, async (stage) => {
      await stage.pass(4);
      let begun = false;
      stage.slow = (asked) => {
        begun ||= asked === kind;
        return asked === kind ? delay : 0;
      };
      const written = (): number => (kind === 'patch' ? stage.world.patches().length : stage.world.reports.length);
      const before = written();
      stage.world.demand = tasks(2);
      while (!begun) await stage.pass(1);
      expect(written()).toBe(before);
      const at = stage.clock.now();
      const requests = stage.world.requests.length;
      await stage.stop();
      expect(stage.clock.now() - at).toBeLessThanOrEqual(delay + 100);
      expect(written()).toBe(before + 1);
      expect(stage.world.requests.length).toBe(requests + 1);
    });
  });

  test('ends a write that is never answered by its own deadline', async () => {
    await playProcess(world(), {}, async (stage) => {
      await stage.pass(4);
      stage.slow = (asked) => (asked === 'patch' ? 1_000_000 : 0);
      stage.world.demand = tasks(2);
      await stage.pass(3);
      const at = stage.clock.now();
      await stage.stop();
      expect(stage.clock.now() - at).toBeLessThanOrEqual(5000);
      expect(stage.links).toEqual({ opened: 1, closed: 1 });
    });
  });

  test('ends a start at once, wherever it stands', async () => {
    const prepare: Parameters<typeof playProcess>[1]['prepare'] = ({ start }) =>
      start.failures.rayVersion.push(...Array.from({ length: 100 }, () => unanswered));
    await playProcess(world(), { prepare }, async (stage) => {
      await stage.pass(7);
      const at = stage.clock.now();
      await stage.stop();
      expect(stage.clock.now()).toBe(at);
    });
  });
});

describe('a second writer', () => {
  /** Ray's own autoscaler: reads and reports every 5 s. */
  function original(stage: { readonly world: RayWorld }): { every5s(): void } {
    let seen = 1000;
    return { every5s: () => void stage.world.reports.push(foreignReport(7, ++seen)) };
  }
  const writes = ({ requests }: RayWorld): number =>
    requests.filter(({ kind }) => ['patch-ray-cluster', 'report-autoscaling-state'].includes(kind)).length;

  test('an old report costs one round of waiting, and numbers go on above it', async () => {
    const w = world();
    w.reports.push(foreignReport(7, 40));
    await playProcess(w, {}, async (stage) => {
      stage.world.demand = tasks(1);
      await stage.pass(7);
      expect(writes(stage.world)).toBe(0);
      expect(stage.start.puts).toEqual([]);
      await stage.pass(6);
      expect(stage.world.group('small').replicas).toBe(1);
      expect(stage.world.reports.at(-1)?.autoscalerStateVersion).toBeGreaterThan(7);
      expect(stage.log).toContain(
        'the GCS holds the report of an autoscaler: waiting a round to see whether it is still at work',
      );
      expect(stage.log).toContain('nobody else reports: writing from now on');
    });
  });

  test('at work is named once, nothing is written beside it, and everything is when it is gone', async () => {
    const w = world();
    w.reports.push(foreignReport(7, 40));
    await playProcess(w, { metricsAddress: '10.0.0.1:44217' }, async (stage) => {
      const other = original(stage);
      stage.world.demand = tasks(1);
      for (let i = 0; i < 6; i++) {
        await stage.pass(5);
        other.every5s();
      }
      await stage.pass(23);
      expect(writes(stage.world)).toBe(0);
      expect(stage.start.puts).toEqual([]);
      expect(stage.log.filter((line) => line.startsWith('WARN another autoscaler'))).toEqual([
        'WARN another autoscaler writes to this Ray cluster (its report number 7 in the GCS is not ours): nothing is written until it has been quiet for 24 s; end it (Ray\'s own is the container "autoscaler" of the head pod), or use --force to write beside it',
      ]);
      await stage.pass(8);
      expect(stage.log).toContain(
        'the other autoscaler has been quiet for 24 s and counts as gone: writing from now on',
      );
      expect(stage.world.group('small').replicas).toBe(1);
    });
  });

  test('that comes later ends the rounds until it is gone', async () => {
    await playProcess(world(), {}, async (stage) => {
      await stage.pass(6);
      original(stage).every5s();
      await stage.pass(2);
      const before = writes(stage.world);
      stage.world.demand = tasks(2);
      await stage.pass(20);
      expect(writes(stage.world)).toBe(before);
      await stage.pass(12);
      expect(stage.world.group('small').replicas).toBe(2);
      expect(stage.starts.length).toBe(1);
    });
  });

  test("whose reports the GCS discards is known by its client's entry in managedFields", async () => {
    await playProcess(world(), {}, async (stage) => {
      await stage.pass(6);
      const { cluster } = stage.world;
      const entry = { manager: 'python-requests', operation: 'Update', apiVersion: 'ray.io/v1' } as const;
      const managedFields = [{ ...entry, time: '2026-01-01T00:00:06Z' }];
      stage.world.cluster = { ...cluster, metadata: { ...cluster.metadata, managedFields } };
      await stage.pass(7);
      const before = writes(stage.world);
      expect(stage.log.at(-1)).toContain('wrote to the RayCluster at 2026-01-01T00:00:06Z): nothing is written');
      stage.world.demand = tasks(2);
      await stage.pass(15);
      expect(writes(stage.world)).toBe(before);
    });
  });

  test('an entry that was there before, or goes, is no sign', async () => {
    const w = world();
    const { metadata } = w.cluster;
    const entry = { manager: 'python-requests', operation: 'Update', apiVersion: 'ray.io/v1' } as const;
    w.cluster = {
      ...w.cluster,
      metadata: { ...metadata, managedFields: [{ ...entry, time: '2025-12-01T00:00:00Z' }] },
    };
    await playProcess(w, {}, async (stage) => {
      await stage.pass(6);
      stage.world.cluster = { ...stage.world.cluster, metadata };
      stage.world.demand = tasks(1);
      await stage.pass(10);
      expect(stage.world.group('small').replicas).toBe(1);
      expect(stage.log.filter((line) => line.startsWith('WARN'))).toEqual([]);
    });
  });

  describe('that is a Tandem itself', () => {
    const withEntry = (w: RayWorld, time: string): void => {
      const entry = { manager: 'tandem-ray-autoscaler', operation: 'Update', apiVersion: 'ray.io/v1', time } as const;
      w.cluster = { ...w.cluster, metadata: { ...w.cluster.metadata, managedFields: [entry] } };
    };
    const told = (log: readonly string[]): readonly string[] => log.filter((line) => line.includes('a Tandem, too'));

    test('is named once by a dry run, when it writes', async () => {
      const w = world();
      withEntry(w, '2025-12-01T00:00:00Z');
      await playProcess(w, { safety: 'dry-run' }, async (stage) => {
        await stage.pass(12);
        expect(told(stage.log)).toEqual([]);
        for (const time of ['2026-01-01T00:00:12Z', '2026-01-01T00:00:20Z']) {
          withEntry(w, time);
          await stage.pass(8);
        }
        expect(told(stage.log)).toEqual([
          "the other autoscaler is a Tandem, too (tandem-ray-autoscaler wrote to the RayCluster at 2026-01-01T00:00:12Z): this dry run compares Tandem with itself, not with Ray's own",
        ]);
      });
    });

    test('is none where we write ourselves', async () => {
      await playProcess(world(), {}, async (stage) => {
        await stage.pass(6);
        withEntry(stage.world, '2026-01-01T00:00:06Z');
        await stage.pass(8);
        expect(stage.log.join('\n')).not.toMatch(/Tandem|another autoscaler/);
      });
    });
  });

  test('that publishes its metrics under another address is seen', async () => {
    await playProcess(world(), { metricsAddress: '10.0.0.1:44217' }, async (stage) => {
      await stage.pass(15);
      stage.start.keys.set('/AutoscalerMetricsAddress', '10.0.0.9:44217');
      await stage.pass(11);
      expect(stage.log.at(-1)).toContain('it published 10.0.0.9:44217 as the address of its metrics');
    });
  });

  test('a lost answer to a report of ours is not taken for another writer', async () => {
    await playProcess(world(), {}, async (stage) => {
      stage.world.faults.push({ kind: 'report-autoscaling-state', failure: 'lost', times: 3 });
      stage.world.demand = tasks(1);
      await stage.pass(40);
      expect(stage.log.join('\n')).not.toContain('another autoscaler');
    });
  });

  const beside: readonly (readonly [RayProcessDeps['safety'], number, RegExp])[] = [
    ['force', 1, /^WARN .*both write now, because of --force$/],
    ['dry-run', 0, /^another autoscaler .*this dry run watches it$/],
  ];
  test.each(beside)('%s goes its way beside it', async (safety, replicas, sentence) => {
    const w = world();
    w.reports.push(foreignReport(7, 40));
    await playProcess(w, { safety }, async (stage) => {
      const other = original(stage);
      stage.world.demand = tasks(1);
      await stage.pass(5);
      other.every5s();
      await stage.pass(6);
      expect(stage.world.group('small').replicas).toBe(replicas);
      expect(stage.log.filter((line) => sentence.test(line)).length).toBe(1);
    });
  });
});

test('a dry run decides and writes nothing at all', async () => {
  await playProcess(world(), { safety: 'dry-run', metricsAddress: '10.0.0.1:44217' }, async (stage) => {
    stage.world.demand = tasks(2);
    await stage.pass(20);
    const kinds = new Set(stage.world.requests.map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(['get-cluster-status', 'get-ray-cluster']);
    expect(stage.start.puts).toEqual([]);
    expect(stage.records.find(({ decision }) => decision.kind === 'scale')).toMatchObject({
      decision: { from: 0, to: 2, of: 'workers' },
      withheld: 'dry run',
    });
    expect(new Set(stage.withheld)).toEqual(
      new Set(['patch rayclusters.ray.io default/demo: dry run', 'report the autoscaling state: dry run']),
    );
  });
});
