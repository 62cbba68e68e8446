/** What `tandem ray-autoscaler` says: to its output, and to a file beside Ray's own logs once that is known. */

import type { Clock } from '../../ports/clock.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import type { TextOutput } from '../host.ts';
import { newsOnly } from '../process/news.ts';
import { createProcessLog, type LogFormat, type ProcessLog } from '../process/process-log.ts';
import type { LogLevel } from './settings.ts';

export type RayLogOptions = {
  readonly clock: Clock;
  readonly output: TextOutput;
  readonly format: LogFormat;
  readonly level: LogLevel;
};

type Sink = ProcessLog & { readonly news: Pick<ProcessLog, 'record'> };

export class RayLog implements ProcessLog {
  readonly #options: RayLogOptions;
  readonly #output: Sink;
  #file: Sink | undefined;

  constructor(options: RayLogOptions) {
    this.#options = options;
    this.#output = sinkOf(options);
  }

  /** Every later line goes to `file`, too, as text. */
  copyTo(file: TextOutput | undefined): void {
    this.#file = file === undefined ? undefined : sinkOf({ ...this.#options, output: file, format: 'text' });
  }

  debug(message: string): void {
    if (this.#options.level === 'debug') this.#each((sink) => sink.info(message));
  }

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#options.level !== 'warn') this.#each((sink) => sink.info(message, fields));
  }

  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#each((sink) => sink.warn(message, fields));
  }

  /** A round of which nothing could be decided has been told as a warning; of groups only news are told. */
  record(record: DecisionRecord): void {
    const { level } = this.#options;
    const failed = record.decision.kind === 'fail';
    if (level === 'debug') return this.#each((sink) => sink.record(record));
    if ((failed && record.object.part === undefined) || (level === 'warn' && !failed)) return;
    this.#each((sink) => sink.news.record(record));
  }

  #each(say: (sink: Sink) => void): void {
    say(this.#output);
    if (this.#file !== undefined) say(this.#file);
  }
}

function sinkOf({ clock, output, format, level }: RayLogOptions): Sink {
  const log = createProcessLog({ clock, output, format, holds: level === 'debug' ? 'show' : 'hide' });
  return { ...log, news: newsOnly(log) };
}
