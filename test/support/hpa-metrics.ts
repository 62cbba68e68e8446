/** One metric at a time: what was asked for it, what status and events say of it. */

import { expect } from 'vitest';
import type { MetricSpec, MetricStatus } from '../../src/core/kube/hpa.ts';
import type { LabelSelector } from '../../src/core/kube/object.ts';
import { hpa, play, type Played, type Table } from './hpa.ts';

/** A sync of an HPA with this one metric. */
export function measure(metric: MetricSpec, table: Table): Played {
  return play(table, { hpa: hpa({ metrics: [metric], maxReplicas: 100 }) });
}

/** Kinds of requests, without writes. */
export function asked({ requests }: Played): readonly string[] {
  return requests.map(({ kind }) => kind).filter((kind) => !['put-scale', 'put-status', 'emit-event'].includes(kind));
}

export function shown({ status }: Played): MetricStatus | undefined {
  return status?.currentMetrics?.[0];
}

export function activeText({ status }: Played): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'ScalingActive')?.message;
}

/** The event, the condition and the sync's error of a metric that failed. */
export function expectFailure(
  played: Played,
  want: { readonly reason: string; readonly message: string; readonly error: string },
): void {
  const { reason, message, error } = want;
  const sum = `invalid metrics (1 invalid out of 1), first error is: ${error}`;
  expect(played.events).toEqual([
    { type: 'Warning', reason, message },
    { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: sum },
  ]);
  expect(activeText(played)).toBe(`the HPA was unable to compute the replica count: ${message}`);
  expect(shown(played)).toEqual({ type: '' });
  expect(played.outcome.error).toBe(
    `failed to compute desired number of replicas based on listed metrics for Deployment/default/web: ${sum}`,
  );
  expect(played.writes).toEqual([]);
}

export const BAD_SELECTOR: LabelSelector = { matchExpressions: [{ key: 'a', operator: 'In' }] };
export const BAD_SELECTOR_TEXT = "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty";
