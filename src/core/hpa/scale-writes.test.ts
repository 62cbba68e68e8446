/** The body of a scale write, and an answer to it that cannot be read. */

import { expect, test } from 'vitest';
import { averageOf, externalTarget, externalValues, hpa, play, scaleOf } from '../../../test/support/hpa.ts';
import { durationMs } from '../time/time.ts';

const QUEUE = hpa({ metrics: [externalTarget('q', averageOf('10'))], minReplicas: 0 });

test.each([
  ['0 replicas are left out of the scale', '0', {}],
  ['any other number stands in it', '40', { replicas: 4 }],
])('HPA-3.8 %s', (_name, value, want) => {
  const config = { downscaleStabilizationMs: durationMs(0) };
  const table = { 'list-external-metric': externalValues(value) };
  const { requests } = play(table, { hpa: QUEUE, config });
  expect(requests.find((request) => request.kind === 'put-scale')?.scale.spec).toEqual(want);
});

test('HPA-3.7 an answer to the write that cannot be read is a failed write', () => {
  const error =
    'received an object from a /scale endpoint which was not convertible to autoscaling Scale: failed to parse target selector: ' +
    '"!=" is not a valid label selector operator';
  const played = play(
    {
      'list-external-metric': externalValues('40'),
      'put-scale': () => ({ ok: true, value: scaleOf(4, 'app!=db') }),
    },
    { hpa: QUEUE },
  );
  expect(played.outcome).toMatchObject({ result: { kind: 'failed' }, reason: 'FailedRescale' });
  expect(played.events).toEqual([
    {
      type: 'Warning',
      reason: 'FailedRescale',
      message: `New size: 4; reason: external metric q(nil) above target; error: ${error}`,
    },
  ]);
  expect(played.requests.map(({ kind }) => kind).slice(-4)).toEqual([
    'put-scale',
    'get-scale',
    'emit-event',
    'put-status',
  ]);
});
