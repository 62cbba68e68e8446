import { describe, expect, test } from 'vitest';
import { hpa } from '../../test/support/hpa.ts';
import type { HpaRequest } from '../core/hpa/conversation.ts';
import type { Scale } from '../core/kube/apps.ts';
import { DEPLOYMENTS } from '../core/kube/resource.ts';
import { ok } from '../lib/result.ts';
import { HpaWrites } from './hpa-writes.ts';
import type { WriteGate } from './write-gate.ts';

const KEY = { namespace: 'default', name: 'web' };
const SCALE: Scale = {
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: KEY,
  spec: { replicas: 3 },
  status: { replicas: 1 },
};
const PUT_SCALE: HpaRequest = { kind: 'put-scale', resource: DEPLOYMENTS, key: KEY, scale: SCALE };
const PUT_STATUS: HpaRequest = { kind: 'put-status', hpa: hpa() };
const EVENT: HpaRequest = { kind: 'emit-event', event: { type: 'Normal', reason: 'SuccessfulRescale', message: '' } };
const GET_SCALE: HpaRequest = { kind: 'get-scale', resource: DEPLOYMENTS, key: KEY };

const running = new AbortController().signal;

describe('a closed gate', () => {
  const gate: WriteGate = { heldBack: () => 'dry run' };

  test('answers writes as if they had been made, and says why', () => {
    const writes = new HpaWrites({ gate, signal: running });
    expect(writes.instead(GET_SCALE)).toBeUndefined();
    expect(writes.withheld).toBeUndefined();
    expect(writes.instead(PUT_SCALE)).toEqual({ result: ok(SCALE) });
    expect(writes.instead(PUT_STATUS)).toEqual({ result: ok(hpa()) });
    expect(writes.instead(EVENT)).toEqual({ result: undefined });
    expect(writes.withheld).toBe('dry run');
  });

  test.each([
    ['opens', ['dry run', undefined]],
    ['closes', [undefined, 'dry run']],
  ])('a gate that %s in the middle of a sync does not cut it in two', (_, states) => {
    const left = [...states];
    const writes = new HpaWrites({ gate: { heldBack: () => left.shift() }, signal: running });
    const isMade = (request: HpaRequest): boolean => writes.instead(request) === undefined;
    const first = isMade(PUT_SCALE);
    expect([isMade(EVENT), isMade(PUT_STATUS)]).toEqual([first, first]);
    expect(writes.withheld).toBe(states[0]);
  });
});

describe('a stop', () => {
  test('lets no sync begin to write', () => {
    const reason = new Error('SIGTERM');
    const writes = new HpaWrites({ signal: AbortSignal.abort(reason) });
    expect(writes.instead(GET_SCALE)).toBeUndefined();
    expect(() => writes.instead(PUT_SCALE)).toThrow(reason);
  });

  test('lets one that has begun go on', () => {
    const stop = new AbortController();
    const writes = new HpaWrites({ signal: stop.signal });
    expect(writes.instead(PUT_SCALE)).toBeUndefined();
    stop.abort(new Error('SIGTERM'));
    expect(writes.instead(EVENT)).toBeUndefined();
    expect(writes.instead(PUT_STATUS)).toBeUndefined();
  });
});
