/** JSON patch as the API server applies it: RFC 6902 through a library, with the server's own leniencies (cluster-api 11.3). */

import { applyPatch, Pointer, type Operation } from 'rfc6902';
import { badRequest, patchNotApplicable, tooManyOperations } from '../core/cluster/status-errors.ts';
import { isRecord } from '../core/cluster/kinds/schema.ts';
import { deepCopy } from '../lib/json.ts';
import { KubeError, type JsonPatchOperation } from '../ports/kube-api.ts';

const MAX_OPERATIONS = 10_000;

/**
 * A patched copy of `document`. Throws 400 for what is no patch, 413 for too long a one, 422 when an operation does not apply:
 * a failed `test`, a path that leads nowhere. All or nothing.
 */
export function jsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  checkForm(operations);
  const root: unknown = deepCopy(document);
  for (const operation of operations) {
    const applied = applicable(root, operation);
    if (applied === 'holds-already') continue;
    const [error] = applyPatch(root, [applied]);
    if (error !== null && error !== undefined) throw new KubeError(patchNotApplicable());
  }
  return root;
}

/**
 * The operation in the library's words. The original replaces an absent member of an object by adding it, and takes an absent
 * member for `null` in a test.
 */
function applicable(root: unknown, operation: JsonPatchOperation): Operation | 'holds-already' {
  const { parent, key, value } = placeOf(root, operation.path);
  if (Array.isArray(parent)) checkIndex(key, parent.length, operation.op);
  else if (!isRecord(parent)) throw new KubeError(patchNotApplicable());
  if (operation.op === 'move' || operation.op === 'copy') {
    const source = placeOf(root, operation.from);
    if (Array.isArray(source.parent)) checkIndex(source.key, source.parent.length, 'remove');
    else if (!isRecord(source.parent)) throw new KubeError(patchNotApplicable());
  }
  if (value !== undefined || Array.isArray(parent)) return operation;
  if (operation.op === 'replace') return { ...operation, op: 'add' };
  return operation.op === 'test' && operation.value === null ? 'holds-already' : operation;
}

type Place = { readonly parent: unknown; readonly key: string; readonly value: unknown };

function placeOf(root: unknown, path: string): Place {
  return Pointer.fromJSON(path).evaluate(root) as Place; // typed any by the library
}

/** A place in a list: an existing index, or for what inserts also the end. */
function checkIndex(key: string, length: number, op: JsonPatchOperation['op']): void {
  const inserts = op === 'add' || op === 'move' || op === 'copy';
  if (key === '-' && inserts) return;
  const isIndex = /^(0|[1-9][0-9]*)$/.test(key);
  if (!isIndex || Number(key) > (inserts ? length : length - 1)) throw new KubeError(patchNotApplicable());
}

function checkForm(operations: readonly JsonPatchOperation[]): void {
  if (!Array.isArray(operations)) throw new KubeError(badRequest('a JSON patch is a list of operations'));
  if (operations.length > MAX_OPERATIONS) {
    throw new KubeError(tooManyOperations(operations.length, MAX_OPERATIONS));
  }
  for (const operation of operations as readonly unknown[]) {
    const fault = formFault(operation);
    if (fault !== undefined) throw new KubeError(badRequest(fault));
  }
}

function formFault(operation: unknown): string | undefined {
  if (!isRecord(operation)) return 'an operation of a JSON patch is an object';
  const { op, path, from } = operation;
  if (!isPointer(path)) return `JSON patch operation ${JSON.stringify(op)} needs a path that is a JSON pointer`;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return Object.hasOwn(operation, 'value') ? undefined : `JSON patch operation "${op}" at ${path} needs a value`;
    case 'move':
    case 'copy':
      return isPointer(from)
        ? undefined
        : `JSON patch operation "${op}" at ${path} needs a from that is a JSON pointer`;
    case 'remove':
      return undefined;
    default:
      return `Unexpected kind: ${typeof op === 'string' ? op : JSON.stringify(op)}`;
  }
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && (value === '' || value.startsWith('/'));
}
