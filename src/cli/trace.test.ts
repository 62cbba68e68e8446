import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../clock/event-clock.ts';
import { seconds } from '../core/time/time.ts';
import { MAX_TRACE_SECONDS, readTrace } from './trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'trace.csv');
const never = new AbortController().signal;
const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) });
const progress = { clock, write: () => undefined };

async function read(text: string): Promise<readonly number[]> {
  writeFileSync(path, text);
  const { requestsPerSecond, source } = await readTrace(path, { signal: never, progress });
  expect(source).toBe(path);
  return requestsPerSecond;
}

async function faultOf(text: string): Promise<string> {
  const error: unknown = await read(text).then(
    () => 'no fault',
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'TANDEM_TRACE' });
  return String(error).replace('TandemError: ', '').replace(path, 'trace.csv');
}

const HEAD = 'TIMESTAMP,ContextTokens,GeneratedTokens\n';

describe('requests by their time of arrival', () => {
  test.each([
    {
      name: "the columns of Azure's traces, seconds without requests are 0",
      text: `${HEAD}2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:46.9951690,396,109\n2023-11-16 18:15:49.0000001,879,55\n`,
      want: [2, 0, 0, 1],
    },
    {
      name: 'out of order, with blank lines and no line end at the end',
      text: `${HEAD}\n2023-11-16 18:15:48,1,1\n2023-11-16 18:15:46.5,1,1\n\n2023-11-16 18:15:48.9,1,1`,
      want: [1, 0, 2],
    },
    {
      name: 'CRLF, a byte order mark, the column elsewhere, quotes',
      text: `\uFEFFid,"the ""when""",TIMESTAMP\r\n1,"a, b","2023-11-16T23:59:59Z"\r\n2,,2023-11-17T01:00:00.25+01:00\r\n`,
      want: [1, 1],
    },
    {
      name: 'over the end of February',
      text: `${HEAD}2024-02-29 23:59:59,1,1\n2024-03-01 00:00:00,1,1\n`,
      want: [1, 1],
    },
  ])('$name', async ({ text, want }) => {
    expect(await read(text)).toEqual(want);
  });

  test.each([
    {
      name: 'no time',
      text: `${HEAD}2023-11-16 18:15:46,1,1\nyesterday,1,1\n`,
      want: 'trace.csv line 3: TIMESTAMP "yesterday" is no time. Fix: write it like 2023-11-16 18:15:46.68.',
    },
    {
      name: 'a month that is none',
      text: `${HEAD}2023-13-16 18:15:46,1,1\n`,
      want: 'trace.csv line 2: TIMESTAMP "2023-13-16 18:15:46" is no time. Fix: write it like 2023-11-16 18:15:46.68.',
    },
    {
      name: 'a line cut short',
      text: 'id,TIMESTAMP\n1,2023-11-16 18:15:46\n2\n',
      want: 'trace.csv line 3: it has 1 of 2 columns and no TIMESTAMP. Fix: complete the line or leave it out.',
    },
    {
      name: 'one wrong year',
      text: `${HEAD}2023-11-16 18:15:46,1,1\n2032-11-16 18:15:47,1,1\n`,
      want: 'trace.csv line 3: TIMESTAMP "2032-11-16 18:15:47" is more than a week away from the others. Fix: correct the time, or give a part of the trace.',
    },
    {
      name: 'no request',
      text: `${HEAD}\n\n`,
      want: 'trace.csv: there is no request in it. Fix: put one line per request below the header.',
    },
    {
      name: 'another column name',
      text: 'timestamp_ms,input_length\n0,6758\n',
      want: 'trace.csv line 1: no column is called TIMESTAMP, there are "timestamp_ms", "input_length". Fix: name the column of arrival times TIMESTAMP, or give one count per second per line.',
    },
    {
      name: 'the header is missing',
      text: '2023-11-16 18:15:46.6805900,374,44\n',
      want: 'trace.csv line 1: this is a request, but no header. Fix: put a line before it that names its columns, one of them TIMESTAMP.',
    },
  ])('fault: $name', async ({ text, want }) => {
    expect(await faultOf(text)).toBe(want);
  });
});

describe('counts per second', () => {
  test('one per line, blank lines around do not count', async () => {
    expect(await read('\n3\n0\r\n 12 \n4.5\n+7\n\n\n')).toEqual([3, 0, 12, 4.5, 7]);
  });

  test.each([
    {
      name: 'a blank line in between would shift what follows',
      text: '1\n2\n\n3\n',
      want: 'trace.csv line 3: the line is blank. Fix: write 0 for a second without requests.',
    },
    {
      name: 'a negative count',
      text: '1\n-2\n',
      want: 'trace.csv line 2: "-2" is no count. Fix: write the number of requests of that second, 0 or more.',
    },
    {
      name: 'text at once',
      text: 'many\n',
      want: 'trace.csv line 1: "many" is no count. Fix: write the number of requests of that second, 0 or more.',
    },
    {
      name: 'endless numbers and absurd lines are cut in the message',
      text: `1\n${'9'.repeat(100_000)}\n`,
      want: `trace.csv line 2: "${'9'.repeat(60)}..." is no count. Fix: write the number of requests of that second, 0 or more.`,
    },
    {
      name: 'longer than a week',
      text: '1\n'.repeat(MAX_TRACE_SECONDS + 1),
      want: `trace.csv line ${MAX_TRACE_SECONDS + 1}: the trace is longer than a week. Fix: give a part of it.`,
    },
  ])('fault: $name', async ({ text, want }) => {
    expect(await faultOf(text)).toBe(want);
  });
});

describe('the file', () => {
  test('is empty', async () => {
    expect(await faultOf(' \n')).toBe(
      'trace.csv: the file is empty. Fix: give a TIMESTAMP header with requests, or counts per second.',
    );
  });

  test.each([
    { file: join(folder, 'no-such.csv'), why: 'there is no such file' },
    { file: folder, why: 'it is a folder' },
  ])('$why', async ({ file, why }) => {
    await expect(readTrace(file, { signal: never, progress })).rejects.toThrow(
      `${file}: the file cannot be read: ${why}`,
    );
  });

  test('is larger than one read: lines that lie across two reads are whole', async () => {
    const counts = Array.from({ length: 50_000 }, (_, i) => i);
    expect(await read(counts.join('\n'))).toEqual(counts);
  });

  test('is given up when the program is told to stop', async () => {
    writeFileSync(path, '1\n');
    const reason = new Error('enough');
    await expect(readTrace(path, { signal: AbortSignal.abort(reason), progress })).rejects.toBe(reason);
  });
});
