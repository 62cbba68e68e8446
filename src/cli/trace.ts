/**
 * Reads a request trace into requests per second. Two forms: CSV whose header names a TIMESTAMP column, one request per line (the
 * columns of Azure's public LLM traces), or one count per second per line. Times may be out of order: requests are counted by second.
 */

import { parseRfc3339 } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';
import type { TraceLoad } from '../sim/scenario-types.ts';
import { readLines, type Line } from './lines.ts';
import { withProgress, type Progress } from './progress.ts';
import { unreadableText } from './unreadable.ts';

/** A week. Longer traces are almost always one wrong date. */
export const MAX_TRACE_SECONDS: number = 7 * 24 * 3600;

const COLUMN = 'TIMESTAMP';

export type TraceOptions = { readonly signal: AbortSignal; readonly progress: Progress };

/** Rejects with `TANDEM_TRACE` when the file cannot be used, naming the line and the fix. Memory: one number per second. */
export async function readTrace(file: string, options: TraceOptions): Promise<TraceLoad> {
  const fail = (why: string, fix: string, line?: number): TandemError =>
    new TandemError('TANDEM_TRACE', `${file}${line === undefined ? '' : ` line ${line}`}: ${why}. Fix: ${fix}.`);
  let reader: Reader | undefined;
  let lines = 0;
  const read = async (): Promise<void> => {
    for await (const line of readLines(file, options.signal)) {
      lines = line.number;
      if (reader !== undefined) reader.take(line);
      else if (line.text.trim() !== '') reader = readerFor(line, fail);
    }
  };
  try {
    await withProgress(options.progress, () => `reading ${file}, ${lines} lines so far`, read);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof TandemError) throw error;
    throw fail(
      `the file cannot be read: ${unreadableText(error)}`,
      'check the path, it is taken from the current folder',
    );
  }
  if (reader === undefined)
    throw fail('the file is empty', `give a ${COLUMN} header with requests, or counts per second`);
  return { requestsPerSecond: reader.finish(), source: file };
}

type Fail = (why: string, fix: string, line?: number) => TandemError;

type Reader = { take(line: Line): void; finish(): readonly number[] };

/** The reader for the form that the first line shows. */
function readerFor(first: Line, fail: Fail): Reader {
  const cells = csvCells(first.text);
  const column = cells.indexOf(COLUMN);
  if (column >= 0) return requestReader(column, cells.length, fail);
  if (cells.length === 1 && parseCount(first.text) !== undefined) {
    const reader = countReader(fail);
    reader.take(first);
    return reader;
  }
  if (cells.some((cell) => parseTime(cell) !== undefined)) {
    throw fail(
      'this is a request, but no header',
      `put a line before it that names its columns, one of them ${COLUMN}`,
      first.number,
    );
  }
  if (cells.length === 1) throw fail(`${shown(first.text)} is no count`, COUNT_FIX, first.number);
  const why = `no column is called ${COLUMN}, there are ${cells.map(shown).join(', ')}`;
  throw fail(why, `name the column of arrival times ${COLUMN}, or give one count per second per line`, first.number);
}

const COUNT_FIX = 'write the number of requests of that second, 0 or more';

function countReader(fail: Fail): Reader {
  const counts: number[] = [];
  let blank: number | undefined;
  return {
    take({ number, text }) {
      if (text.trim() === '') {
        blank ??= number;
        return;
      }
      // blank lines at the end say nothing, one in between would shift all that follows
      if (blank !== undefined) throw fail('the line is blank', 'write 0 for a second without requests', blank);
      const count = parseCount(text);
      if (count === undefined) throw fail(`${shown(text)} is no count`, COUNT_FIX, number);
      if (counts.push(count) > MAX_TRACE_SECONDS) throw fail(TOO_LONG, SHORTEN, number);
    },
    finish: () => counts,
  };
}

const TOO_LONG = 'the trace is longer than a week';
const SHORTEN = 'give a part of it';

function requestReader(column: number, columns: number, fail: Fail): Reader {
  const bySecond = new Map<number, number>();
  let earliest = Infinity;
  let latest = -Infinity;
  return {
    take({ number, text }) {
      if (text.trim() === '') return;
      const cells = csvCells(text);
      const cell = cells[column];
      if (cell === undefined) {
        throw fail(
          `it has ${cells.length} of ${columns} columns and no ${COLUMN}`,
          'complete the line or leave it out',
          number,
        );
      }
      const ms = parseTime(cell);
      if (ms === undefined) {
        throw fail(`${COLUMN} ${shown(cell)} is no time`, 'write it like 2023-11-16 18:15:46.68', number);
      }
      const second = Math.floor(ms / 1000);
      earliest = Math.min(earliest, second);
      latest = Math.max(latest, second);
      if (latest - earliest >= MAX_TRACE_SECONDS) {
        const why = `${COLUMN} ${shown(cell)} is more than a week away from the others`;
        throw fail(why, 'correct the time, or give a part of the trace', number);
      }
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    },
    finish() {
      if (bySecond.size === 0) throw fail('there is no request in it', 'put one line per request below the header');
      return Array.from({ length: latest - earliest + 1 }, (_, i) => bySecond.get(earliest + i) ?? 0);
    },
  };
}

/** A count of one second: a number of 0 or more; averages may have a fraction. */
function parseCount(text: string): number | undefined {
  const trimmed = text.trim();
  return /^\+?\d{1,9}(\.\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}

const TIME = /^(\d{4}-(\d\d)-(\d\d))[ T]((\d\d):(\d\d):(\d\d)(\.\d+)?)(Z|[+-]\d\d:?\d\d)?$/;

/** Milliseconds of a date and time; without a zone it is read as UTC. */
function parseTime(text: string): number | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const [, date, month, day, time, hour, minute, second, , zone = 'Z'] = match;
  const inRange =
    Number(month) <= 12 && Number(day) <= 31 && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 61;
  if (!inRange || month === '00' || day === '00') return undefined;
  return parseRfc3339(`${date}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
}

/** The cells of one CSV line; quotes may hold commas, doubled quotes stand for one. */
function csvCells(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  for (const match of line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').trim());
  }
  return cells;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
