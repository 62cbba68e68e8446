import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScalingPolicy, ScalingRules } from '../kube/hpa.ts';
import { durationMs } from '../time/time.ts';
import { limitDecrease, limitIncrease, type PolicyLimitInput } from './policy-limits.ts';
import type { ScaleEvent } from './scale-events.ts';

const NOW = durationMs(1_000_000);
const pods = (value: number, periodSeconds = 60): ScalingPolicy => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds = 60): ScalingPolicy => ({ type: 'Percent', value, periodSeconds });
const changed = (change: number, ageSeconds: number): ScaleEvent => ({
  change,
  at: durationMs(1_000_000 - ageSeconds * 1000),
  outdated: false,
});

type Given = {
  readonly from: number;
  readonly to: number;
  readonly policies: readonly ScalingPolicy[];
  readonly select?: ScalingRules['selectPolicy'];
  readonly up?: readonly ScaleEvent[];
  readonly down?: readonly ScaleEvent[];
  readonly min?: number;
  readonly max?: number;
};

function inputOf({
  from,
  to,
  policies,
  select = 'Max',
  up = [],
  down = [],
  min = 1,
  max = 1000,
}: Given): PolicyLimitInput {
  return {
    desired: to,
    currentReplicas: from,
    minReplicas: min,
    maxReplicas: max,
    rules: { selectPolicy: select, policies },
    events: { up, down },
    now: NOW,
  };
}

describe('upwards', () => {
  test.each<[string, Given, number, string]>([
    ['within', { from: 10, to: 12, policies: [pods(4)] }, 12, 'DesiredWithinRange'],
    ['HPA-8.13 pods', { from: 10, to: 20, policies: [pods(4)] }, 14, 'ScaleUpLimit'],
    ['HPA-8.15 HPA-22.8 50 and 10 % are 56', { from: 50, to: 90, policies: [percent(10)] }, 56, 'ScaleUpLimit'],
    ['HPA-8.15 70 and 10 % are 77', { from: 70, to: 90, policies: [percent(10)] }, 77, 'ScaleUpLimit'],
    ['HPA-8.15 10 and 10 % are 11', { from: 10, to: 90, policies: [percent(10)] }, 11, 'ScaleUpLimit'],
    ['HPA-8.17 at least one more', { from: 3, to: 90, policies: [percent(10)] }, 4, 'ScaleUpLimit'],
    ['HPA-8.13 Max', { from: 3, to: 90, policies: [pods(4), percent(100)] }, 7, 'ScaleUpLimit'],
    ['HPA-8.13 Min', { from: 3, to: 90, select: 'Min', policies: [pods(4), percent(100)] }, 6, 'ScaleUpLimit'],
    ['HPA-8.12 Disabled', { from: 3, to: 90, select: 'Disabled', policies: [pods(4)] }, 3, 'ScaleUpLimit'],
    ['HPA-8.12 the maximum', { from: 3, to: 90, policies: [pods(4)], max: 7 }, 7, 'TooManyReplicas'],
    [
      'HPA-8.14 what was added counts',
      { from: 10, to: 20, policies: [pods(4)], up: [changed(3, 10)] },
      11,
      'ScaleUpLimit',
    ],
    [
      'HPA-8.14 what was removed may come back on top',
      { from: 10, to: 20, policies: [pods(4)], down: [changed(3, 10)] },
      17,
      'ScaleUpLimit',
    ],
    [
      'HPA-8.12 more was added than is allowed: the number stays',
      { from: 10, to: 20, policies: [pods(4)], up: [changed(6, 10)] },
      10,
      'ScaleUpLimit',
    ],
    [
      'each policy has its own period',
      { from: 10, to: 20, policies: [pods(4, 15), pods(8, 60)], up: [changed(3, 20)] },
      15,
      'ScaleUpLimit',
    ],
    ['HPA-8.28 a percentage of 0 is 0', { from: 0, to: 5, policies: [percent(100)] }, 0, 'ScaleUpLimit'],
    ['HPA-8.29 Disabled keeps 0', { from: 0, to: 5, select: 'Disabled', policies: [] }, 0, 'ScaleUpLimit'],
    ['without policies Max allows nothing', { from: 3, to: 9, policies: [] }, 3, 'ScaleUpLimit'],
    ['without policies Min allows all', { from: 3, to: 9, select: 'Min', policies: [] }, 9, 'DesiredWithinRange'],
    [
      'HPA-22.10 100 % of 2000000000 overflow',
      { from: 2_000_000_000, to: 2_100_000_000, policies: [percent(100)], max: 2_147_483_647 },
      2_000_000_000,
      'ScaleUpLimit',
    ],
  ])('%s', (_name, given, replicas, reason) => {
    expect(limitIncrease(inputOf(given))).toMatchObject({ replicas, reason });
  });

  test('HPA-8.12 the minimum does not count', () => {
    expect(limitIncrease(inputOf({ from: 0, to: 2, policies: [pods(4)], min: 3 })).replicas).toBe(2);
  });
});

describe('downwards', () => {
  test.each<[string, Given, number, string]>([
    ['within', { from: 10, to: 8, policies: [pods(4)] }, 8, 'DesiredWithinRange'],
    ['HPA-8.13 pods', { from: 10, to: 1, policies: [pods(4)] }, 6, 'ScaleDownLimit'],
    ['HPA-8.15 20 less 90 % is 1', { from: 20, to: 0, policies: [percent(90)], min: 0 }, 1, 'ScaleDownLimit'],
    ['HPA-8.15 10 less 30 % is 7', { from: 10, to: 1, policies: [percent(30)] }, 7, 'ScaleDownLimit'],
    ['HPA-8.17 3 less 10 % is 2', { from: 3, to: 1, policies: [percent(10)] }, 2, 'ScaleDownLimit'],
    ['HPA-8.13 Max', { from: 20, to: 1, policies: [pods(4), percent(50)] }, 10, 'ScaleDownLimit'],
    ['HPA-8.13 Min', { from: 20, to: 1, select: 'Min', policies: [pods(4), percent(50)] }, 16, 'ScaleDownLimit'],
    ['HPA-8.12 Disabled', { from: 20, to: 1, select: 'Disabled', policies: [pods(4)] }, 20, 'ScaleDownLimit'],
    ['HPA-8.12 the minimum', { from: 20, to: 1, policies: [percent(100)], min: 2 }, 2, 'TooFewReplicas'],
    [
      'HPA-8.14 what was removed counts',
      { from: 10, to: 1, policies: [pods(4)], down: [changed(3, 10)] },
      9,
      'ScaleDownLimit',
    ],
    [
      'HPA-8.14 what was added may go on top',
      { from: 10, to: 1, policies: [pods(4)], up: [changed(3, 10)] },
      3,
      'ScaleDownLimit',
    ],
    [
      'HPA-8.12 more was removed than is allowed: the number stays',
      { from: 10, to: 1, policies: [pods(4)], down: [changed(6, 10)] },
      10,
      'ScaleDownLimit',
    ],
    ['without policies Max allows nothing', { from: 9, to: 3, policies: [] }, 9, 'ScaleDownLimit'],
    ['without policies Min allows all', { from: 9, to: 3, select: 'Min', policies: [] }, 3, 'DesiredWithinRange'],
  ])('%s', (_name, given, replicas, reason) => {
    expect(limitDecrease(inputOf(given))).toMatchObject({ replicas, reason });
  });

  test('HPA-8.12 the maximum does not count', () => {
    expect(limitDecrease(inputOf({ from: 20, to: 15, policies: [pods(9)], max: 12 })).replicas).toBe(15);
  });
});

test('what a policy allowed can be followed', () => {
  const given = { from: 10, to: 20, policies: [pods(4), percent(100)], up: [changed(3, 10)], down: [changed(1, 5)] };
  expect(limitIncrease(inputOf(given)).policy).toEqual({
    direction: 'up',
    selectPolicy: 'Max',
    policies: [
      { ...pods(4), added: 3, removed: 1, startReplicas: 8, limitReplicas: 12 },
      { ...percent(100), added: 3, removed: 1, startReplicas: 8, limitReplicas: 16 },
    ],
    limitReplicas: 16,
  });
});

test('HPA-8.12 a limit lies between the present and the desired number, or at the maximum', () => {
  const policy = fc.oneof(
    fc.record({
      type: fc.constant('Pods' as const),
      value: fc.integer({ min: 1, max: 50 }),
      periodSeconds: fc.integer({ min: 1, max: 90 }),
    }),
    fc.record({
      type: fc.constant('Percent' as const),
      value: fc.integer({ min: 1, max: 300 }),
      periodSeconds: fc.integer({ min: 1, max: 90 }),
    }),
  );
  const events = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 100 })), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(
      fc.record({
        from: fc.integer({ min: 1, max: 200 }),
        change: fc.integer({ min: 1, max: 200 }),
        policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
        select: fc.constantFrom('Max' as const, 'Min' as const),
        up: events,
        down: events,
      }),
      ({ change, up, down, ...given }) => {
        const lists = { up: up.map((one) => changed(...one)), down: down.map((one) => changed(...one)) };
        const higher = limitIncrease(inputOf({ ...given, ...lists, to: given.from + change }));
        expect(higher.replicas).toBeGreaterThanOrEqual(given.from);
        expect(higher.replicas).toBeLessThanOrEqual(given.from + change);
        const lower = limitDecrease(inputOf({ ...given, ...lists, to: Math.max(1, given.from - change) }));
        expect(lower.replicas).toBeLessThanOrEqual(given.from);
        expect(lower.replicas).toBeGreaterThanOrEqual(Math.max(1, given.from - change));
      },
    ),
  );
});
