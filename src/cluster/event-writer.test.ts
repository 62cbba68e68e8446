/** Events about objects: what is written, counted, and survived. */

import { expect, test } from 'vitest';
import { pod } from '../../test/support/cluster-objects.ts';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { abortScope } from '../controllers/deps.ts';
import type { KubeEvent, Pod } from '../core/kube/core-v1.ts';
import { keyOf } from '../core/kube/object.ts';
import { EVENTS } from '../core/kube/resource.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { SeededRandom } from '../lib/random.ts';
import type { KubeApi } from '../ports/kube-api.ts';
import { EmbeddedKubeApi } from './embedded-kube-api.ts';
import { EventWriter } from './event-writer.ts';
import { ObjectStore } from './store.ts';

type Setting = {
  readonly writer: EventWriter;
  readonly api: KubeApi;
  readonly warnings: readonly string[];
  readonly events: () => readonly KubeEvent[];
  readonly wait: (seconds: number) => Promise<void>;
};

async function withWriter(play: (setting: Setting) => Promise<void>): Promise<void> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1000) });
  const random = new SeededRandom(1);
  const store = new ObjectStore({ clock, random });
  const { signal } = abortScope();
  const api = new EmbeddedKubeApi({ store, clock, random, manager: 'test' });
  const warnings: string[] = [];
  const log = { warn: (message: string): unknown => warnings.push(message) };
  await clock.run(() =>
    play({
      writer: new EventWriter({ api, clock, log, signal }, 'tester'),
      api,
      warnings,
      events: () => store.list(EVENTS).items,
      wait: (s) => clock.sleepUntil(epochMs(clock.now() + s * 1000), signal),
    }),
  );
}

const FULL = { type: 'Warning', reason: 'Full', message: 'no room' } as const;

test('an event names its object, its writer and its time', async () => {
  await withWriter(async ({ writer, events }) => {
    await writer.write(pod({ name: 'p' }), FULL);
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({
      ...FULL,
      metadata: { name: expect.stringMatching(/^p\.[a-z0-9]{5}$/), namespace: 'default' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p', uid: 'p' },
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'tester' },
    });
  });
});

test('a repeat is counted, another message is another event', async () => {
  await withWriter(async ({ writer, events, wait }) => {
    await writer.write(pod({ name: 'p' }), FULL);
    await wait(30);
    await writer.write(pod({ name: 'p' }), FULL);
    await writer.write(pod({ name: 'p' }), { ...FULL, message: 'still no room' });
    const texts = events().map(({ message, count, lastTimestamp }) => `${message} x${count} ${lastTimestamp}`);
    expect(new Set(texts)).toEqual(
      new Set(['no room x2 2026-01-01T00:00:30Z', 'still no room x1 2026-01-01T00:00:30Z']),
    );
  });
});

test('a failed write is a warning, and an event that was removed is written anew', async () => {
  await withWriter(async ({ writer, api, events, warnings }) => {
    const lost: Pod = { ...pod({ name: 'p' }), metadata: { ...pod({ name: 'p' }).metadata, namespace: 'nowhere' } };
    await writer.write(lost, FULL);
    expect(warnings).toHaveLength(1);
    await writer.write(pod({ name: 'p' }), FULL);
    const [event] = events();
    if (event === undefined) throw new Error('the event was written');
    await api.delete(EVENTS, keyOf(event), { signal: abortScope().signal });
    await writer.write(pod({ name: 'p' }), FULL); // finds nothing to count
    await writer.write(pod({ name: 'p' }), FULL);
    expect(events().map(({ count }) => count)).toEqual([1]);
  });
});
