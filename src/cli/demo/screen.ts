/**
 * The timeline: one line per decision that changes a number, one per step of the script, one per new cause of a failure and one when it
 * is over. A view of the records and nothing else.
 */

import type { EpochMs } from '../../core/time/time.ts';
import type { DecisionRecord } from '../../ports/recorder.ts';
import { plainFailure } from '../../sim/words.ts';
import type { ScenarioObserver } from '../../sim/scenario-types.ts';
import type { Paint, Style } from './paint.ts';
import { elapsedText } from './time-text.ts';
import { Troubles, type Trouble } from './trouble.ts';

export type ScreenOptions = {
  write(text: string): void;
  readonly paint: Paint;
  /** Lines are broken at this width; undefined leaves them whole, for files and pipes. */
  readonly columns: number | undefined;
  /** Objects that will appear: their column is made wide enough for them from the first line on. */
  readonly names: readonly string[];
  /** `all` also shows decisions that change nothing, and what the loops survived. */
  readonly detail: 'changes' | 'all';
};

export type Screen = ScenarioObserver & {
  /** How far the run has come, `12:30`. */
  elapsed(): string;
  /** How many warnings were not shown. */
  hiddenWarnings(): number;
};

const TIME_WIDTH = 7;
const LAYER_WIDTH = 8;
const LEAST_OBJECT_WIDTH = 22;
const CHANGE_WIDTH = 18;
/** A reason is broken into its own column only where at least this much of it fits. */
const LEAST_REASON_WIDTH = 44;
/** On a terminal a longer failure is cut at its end; files and pipes get all of it. */
const LONGEST_FAILURE = 400;

export function createScreen(options: ScreenOptions): Screen {
  let start: EpochMs | undefined;
  let last: EpochMs | undefined;
  let hidden = 0;
  let objectWidth = Math.max(LEAST_OBJECT_WIDTH, ...options.names.map((name) => name.length));
  const troubles = new Troubles();

  const timeOf = (at: EpochMs): string => {
    start ??= at;
    last = at;
    return elapsedText(at - start).padStart(TIME_WIDTH);
  };
  const line = (at: EpochMs, style: Style, columns: readonly string[], text: string): void => {
    const word = style.padEnd(LAYER_WIDTH);
    const head = `${timeOf(at)}  `;
    const middle = columns.length === 0 ? '' : `${columns.join(' ')} `;
    const indent = head.length + word.length + middle.length;
    const painted = `${head}${options.paint(style, word)}${middle}`;
    options.write(`${brokenAt(options.columns, painted, indent, text)}\n`);
  };
  const decisionLine = (record: DecisionRecord, change: string, why: string): void => {
    const object = objectText(record.object);
    objectWidth = Math.max(objectWidth, object.length);
    line(record.at, record.layer, [object.padEnd(objectWidth), change.padEnd(CHANGE_WIDTH)], why);
  };

  const troubleLine = (record: DecisionRecord, { kind, text }: Trouble): void => {
    decisionLine(
      record,
      kind === 'stuck' ? changeText(record.decision) : kind,
      options.columns === undefined ? text : cut(text),
    );
  };

  return {
    step: (at, text) => line(at, 'script', [], text),
    warning: (at, text) => {
      if (options.detail === 'all') line(at, 'warning', [], text);
      else {
        timeOf(at);
        hidden++;
      }
    },
    decision: (record) => {
      const { decision } = record;
      const all = options.detail === 'all';
      const news = troubles.newsIn(`${record.layer} ${objectText(record.object)}`, record);
      if (news !== undefined && news.kind !== 'over') troubleLine(record, news);
      else if (decision.kind === 'fail') {
        if (all) troubleLine(record, { kind: 'failed', text: plainFailure(record.message) });
      } else if (decision.kind === 'scale' || news !== undefined || all) {
        const over = news === undefined ? '' : `${news.text}: `;
        decisionLine(record, changeText(decision), `${over}${whyOf(record)}`);
      }
    },
    elapsed: () => elapsedText(start === undefined || last === undefined ? 0 : last - start),
    hiddenWarnings: () => hidden,
  };
}

/** `web`, `shop/web` outside of the default namespace, `raycluster/small-group` for a part. */
export function objectText(object: DecisionRecord['object']): string {
  const where = object.namespace === '' || object.namespace === 'default' ? '' : `${object.namespace}/`;
  return `${where}${object.name}${object.part === undefined ? '' : `/${object.part}`}`;
}

/** `1 -> 3 replicas`, `stays 1 node`, `failed`. */
function changeText(decision: DecisionRecord['decision']): string {
  switch (decision.kind) {
    case 'scale':
      return `${decision.from} -> ${amountText(decision.to, decision.of)}`;
    case 'hold':
      return `stays ${amountText(decision.at, decision.of)}`;
    case 'fail':
      return 'failed';
  }
}

/** Records count in the plural. */
function amountText(count: number, of: string): string {
  return `${count} ${count === 1 ? of.replace(/s$/, '') : of}`;
}

function whyOf({ decision, message }: DecisionRecord): string {
  return decision.kind === 'fail' ? plainFailure(message) : message;
}

function cut(text: string): string {
  if (text.length <= LONGEST_FAILURE) return text;
  const start = text.slice(0, LONGEST_FAILURE);
  return `${start.slice(0, Math.max(start.lastIndexOf(' '), LONGEST_FAILURE / 2)).trimEnd()} ...`;
}

/** Breaks `text` between words so that it stays right of `indent`, or, where that leaves too little room, under the time. */
function brokenAt(columns: number | undefined, painted: string, indent: number, text: string): string {
  if (columns === undefined || indent + text.length <= columns) return painted + text;
  const own = columns - indent >= LEAST_REASON_WIDTH;
  const margin = own ? indent : TIME_WIDTH + 2;
  const broken = words(text, Math.max(LEAST_REASON_WIDTH, columns - margin));
  const separator = `\n${' '.repeat(margin)}`;
  return own ? painted + broken.join(separator) : `${painted.trimEnd()}${separator}${broken.join(separator)}`;
}

function words(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
