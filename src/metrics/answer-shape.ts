/** What the answers of metrics APIs have in common: lists of items, each of a shape that is checked before anybody reads numbers out of it. */

import { parseRfc3339 } from '../core/time/time.ts';
import { TandemError } from '../lib/error.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * The items of an answer, each once `problemOf` finds nothing wrong with it (else: what is wrong, with its path below the item).
 * Throws a sentence that names the path of the request, what was expected and what is wrong.
 */
export function itemsIn(
  body: unknown,
  answer: { readonly path: string; readonly kind: string; readonly problemOf: (item: unknown) => string | undefined },
): readonly unknown[] {
  const { path, kind, problemOf } = answer;
  if (!isRecord(body) || !Array.isArray(body['items'])) throw malformed(answer, 'it has no list of items');
  const items: readonly unknown[] = body['items'];
  for (const [i, item] of items.entries()) {
    const problem = problemOf(item);
    if (problem !== undefined) throw malformed({ path, kind }, `items[${i}]${problem}`);
  }
  return items;
}

function malformed({ path, kind }: { readonly path: string; readonly kind: string }, why: string): TandemError {
  return new TandemError('TANDEM_METRICS_UNAVAILABLE', `the answer of ${path} is no ${kind}: ${why}`);
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

export function isQuantity(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** What is wrong with the value of an item and the time it was taken at, which may be absent. */
export function valueProblem({ value, timestamp }: JsonRecord): string | undefined {
  if (!isQuantity(value)) return '.value is not a quantity';
  if (isAbsent(timestamp)) return undefined;
  return typeof timestamp === 'string' && parseRfc3339(timestamp) !== undefined
    ? undefined
    : '.timestamp is not an RFC 3339 time';
}
