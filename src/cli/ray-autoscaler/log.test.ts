import { expect, test } from 'vitest';
import { DEMO_START, EventClock } from '../../clock/event-clock.ts';
import { seconds } from '../../core/time/time.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import type { TextOutput } from '../host.ts';
import { RayLog } from './log.ts';
import type { LogLevel } from './settings.ts';

type Sink = TextOutput & { readonly lines: string[] };

function sink(): Sink {
  const lines: string[] = [];
  return { lines, write: (text) => void lines.push(text.trimEnd()), isTerminal: false, columns: undefined };
}

function logOf(level: LogLevel, format: 'text' | 'json' = 'text'): { readonly log: RayLog; readonly output: Sink } {
  const clock = new EventClock({ start: DEMO_START, pace: { kind: 'jump' }, limit: seconds(1) });
  const output = sink();
  return { log: new RayLog({ clock, output, format, level }), output };
}

const record = (decision: DecisionRecord['decision'], more: Partial<DecisionRecord> = {}): DecisionRecord => ({
  at: DEMO_START,
  layer: 'ray',
  controller: 'ray-autoscaler',
  object: { kind: 'RayCluster', namespace: 'default', name: 'demo', part: 'small' },
  inputsDigest: '',
  decision,
  reason: 'Because',
  message: 'so it is',
  numbers: {},
  ...more,
});
const grow = record({ kind: 'scale', from: 0, to: 1, of: 'workers' });
const hold = record({ kind: 'hold', at: 1, of: 'workers' });
const failed = record({ kind: 'fail' });
const failedRound = record({ kind: 'fail' }, { object: { kind: 'RayCluster', namespace: 'default', name: 'demo' } });

const everything = (log: RayLog): void => {
  log.debug('debug');
  log.info('info');
  log.warn('warn');
  for (const one of [grow, hold, failed, failed, failedRound]) log.record(one);
};

test.each<readonly [LogLevel, readonly string[]]>([
  ['warn', ['warn', 'no decision']],
  ['info', ['info', 'warn', 'workers 0 -> 1', 'no decision']],
  ['debug', ['debug', 'info', 'warn', 'workers 0 -> 1', 'workers 1 held', 'no decision', 'no decision', 'no decision']],
])('level %s says what it should, and the same failure once', (level, parts) => {
  const { log, output } = logOf(level);
  everything(log);
  expect(output.lines).toEqual(parts.map((part): unknown => expect.stringContaining(part)));
});

test('a decision that stays withheld is told once, one that was carried out each time', () => {
  const { log, output } = logOf('info');
  const withheld = { ...grow, withheld: 'dry run' };
  for (const one of [withheld, withheld, grow, grow]) log.record(one);
  expect(output.lines.length).toBe(3);
});

test('a file gets the same lines as text, from when it is named until it is taken away', () => {
  const { log, output } = logOf('info', 'json');
  const file = sink();
  log.info('before');
  log.copyTo(file);
  log.warn('during');
  log.record(grow);
  log.copyTo(undefined);
  log.info('after');
  expect(file.lines).toEqual([
    '2026-01-01T00:00:00Z WARN during',
    '2026-01-01T00:00:00Z INFO RayCluster default/demo/small: workers 0 -> 1 (Because): so it is',
  ]);
  expect(output.lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { message: 'before' },
    { level: 'warn', message: 'during' },
    { record: { decision: { to: 1 } } },
    { message: 'after' },
  ]);
});
