/** Cases as a stream: one line in, one answer out, in order; a malformed one is told and the next goes on. */

import type { Host } from '../host.ts';
import { byteLines, type ByteLine } from './byte-lines.ts';

/** A line over this is refused without being kept. */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;

/** What came of one line. `text` goes to stdout as it is, without an end of line; '' prints nothing. */
export type LineAnswer =
  | { readonly kind: 'answered'; readonly text: string }
  | {
      readonly kind: 'malformed';
      readonly text: string;
      /** The case's name for people; undefined when the line does not say. */
      readonly name: string | undefined;
      readonly problem: string;
    };

export type LineDecider = {
  /** `decide ray`, for sentences. */
  readonly command: string;
  decide(text: string): LineAnswer | Promise<LineAnswer>;
  /** The answer to a line that cannot be read at all. */
  refuse(problem: string): LineAnswer;
};

/** Whether every line was a case. Empty lines and lines that start with `#` are passed over. */
export async function runLines(host: Host, decider: LineDecider): Promise<'all-fine' | 'some-malformed'> {
  let outcome: 'all-fine' | 'some-malformed' = 'all-fine';
  try {
    for await (const line of byteLines(host.stdin?.() ?? nothing(), { maxBytes: MAX_LINE_BYTES })) {
      const answer = await answerTo(line, decider);
      if (answer === undefined) continue;
      if (answer.kind === 'malformed') outcome = 'some-malformed';
      tell(host, answer, `tandem ${decider.command}: line ${line.number}`);
      await host.stdout.drained?.();
      host.signal.throwIfAborted();
    }
  } catch (error) {
    // a stream that was cut off says less than why it was
    host.signal.throwIfAborted();
    throw error;
  }
  return outcome;
}

function tell(host: Host, answer: LineAnswer, where: string): void {
  if (answer.text !== '') host.stdout.write(`${answer.text}\n`);
  if (answer.kind === 'answered') return;
  const name = answer.name === undefined ? '' : `, case ${answer.name}`;
  host.stderr.write(`${where}${name}: ${answer.problem}\n`);
}

function answerTo(line: ByteLine, decider: LineDecider): LineAnswer | Promise<LineAnswer> | undefined {
  switch (line.kind) {
    case 'too-long':
      return decider.refuse(
        `longer than ${MAX_LINE_BYTES / 1024 / 1024} MiB: one case per line, and at most that much`,
      );
    case 'not-utf8':
      return decider.refuse('not UTF-8: expected JSON in UTF-8');
    case 'text': {
      const text = line.number === 1 ? line.text.replace(/^\uFEFF/, '') : line.text;
      return /^\s*(#|$)/.test(text) ? undefined : decider.decide(text);
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // a host without standard input
}
