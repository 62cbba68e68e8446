import { describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../../clock/event-clock.ts';
import { seconds } from '../../core/time/time.ts';
import { clientOfPath } from './request-counters.ts';
import { pacesOf, type ProcessPaces } from './request-rate.ts';
import type { RequestRate } from './settings.ts';

const { signal } = new AbortController();
const SCALE = '/apis/apps/v1/namespaces/default/deployments/web/scale';
const EXTERNAL = '/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue';

test.each([
  [SCALE, 'scales'],
  ['/apis/metrics.k8s.io/v1beta1/namespaces/default/pods', 'resource-metrics'],
  ['/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/rps', 'custom-metrics'],
  [EXTERNAL, 'external-metrics'],
  ['/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web/status', 'objects'],
  ['/api/v1/namespaces/default/events', 'objects'],
])('HPA-17.6 %s is sent by the client of %s', (path, client) => {
  expect(clientOfPath(path)).toBe(client);
});

/** Seconds after which each of `turns` calls for scales may be sent. */
async function sentAt(rate: RequestRate, turns: number, before?: (paces: ProcessPaces) => void): Promise<number[]> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(3600) });
  const paces = pacesOf(rate, clock);
  before?.(paces);
  const sent: number[] = [];
  await clock.run(async () => {
    for (let i = 0; i < turns; i++) {
      await paces.paces?.turn('scales', signal);
      sent.push((clock.now() - DEMO_START) / 1000);
    }
  });
  return sent;
}

describe('HPA-17.6', () => {
  test('a rate that was asked for: a burst, then one after the other', async () => {
    const sent = await sentAt({ kind: 'fixed', perSecond: 10, burst: 3 }, 5);
    expect(sent.map((at) => Math.round(at * 10) / 10)).toEqual([0, 0, 0, 0.1, 0.2]);
  });

  test('without one nothing waits, until the server says that there are too many', async () => {
    expect(await sentAt({ kind: 'adaptive' }, 3)).toEqual([0, 0, 0]);
    const answered = { method: 'GET', path: SCALE, code: 429, retryAfterSeconds: 7 } as const;
    const sent = await sentAt({ kind: 'adaptive' }, 2, (paces) => paces.answered(answered));
    expect(sent[0]).toBe(7);
    expect((sent[1] ?? 0) - 7).toBeGreaterThan(0.1);
  });

  test('a refusal without a time is one of a second', async () => {
    const answered = { method: 'PATCH', path: SCALE, code: 429, retryAfterSeconds: undefined } as const;
    expect((await sentAt({ kind: 'adaptive' }, 1, (paces) => paces.answered(answered)))[0]).toBe(1);
  });

  test.each([
    ['of another client', { method: 'GET', path: EXTERNAL, code: 429, retryAfterSeconds: 7 }],
    ['that is no word about their number', { method: 'GET', path: SCALE, code: 503, retryAfterSeconds: 7 }],
  ] as const)('an answer %s holds nothing up', async (_name, answered) => {
    expect(await sentAt({ kind: 'adaptive' }, 2, (paces) => paces.answered(answered))).toEqual([0, 0]);
  });

  test('no limit at all', async () => {
    expect(await sentAt({ kind: 'free' }, 3)).toEqual([0, 0, 0]);
  });
});
