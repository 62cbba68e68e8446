/** Checks that several fields of an HPA share: references, names in URL paths, quantities. Types have been checked before. */

import type { CrossVersionObjectReference } from '../../kube/hpa.ts';
import { parseJsonQuantity, quantityEcho, quantityText, type Quantity } from '../../quantity/quantity.ts';
import type { FieldError } from '../../../lib/result.ts';
import { invalidField, requiredField } from '../field-errors.ts';

/** How much the apiVersion of a reference must say. `not-checked`: it was there before this update, right or wrong. */
export type GroupRule = 'group-required' | 'group-optional' | 'not-checked';

/** A reference to an object by group, kind and name. Spec: HPA-14.7 to HPA-14.11, HPA-14.18. */
export function validateReference(
  given: CrossVersionObjectReference | undefined,
  path: string,
  rule: GroupRule,
): readonly FieldError[] {
  const { kind = '', name = '', apiVersion = '' } = given ?? {};
  const errors: FieldError[] = [];
  if (kind === '')
    errors.push({
      ...requiredField(`${path}.kind`),
      fix: `name the kind of the target, such as Deployment, in ${path}.kind`,
    });
  else errors.push(...pathProblems(kind, `${path}.kind`));
  if (name === '') errors.push({ ...requiredField(`${path}.name`), fix: `name the target object in ${path}.name` });
  else errors.push(...pathProblems(name, `${path}.name`));
  const fix = `write group and version, such as apps/v1 for a Deployment, in ${path}.apiVersion`;
  if (rule === 'not-checked') return errors;
  if (isBrokenApiVersion(apiVersion)) {
    errors.push({
      ...invalidField(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`),
      fix,
    });
  } else if (rule === 'group-required' && (!apiVersion.includes('/') || apiVersion.startsWith('/'))) {
    errors.push({ ...invalidField(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group'), fix });
  }
  return errors;
}

/** Neither `<version>` nor `<group>/<version>`. */
export function isBrokenApiVersion(apiVersion: string | undefined): boolean {
  return (apiVersion ?? '').split('/').length > 2;
}

/** What may not stand in a part of a URL path. Spec: HPA-14.8. */
export function pathProblems(value: string, path: string): readonly FieldError[] {
  const fix = `write a plain name in ${path}`;
  return pathSegmentProblems(value).map((problem) => ({ ...invalidField(path, value, problem), fix }));
}

/** Source: apimachinery pkg/api/validate/content IsPathSegmentName (v0.37.2). */
export function pathSegmentProblems(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/** A quantity that may be absent: text that is none is told first, then what `complaint` says. Spec: HPA-18.1, HPA-18.2. */
export function checkedQuantity(
  value: unknown,
  path: string,
  complaint: (quantity: Quantity) => string | undefined,
): readonly FieldError[] {
  if (value === undefined || value === null) return [];
  const quantity = parseJsonQuantity(value);
  if (!quantity.ok) {
    // the server cannot decode such text: a wrong type, not a wrong value
    return [
      { ...invalidField(path, value, quantity.error), type: 'FieldValueTypeInvalid', fix: quantityFix(value, path) },
    ];
  }
  const wrong = complaint(quantity.value);
  if (wrong === undefined) return [];
  const echo = typeof value === 'string' ? quantityEcho(value.trim()) : undefined;
  const shown = echo?.ok === true ? echo.value : quantityText(quantity.value);
  return [{ ...invalidField(path, shown, wrong), fix: `write a larger quantity in ${path}` }];
}

/** `400Mib` and `400MB` are what people mean by `400Mi` and `400M`. */
function quantityFix(value: unknown, path: string): string {
  const meant = /^(\d+(?:\.\d+)?\s*[kKMGTPE]i?)[bB]$/
    .exec(String(value).trim())?.[1]
    ?.replace(/\s/, '')
    .replace(/K$/, 'k');
  const example = meant ?? '400Mi, 500m or 2';
  return `write ${example} in ${path}: units are n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei, without B and without a space`;
}
