/** `decide hpa` without the command line: a line of the case form in, a line with the result out. */

import { errorText } from '../lib/error.ts';
import type { FieldError } from '../lib/result.ts';
import { parseJson } from './case-json.ts';
import { Place, readObject } from './case-read.ts';
import { runConvertCase, runValidateCase } from './hpa-case-api.ts';
import { runLoopCase } from './hpa-case-loop.ts';
import { runReconcileCase } from './hpa-case-reconcile.ts';
import { runQuantityCase, runSelectorCase } from './hpa-case-small.ts';
import { checkCase } from './hpa-cases-check.ts';
import type { HpaCase } from './hpa-cases.types.ts';

/** `kind` tells whether the line was a case that can be played. `line` is JSON without an end of line. */
export type HpaCaseAnswer =
  | { readonly kind: 'answered'; readonly id: string; readonly line: string }
  | { readonly kind: 'malformed'; readonly id: string; readonly line: string; readonly problem: string };

/**
 * Cases are apart from each other. A world that no case should have is told as the answer, as the form says. Only a `loop` is answered
 * later: it waits for the controller's promises.
 */
export function decideHpaCase(text: string): HpaCaseAnswer | Promise<HpaCaseAnswer> {
  const json = parseJson(text);
  if (!json.ok) {
    const { column, expected } = json.error;
    return refusal('', `not JSON at column ${column}: expected ${expected}`);
  }
  const faults: FieldError[] = [];
  const place = new Place({ document: json.value, faults }, json.value.value);
  readObject(checkCase)(place);
  const { value } = place.member('id');
  const id = typeof value === 'string' ? value : '';
  if (faults.length > 0) {
    const problem = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    return refusal(id, problem);
  }
  const answered = (result: unknown): HpaCaseAnswer => ({ kind: 'answered', id, line: JSON.stringify(result) });
  // a world that cannot be played, or a defect: the next case goes on
  const broken = (error: unknown): HpaCaseAnswer => refusal(id, errorText(error));
  try {
    const given = { ...(withoutNulls(json.value.value) as HpaCase), id }; // its envelope was checked just now
    return given.kind === 'loop' ? runLoopCase(given).then(answered, broken) : answered(answerTo(given));
  } catch (error) {
    return broken(error);
  }
}

function refusal(id: string, problem: string): HpaCaseAnswer {
  return { kind: 'malformed', id, line: JSON.stringify({ id, oracleError: problem }), problem };
}

function answerTo(given: Exclude<HpaCase, { kind: 'loop' }>): unknown {
  switch (given.kind) {
    case 'validate':
      return runValidateCase(given);
    case 'convert':
      return runConvertCase(given);
    case 'quantity':
      return runQuantityCase(given);
    case 'selector':
      return runSelectorCase(given);
    case 'reconcile':
    case undefined:
    default: // empty, too
      return runReconcileCase(given);
  }
}

/** Members that hold what is not of the form: there null may mean something. */
const FOREIGN: ReadonlySet<string> = new Set(['hpa', 'old', 'hpas', 'pods', 'items', 'labelSelectors']);

/** In the form itself absent and null mean the same. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(kept.map(([name, part]) => [name, FOREIGN.has(name) ? part : withoutNulls(part)]));
}
