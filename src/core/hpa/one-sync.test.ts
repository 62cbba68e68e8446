import { describe, expect, test } from 'vitest';
import {
  at,
  averageValue,
  behaviorOf,
  cpuUtilization,
  externalTarget,
  externalValues,
  facts,
  hpa,
  play,
  podMetrics,
  podsAverage,
  podValue,
  refused,
  scaleOf,
  scaleWith,
  usages,
  valueOf,
  type Played,
  type Table,
} from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerStatus } from '../kube/hpa.ts';
import type { Condition } from '../kube/object.ts';
import { durationMs } from '../time/time.ts';
import type { DiscoveredKind } from './conversation.ts';

const conditionOf = ({ status }: Played, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);
const scaleAt = (replicas: number): Table => ({ 'get-scale': () => ({ ok: true, value: scaleOf(replicas) }) });
const QUEUE = externalTarget('q', valueOf('10'));
const OLD: HorizontalPodAutoscalerStatus = {
  observedGeneration: 1,
  currentReplicas: 7,
  desiredReplicas: 8,
  currentMetrics: null,
  lastScaleTime: at(-100),
};

describe('the scale', () => {
  test('HPA-2.9 HPA-11.5 absent replicas are 0', () => {
    const played = play({ 'get-scale': () => ({ ok: true, value: { ...scaleOf(0), spec: {} } }) });
    expect(conditionOf(played, 'AbleToScale')).toMatchObject({
      status: 'True',
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
    });
    expect(played.outcome.explanation).toMatchObject({ branch: 'scaling-disabled', currentReplicas: 0 });
  });

  test('HPA-2.10 the first number is remembered, on whichever way the sync goes, once', () => {
    const first = play(scaleAt(12)).outcome;
    expect(first.nextHistory.recommendations).toEqual([{ replicas: 12, at: durationMs(1) }]);
    const second = play(scaleAt(10), { history: first.nextHistory, atSeconds: 15 }).outcome;
    expect(second.nextHistory.recommendations?.map(({ replicas }) => replicas)).toEqual([12, 10]);
    expect(play(scaleAt(0)).outcome.nextHistory.recommendations).toEqual([{ replicas: 0, at: durationMs(1) }]);
  });

  /** One kind in two versions, by two resources. */
  const TWO: readonly DiscoveredKind[] = ['olds', 'news'].map((resource, i) => ({
    group: 'x.io',
    version: `v${i + 1}`,
    resource,
    kind: 'Thing',
    preferred: i === 1,
  }));
  const things = hpa({ scaleTargetRef: { apiVersion: 'x.io/v9', kind: 'Thing', name: 'web' } });
  const discover = () => ({ ok: true, value: TWO }) as const;

  test('HPA-2.7 HPA-2.8 mappings are tried in turn until one answers', () => {
    const table: Table = {
      discover,
      'get-scale': ({ resource }) =>
        resource.resource === 'news' ? { ok: true, value: scaleOf(12) } : refused(404, 'NotFound', 'no olds')(),
    };
    const { requests, writes } = play(table, { hpa: things });
    const asked = requests.flatMap((request) =>
      request.kind === 'get-scale' || request.kind === 'put-scale'
        ? [`${request.kind} ${request.resource.resource} ${request.resource.version}`]
        : [],
    );
    expect(asked).toEqual(['get-scale olds v1', 'get-scale news v2', 'put-scale news v2']);
    expect(writes).toEqual([10]);
  });

  test('HPA-2.5 HPA-3.7 of several errors the first counts', () => {
    const table: Table = { discover, 'get-scale': ({ resource }) => refused(404, '', `no ${resource.resource}`)() };
    const { outcome } = play(table, { hpa: things });
    expect(outcome.error).toBe('failed to query scale subresource for Thing/default/web: no olds');
  });

  test('HPA-11.4 HPA-21.1 what failed is told, before the status is written', () => {
    const played = play({ 'get-scale': refused(404, 'NotFound', 'gone') });
    expect(played.requests.slice(-2).map(({ kind }) => kind)).toEqual(['emit-event', 'put-status']);
    expect(played.events).toEqual([{ type: 'Warning', reason: 'FailedGetScale', message: 'gone' }]);
    expect(conditionOf(played, 'AbleToScale')).toMatchObject({
      status: 'False',
      reason: 'FailedGetScale',
      message: "the HPA controller was unable to get the target's current scale: gone",
    });
  });

  test('HPA-11.26 texts are inserted as data', () => {
    const played = play({ 'get-scale': refused(404, 'NotFound', '100%d of %s') });
    expect(conditionOf(played, 'AbleToScale')?.message).toMatch(/: 100%d of %s$/);
  });

  test('HPA-2.43 it is read in every sync, whatever was written before', () => {
    const first = play(usages('90m', '95m'));
    const second = play(usages('90m', '95m'), { history: first.outcome.nextHistory, atSeconds: 15 });
    expect(second.requests.filter(({ kind }) => kind === 'get-scale')).toHaveLength(1);
    expect(second.writes, 'the read says 2, so 4 is written again').toEqual([4]);
  });
});

describe('which way', () => {
  test.each([
    ['0', scaleAt(0), 'scaling-disabled'],
    ['above the maximum', scaleAt(11), 'above-max-replicas'],
    ['below the minimum', scaleAt(1), 'below-min-replicas'],
    ['between', scaleAt(2), 'metrics'],
    ['exactly the maximum', scaleAt(10), 'metrics'],
    ['below 0, as only overflow leaves it', scaleAt(-2_147_483_648), 'below-min-replicas'],
  ])('HPA-2.13 %s', (_name, table, branch) => {
    expect(play(table, { hpa: hpa({ minReplicas: 2 }) }).outcome.explanation.branch).toBe(branch);
  });

  test('HPA-2.11 without a minimum it is 1', () => {
    const { minReplicas: _none, ...spec } = hpa().spec;
    expect(play(scaleAt(2), { hpa: { ...hpa(), spec } }).outcome.explanation.minReplicas).toBe(1);
  });

  test('HPA-2.19 HPA-11.25 a shortcut writes always, and leaves what metrics said as it was', () => {
    const conditions: readonly Condition[] = [
      { type: 'ScalingActive', status: 'False', reason: 'Old', message: 'old', lastTransitionTime: at(-100) },
      { type: 'ScalingLimited', status: 'True', reason: 'Old', message: 'old', lastTransitionTime: at(-100) },
    ];
    const played = play(scaleAt(12), { hpa: hpa({}, { ...OLD, conditions }) });
    expect(played.writes).toEqual([10]);
    expect(played.status?.conditions?.slice(0, 2)).toEqual(conditions);
    expect(played.status?.currentMetrics).toBeNull();
  });
});

describe('the number', () => {
  test.each<[string, Table, string]>([
    ['above', usages('90m', '95m'), 'cpu resource utilization (percentage of request) above target'],
    ['below', usages('10m', '10m'), 'All metrics below target'],
  ])('HPA-2.16 HPA-21.6 HPA-21.8 the reason says where the metrics point: %s', (_name, table, reason) => {
    const history = { recommendations: [{ replicas: 1, at: durationMs(0) }] };
    const { events } = play(table, { history, atSeconds: 1 });
    expect(events[0]).toEqual({
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message: expect.stringMatching(new RegExp(`^New size: \\d; reason: ${reason.replace(/[()]/g, '\\$&')}$`)),
    });
  });

  test('HPA-2.15 a negative one becomes 0', () => {
    const played = play({ 'list-external-metric': externalValues('-50') }, { hpa: hpa({ metrics: [QUEUE] }) });
    expect(played.outcome.explanation).toMatchObject({ candidateReplicas: 0, winner: 'external metric q(nil)' });
    expect(conditionOf(played, 'ScalingActive'), 'HPA-11.11').toMatchObject({
      status: 'True',
      reason: 'ValidMetricFound',
      message: 'the HPA was able to successfully calculate a replica count from external metric q(nil)',
    });
  });

  test('HPA-9.2 an old higher recommendation may scale up, and the reason is that of the metrics', () => {
    const history = { recommendations: [{ replicas: 4, at: durationMs(0) }] };
    const played = play(usages('10m', '10m'), { history, atSeconds: 10 });
    expect(played.writes).toEqual([4]);
    expect(played.events[0]?.message).toBe('New size: 4; reason: All metrics below target');
  });

  test('HPA-11.14 HPA-11.15 nothing held it, nothing limited it', () => {
    const played = play(usages('60m', '60m'));
    expect(conditionOf(played, 'AbleToScale')).toMatchObject({
      status: 'True',
      reason: 'ReadyForNewScale',
      message: 'recommended size matches current size',
    });
    expect(conditionOf(played, 'ScalingLimited')).toMatchObject({
      status: 'False',
      reason: 'DesiredWithinRange',
      message: 'the desired count is within the acceptable range',
    });
  });

  test('HPA-22.6 an average of negative values is cut toward zero', () => {
    const values = ['-1m', '0', '-1m'].map((value, i) => podValue(`web-${i}`, value));
    const played = play(
      {
        ...scaleAt(3),
        'list-pods-metric': () => ({ ok: true, value: values }),
        'list-pods': () => [0, 1, 2].map((i) => facts(`web-${i}`)),
      },
      { hpa: hpa({ metrics: [podsAverage('rps', '10')] }) },
    );
    expect(played.status?.currentMetrics?.[0]?.pods?.current.averageValue).toBe('0');
  });

  test('HPA-20.12 the age of a sample does not matter', () => {
    const old = { ...podMetrics('web-0', { memory: '300Mi' }), timestamp: '2020-01-01T00:00:00Z' };
    const table: Table = {
      ...scaleAt(1),
      'list-pod-metrics': () => ({ ok: true, value: [old] }),
      'list-pods': () => [facts('web-0')],
    };
    expect(play(table, { hpa: hpa({ metrics: [averageValue('memory', '100Mi')] }) }).writes).toEqual([3]);
  });
});

describe('after the write', () => {
  test('HPA-2.21 HPA-2.23 condition, event, scale event, status: with the number as it was read', () => {
    const played = play(usages('90m', '95m'), { hpa: hpa({ behavior: behaviorOf() }) });
    expect(played.requests.slice(-3).map(({ kind }) => kind)).toEqual(['put-scale', 'emit-event', 'put-status']);
    expect(conditionOf(played, 'AbleToScale'), 'HPA-11.21 HPA-11.25').toMatchObject({
      status: 'True',
      reason: 'SucceededRescale',
      message: 'the HPA controller was able to update the target scale to 4',
    });
    expect(played.status).toMatchObject({ currentReplicas: 2, desiredReplicas: 4, lastScaleTime: at(0) });
    expect(played.outcome.counts.desiredReplicas, 'HPA-2.24').toBe(4);
  });

  test('HPA-10.2 the number shown is that of the spec, not of the status of the target', () => {
    const table: Table = { ...usages('60m', '60m'), 'get-scale': scaleWith(2, 9) };
    expect(play(table).status?.currentReplicas).toBe(2);
  });

  test('HPA-2.4 HPA-10.4 the whole object goes with the status, under the version of the cache', () => {
    const { requests } = play(usages('90m', '95m'));
    const put = requests.find((request) => request.kind === 'put-status');
    const { status: _status, ...sent } = put?.hpa ?? hpa();
    expect(sent).toEqual(hpa());
  });

  test('HPA-10.3 a write within one second of the last is a new time all the same', () => {
    const first = play(scaleAt(12));
    const written = { ...hpa(), ...(first.status === undefined ? {} : { status: first.status }) };
    const again = play(scaleAt(12), { hpa: written, history: first.outcome.nextHistory, atSeconds: 0.5 });
    expect(again.status).toEqual(first.status);
    expect(again.requests.filter(({ kind }) => kind === 'put-status')).toHaveLength(1);
  });

  test('HPA-11.2 a failing write moves the time of the condition in every sync', () => {
    const table: Table = { ...scaleAt(12), 'put-scale': refused(500, '', 'no') };
    const first = play(table);
    const written = { ...hpa(), ...(first.status === undefined ? {} : { status: first.status }) };
    const again = play(table, { hpa: written, history: first.outcome.nextHistory, atSeconds: 15 });
    expect(conditionOf(first, 'AbleToScale')?.lastTransitionTime).toBe(at(0));
    expect(conditionOf(again, 'AbleToScale')?.lastTransitionTime).toBe(at(15));
    const soon = play(table, { hpa: written, history: first.outcome.nextHistory, atSeconds: 0.5 });
    expect(soon.status, 'also within one second').toBeDefined();
  });

  test('HPA-10.6 metrics carry what the spec calls them', () => {
    const selector = { matchLabels: { a: 'b' } };
    const metrics = [cpuUtilization(60), externalTarget('q', valueOf('10'), selector)];
    const played = play({ 'list-external-metric': externalValues('10') }, { hpa: hpa({ metrics }) });
    expect(played.status?.currentMetrics).toMatchObject([
      { type: 'Resource', resource: { name: 'cpu' } },
      { type: 'External', external: { metric: { name: 'q', selector } } },
    ]);
  });
});

describe('what fails', () => {
  test('HPA-2.33 HPA-21.4 without a number: the status keeps the desired one, and comes before the event', () => {
    const played = play({ ...scaleAt(3), 'list-pods': () => [] }, { hpa: hpa({}, OLD) });
    expect(played.requests.slice(-3).map(({ kind }) => kind)).toEqual(['emit-event', 'put-status', 'emit-event']);
    expect(played.events.map(({ reason }) => reason)).toEqual([
      'FailedGetResourceMetric',
      'FailedComputeMetricsReplicas',
    ]);
    expect(played.status).toMatchObject({ currentReplicas: 3, desiredReplicas: 8, lastScaleTime: at(-100) });
  });

  test('HPA-2.14 HPA-21.3 with a number all the same, the sync goes on and ends with the error', () => {
    const played = play(usages('90m', '95m'), { hpa: hpa({ metrics: [QUEUE, cpuUtilization(60)] }) });
    expect(played.writes).toEqual([4]);
    expect(played.events.map(({ reason }) => reason)).toEqual(['FailedGetExternalMetric', 'SuccessfulRescale']);
    expect(played.outcome.error).toMatch(/^invalid metrics \(1 invalid out of 2\)/);
  });

  test('HPA-2.20 HPA-11.20 HPA-21.5 the write', () => {
    const played = play({ ...usages('90m', '95m'), 'put-scale': refused(500, '', 'no') }, { hpa: hpa({}, OLD) });
    expect(played.events).toEqual([
      {
        type: 'Warning',
        reason: 'FailedRescale',
        message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target; error: no',
      },
    ]);
    expect(conditionOf(played, 'AbleToScale')).toMatchObject({
      status: 'False',
      reason: 'FailedUpdateScale',
      message: 'the HPA controller was unable to update the target scale: no',
    });
    expect(played.status).toMatchObject({ currentReplicas: 2, desiredReplicas: 8, lastScaleTime: at(-100) });
  });

  test('HPA-21.7 the status', () => {
    expect(play({ ...usages('60m', '60m'), 'put-status': refused(409, 'Conflict', 'changed') }).events).toEqual([
      { type: 'Warning', reason: 'FailedUpdateStatus', message: 'changed' },
    ]);
  });

  test('HPA-2.45 the HPA was deleted meanwhile: no condition, and what follows may fail', () => {
    const played = play(
      { 'claim-pods': () => ({ kind: 'not-tracked' }), 'put-status': refused(404, 'NotFound', 'gone') },
      { hpa: hpa({}, OLD) },
    );
    const message = 'HPA default/web was deleted during reconciliation';
    expect(played.events).toEqual([
      { type: 'Warning', reason: 'FailedUpdateStatus', message: 'gone' },
      { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message },
    ]);
    expect(played.status?.conditions?.map(({ type }) => type)).toEqual(['AbleToScale']);
  });

  test('HPA-21.2 HPA-11.7 no selector', () => {
    const played = play({ 'get-scale': () => ({ ok: true, value: scaleOf(2, '') }) });
    expect(played.events[0]).toEqual({ type: 'Warning', reason: 'SelectorRequired', message: 'selector is required' });
    expect(conditionOf(played, 'ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'InvalidSelector',
      message: "the HPA target's scale is missing a selector",
    });
  });

  test('HPA-11.9 HPA-3.25 HPA-3.23 rivals are named with the selector as the client rewrote it', () => {
    const message =
      'pods by selector app=web are controlled by more than one HPA (e.g. [default/a default/b default/c])';
    const played = play({
      'get-scale': () => ({ ok: true, value: scaleOf(2, 'app==web') }),
      'claim-pods': () => ({ kind: 'ambiguous', claimants: ['default/a', 'default/b', 'default/c'] }),
    });
    expect(played.events[0]).toEqual({ type: 'Warning', reason: 'AmbiguousSelector', message });
    expect(conditionOf(played, 'ScalingActive')).toMatchObject({ reason: 'AmbiguousSelector', message });
  });
});

test('HPA-2.27 each instant is that of the last answer before it', () => {
  const played = play(usages('90m', '95m'), { hpa: hpa({ behavior: behaviorOf() }), atSeconds: 0.998 });
  const { recommendations, scaleUpEvents } = played.outcome.nextHistory;
  expect(
    recommendations?.map((entry) => entry.at),
    'after the scale, after the metric',
  ).toEqual([999, 1000]);
  expect(
    scaleUpEvents?.map((entry) => entry.at),
    'after the write',
  ).toEqual([1001]);
  expect(played.status?.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
    ['AbleToScale', at(0)],
    ['ScalingActive', at(1)],
    ['ScalingLimited', at(1)],
    ['ScaledToZero', at(1)],
  ]);
});
