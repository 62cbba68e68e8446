/** Lists: selectors, versions, pages that all show one snapshot (cluster-api 9.2-9.4). */

import { keyOf, keyText, type AnyObject, type ObjectKey, type ObjectList } from '../core/kube/object.ts';
import { forbiddenField, invalidField, unsupportedField } from '../core/cluster/field-errors.ts';
import type { AnyKind } from '../core/cluster/kinds/table.ts';
import { badRequest, continueExpired, expired, invalid, versionTooLarge } from '../core/cluster/status-errors.ts';
import type { FieldError } from '../lib/result.ts';
import { KubeError, type ListQuery } from '../ports/kube-api.ts';
import { compareKeys } from './store-collection.ts';
import { selectionOf, type Selection } from './store-selection.ts';
import type { StoreState } from './store-state.ts';

/** Throws 400, 410, 422 or 504 as the query deserves. */
export function listObjects(state: StoreState, kind: AnyKind, query: ListQuery): ObjectList<AnyObject> {
  const selection = selectionOf(kind, query);
  checkQuery(query);
  const from = query.continue === undefined ? startOf(state, query) : continuation(state, query.continue);
  const all = snapshotAt(state, kind, selection, from.version);
  const rest = from.after === undefined ? all : after(all, from.after);
  return pageOf(
    rest.filter((object) => selection.matches(object)),
    selection,
    { limit: query.limit ?? 0, version: from.version },
  );
}

/** The number of a resourceVersion; throws 422 when it is none. */
export function versionNumber(text: string): number {
  if (/^(0|[1-9][0-9]*)$/.test(text)) return Number(text);
  throw new KubeError(invalid(LIST_OPTIONS, '', [invalidField('resourceVersion', text, 'must be a decimal number')]));
}

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

function checkQuery(query: ListQuery): void {
  const { resourceVersion = '', resourceVersionMatch: match } = query;
  if (query.continue !== undefined && resourceVersion !== '' && resourceVersion !== '0') {
    throw new KubeError(badRequest('specifying resource version is not allowed when using continue'));
  }
  if (match === undefined) return;
  const path = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  if (query.continue !== undefined) {
    errors.push(forbiddenField(path, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  if (resourceVersion === '') {
    errors.push(forbiddenField(path, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan')
    errors.push(unsupportedField(path, match, ['Exact', 'NotOlderThan']));
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(forbiddenField(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (errors.length > 0) throw new KubeError(invalid(LIST_OPTIONS, '', errors));
}

type Start = { readonly version: number; readonly after?: ObjectKey };

function startOf(state: StoreState, query: ListQuery): Start {
  const asked = versionNumber(
    query.resourceVersion === undefined || query.resourceVersion === '' ? '0' : query.resourceVersion,
  );
  if (asked > state.version) throw new KubeError(versionTooLarge(asked, state.version));
  const exact =
    query.resourceVersionMatch === 'Exact' || (query.resourceVersionMatch === undefined && (query.limit ?? 0) > 0);
  if (asked === 0 || !exact) return { version: state.version };
  if (asked < state.history.oldest) throw new KubeError(expired(asked, state.history.oldest));
  return { version: asked };
}

/** The objects as they were at `version`: today's with the changes since taken back. O(objects + changes since). */
function snapshotAt(state: StoreState, kind: AnyKind, selection: Selection, version: number): readonly AnyObject[] {
  const today = state.collection(kind).list(selection.namespace);
  const before = new Map<string, AnyObject | undefined>();
  for (const change of state.history.backTo(version)) {
    if (change.kind !== kind) continue;
    const { namespace } = change.object.metadata;
    if (selection.namespace !== undefined && namespace !== selection.namespace) continue;
    before.set(keyText(keyOf(change.object)), change.previous);
  }
  if (before.size === 0) return today;
  const untouched = today.filter((object) => !before.has(keyText(keyOf(object))));
  const restored = [...before.values()].flatMap((object) => object ?? []);
  return [...untouched, ...restored].toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)));
}

function after(objects: readonly AnyObject[], key: ObjectKey): readonly AnyObject[] {
  return objects.filter((object) => compareKeys(keyOf(object), key) > 0);
}

function pageOf(
  items: readonly AnyObject[],
  selection: Selection,
  page: { readonly limit: number; readonly version: number },
): ObjectList<AnyObject> {
  const resourceVersion = String(page.version);
  const shown = page.limit > 0 ? items.slice(0, page.limit) : items;
  const last = shown.at(-1);
  if (last === undefined || shown.length === items.length) return { resourceVersion, items: shown };
  return {
    resourceVersion,
    continue: tokenText({ version: page.version, after: keyOf(last) }),
    ...(selection.narrowed === 'no' ? { remainingItemCount: items.length - shown.length } : {}),
    items: shown,
  };
}

function tokenText(start: Required<Start>): string {
  return Buffer.from(JSON.stringify({ v: 1, rv: start.version, start: start.after })).toString('base64url');
}

function continuation(state: StoreState, token: string): Start {
  const start = readToken(token);
  if (start === undefined) throw new KubeError(badRequest(`continue key is not valid: ${JSON.stringify(token)}`));
  if (start.version < state.history.oldest || start.version > state.version) throw new KubeError(continueExpired());
  return start;
}

function readToken(token: string): Start | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined; // not JSON: the caller says so
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { rv, start } = value as { readonly rv?: unknown; readonly start?: Partial<ObjectKey> }; // checked on the next line
  if (typeof rv !== 'number' || typeof start?.namespace !== 'string' || typeof start.name !== 'string')
    return undefined;
  return { version: rv, after: { namespace: start.namespace, name: start.name } };
}
