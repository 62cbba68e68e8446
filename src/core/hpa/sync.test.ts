import { describe, expect, test } from 'vitest';
import {
  at,
  averageValue,
  cpuUtilization,
  hpa,
  play,
  facts,
  podMetrics,
  refused,
  scaleOf,
  usages,
  type Table,
} from '../../../test/support/hpa.ts';
import type { HorizontalPodAutoscalerStatus } from '../kube/hpa.ts';
import { durationMs } from '../time/time.ts';
import { requestsOfSpec } from './pod-facts.ts';
import type { HpaRequest } from './conversation.ts';

const kinds = (requests: readonly HpaRequest[]): readonly string[] => requests.map(({ kind }) => kind);
const conditionOf = (status: HorizontalPodAutoscalerStatus | undefined, type: string): unknown =>
  status?.conditions?.find((condition) => condition.type === type);

const STATUS: HorizontalPodAutoscalerStatus = {
  desiredReplicas: 7,
  currentReplicas: 7,
  observedGeneration: 1,
  currentMetrics: null,
};

test('HPA-2.26 one sync asks in the order of the original and writes scale, then status', () => {
  const { requests, writes, outcome, status } = play(usages('90m', '95m'));
  expect(kinds(requests)).toEqual([
    'discover',
    'get-scale',
    'claim-pods',
    'list-pod-metrics',
    'list-pods',
    'put-scale',
    'emit-event',
    'put-status',
  ]);
  expect(writes).toEqual([4]);
  expect(outcome.result).toEqual({ kind: 'rescaled', from: 2, to: 4 });
  expect(status).toMatchObject({ currentReplicas: 2, desiredReplicas: 4, lastScaleTime: at(0), observedGeneration: 1 });
});

test('HPA-2.28 recommendations carry the instants of the answers they follow', () => {
  const { outcome } = play(usages('90m', '95m'));
  expect(outcome.nextHistory.recommendations).toEqual([
    { replicas: 2, at: durationMs(1) },
    { replicas: 4, at: durationMs(2) },
  ]);
});

test('HPA-10.5 nothing changed: no write at all', () => {
  const first = play(usages('60m', '60m'));
  const settled = { ...hpa(), ...(first.status === undefined ? {} : { status: first.status }) };
  const { requests, outcome } = play(usages('60m', '60m'), {
    hpa: settled,
    history: first.outcome.nextHistory,
    atSeconds: 15,
  });
  expect(kinds(requests)).toEqual(['discover', 'get-scale', 'claim-pods', 'list-pod-metrics', 'list-pods']);
  expect(outcome).toMatchObject({ result: { kind: 'held', at: 2 }, reason: 'ReadyForNewScale' });
});

test('HPA-9.3 the number at the first sync holds back a scale-down for the window', () => {
  const first = play(usages('10m', '10m', '10m'));
  expect(first.writes).toEqual([]);
  expect(conditionOf(first.status, 'AbleToScale')).toMatchObject({ reason: 'ScaleDownStabilized' });
  const { nextHistory } = first.outcome;
  expect(play(usages('10m', '10m', '10m'), { history: nextHistory, atSeconds: 299.999 }).writes).toEqual([]);
  expect(play(usages('10m', '10m', '10m'), { history: nextHistory, atSeconds: 300 }).writes).toEqual([1]);
});

describe('the scale cannot be read', () => {
  test.each([
    [
      'HPA-2.30 an apiVersion of three parts',
      { apiVersion: 'a/b/c', kind: 'Deployment', name: 'web' },
      {},
      'invalid API version in scale target reference: unexpected GroupVersion string: a/b/c',
    ],
    [
      'HPA-2.31 an unknown kind',
      { apiVersion: 'apps/v1', kind: 'Gizmo', name: 'web' },
      {},
      'unable to determine resource for scale target reference: no matches for kind "Gizmo" in group "apps"',
    ],
    [
      'HPA-2.31 discovery failed',
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      { discover: refused(503, 'ServiceUnavailable', 'not now') },
      'unable to determine resource for scale target reference: not now',
    ],
    [
      'HPA-2.32 no such target',
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      { 'get-scale': refused(404, 'NotFound', 'deployments.apps "web" not found') },
      'failed to query scale subresource for Deployment/default/web: deployments.apps "web" not found',
    ],
    [
      'HPA-3.6b a selector the client cannot hold',
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      { 'get-scale': () => ({ ok: true as const, value: scaleOf(2, 'app!=x') }) },
      'failed to query scale subresource for Deployment/default/web: received an object from a /scale endpoint which was not convertible to autoscaling Scale: failed to parse target selector: "!=" is not a valid label selector operator',
    ],
  ] as const)('%s', (_name, scaleTargetRef, table: Table, error) => {
    const { outcome, events, status, writes } = play(table, { hpa: hpa({ scaleTargetRef }, STATUS) });
    expect(outcome).toMatchObject({ error, result: { kind: 'failed' }, reason: 'FailedGetScale' });
    expect(events.map(({ reason }) => reason)).toEqual(['FailedGetScale']);
    expect(writes).toEqual([]);
    const { conditions, ...rest } = status ?? STATUS;
    expect(rest, 'HPA-2.36 only conditions change').toEqual(STATUS);
    expect(conditions).toMatchObject([
      { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', lastTransitionTime: at(0) },
    ]);
  });
});

describe('shortcuts', () => {
  test.each([
    ['HPA-3.14 above the maximum', 12, {}, 10, 'Current number of replicas above Spec.MaxReplicas'],
    ['HPA-3.15 below the minimum', 1, { minReplicas: 3 }, 3, 'Current number of replicas below Spec.MinReplicas'],
  ])('%s', (_name, replicas, spec, want, reason) => {
    const { requests, writes, events, status, outcome } = play(
      { 'get-scale': () => ({ ok: true, value: scaleOf(replicas) }) },
      { hpa: hpa(spec, STATUS) },
    );
    expect(kinds(requests), 'HPA-3.16 no metric is read').toEqual([
      'discover',
      'get-scale',
      'put-scale',
      'emit-event',
      'put-status',
    ]);
    expect(writes).toEqual([want]);
    expect(events).toEqual([
      { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${want}; reason: ${reason}` },
    ]);
    expect(status).toMatchObject({ currentReplicas: replicas, desiredReplicas: want, currentMetrics: null });
    expect(outcome.nextHistory.recommendations).toHaveLength(1);
  });

  test('HPA-8.23 at 0 replicas that a person set nothing is done', () => {
    const { requests, status, outcome } = play({ 'get-scale': () => ({ ok: true, value: scaleOf(0) }) });
    expect(kinds(requests)).toEqual(['discover', 'get-scale', 'put-status']);
    expect(conditionOf(status, 'ScalingActive')).toMatchObject({ status: 'False', reason: 'ScalingDisabled' });
    expect(status).toMatchObject({ desiredReplicas: 0 });
    expect(outcome).toMatchObject({ result: { kind: 'held', at: 0 }, reason: 'ScalingDisabled' });
  });

  test('HPA-2.18 at 0 replicas that an HPA set, a raised minimum lifts it once metrics allow', () => {
    const zeroed = {
      ...STATUS,
      conditions: [{ type: 'ScaledToZero', status: 'True' as const, lastTransitionTime: at(-60) }],
    };
    const table: Table = {
      'get-scale': () => ({ ok: true, value: scaleOf(0) }),
      'list-pod-metrics': () => ({ ok: true, value: [podMetrics('web-0', { cpu: '0' })] }),
      'list-pods': () => [facts('web-0')],
    };
    const { writes, events } = play(table, { hpa: hpa({ minReplicas: 2 }, zeroed) });
    expect(writes).toEqual([2]);
    expect(events[0]?.message).toBe('New size: 2; reason: ');
    expect(
      play({ ...table, 'list-pod-metrics': refused(503, '', 'no') }, { hpa: hpa({ minReplicas: 2 }, zeroed) }).writes,
      'HPA-8.27',
    ).toEqual([]);
  });
});

describe('pods cannot be told', () => {
  test.each([
    [
      'HPA-3.17 no selector',
      { 'get-scale': () => ({ ok: true as const, value: scaleOf(2, ' ') }) },
      'SelectorRequired',
      'InvalidSelector',
      'selector is required',
    ],
    [
      'HPA-3.20 rivals',
      { 'claim-pods': () => ({ kind: 'ambiguous' as const, claimants: ['default/a', 'default/web'] as const }) },
      'AmbiguousSelector',
      'AmbiguousSelector',
      'pods by selector app=web are controlled by more than one HPA (e.g. [default/a default/web])',
    ],
  ] as const)('%s', (_name, table: Table, event, condition, error) => {
    const { outcome, events, status, writes } = play(table, { hpa: hpa({}, STATUS) });
    expect(outcome.error).toBe(
      `failed to compute desired number of replicas based on listed metrics for Deployment/default/web: ${error}`,
    );
    expect(events.map(({ reason }) => reason)).toEqual([event, 'FailedComputeMetricsReplicas']);
    expect(conditionOf(status, 'ScalingActive')).toMatchObject({ status: 'False', reason: condition });
    expect([writes, outcome.result]).toEqual([[], { kind: 'failed' }]);
  });

  test('HPA-3.19 deleted meanwhile: no condition changes for it', () => {
    const { outcome, status } = play({ 'claim-pods': () => ({ kind: 'not-tracked' }) });
    expect(outcome.error).toContain('HPA default/web was deleted during reconciliation');
    expect(conditionOf(status, 'ScalingActive')).toBe(undefined);
  });
});

describe('metrics fail', () => {
  const CLIENT = 'unable to get metrics for resource cpu';
  test.each([
    [
      'HPA-20.16 the API refuses',
      { 'list-pod-metrics': refused(503, 'ServiceUnavailable', 'not now') },
      `${CLIENT}: unable to fetch metrics from resource metrics API: not now`,
    ],
    [
      'HPA-20.11 no items',
      { 'list-pod-metrics': () => ({ ok: true as const, value: [] }) },
      `${CLIENT}: no metrics returned from resource metrics API`,
    ],
    [
      'HPA-20.21 a quantity that is none',
      { 'list-pod-metrics': () => ({ ok: true as const, value: [podMetrics('web-0', { cpu: 'lots' })] }) },
      `${CLIENT}: unable to fetch metrics from resource metrics API: usage of cpu in container c of pod web-0: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    ['HPA-4.8 no pods', { 'list-pods': () => [] }, 'no pods returned by selector while calculating replica count'],
    [
      'HPA-4.8 no sample of any pod is left',
      { 'list-pods': () => [facts('web-0', { deleted: 'deleted' }), facts('web-1', { deleted: 'deleted' })] },
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    [
      'HPA-5.3 a pod without request, even an ignored one',
      {
        'list-pods': () => [
          facts('web-0'),
          facts('web-1'),
          { ...facts('old', { deleted: 'deleted' }), requests: requestsOfSpec({ containers: [{ name: 'side' }] }) },
        ],
      },
      'missing request for cpu in container side of Pod old',
    ],
  ] as const)('%s', (_name, table: Table, inner) => {
    const { outcome, events, status, requests, writes } = play(table, { hpa: hpa({}, STATUS) });
    const text = `failed to get cpu utilization: ${inner}`;
    const all = `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${text}`;
    expect(events).toEqual([
      { type: 'Warning', reason: 'FailedGetResourceMetric', message: text },
      { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: all },
    ]);
    expect(kinds(requests).slice(-2), 'HPA-2.37 the status is written before the last event').toEqual([
      'put-status',
      'emit-event',
    ]);
    expect(status).toMatchObject({ desiredReplicas: 7, currentReplicas: 2, currentMetrics: [{ type: '' }] });
    expect(conditionOf(status, 'ScalingActive')).toMatchObject({
      message: `the HPA was unable to compute the replica count: ${text}`,
    });
    expect([writes, outcome.result, outcome.reason]).toEqual([[], { kind: 'failed' }, 'FailedGetResourceMetric']);
    expect(outcome.nextHistory.recommendations, 'HPA-9.12').toHaveLength(1);
  });

  test('HPA-8.3 one of two fails: growing goes on, with the error kept', () => {
    const spec = { metrics: [averageValue('memory', '100Mi'), cpuUtilization(60)] };
    const table: Table = { ...usages('90m', '95m') };
    const { writes, outcome, status } = play(table, { hpa: hpa(spec) });
    expect(writes).toEqual([4]);
    expect(outcome.error).toContain('invalid metrics (1 invalid out of 2)');
    expect(status?.currentMetrics?.map(({ type }) => type)).toEqual(['', 'Resource']);
  });
});

describe('writing', () => {
  test('HPA-3.10 a conflict is tried five times, with a read after each and a pause between', () => {
    const { requests, outcome, status, events } = play({
      ...usages('90m', '95m'),
      'put-scale': refused(409, 'Conflict', 'modified'),
    });
    const tries = kinds(requests).filter((kind) => kind === 'put-scale' || kind === 'pause');
    expect(tries).toEqual([
      'put-scale',
      'pause',
      'put-scale',
      'pause',
      'put-scale',
      'pause',
      'put-scale',
      'pause',
      'put-scale',
    ]);
    expect(kinds(requests).filter((kind) => kind === 'get-scale')).toHaveLength(6);
    expect(outcome.error).toBe('failed to rescale Deployment/default/web: modified');
    expect(events).toEqual([
      {
        type: 'Warning',
        reason: 'FailedRescale',
        message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target; error: modified',
      },
    ]);
    expect(conditionOf(status, 'AbleToScale')).toMatchObject({ status: 'False', reason: 'FailedUpdateScale' });
    expect(status, 'HPA-2.34 the old number stays').toMatchObject({ desiredReplicas: 0 });
    expect(outcome.nextHistory.recommendations, 'HPA-9.12 added although the write failed').toHaveLength(2);
  });

  test.each([
    [409, 'Conflict', 5],
    [500, 'Conflict', 5],
    [409, '', 5],
    [409, 'Busy', 5],
    [409, 'AlreadyExists', 1],
    [429, 'TooManyRequests', 1],
  ])('HPA-3.11 %i %j is tried %i times', (code, reason, tries) => {
    const { requests } = play({ ...usages('90m', '95m'), 'put-scale': refused(code, reason, 'no') });
    expect(kinds(requests).filter((kind) => kind === 'put-scale')).toHaveLength(tries);
  });

  test('HPA-3.10 after a conflict the scale that was read again is sent, with the same number', () => {
    const fresh = { ...scaleOf(3), metadata: { name: 'web', namespace: 'default', resourceVersion: '8' } };
    const { requests, outcome } = play({
      ...usages('90m', '95m'),
      'get-scale': (_, count) => ({ ok: true, value: count === 1 ? scaleOf(2) : fresh }),
      'put-scale': (request, count) =>
        count === 1 ? refused(409, 'Conflict', 'modified')() : { ok: true, value: request.scale },
    });
    const sent = requests.flatMap((request) => (request.kind === 'put-scale' ? [request.scale] : []));
    expect(sent.map(({ metadata, spec }) => [metadata.resourceVersion, spec.replicas])).toEqual([
      ['7', 4],
      ['8', 4],
    ]);
    expect(outcome.result).toEqual({ kind: 'rescaled', from: 2, to: 4 });
  });

  test('HPA-3.10 any other refusal ends it', () => {
    const { requests } = play({ ...usages('90m', '95m'), 'put-scale': refused(403, 'Forbidden', 'no') });
    expect(kinds(requests).filter((kind) => kind === 'put-scale')).toHaveLength(1);
  });

  test('HPA-2.35 a refused status is an event and no more', () => {
    const { events, outcome } = play({ 'put-status': refused(409, 'Conflict', 'modified') });
    expect(events).toEqual([{ type: 'Warning', reason: 'FailedUpdateStatus', message: 'modified' }]);
    expect(outcome.error).toBe('failed to update status for web: modified');
  });

  test('HPA-8.26 every rescale says that it did not go to zero', () => {
    expect(conditionOf(play(usages('90m', '95m')).status, 'ScaledToZero')).toMatchObject({
      status: 'False',
      reason: 'NotScaledToZero',
    });
  });
});
