/** Batching of triggers (karpenter 4.1, checklist 3 and 4). */

import { expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { abortScope } from '../controllers/deps.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { TriggerWindow } from './trigger-window.ts';

/** Triggers at these seconds; the seconds at which windows closed. */
async function closings(triggers: readonly number[], windows: number): Promise<readonly number[]> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1000) });
  const scope = abortScope();
  const window = new TriggerWindow({ clock, idle: seconds(1), longest: seconds(10), signal: scope.signal });
  const closed: number[] = [];
  await clock.run(async () => {
    for (const at of triggers) clock.timer(epochMs(DEMO_START + at * 1000), () => window.trigger());
    for (let i = 0; i < windows; i++) {
      await window.closed();
      closed.push((clock.now() - DEMO_START) / 1000);
    }
    scope.abort(new Error('the test is over'));
    await window.closed(); // resolves: nobody hangs on an aborted window
  });
  return closed;
}

test('a window closes after one second without a trigger', async () => {
  expect(await closings([5, 5.5, 6.2], 1)).toEqual([7.2]);
});

test('a window that never gets quiet closes after ten seconds', async () => {
  const every = Array.from({ length: 50 }, (_, i) => 2 + i / 2);
  expect(await closings(every, 2)).toEqual([12, 22.5]);
});

test('windows that are apart close apart', async () => {
  expect(await closings([1, 20], 2)).toEqual([2, 21]);
});
