import { describe, expect, test } from 'vitest';
import {
  averageOf,
  behaviorOf,
  cpuUtilization,
  externalTarget,
  externalValues,
  hpa,
  play,
  refused,
  scaleOf,
  scaleWith,
  usages,
  valueOf,
  type Played,
  type Table,
} from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from '../kube/hpa.ts';
import { durationMs } from '../time/time.ts';
import { DEFAULT_HPA_GATES } from './config.ts';

const QUEUE = externalTarget('q', valueOf('10'));
const scaledToZero = (status: 'True' | 'False'): HorizontalPodAutoscalerStatus => ({
  desiredReplicas: 0,
  conditions: [{ type: 'ScaledToZero', status, lastTransitionTime: '2026-02-28T00:00:00Z' }],
});
const conditionOf = ({ status }: Played, type: string): unknown =>
  status?.conditions?.find((condition) => condition.type === type);
const GATE_OFF = { gates: { ...DEFAULT_HPA_GATES, HPAScaleToZero: false } };

const idle = (value: string): Table => ({
  'get-scale': () => ({ ok: true, value: scaleOf(0) }),
  'list-external-metric': externalValues(value),
});

function atZero(
  value: string,
  spec: Partial<HorizontalPodAutoscalerSpec>,
  condition: 'True' | 'False' = 'True',
): Played {
  return play(idle(value), { hpa: hpa({ minReplicas: 0, metrics: [QUEUE], ...spec }, scaledToZero(condition)) });
}

describe('HPA-8.23 at 0 replicas', () => {
  test('that a person set: disabled', () => {
    const played = atZero('25', {}, 'False');
    expect(played.writes).toEqual([]);
    expect(played.status).toMatchObject({ desiredReplicas: 0, currentMetrics: null });
    expect(conditionOf(played, 'ScalingActive'), 'HPA-11.6').toMatchObject({
      status: 'False',
      reason: 'ScalingDisabled',
      message: 'scaling is disabled since the replica count of the target is zero',
    });
    expect(played.outcome.counts.desiredReplicas, 'HPA-2.22').toBe(0);
  });

  test('that it set itself, with a metric that needs no pods: the metrics decide', () => {
    const played = atZero('25', {});
    expect(played.writes).toEqual([3]);
    expect(played.events[0]?.message).toBe('New size: 3; reason: external metric q(nil) above target');
    expect(conditionOf(played, 'ScaledToZero')).toMatchObject({ status: 'False', reason: 'NotScaledToZero' });
  });

  test('HPA-12.7 a ratio within tolerance counts as well', () => {
    expect(atZero('10', {}).writes).toEqual([1]);
  });

  test('HPA-12.10 an average is shown as the smallest number', () => {
    const played = atZero('25', { metrics: [externalTarget('q', averageOf('10'))] });
    expect(played.writes).toEqual([3]);
    expect(played.status?.currentMetrics?.[0]?.external?.current).toEqual({
      averageValue: '-9223372036854775808m',
    });
  });

  test('that metric was removed since: disabled', () => {
    expect(conditionOf(atZero('25', { metrics: [cpuUtilization(60)] }), 'ScalingActive')).toMatchObject({
      reason: 'ScalingDisabled',
    });
  });

  test('HPA-2.18 HPA-21.8 minReplicas was raised since: at least that many, for no reason where limits leave it at 0', () => {
    const played = atZero('0', { minReplicas: 3, behavior: behaviorOf() });
    expect(played.writes).toEqual([3]);
    expect(played.events[0]?.message).toBe('New size: 3; reason: Current number of replicas below Spec.MinReplicas');
    const plain = atZero('0', { minReplicas: 3 });
    expect(plain.events[0]?.message, 'the limits lifted it already').toBe('New size: 3; reason: ');
  });

  test('HPA-8.27 and the metrics must succeed', () => {
    const played = play(
      { ...idle('1'), 'list-external-metric': refused(503, '', 'no') },
      { hpa: hpa({ minReplicas: 3, metrics: [QUEUE] }, scaledToZero('True')) },
    );
    expect(played.writes).toEqual([]);
    expect(played.outcome.result).toEqual({ kind: 'failed' });
  });

  test('HPA-8.28 with a percentage alone it is stuck, while pods policies lift it', () => {
    const percent = { policies: [{ type: 'Percent', value: 100, periodSeconds: 15 } as const] };
    expect(atZero('25', { behavior: behaviorOf({ scaleUp: percent }) }).writes).toEqual([]);
    expect(atZero('250', { behavior: behaviorOf(), maxReplicas: 50 }).writes).toEqual([4]);
  });

  test('HPA-8.28 without behavior it goes up to 4', () => {
    expect(atZero('250', { maxReplicas: 50 }).writes).toEqual([4]);
  });

  test('HPA-8.29 Disabled keeps it there, but for a raised minReplicas', () => {
    const behavior = behaviorOf({ scaleUp: { selectPolicy: 'Disabled' } });
    expect(atZero('25', { behavior }).writes).toEqual([]);
    expect(atZero('25', { behavior, minReplicas: 2 }).writes).toEqual([2]);
  });

  test('HPA-8.31 the condition is believed, whoever set 0 now', () => {
    const status = { ...scaledToZero('True'), currentReplicas: 3, desiredReplicas: 3 };
    const played = play(idle('25'), { hpa: hpa({ minReplicas: 0, metrics: [QUEUE] }, status) });
    expect(played.writes).toEqual([3]);
  });

  test('HPA-2.12 of two such conditions the first decides', () => {
    const status = {
      desiredReplicas: 0,
      conditions: [...(scaledToZero('False').conditions ?? []), ...(scaledToZero('True').conditions ?? [])],
    };
    expect(play(idle('25'), { hpa: hpa({ minReplicas: 0, metrics: [QUEUE] }, status) }).writes).toEqual([]);
  });

  test('HPA-3.13 0 is not below the minimum', () => {
    const played = play(usages(), { hpa: hpa({ minReplicas: 2 }) });
    expect([played.writes, conditionOf(played, 'ScalingActive')]).toMatchObject([[], { reason: 'ScalingDisabled' }]);
  });
});

describe('HPA-8.24 to 0 replicas', () => {
  const empty: Table = { 'get-scale': scaleWith(2, 2), 'list-external-metric': externalValues('0') };
  const history = { recommendations: [{ replicas: 0, at: durationMs(0) }] };

  test('HPA-8.25 HPA-11.22 the condition says that it was the HPA', () => {
    const played = play(empty, { hpa: hpa({ minReplicas: 0, metrics: [QUEUE] }), history, atSeconds: 300 });
    expect(played.writes).toEqual([0]);
    expect(conditionOf(played, 'ScaledToZero')).toMatchObject({
      status: 'True',
      reason: 'ScaledToZero',
      message: 'the HPA controller scaled the workload to zero',
    });
  });

  test('HPA-8.25 HPA-11.23 not without a metric that can lift it again', () => {
    const played = play(usages('0', '0'), { hpa: hpa({ minReplicas: 0 }), history, atSeconds: 300 });
    expect(played.writes).toEqual([0]);
    expect(conditionOf(played, 'ScaledToZero')).toMatchObject({
      status: 'False',
      reason: 'NotScaledToZero',
      message: 'the HPA controller did not scale the workload to zero',
    });
  });

  test('HPA-8.24 stabilization delays it', () => {
    expect(play(empty, { hpa: hpa({ minReplicas: 0, metrics: [QUEUE] }) }).writes).toEqual([]);
  });

  test('HPA-8.25 a sync that does not rescale leaves the condition alone', () => {
    const status = scaledToZero('True');
    const played = play(
      { ...empty, 'list-external-metric': externalValues('10') },
      { hpa: hpa({ minReplicas: 0, metrics: [QUEUE] }, status) },
    );
    expect(conditionOf(played, 'ScaledToZero')).toEqual(status.conditions?.[0]);
  });
});

describe('HPA-8.30 HPA-24.2 without the gate HPAScaleToZero', () => {
  const given = hpa({ minReplicas: 0, metrics: [QUEUE] }, scaledToZero('True'));

  test('HPA-8.23 HPA-11.3 at 0 it is always disabled, and the condition goes', () => {
    const played = play(idle('25'), { hpa: given, config: GATE_OFF });
    expect(played.writes).toEqual([]);
    expect(played.status?.conditions?.map(({ type }) => type)).toEqual(['AbleToScale', 'ScalingActive']);
  });

  test('it still goes to 0, without a condition', () => {
    const history = { recommendations: [{ replicas: 0, at: durationMs(0) }] };
    const empty: Table = { 'get-scale': scaleWith(2, 2), 'list-external-metric': externalValues('0') };
    const played = play(empty, { hpa: given, config: GATE_OFF, history, atSeconds: 300 });
    expect(played.writes).toEqual([0]);
    expect(conditionOf(played, 'ScaledToZero')).toBeUndefined();
  });
});
