import { describe, expect, test } from 'vitest';
import { HPA_V2, HPA_V2_SPEC } from './hpa-wire-types.ts';
import {
  always,
  fillWire,
  INT32,
  listOf,
  meansSame,
  nullable,
  omitZero,
  optional,
  printWire,
  QUANTITY,
  readWire,
  STRING,
  struct,
  TIME,
  wireText,
} from './wire-type.ts';

const PART = struct('v1.Part', { name: always(STRING), amount: optional(QUANTITY) });
const WHOLE = struct('v1.Whole', {
  title: omitZero(STRING),
  count: always(INT32),
  parts: optional(listOf(PART)),
  at: optional(TIME),
  rest: nullable(listOf(STRING)),
});

describe('reading', () => {
  test('members that are known stay as given; unknown ones and nulls are dropped', () => {
    const given = { title: '', count: 3, parts: [], at: null, more: 1, rest: [null] };
    expect(readWire(WHOLE, given)).toEqual({ ok: true, value: { title: '', count: 3, parts: [], rest: [''] } });
  });

  test('names in another case are found by the decoder that does not mind', () => {
    expect(readWire(WHOLE, { Count: 1 })).toEqual({ ok: true, value: {} });
    expect(readWire(WHOLE, { Count: 1 }, 'any-case')).toEqual({ ok: true, value: { count: 1 } });
  });

  /** Answers of the API server of Kubernetes 1.37.2. */
  test.each([
    [
      { spec: { maxReplicas: '5' } },
      'json: cannot unmarshal string into Go struct field HorizontalPodAutoscalerSpec.spec.maxReplicas of type int32',
    ],
    [
      { metadata: { creationTimestamp: 5 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
    ],
    [
      { spec: { maxReplicas: 'x' }, status: { lastScaleTime: '2026-13-01T00:00:00Z' } },
      'parsing time "2026-13-01T00:00:00Z": month out of range',
    ],
    [{ spec: { behavior: { scaleUp: { tolerance: '1kk' } } } }, "unable to parse quantity's suffix"],
  ])('%j is refused in the words of the original', (given, error) => {
    expect(readWire(HPA_V2, given)).toEqual({ ok: false, error });
  });
});

describe('printing', () => {
  test('HPA-2.28, HPA-18.13 members in the type\u2019s order, zeros by their rules, whole seconds, echoed quantities', () => {
    const given = { rest: undefined, at: '2026-03-01T02:00:00.5+02:00', parts: [{ amount: '1000' }], title: '' };
    expect(JSON.stringify(printWire(WHOLE, given))).toBe(
      '{"count":0,"parts":[{"name":"","amount":"1k"}],"at":"2026-03-01T00:00:00Z","rest":null}',
    );
    expect(JSON.stringify(printWire(WHOLE, { count: 1, parts: [], rest: [] }))).toBe('{"count":1,"rest":[]}');
  });

  test('text is safe inside HTML', () => {
    expect(wireText({ a: '<b>&\u2028' })).toBe('{"a":"\\u003cb\\u003e\\u0026\\u2028"}');
  });
});

test('filling in: what is never absent is there, a text that is as good as absent is not', () => {
  expect(fillWire(WHOLE, { title: '', parts: [{}] })).toEqual({ count: 0, parts: [{ name: '' }] });
});

test('HPA-10.3, HPA-14.43 quantities mean their value, an empty list is like none', () => {
  const target = (averageValue: string): unknown => ({
    metrics: [{ type: 'Pods', pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue } } }],
  });
  expect(meansSame(HPA_V2_SPEC, target('0.5'), target('500m'))).toBe(true);
  expect(meansSame(HPA_V2_SPEC, target('0.5'), target('501m'))).toBe(false);
  expect(meansSame(HPA_V2_SPEC, { metrics: [] }, {})).toBe(true);
});
