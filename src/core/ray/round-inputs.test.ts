import { describe, expect, test } from 'vitest';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';

/** Bundles of one placement group, one per amount of CPU. */
function gang(strategy: 'PACK' | 'STRICT_SPREAD', cpus: readonly number[]): RayWorld['gangs'][number] {
  const label = { labelName: '_PG_aa', labelValue: '' };
  const placementConstraints = strategy === 'PACK' ? [] : [{ antiAffinity: label }];
  const requests = cpus.map((CPU) => ({ ...shape({ CPU }), placementConstraints }));
  return { details: `aa:${strategy}|PENDING`, requests, bundleSelectors: [{ resourceRequests: requests }] };
}

describe('placement groups and request_resources', () => {
  test('RAY-26.3 a STRICT_SPREAD group gets a worker for each bundle', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.gangs = [gang('STRICT_SPREAD', [0.5, 0.5, 0.5])];
    const outcome = world.roundDone();
    expect(world.group('small').replicas).toBe(3);
    expect(outcome.notes).toEqual([]);
    expect(outcome.groups[0]).toMatchObject({
      reason: 'ResourceDemand',
      message:
        'placement group aa:STRICT_SPREAD|PENDING waits for room, here for 3 times {CPU: 0.5}: 3 workers of small instead of 0 (max 10)',
    });
  });

  test('RAY-29.1 a group that does not fit is reported as it came, and the reason told', () => {
    const world = new RayWorld([workerGroup('small', { maxReplicas: 2 })]);
    world.gangs = [gang('STRICT_SPREAD', [1, 1, 1])];
    const outcome = world.roundDone();
    expect(world.patches()).toEqual([]);
    expect(world.reports.at(-1)?.infeasibleGangResourceRequests).toEqual(world.gangs);
    expect(outcome.groups[0]).toMatchObject({
      reason: 'TooManyReplicas',
      message: expect.stringMatching(
        /^1 request of placement group aa:STRICT_SPREAD\|PENDING of \{CPU: 1\} finds no place on small: /,
      ),
    });
  });

  test('RAY-26.3 request_resources makes the cluster grow, and keeps it from shrinking', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.constraints = [{ resourceRequests: [{ request: shape({ CPU: 1 }), count: 2 }] }];
    expect(world.roundDone().groups[0]).toMatchObject({
      decision: { kind: 'scale', from: 0, to: 2 },
      reason: 'ResourceConstraint',
      message: 'request_resources asks for room, here for 2 times {CPU: 1}: 2 workers of small instead of 0 (max 10)',
    });
    world.operate();
    world.startRay();
    world.roundDone();
    world.idleFor(70);
    expect(world.roundDone().groups[0]).toMatchObject({ decision: { kind: 'hold', at: 2 }, reason: 'ConstraintMet' });
    world.constraints = [];
    expect(world.roundDone().groups[0]).toMatchObject({ reason: 'IDLE' });
  });

  test('RAY-29.1 request_resources beyond the maximum is reported whole', () => {
    const world = new RayWorld([workerGroup('small', { maxReplicas: 1 })]);
    world.constraints = [{ resourceRequests: [{ request: shape({ CPU: 1 }), count: 2 }] }];
    const outcome = world.roundDone();
    expect(world.reports.at(-1)?.infeasibleClusterResourceConstraints).toEqual(world.constraints);
    expect(outcome.groups[0]?.message).toMatch(/^1 request of request_resources of \{CPU: 1\} finds no place on small/);
  });
});

describe('pending workers that nobody needs', () => {
  test('RAY-26.3 go after the time-out, which counts over rounds', () => {
    const world = new RayWorld([workerGroup('small')], { pendingIdleTimeoutS: 30 });
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.roundDone();
    world.operate();
    world.roundDone();
    world.demand = [];
    world.roundDone();
    expect(world.group('small').replicas).toBe(2);
    world.pass(31);
    expect(world.roundDone().groups[0]).toMatchObject({
      decision: { kind: 'scale', from: 2, to: 0 },
      reason: 'IDLE',
      message: expect.stringMatching(
        /^to be deleted: 2 \(IDLE: pending and not needed for 31.\d+ secs > timeout=30.0 secs\): 0 workers of small/,
      ),
    });
  });

  test('RAY-26.3 stay for ever without one', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [{ request: shape({ CPU: 1 }), count: 2 }];
    world.roundDone();
    world.operate();
    world.demand = [];
    world.roundDone();
    world.pass(1000);
    world.roundDone();
    expect(world.group('small').replicas).toBe(2);
  });
});
