/**
 * The API server's wording for what is wrong with a field (cluster-api 15, cause reasons). One builder per form; the field itself is
 * never part of the message.
 */

import type { FieldError } from '../../lib/result.ts';
import { canonicalJson } from '../../lib/json.ts';

/** A value must be there and is not. */
export function requiredField(path: string, detail?: string): FieldError {
  const message = detail === undefined ? 'Required value' : `Required value: ${detail}`;
  return { path, type: 'FieldValueRequired', message };
}

/** A value breaks a rule; it is shown as JSON. */
export function invalidField(path: string, value: unknown, detail: string): FieldError {
  return { path, type: 'FieldValueInvalid', message: `Invalid value: ${canonicalJson(value)}: ${detail}` };
}

/** A value is none of a fixed set, which is listed in byte order. */
export function unsupportedField(path: string, value: unknown, supported: readonly string[]): FieldError {
  const words = supported.toSorted().map((word) => JSON.stringify(word));
  const message = `Unsupported value: ${canonicalJson(value)}: supported values: ${words.join(', ')}`;
  return { path, type: 'FieldValueNotSupported', message };
}

/** A value may not be set here, whatever it is. */
export function forbiddenField(path: string, detail: string): FieldError {
  return { path, type: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

/** A value must be unique in its list and is not. */
export function duplicateField(path: string, value: unknown): FieldError {
  return { path, type: 'FieldValueDuplicate', message: `Duplicate value: ${canonicalJson(value)}` };
}

/** A text takes more than `maxBytes`. */
export function tooLongField(path: string, maxBytes: number): FieldError {
  return { path, type: 'FieldValueTooLong', message: `Too long: may not be more than ${maxBytes} bytes` };
}
