/** `decide ray` without the command line: a line of the case form in, a line with the result out. */

import { schedule, type Schedule } from '../core/ray/schedule.ts';
import { durationMs, epochMs } from '../core/time/time.ts';
import { resultLine } from './ray-cases-line.ts';
import { faultsText, refusalOf, resultOf } from './ray-cases-result.ts';
import { readCase } from './ray-cases-snapshot.ts';

/** `trace`: the final nodes in the line; `reasons`: everything that led to the decision beside it. */
export type RayCaseOptions = { readonly trace: boolean; readonly reasons?: boolean };

/** `kind` tells whether the line was a case; an aborted round is an answer. `line` is JSON without an end of line. */
export type RayCaseAnswer =
  | { readonly kind: 'answered'; readonly id: unknown; readonly line: string; readonly schedule: Schedule }
  | { readonly kind: 'malformed'; readonly id: unknown; readonly line: string; readonly problem: string };

/** Cases are apart from each other: the scheduler keeps nothing between two calls. */
export function decideRayCase(text: string, options: RayCaseOptions): RayCaseAnswer {
  const read = readCase(text);
  if (!read.ok) {
    const refusal = refusalOf(read.error);
    return { kind: 'malformed', id: refusal.id, line: JSON.stringify(refusal), problem: faultsText(read.error.faults) };
  }
  const { id, snapshot, forms } = read.value;
  // the wall clock is only a stamp on decisions, and a case has none
  const { reasons = false } = options;
  const made = schedule(snapshot, { wall: epochMs(0), mono: durationMs(0) }, { reasons });
  return { kind: 'answered', id, line: resultLine(resultOf(read.value, made, options), forms), schedule: made };
}
