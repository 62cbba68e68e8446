/** The kind and version that an object says it is of. */

import { canonicalJson } from '../../../lib/json.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { isBrokenApiVersion } from './hpa-field-checks.ts';
import { htmlSafe } from './wire-type.ts';

/** `apiVersion`: `<group>/<version>`, or `<version>` alone for the core group. */
export type TypeMeta = { readonly kind: string; readonly apiVersion: string };

/**
 * Reads both members. The error is in the words of the original's decoder.
 *
 * Source: apimachinery pkg/runtime/serializer/json/meta.go, pkg/apis/meta/v1/unstructured (v0.37.2).
 */
export function readTypeMeta(object: Readonly<Record<string, unknown>>): Result<TypeMeta, string> {
  const { kind = '', apiVersion = '' } = object;
  if (typeof apiVersion !== 'string') return err(noText('apiVersion', apiVersion));
  if (typeof kind !== 'string') return err(noText('kind', kind));
  if (isBrokenApiVersion(apiVersion)) return err(`unexpected GroupVersion string: ${apiVersion}`);
  const missing = kind === '' ? 'Kind' : /^$|\/$/.test(apiVersion) ? 'apiVersion' : undefined;
  if (missing !== undefined) return err(`Object '${missing}' is missing in '${htmlSafe(canonicalJson(object))}'`);
  return ok({ kind, apiVersion: apiVersion.replace(/^\//, '') });
}

function noText(member: string, value: unknown): string {
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go struct field .${member} of type string`;
}
