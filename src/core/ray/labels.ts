/** Ray node labels of a group: what Ray accepts as key and value. */

import type { FieldError } from '../../lib/result.ts';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Everything wrong with a label map. Keys are `name` or `prefix/name`. Spec: RAY-23.4. Source: _private/label_utils.py (Ray 2.60.0). */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    const at = `${path}[${key}]`;
    if (!isKey(key))
      errors.push({
        path: at,
        type: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(key)}: is no label key`,
        fix: 'write a name of at most 63 characters, such as zone or example.com/zone',
      });
    if (value !== '' && !NAME.test(value))
      errors.push({
        path: at,
        type: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(value)}: is no label value`,
        fix: 'use at most 63 letters, digits, -, _ and ., with a letter or digit at both ends',
      });
  }
  return errors;
}

function isKey(key: string): boolean {
  const slash = key.lastIndexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  return NAME.test(key.slice(slash + 1)) && (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix)));
}
