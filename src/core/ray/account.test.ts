import { describe, expect, test } from 'vitest';
import { RayWorld, shape, workerGroup } from '../../../test/support/ray-world.ts';
import type { GangResourceRequest } from './cluster-state.ts';

type Strategy = 'PACK' | 'STRICT_PACK' | 'STRICT_SPREAD';

/** One bundle for each amount of CPU. */
function gang(id: string, strategy: Strategy, cpus: readonly number[]): GangResourceRequest {
  const label = { labelName: `_PG_${id}`, labelValue: '' };
  const constraints = { PACK: [], STRICT_PACK: [{ affinity: label }], STRICT_SPREAD: [{ antiAffinity: label }] };
  const requests = cpus.map((CPU) => ({ ...shape({ CPU }), placementConstraints: constraints[strategy] }));
  return { details: `${id}:${strategy}|PENDING`, requests, bundleSelectors: [{ resourceRequests: requests }] };
}

/** Of one round with one group of workers with one CPU each. */
function messageOf(given: Partial<Pick<RayWorld, 'demand' | 'gangs'>>, maxReplicas = 10): string | undefined {
  const world = new RayWorld([workerGroup('small', { maxReplicas })]);
  world.demand = given.demand ?? [];
  world.gangs = given.gangs ?? [];
  return world.roundDone().groups[0]?.message;
}

const tasks = (count: number, CPU = 1): RayWorld['demand'][number] => ({ request: shape({ CPU }), count });

describe('RAY-14.8 what workers are added for', () => {
  test('one request is told as one', () => {
    expect(messageOf({ demand: [tasks(1)] })).toBe(
      '1 request of {CPU: 1} waits, 0 fit on what there is: 1 worker of small instead of 0 (max 10)',
    );
  });

  test('one that fits on what there is', () => {
    const world = new RayWorld([workerGroup('small')]);
    world.demand = [tasks(1)];
    world.roundDone();
    world.operate();
    world.startRay();
    world.demand = [tasks(3)];
    expect(world.roundDone().groups[0]?.message).toBe(
      '3 requests of {CPU: 1} wait, 1 fits on what there is: 3 workers of small instead of 1 (max 10)',
    );
  });

  test('a placement group has its name, shapes that differ are told apart', () => {
    expect(messageOf({ gangs: [gang('aa', 'STRICT_SPREAD', [0.5, 0.5, 1])] })).toBe(
      'placement group aa:STRICT_SPREAD|PENDING waits for room, here for 1 times {CPU: 1} and 2 times {CPU: 0.5}: ' +
        '3 workers of small instead of 0 (max 10)',
    );
  });

  test('bundles that must be together are told as their sum', () => {
    expect(messageOf({ gangs: [gang('aa', 'STRICT_PACK', [0.25, 0.5])] })).toBe(
      'placement group aa:STRICT_PACK|PENDING waits for room, here for 1 times {CPU: 0.75}: ' +
        '1 worker of small instead of 0 (max 10)',
    );
  });

  test('tasks beside a group of bundles of the same shape: each is its own', () => {
    expect(messageOf({ demand: [tasks(2)], gangs: [gang('aa', 'PACK', [1, 1])] })).toBe(
      '2 requests of {CPU: 1} wait, 0 fit on what there is; ' +
        'placement group aa:PACK|PENDING waits for room, here for 2 times {CPU: 1}: ' +
        '4 workers of small instead of 0 (max 10)',
    );
  });

  test('of many groups three are named', () => {
    const gangs = ['aa', 'bb', 'cc', 'dd', 'ee'].map((id) => gang(id, 'STRICT_SPREAD', [1]));
    const message = messageOf({ gangs });
    expect(message?.match(/placement group /g)).toHaveLength(3);
    expect(message).toMatch(/; and 2 more placement groups: 5 workers of small instead of 0 \(max 10\)$/);
  });
});

describe('RAY-14.8 what finds no place', () => {
  test('one request is told as one', () => {
    expect(messageOf({ demand: [tasks(1)] }, 0)).toBe(
      '1 request of {CPU: 1} finds no place on small: its maximum is 0',
    );
  });

  test('a group that fits in part launches nobody, and is told by what was left over', () => {
    expect(messageOf({ gangs: [gang('aa', 'STRICT_SPREAD', [1, 1, 1])] }, 2)).toMatch(
      /^1 request of placement group aa:STRICT_SPREAD\|PENDING of \{CPU: 1\} finds no place on small: /,
    );
  });
});
