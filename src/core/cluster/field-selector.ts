/** Field selectors: the text form, and what it matches. Which paths a kind supports is in its definition (cluster-api 9.3). */

import type { AnyObject } from '../kube/object.ts';
import { apiVersionOf } from '../kube/resource.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { AnyKind } from './kinds/table.ts';

/** One comparison of a field with a text. */
export type FieldRequirement = { readonly path: string; readonly operator: '=' | '!='; readonly value: string };

/** A predicate over objects of one kind. */
export type FieldSelector = (object: AnyObject) => boolean;

/**
 * The predicate a text means for `kind`; the error is the API server's message.
 *
 * Cost of the predicate: O(requirements).   Spec: cluster-api 9.3.
 */
export function fieldSelectorOf(kind: AnyKind, text: string): Result<FieldSelector, string> {
  const parsed = parseFieldSelector(text);
  if (!parsed.ok) return parsed;
  const checks: FieldSelector[] = [];
  for (const { path, operator, value } of parsed.value) {
    const read = fieldReader(kind, path);
    if (read === undefined) return err(unknownField(kind, path, text));
    checks.push((object) => (read(object) === value) === (operator === '='));
  }
  return ok((object) => checks.every((check) => check(object)));
}

function fieldReader(kind: AnyKind, path: string): ((object: AnyObject) => string) | undefined {
  if (path === 'metadata.name') return (object) => object.metadata.name;
  if (path === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  return Object.hasOwn(kind.fields, path) ? kind.fields[path] : undefined;
}

function unknownField(kind: AnyKind, path: string, text: string): string {
  const { resource } = kind;
  if (resource.group === '') return `field label not supported: ${path}`;
  const why = `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
  const what = `${apiVersionOf(resource)}, Resource=${resource.resource}`;
  return `Unable to find "${what}" that match label selector "", field selector "${text}": ${why}`;
}

/** Reads `a=b,c!=d`; `\` takes the next `\`, `,` or `=` as it stands. Exported for its tests. */
export function parseFieldSelector(text: string): Result<readonly FieldRequirement[], string> {
  const requirements: FieldRequirement[] = [];
  for (const term of splitUnescaped(text)) {
    if (term === '') continue;
    const match = /^([^=!]*)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) return err(`invalid field selector: can't understand '${term}'`);
    const [, path = '', operator, raw = ''] = match;
    const value = unescaped(raw);
    if (value === undefined) return err(`invalid field selector: invalid escape sequence in '${raw}'`);
    requirements.push({ path, operator: operator === '!=' ? '!=' : '=', value });
  }
  return ok(requirements);
}

function splitUnescaped(text: string): readonly string[] {
  return text.match(/(?:\\.|[^,\\])+|\\$/gs) ?? [];
}

function unescaped(text: string): string | undefined {
  if (/(?<!\\)(?:\\\\)*=/.test(text)) return undefined;
  if (/\\(?:[^\\,=]|$)/.test(text.replace(/\\\\/g, ''))) return undefined;
  return text.replace(/\\([\\,=])/g, '$1');
}
