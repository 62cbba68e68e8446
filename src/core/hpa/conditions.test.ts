import { expect, test } from 'vitest';
import { at, START } from '../../../test/support/hpa.ts';
import type { Condition } from '../kube/object.ts';
import {
  failedUpdateScale,
  SUCCEEDED_GET_SCALE,
  scalingLimited,
  validMetricFound,
  withCondition,
} from './conditions.ts';

const OLD: readonly Condition[] = [
  { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: 'm', lastTransitionTime: at(-60) },
  { type: 'Other', status: 'True', reason: 'r', message: 'm', observedGeneration: 3 },
];

test('HPA-11.1 reason and message alone keep the time and the place', () => {
  const [first, second] = withCondition(OLD, SUCCEEDED_GET_SCALE, START);
  expect(first).toEqual({ ...SUCCEEDED_GET_SCALE, lastTransitionTime: at(-60) });
  expect(second).toBe(OLD[1]);
});

test('HPA-11.1 another status moves the time, cut to whole seconds', () => {
  const [first] = withCondition(OLD, failedUpdateScale('no'), START);
  expect(first).toMatchObject({ status: 'False', reason: 'FailedUpdateScale', lastTransitionTime: at(0) });
});

test('HPA-11.1 a new type is appended', () => {
  const conditions = withCondition(OLD, validMetricFound('cpu resource'), START);
  expect(conditions.map(({ type }) => type)).toEqual(['AbleToScale', 'Other', 'ScalingActive']);
  expect(conditions[2]?.lastTransitionTime).toBe(at(0));
});

test('HPA-11.2 False and True again in one sync moves the time each way', () => {
  const failed = withCondition(OLD, failedUpdateScale('no'), START);
  const again = withCondition(failed, SUCCEEDED_GET_SCALE, START);
  expect(again[0]?.lastTransitionTime).toBe(at(0));
});

test.each([
  ['DesiredWithinRange', 'False'],
  ['TooFewReplicas', 'True'],
  ['TooManyReplicas', 'True'],
  ['ScaleUpLimit', 'True'],
] as const)('HPA-11.24 ScalingLimited for %s is %s', (reason, status) => {
  expect(scalingLimited(reason)).toMatchObject({ type: 'ScalingLimited', status, reason });
});
