/** What a long-running command says: one line per decision and per warning, as text for people or as JSON for collectors. */

import { toRfc3339 } from '../../core/time/time.ts';
import type { Log } from '../../controllers/deps.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DecisionRecord, Recorder } from '../../ports/recorder.ts';
import type { TextOutput } from '../host.ts';
import { Outages } from './outages.ts';

export type LogFormat = 'text' | 'json';

export type ProcessLog = Log &
  Recorder & {
    info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  };

type Level = 'info' | 'warn';

export type ProcessLogOptions = {
  readonly clock: Clock;
  readonly output: TextOutput;
  readonly format: LogFormat;
  /** Whether rounds that changed nothing are shown, too. */
  readonly holds: 'show' | 'hide';
};

export function createProcessLog({ clock, output, format, holds }: ProcessLogOptions): ProcessLog {
  const line = (level: Level, message: string, fields: Readonly<Record<string, unknown>>): void => {
    const time = toRfc3339(clock.now());
    output.write(
      format === 'json'
        ? `${JSON.stringify({ time, level, message, ...fields })}\n`
        : `${time} ${level.toUpperCase().padEnd(4)} ${message}\n`,
    );
  };
  const outages = new Outages();
  const lineIfNews: typeof line = (level, message, fields) => {
    if (outages.isNews(fields)) line(level, message, fields);
  };
  return {
    info: (message, fields = {}) => lineIfNews('info', message, fields),
    warn: (message, fields = {}) => lineIfNews('warn', message, fields),
    record: (record) => {
      const { kind } = record.decision;
      if (kind === 'hold' && holds === 'hide') return;
      line(kind === 'fail' ? 'warn' : 'info', sentenceOf(record), { record });
    },
  };
}

/** One record in one line: the object, what changed, the reason and its sentence. */
function sentenceOf({ object, decision, withheld, reason, message }: DecisionRecord): string {
  const part = object.part === undefined ? '' : `/${object.part}`;
  const name = `${object.kind} ${object.namespace}/${object.name}${part}`;
  switch (decision.kind) {
    case 'scale':
      return withheld === undefined
        ? `${name}: ${decision.of} ${decision.from} -> ${decision.to} (${reason}): ${message}`
        : `${name}: ${decision.of} ${decision.from} -> ${decision.to} not written (${withheld}): ${message}`;
    case 'hold':
      return `${name}: ${decision.of} ${decision.at} held (${reason}): ${message}`;
    case 'fail':
      return `${name}: no decision (${reason}): ${message}`;
  }
}
