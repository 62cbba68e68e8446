/** `rayStartParams.resources`: JSON in quotes in quotes, read exactly as Ray's autoscaler reads it. */

import { err, ok, type Result } from '../../lib/result.ts';

const SPACE = /[ \t\n\r]*/y;
// no escapes: all backslashes are gone by now
const NAME = /"([^"\p{Cc}]*)"/uy;
const VALUE = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"[^"]*"|true|false|null|[[{]|NaN|-?Infinity/y;
const INTEGER = /^-?\d+$/;

/**
 * Custom resources in the order written; of a doubled name the last value counts, at the place of the first.
 *
 * The first and the last character go, whatever they are; all backslashes go; the rest must be a JSON object of whole numbers >= 0.
 * `1.0` and `1e9` are no whole numbers here. Not `JSON.parse`: it cannot tell 1.0 from 1, and objects reorder names like "1".
 * Cost: O(length of the text).
 * Spec: RAY-23.8.   Source: _private/kuberay/autoscaling_config.py _get_custom_resources (Ray 2.60.0).
 */
export function parseCustomResources(text: string): Result<ReadonlyMap<string, number>, string> {
  const body = text.slice(1, -1).replaceAll('\\', '');
  const resources = new Map<string, number>();
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(body) ?? undefined;
    if (match !== undefined) at = pattern.lastIndex;
    return match;
  };
  const skip = (character: string): boolean => {
    next(SPACE);
    if (body[at] !== character) return false;
    at++;
    return true;
  };
  if (!skip('{')) return err('must be a JSON object within quotes');
  if (!skip('}')) {
    do {
      next(SPACE);
      const name = next(NAME)?.[1];
      if (name === undefined || !skip(':')) return err('is not JSON within quotes');
      next(SPACE);
      const value = next(VALUE)?.[0];
      if (value === undefined) return err('is not JSON within quotes');
      if (!INTEGER.test(value)) return err(`${name} must be a whole number, without a point, an exponent or quotes`);
      if (Number(value) < 0) return err(`${name} must be 0 or more`);
      resources.set(name, Number(value) + 0);
    } while (skip(','));
    if (!skip('}')) return err('is not JSON within quotes');
  }
  next(SPACE);
  return at === body.length ? ok(resources) : err('is not JSON within quotes');
}
