import { describe, expect, test } from 'vitest';
import {
  behaviorOf,
  cpuUtilization,
  hpa,
  play,
  refused,
  scaleOf,
  usages,
  type GivenRules,
  type Played,
  type Table,
} from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerSpec } from '../kube/hpa.ts';
import { durationMs } from '../time/time.ts';
import type { HpaHistory } from './draft.ts';
import { CRASH_TEXT } from './missing-field.ts';

const conditionOf = ({ status }: Played, type: string): unknown =>
  status?.conditions?.find((condition) => condition.type === type);
const cpu = (replicas: number, milli: number): Table => usages(...Array.from({ length: replicas }, () => `${milli}m`));

type Options = { readonly history?: HpaHistory; readonly atSeconds?: number };

function under(rules: GivenRules, table: Table, options: Options & Partial<HorizontalPodAutoscalerSpec> = {}): Played {
  const { history, atSeconds, ...spec } = options;
  return play(table, {
    hpa: hpa({ maxReplicas: 100, behavior: behaviorOf(rules), ...spec }),
    ...(history === undefined ? {} : { history }),
    ...(atSeconds === undefined ? {} : { atSeconds }),
  });
}

describe('limits by policies', () => {
  test('HPA-13.11 with behavior, a step is limited by period and not by sync', () => {
    const first = under({}, cpu(3, 600));
    expect(first.writes, '3 + 4 per 15 s').toEqual([7]);
    const { nextHistory: history } = first.outcome;
    expect(under({}, cpu(7, 600), { history, atSeconds: 14 }).writes, 'all of the period is used up').toEqual([]);
    const next = under({}, cpu(7, 600), { history, atSeconds: 15.002 });
    expect(next.writes, 'the event lies exactly 15 s back').toEqual([14]);
  });

  test('HPA-11.16 the condition says that the rate limited it', () => {
    expect(conditionOf(under({}, cpu(3, 600)), 'ScalingLimited')).toMatchObject({
      status: 'True',
      reason: 'ScaleUpLimit',
      message: 'the desired replica count is increasing faster than the maximum scale rate',
    });
  });

  test('HPA-11.17 HPA-8.13 and so on the way down', () => {
    const rules = {
      scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 } as const] },
    };
    const played = under(rules, cpu(5, 1));
    expect(played.writes).toEqual([4]);
    expect(conditionOf(played, 'ScalingLimited')).toMatchObject({
      status: 'True',
      reason: 'ScaleDownLimit',
      message: 'the desired replica count is decreasing faster than the maximum scale rate',
    });
  });

  test('HPA-11.18 HPA-11.19 the ends of the spec', () => {
    expect(conditionOf(under({}, cpu(3, 600), { maxReplicas: 5 }), 'ScalingLimited')).toMatchObject({
      reason: 'TooManyReplicas',
      message: 'the desired replica count is more than the maximum replica count',
    });
    const down = { scaleDown: { stabilizationWindowSeconds: 0 } };
    expect(conditionOf(under(down, cpu(5, 1), { minReplicas: 3 }), 'ScalingLimited')).toMatchObject({
      reason: 'TooFewReplicas',
      message: 'the desired replica count is less than the minimum replica count',
    });
  });

  test('HPA-8.12 Disabled: the number stays, and the condition says so', () => {
    const played = under({ scaleUp: { selectPolicy: 'Disabled' } }, cpu(3, 600));
    expect(played.writes).toEqual([]);
    expect(conditionOf(played, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'ScaleUpLimit' });
  });
});

describe('scale events', () => {
  test('HPA-8.18 HPA-8.19 HPA-2.29 stored after the write, in the list of their direction', () => {
    expect(under({}, cpu(3, 600)).outcome.nextHistory).toEqual({
      recommendations: [
        { replicas: 3, at: durationMs(1) },
        { replicas: 30, at: durationMs(2) },
      ],
      scaleUpEvents: [{ change: 4, at: durationMs(3), outdated: false }],
    });
    const down = under({ scaleDown: { stabilizationWindowSeconds: 0 } }, cpu(4, 1));
    expect(down.outcome.nextHistory.scaleDownEvents).toEqual([{ change: 3, at: durationMs(3), outdated: false }]);
  });

  test('HPA-8.18 not without behavior', () => {
    const { nextHistory } = play(cpu(3, 600), { hpa: hpa({ maxReplicas: 100 }) }).outcome;
    expect(Object.keys(nextHistory)).toEqual(['recommendations']);
  });

  test('HPA-8.22 HPA-9.13 what is remembered outlives a spec without behavior', () => {
    const scaleUpEvents = [{ change: 4, at: durationMs(3), outdated: false }];
    expect(play(cpu(3, 60), { history: { scaleUpEvents } }).outcome.nextHistory.scaleUpEvents).toEqual(scaleUpEvents);
  });

  test('HPA-2.38 not when the write failed, while the recommendation stays', () => {
    const played = under({}, { ...cpu(3, 600), 'put-scale': refused(500, 'InternalError', 'no') });
    expect(Object.keys(played.outcome.nextHistory)).toEqual(['recommendations']);
    expect(played.outcome.nextHistory.recommendations, 'HPA-9.12').toHaveLength(2);
    expect(played.outcome.counts, 'nor the gauge').not.toHaveProperty('desiredReplicas');
  });

  test('HPA-3.16 a shortcut is one too, and is held by no Disabled', () => {
    const rules = { scaleUp: { selectPolicy: 'Disabled' as const } };
    const played = under(rules, { 'get-scale': () => ({ ok: true, value: scaleOf(2) }) }, { minReplicas: 5 });
    expect(played.writes).toEqual([5]);
    expect(played.outcome.nextHistory).toEqual({
      recommendations: [{ replicas: 2, at: durationMs(1) }],
      scaleUpEvents: [{ change: 3, at: durationMs(2), outdated: false }],
    });
  });

  test('HPA-8.14 pods removed within the period may be added back', () => {
    const scaleDownEvents = [{ change: 5, at: durationMs(0), outdated: false }];
    expect(under({}, cpu(3, 600), { history: { scaleDownEvents }, atSeconds: 10 }).writes).toEqual([16]);
  });
});

describe('stabilization both ways', () => {
  const slowUp = { scaleUp: { stabilizationWindowSeconds: 60 } };

  test('HPA-9.8 the first number holds back a scale-up for the upward window', () => {
    const first = under(slowUp, cpu(3, 600));
    expect(first.writes).toEqual([]);
    expect(conditionOf(first, 'AbleToScale'), 'HPA-9.6 HPA-11.13').toMatchObject({
      reason: 'ScaleUpStabilized',
      message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
    });
    const { nextHistory: history } = first.outcome;
    expect(under(slowUp, cpu(3, 600), { history, atSeconds: 59 }).writes).toEqual([]);
    expect(under(slowUp, cpu(3, 600), { history, atSeconds: 60.001 }).writes).toEqual([7]);
  });

  test('HPA-9.9 downwards the flag counts in whole seconds where the spec says nothing', () => {
    const config = { downscaleStabilizationMs: durationMs(30_900) };
    const at = (atSeconds: number): readonly number[] => {
      const history = { recommendations: [{ replicas: 5, at: durationMs(0) }] };
      const given = hpa({ behavior: behaviorOf() });
      return play(cpu(5, 1), { hpa: given, history, config, atSeconds }).writes;
    };
    expect([at(29.997), at(29.998)], 'the entry is 29.999 s and 30 s old').toEqual([[], [1]]);
  });

  test('HPA-9.6 downwards the condition is that of the way down', () => {
    const played = under({}, cpu(5, 1));
    expect(played.writes).toEqual([]);
    expect(conditionOf(played, 'AbleToScale'), 'HPA-11.12').toMatchObject({
      reason: 'ScaleDownStabilized',
      message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
    });
  });

  test('HPA-9.14 what is remembered is what the metrics asked for, within no limits', () => {
    const { nextHistory } = under({}, cpu(3, 600), { maxReplicas: 5 }).outcome;
    expect(nextHistory.recommendations?.map(({ replicas }) => replicas)).toEqual([3, 30]);
  });

  test('HPA-2.17 without behavior the same list has its other rule', () => {
    const history = { recommendations: [{ replicas: 2, at: durationMs(0) }] };
    expect(play(cpu(3, 600), { hpa: hpa({ maxReplicas: 100 }), history, atSeconds: 1 }).writes).toEqual([6]);
    expect(under(slowUp, cpu(3, 600), { history, atSeconds: 1 }).writes).toEqual([]);
  });
});

test('HPA-7.2 each direction has its own tolerance', () => {
  const wide = { scaleUp: { tolerance: '600m' }, scaleDown: { tolerance: '0', stabilizationWindowSeconds: 0 } };
  expect(under(wide, cpu(4, 92)).writes, '92 / 60 is within 1.6').toEqual([]);
  expect(under(wide, cpu(4, 44)).writes, '44 / 60 of 4').toEqual([3]);
  expect(under({}, cpu(4, 92)).writes).toEqual([7]);
});

describe('HPA-2.39 a field that the API server would have filled in', () => {
  test.each<[string, NonNullable<HorizontalPodAutoscalerSpec['behavior']>, Table, string]>([
    ['the way up', {}, cpu(3, 60), 'spec.behavior.scaleUp.stabilizationWindowSeconds'],
    ['its window', { scaleUp: {} }, cpu(3, 60), 'spec.behavior.scaleUp.stabilizationWindowSeconds'],
    ['the way down', { scaleUp: { stabilizationWindowSeconds: 0 } }, cpu(3, 60), 'spec.behavior.scaleDown'],
    [
      'which policy is taken',
      { scaleUp: { stabilizationWindowSeconds: 0 }, scaleDown: {} },
      cpu(3, 600),
      'spec.behavior.scaleUp.selectPolicy',
    ],
  ])('%s: the sync ends with the error of the original, and nothing is written', (_name, behavior, table, field) => {
    const { outcome, requests } = play(table, { hpa: hpa({ behavior }) });
    expect(outcome).toMatchObject({
      result: { kind: 'failed' },
      error: CRASH_TEXT,
      explanation: { branch: 'field-missing', missingField: field },
    });
    expect(requests.map(({ kind }) => kind)).not.toContain('put-status');
    expect(outcome.counts.reconciliation, 'counted on its way down').toEqual({ action: 'none', error: 'none' });
  });

  test('a shortcut writes first', () => {
    const table: Table = { 'get-scale': () => ({ ok: true, value: scaleOf(2) }) };
    const { outcome, writes } = play(table, { hpa: hpa({ minReplicas: 5, behavior: {} }) });
    expect([writes, outcome.error]).toEqual([[5], CRASH_TEXT]);
  });

  test('HPA-12.3 a Pods metric without its average, before anything is asked for it', () => {
    const metrics = [
      cpuUtilization(60),
      { type: 'Pods' as const, pods: { metric: { name: 'rps' }, target: { type: 'AverageValue' as const } } },
    ];
    const { outcome, requests } = play({}, { hpa: hpa({ metrics }) });
    expect(outcome.error).toBe(CRASH_TEXT);
    expect(outcome.explanation.missingField).toBe('spec.metrics[1].pods.target.averageValue');
    expect(requests.map(({ kind }) => kind)).not.toContain('list-pods-metric');
  });

  test.each(['Resource', 'ContainerResource', 'Pods', 'Object', 'External'] as const)(
    'the source of a metric of type %s',
    (type) => {
      expect(play({}, { hpa: hpa({ metrics: [{ type }] }) }).outcome.error).toBe(CRASH_TEXT);
    },
  );
});
