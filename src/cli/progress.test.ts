import { expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { epochMs, seconds } from '../core/time/time.ts';
import { withProgress } from './progress.ts';

async function notesOfWorkThatTakes(ms: number, first?: { readonly firstAfterMs: number }): Promise<readonly string[]> {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(60) });
  const notes: string[] = [];
  const write = (text: string): void => void notes.push(text);
  const work = (): Promise<void> => clock.sleepUntil(epochMs(DEMO_START + ms), new AbortController().signal);
  const note = (): string => `at work for ${(clock.now() - DEMO_START) / 1000} s`;
  await clock.run(() => withProgress({ clock, write, ...first }, note, work));
  return notes;
}

test.each([
  { ms: 1999, want: [] },
  { ms: 3000, want: ['tandem: at work for 2 s\n'] },
  { ms: 13_000, want: [2, 7, 12].map((at) => `tandem: at work for ${at} s\n`) },
])('work of $ms ms', async ({ ms, want }) => {
  expect(await notesOfWorkThatTakes(ms)).toEqual(want);
});

test('the first note can come sooner', async () => {
  expect(await notesOfWorkThatTakes(1000, { firstAfterMs: 500 })).toEqual(['tandem: at work for 0.5 s\n']);
});
