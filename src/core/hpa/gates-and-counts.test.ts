import { describe, expect, test } from 'vitest';
import {
  cpuUtilization,
  externalTarget,
  externalValues,
  facts,
  hpa,
  play,
  pod,
  refused,
  scaleOf,
  usages,
  valueOf,
  type Played,
} from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerStatus, MetricSpec } from '../kube/hpa.ts';
import { DEFAULT_HPA_GATES, type HpaGates } from './config.ts';
import type { SyncCounts } from './counts.ts';
import { podFacts } from './pod-facts.ts';

const without = (gate: keyof HpaGates): { readonly gates: HpaGates } => ({
  gates: { ...DEFAULT_HPA_GATES, [gate]: false },
});
const shown = (currentReplicas: number): HorizontalPodAutoscalerStatus => ({
  desiredReplicas: currentReplicas,
  currentReplicas,
  currentMetrics: null,
  observedGeneration: 1,
});
const countsOf = ({ outcome }: Played): SyncCounts => outcome.counts;

describe('HPA-2.46 observedGeneration', () => {
  const given = { ...hpa({}, { ...shown(2), observedGeneration: 3 }), metadata: { ...hpa().metadata, generation: 4 } };

  test('is that of the object in the cache', () => {
    expect(play(usages('60m', '60m'), { hpa: given }).status?.observedGeneration).toBe(4);
  });

  test('HPA-24.3 without the gate any rebuild clears it', () => {
    const { status } = play(usages('60m', '60m'), { hpa: given, config: without('HPAGeneration') });
    expect(status).not.toHaveProperty('observedGeneration');
  });

  test('where only conditions change it stays', () => {
    const table = { 'get-scale': refused(404, 'NotFound', 'gone') };
    expect(play(table, { hpa: given }).status?.observedGeneration).toBe(3);
  });
});

test('HPA-24.6 without the gate PodLevelResources requests of whole pods do not count', () => {
  const given = pod('web-0');
  const spec = { ...given.spec, resources: { requests: { cpu: '1' } } };
  const table = { ...usages('90m'), 'list-pods': () => [podFacts({ ...given, spec })] };
  expect(play(table).writes, '9 % of 1').toEqual([]);
  expect(play(table, { config: without('PodLevelResources') }).writes, '90 % of 100m').toEqual([2]);
});

describe('HPA-23.9 actions', () => {
  test('of a sync, after a write that succeeded', () => {
    expect(countsOf(play(usages('90m', '95m'))).reconciliation).toEqual({ action: 'scale_up', error: 'none' });
    const above = { 'get-scale': () => ({ ok: true as const, value: scaleOf(12) }) };
    expect(countsOf(play(above)).reconciliation).toEqual({ action: 'scale_down', error: 'none' });
    expect(countsOf(play(usages('60m', '60m'))).reconciliation.action).toBe('none');
    const failing = { ...usages('90m', '95m'), 'put-scale': refused(500, '', 'no') };
    expect(countsOf(play(failing)).reconciliation).toEqual({ action: 'none', error: 'internal' });
  });

  test.each([
    ['more than the status shows', 2, 'scale_up'],
    ['as many', 4, 'none'],
    ['fewer', 5, 'scale_down'],
  ])('of a metric that proposes %s', (_name, statusReplicas, action) => {
    expect(countsOf(play(usages('90m', '95m'), { hpa: hpa({}, shown(statusReplicas)) })).metrics).toEqual([
      { type: 'Resource', action, error: 'none' },
    ]);
  });

  test('of a metric of a new HPA: from 0', () => {
    expect(countsOf(play(usages('60m', '60m'))).metrics[0]?.action).toBe('scale_up');
  });
});

describe('HPA-23.10 errors', () => {
  const unknown = { type: 'Gizmo' } as unknown as MetricSpec; // as only a server of the future would hand on
  const queue = externalTarget('q', valueOf('10'));

  test.each([
    ['an apiVersion that cannot be read', { scaleTargetRef: { apiVersion: 'a/b/c', kind: 'X', name: 'x' } }, 'spec'],
    ['an unknown kind', { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'X', name: 'x' } }, 'internal'],
    ['an unknown type of metric', { metrics: [unknown] }, 'spec'],
    ['an unknown type of metric that failed second', { metrics: [queue, unknown] }, 'internal'],
  ])('%s', (_name, spec, error) => {
    expect(countsOf(play({}, { hpa: hpa(spec) })).reconciliation).toEqual({ action: 'none', error });
  });

  test('HPA-23.12 each metric is counted with its type', () => {
    expect(countsOf(play({}, { hpa: hpa({ metrics: [queue, unknown] }) })).metrics).toEqual([
      { type: 'External', action: 'none', error: 'internal' },
      { type: 'Gizmo', action: 'none', error: 'spec' },
    ]);
  });

  test('HPA-8.3 an error that is kept counts beside the action', () => {
    const metrics = [queue, cpuUtilization(60)];
    const played = play(usages('90m', '95m'), { hpa: hpa({ metrics }) });
    expect(countsOf(played).reconciliation).toEqual({ action: 'scale_up', error: 'internal' });
    expect(played.outcome.error).toMatch(/^invalid metrics \(1 invalid out of 2\), first error is: /);
  });

  test('HPA-2.25 a status that cannot be written is the error, whatever was kept', () => {
    const table = { ...usages('90m', '95m'), 'put-status': refused(409, 'Conflict', 'changed') };
    const played = play(table, { hpa: hpa({ metrics: [unknown, cpuUtilization(60)] }) });
    expect(played.outcome.error).toBe('failed to update status for web: changed');
    expect(countsOf(played).reconciliation).toEqual({ action: 'scale_up', error: 'internal' });
  });

  test('HPA-8.6 HPA-11.10 an unknown type has its event and its condition', () => {
    const played = play({}, { hpa: hpa({ metrics: [unknown] }) });
    expect(played.events[0]).toEqual({
      type: 'Warning',
      reason: 'InvalidMetricSourceType',
      message: 'unknown metric source type "Gizmo"',
    });
    expect(played.status?.conditions?.[1]).toMatchObject({
      reason: 'InvalidMetricSourceType',
      message: 'the HPA was unable to compute the replica count: unknown metric source type "Gizmo"',
    });
  });
});

describe('HPA-23.13 the gauge of desired replicas', () => {
  test('is set where a number was decided, whether or not the status could be written', () => {
    expect(countsOf(play(usages('90m', '95m'))).desiredReplicas).toBe(4);
    expect(countsOf(play({ ...usages('60m', '60m'), 'put-status': refused(500, '', 'no') })).desiredReplicas).toBe(2);
  });

  test.each([
    ['the scale could not be read', { 'get-scale': refused(404, '', 'gone') }],
    ['nothing could be computed', { 'list-pods': () => [] }],
    ['the scale could not be written', { ...usages('90m', '95m'), 'put-scale': refused(500, '', 'no') }],
  ])('is left alone where %s', (_name, table) => {
    expect(countsOf(play(table))).not.toHaveProperty('desiredReplicas');
  });
});

describe('HPA-2.35 errors that are only logged', () => {
  const noStatus = { 'put-status': refused(500, '', 'no') };
  test.each([
    ['the status, after a scale that could not be read', { 'get-scale': refused(404, '', 'gone') }],
    ['the status, after metrics that failed', { 'list-pods': () => [] }],
    [
      'the status, after a scale that could not be written',
      { ...usages('90m', '95m'), 'put-scale': refused(500, '', 'no') },
    ],
  ])('%s', (_name, table) => {
    const { outcome, events } = play({ ...table, ...noStatus });
    expect(outcome.handledErrors).toEqual(['failed to update status for web: no']);
    expect(events.map(({ reason }) => reason)).toContain('FailedUpdateStatus');
  });

  test('HPA-3.10 the scale, read again after a write that failed', () => {
    const { outcome } = play({
      ...usages('90m', '95m'),
      'put-scale': refused(500, '', 'no'),
      'get-scale': (_request, count) => (count === 1 ? { ok: true, value: scaleOf(2) } : refused(503, '', 'not now')()),
    });
    expect(outcome.handledErrors).toEqual([
      'error getting latest scale for Deployment/default/web during conflict retry: not now',
    ]);
  });

  test('nothing in a sync that went well', () => {
    expect(play(usages('90m', '95m')).outcome.handledErrors).toEqual([]);
  });
});

test('HPA-8.8, HPA-13.10 no metrics at all, and no default in their place: a condition without a name, and the number goes to where limits let it', () => {
  const played = play({}, { hpa: hpa({ metrics: [] }) });
  expect(played.status?.conditions).toMatchObject([
    { type: 'AbleToScale', reason: 'ScaleDownStabilized' },
    { type: '', status: '' },
    { type: 'ScalingLimited' },
  ]);
  expect(played.status?.currentMetrics).toEqual([]);
  expect(played.status?.conditions?.[1], 'without a time, for its status is that of a new one').toEqual({
    type: '',
    status: '',
  });
  expect(played.outcome.explanation.candidateReplicas).toBe(0);
});

test('HPA-24.17 a status of another version: what is absent is not missed, what is not understood stays', () => {
  const foreign = {
    type: 'OfTheFuture',
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'R',
    message: 'm',
  } as const;
  const { observedGeneration: _, ...old } = { ...shown(2), conditions: [foreign] };
  const { status, writes } = play(usages('90m', '95m'), { hpa: hpa({}, old) });
  expect(writes).toEqual([4]);
  expect(status?.observedGeneration).toBe(1);
  expect(status?.conditions).toContainEqual(foreign);
});

test('HPA-2.47 an HPA that is being deleted is synchronized like any other', () => {
  const given = { ...hpa(), metadata: { ...hpa().metadata, deletionTimestamp: '2026-03-01T00:00:00Z' } };
  expect(play(usages('90m', '95m'), { hpa: given }).writes).toEqual([4]);
});

test('HPA-3.8 the write goes to the name of the scale, the read after it to that of the target', () => {
  const renamed = { ...scaleOf(2), metadata: { name: 'other', namespace: 'default', resourceVersion: '7' } };
  const { requests } = play({
    ...usages('90m', '95m'),
    'get-scale': () => ({ ok: true, value: renamed }),
    'put-scale': refused(500, '', 'no'),
  });
  const names = requests.flatMap((request) =>
    request.kind === 'get-scale' || request.kind === 'put-scale' ? [`${request.kind} ${request.key.name}`] : [],
  );
  expect(names).toEqual(['get-scale web', 'put-scale other', 'get-scale web']);
});

test('bounds: ten failing metrics of each source stay within the requests of a sync', () => {
  const metrics = Array.from({ length: 10 }, () => externalTarget('q', valueOf('10')));
  const table = {
    'list-external-metric': externalValues('25'),
    'list-pods': () => [facts('web-0')].slice(1),
    'get-scale': () => ({ ok: true as const, value: scaleOf(2) }),
  };
  expect(play(table, { hpa: hpa({ metrics }) }).events).toHaveLength(11);
});
