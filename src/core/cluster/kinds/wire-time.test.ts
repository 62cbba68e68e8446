import { expect, test } from 'vitest';
import { timeProblem } from './wire-time.ts';

test.each([
  '2026-03-01T00:00:00Z',
  '2026-03-01T00:00:00.123456789Z',
  '2024-02-29T23:59:59+14:00',
  '2026-03-01T00:00:00-24:60',
])('%s is a time', (text) => {
  expect(timeProblem(text)).toBeUndefined();
});

const AS = 'as "2006-01-02T15:04:05Z07:00": cannot parse';

/** Answers of Go's time.Parse. */
test.each([
  ['', `parsing time "" ${AS} "" as "2006"`],
  ['yesterday', `parsing time "yesterday" ${AS} "yesterday" as "2006"`],
  ['2026-03-01', `parsing time "2026-03-01" ${AS} "" as "T"`],
  ['2026-03-01 00:00:00Z', `parsing time "2026-03-01 00:00:00Z" ${AS} " 00:00:00Z" as "T"`],
  ['2026-03-01T00:00:00', `parsing time "2026-03-01T00:00:00" ${AS} "" as "Z07:00"`],
  ['2026-03-01T00:00:00+05', `parsing time "2026-03-01T00:00:00+05" ${AS} "+05" as "Z07:00"`],
  ['2026-13-01T00:00:00Z', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
  ['2026-02-29T00:00:00Z', 'parsing time "2026-02-29T00:00:00Z": day out of range'],
  ['2026-03-01T24:00:00Z', 'parsing time "2026-03-01T24:00:00Z": hour out of range'],
  ['2026-03-01T00:00:00+25:00', 'parsing time "2026-03-01T00:00:00+25:00": time zone offset hour out of range'],
  ['2026-03-01T00:00:00Zx', 'parsing time "2026-03-01T00:00:00Zx": extra text: "x"'],
])('%j is none', (text, problem) => {
  expect(timeProblem(text)).toBe(problem);
});
