import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { DEFAULT_RAY_SETTINGS } from '../core/ray/settings.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import type { DecisionRecord } from '../ports/recorder.ts';
import { portsOf } from '../../test/support/ray-ports.ts';
import { KEY, RayWorld, shape, workerGroup } from '../../test/support/ray-world.ts';
import { abortScope } from './deps.ts';
import { rayAutoscaler } from './ray-autoscaler.ts';

type Stage = {
  readonly world: RayWorld;
  readonly clock: EventClock;
  readonly records: DecisionRecord[];
  readonly warnings: string[];
  /** Lets time pass until `holds`, one second at a time; fails after `limit` seconds. Returns how long it took. */
  readonly until: (what: string, holds: () => boolean, limit: number) => Promise<number>;
};

/** Runs the controller against a world whose operator passes every second. */
async function play(world: RayWorld, script: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const records: DecisionRecord[] = [];
  const warnings: string[] = [];
  await clock.run(async () => {
    const scope = abortScope();
    const { signal } = scope;
    const controller = rayAutoscaler({
      ...portsOf(world, clock),
      clock,
      signal,
      random: new SeededRandom(1),
      recorder: { record: (record) => records.push(record) },
      log: { warn: (message) => warnings.push(message) },
      cluster: KEY,
      config: DEFAULT_RAY_SETTINGS,
    });
    const until: Stage['until'] = async (what, holds, limit) => {
      const from = clock.now();
      while (!holds()) {
        if (clock.now() - from > limit * 1000) throw new Error(`${what} did not happen within ${limit} s`);
        await clock.sleepUntil(epochMs(clock.now() + 1000), signal);
        world.operate();
      }
      return (clock.now() - from) / 1000;
    };
    await script({ world, clock, records, warnings, until });
    scope.abort();
    await controller;
  });
}

const tasks = (count: number): { request: ReturnType<typeof shape>; count: number }[] => [
  { request: shape({ CPU: 1 }), count },
];

describe('the whole way', () => {
  test('grows from 0 to 10, runs, drains when idle, and ends at 0', async () => {
    await play(new RayWorld([workerGroup('small')]), async ({ world, until, records }) => {
      world.demand = tasks(30);
      await until('growth', () => world.podsOf('small').length === 10, 10);
      world.startRay();
      world.demand = [];
      await until('running', () => world.workers().length === 10, 1);
      world.idleFor(61);
      await until('shrinking', () => world.podsOf('small').length === 0, 15);
      expect(
        records
          .filter(({ decision }) => decision.kind === 'scale')
          .map(({ decision, reason }) => ({ ...decision, reason })),
      ).toEqual([
        { kind: 'scale', from: 0, to: 10, of: 'workers', reason: 'ResourceDemand' },
        { kind: 'scale', from: 10, to: 0, of: 'workers', reason: 'IDLE' },
      ]);
      expect(records.every(({ layer, object }) => layer === 'ray' && object.name === 'demo')).toBe(true);
    });
  });

  test('reacts to a change before the interval is over, and is quiet while nothing changes', async () => {
    await play(new RayWorld([workerGroup('small')]), async ({ world, until, records, clock }) => {
      await until('the first rounds', () => records.length >= 2, 12);
      const at = clock.now();
      world.demand = tasks(1);
      await until('growth', () => world.group('small').replicas === 1, 4);
      expect(clock.now() - at).toBeLessThanOrEqual(3000);
      const quiet = world.requests.filter(({ kind }) => kind === 'get-ray-cluster').length;
      await until('a minute', () => clock.now() - at > 60_000, 70);
      expect(world.requests.filter(({ kind }) => kind === 'get-ray-cluster').length - quiet).toBeLessThanOrEqual(15);
    });
  });

  test('judges a burst that is still coming in as a whole', async () => {
    await play(new RayWorld([workerGroup('small')]), async ({ world, until, records }) => {
      await until('a round', () => records.length >= 1, 3);
      for (const count of [1, 3, 6]) {
        world.demand = tasks(count);
        await until(
          'a second',
          (() => {
            let n = 0;
            return () => n++ > 0;
          })(),
          2,
        );
      }
      await until('growth', () => (world.group('small').replicas ?? 0) > 0, 6);
      expect(world.group('small').replicas).toBe(6);
    });
  });
});

describe('any single request that is lost', () => {
  const refused = { code: 500, reason: 'InternalError', message: 'etcd is sad' };
  const kinds = [
    'get-ray-cluster',
    'get-cluster-resource-state',
    'get-cluster-status',
    'patch-ray-cluster',
    'drain-node',
    'report-autoscaling-state',
  ] as const;

  test.each(kinds.flatMap((kind) => [refused, 'lost' as const].map((failure) => [kind, failure] as const)))(
    '%s, %j: costs little time and never a wrong number',
    async (kind, failure) => {
      await play(new RayWorld([workerGroup('small')]), async ({ world, until }) => {
        world.faults.push({ kind, failure, times: 1 });
        world.demand = tasks(4);
        await until('growth', () => world.podsOf('small').length === 4, 25);
        expect(world.group('small').replicas).toBe(4);
        world.startRay();
        world.demand = [];
        world.idleFor(61);
        world.faults.push({ kind, failure, times: 1 });
        await until('shrinking', () => world.podsOf('small').length === 0, 35);
        const written = world
          .patches()
          .flat()
          .flatMap(({ path, value }) => (path.endsWith('/replicas') ? [Number(value)] : []));
        const turn = written.lastIndexOf(4);
        expect(new Set(written.slice(0, turn + 1))).toEqual(new Set([4]));
        expect(written.slice(turn)).toEqual(written.slice(turn).toSorted((a, b) => b - a));
        expect(written.at(-1)).toBe(0);
      });
    },
  );

  test('says once what is wrong, and records every round', async () => {
    await play(new RayWorld([workerGroup('small')]), async ({ world, until, records, warnings }) => {
      world.faults.push({ kind: 'get-ray-cluster', failure: refused, times: 3 });
      await until('three failures', () => records.filter(({ decision }) => decision.kind === 'fail').length === 3, 20);
      expect(warnings).toEqual(['RayCluster default/demo: the RayCluster could not be read: etcd is sad']);
    });
  });
});

test('writes nothing any more once the RayCluster is being deleted', async () => {
  await play(new RayWorld([workerGroup('small')]), async ({ world, until, records }) => {
    world.cluster = {
      ...world.cluster,
      metadata: { ...world.cluster.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    world.demand = tasks(4);
    await until('two rounds', () => records.length === 2, 15);
    expect(records[0]).toMatchObject({ decision: { kind: 'fail' }, reason: 'AtRest' });
    expect(world.patches()).toEqual([]);
  });
});
